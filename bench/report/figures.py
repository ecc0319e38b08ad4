# SPDX-License-Identifier: Apache-2.0
"""The key figures of a run, and what has to be known of it to believe them."""

from dataclasses import dataclass
from typing import Optional

from result import increase


@dataclass
class Figure:
    name: str
    value: Optional[float]  # None: not measured
    unit: str = ""
    decimals: int = 0
    is_bad: bool = False

    def text(self):
        if self.value is None:
            return "–"
        return f"{self.value:,.{self.decimals}f}{' ' + self.unit if self.unit else ''}"


def counts(run):
    page = run.page
    yield Figure("whole lives", page["sustained_per_second"], "msg/s")
    yield Figure("from first submission to last final event", page["seconds"], "s", 2)
    for key in ["sent", "acknowledged", "final"]:
        yield Figure(key, page[key])
    lost = page["lost"] if not page["scenario"].get("fill_only") else None
    yield Figure("lost", lost, is_bad=bool(lost))
    yield Figure("doubled", page["doubled"], is_bad=page["doubled"] > 0)
    yield Figure("still deferred", page["deferred"])
    yield Figure("connections lost", page["connections_lost"], is_bad=page["connections_lost"] > 0)


def latencies(name, latency):
    for quantile, key in [("p50", "p50_ns"), ("p99", "p99_ns"), ("p99.9", "p999_ns"),
                          ("maximum", "max_ns")]:
        value = latency[key] / 1e6 if latency["count"] else None
        yield Figure(f"{name} {quantile}", value, "ms", 2)


def per(total, count):
    return total / count if total is not None and count else None


def wire(run):
    for message_class in run.classes:
        bound = run.bound_of("tact_lane_accepted_to_wire_seconds", 0.99, **{"class": message_class})
        yield Figure(f"{message_class} acceptance to wire p99, at most",
                     None if bound is None else bound * 1000, "ms", 2)


def gateway(run):
    cpu = run.process("tactd", "cpu_seconds")
    resident = run.process("tactd", "resident_bytes")
    disk = run.process("tactd", "written_bytes")
    final = run.page["final"]
    cpu = None if cpu is None else increase(cpu)
    yield Figure("CPU of tactd per message", per(cpu, final / 1e6), "µs", 1)
    greatest = max((v for v in resident or [] if v is not None), default=None)
    yield Figure("resident memory of tactd, at most", per(greatest, 1e6), "MB")
    known = disk is not None and any(v is not None for v in disk)
    yield Figure("octets to the disk per message", per(increase(disk), final) if known else None)


def storage(run):
    def grown(family):
        return increase(run.metric(family)) if run.has_metrics else None

    final, syncs = run.page["final"], grown("tact_storage_syncs_total")
    groups, members = (grown("tact_storage_group_commits" + end) for end in ("_count", "_sum"))
    waited, commits = (grown("tact_commit_seconds" + end) for end in ("_sum", "_count"))
    yield Figure("octets of the log per message",
                 per(grown("tact_storage_written_bytes_total"), final))
    yield Figure("messages per fsync", per(final, syncs), decimals=1)
    yield Figure("commits of a group, mean", per(members, groups), decimals=2)
    mean = per(waited, commits)
    yield Figure("commit latency, mean", None if mean is None else mean * 1000, "ms", 2)
    yield Figure("refusals that slowed a route down", grown("tact_throttled_total"))


def figures_of(run):
    page = run.page
    return [*counts(run), *latencies("acknowledgement", page["acknowledgement"]),
            *latencies("end to end", page["end_to_end"]), *wire(run), *gateway(run), *storage(run)]


def phase_text(phase):
    rate = phase["rate"]
    shown = ("as fast as acknowledged" if rate == "max"
             else f"{' to '.join(f'{r:,g}' for r in rate)} msg/s" if isinstance(rate, list)
             else f"{rate:,g} msg/s")
    return shown + (f" for {phase['seconds']:g} s" if "seconds" in phase else "")


def facts_of(run):
    """(name, text) of what a number is worth nothing without."""
    page = run.page
    machine, scenario, versions = page["machine"], page["scenario"], page["versions"]
    labels = dict(page.get("labels") or {})
    commit = labels.pop("commit", "not told")
    classes = ", ".join(f"{name} {share:.0%}" for name, share in scenario["classes"].items())
    shown = ", then ".join(phase_text(phase) for phase in scenario["phases"])
    if "messages" in scenario:
        shown += f" until {scenario['messages']:,} messages"
    bounds = [f"{scenario[key]:,} {what}" for key, what in
              [("outstanding_max", "jobs outstanding"), ("in_flight_max", "messages in flight"),
               ("queued_max", "not taken by the carrier")] if key in scenario]
    yield "date", page["date"]
    yield "commit", commit
    yield "command", page["command"]
    yield "seed", str(page["seed"])
    yield "scenario", (f"{shown}: {classes}; {scenario['streams']} streams, jobs of "
                       f"{scenario['batch']}, at most {', '.join(bounds)}")
    yield "machine", (f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, "
                      f"{machine['kernel']}")
    yield "versions", ", ".join(f"{name} {text}" for name, text in versions.items())
    yield from labels.items()


def warnings_of(run):
    if run.page["lost"] and not run.page["scenario"].get("fill_only"):
        yield "Messages were lost: this is a bug report, not a number."
    if run.page["doubled"]:
        yield "Messages ended twice: this is a bug report, not a number."
    if run.page["acknowledged"] < run.page["sent"]:
        yield "Not all that was sent was acknowledged: the run was not completed."
    if run.scrapes_failed:
        yield f"{run.scrapes_failed} scrapes of the metrics failed, the last one: {run.failure}"
