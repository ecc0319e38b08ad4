# SPDX-License-Identifier: Apache-2.0
"""What is drawn of one run, and of several side by side."""

from dataclasses import dataclass, field, replace
from typing import Callable

from result import CLASSES, added, rates

MEGA = 1e6
PROCESSES = ["tactd", "tact-bench", "tact-smsc"]


@dataclass
class Line:
    label: str
    x: list
    y: list
    color: int = 0


@dataclass
class Plot:
    title: str
    note: str
    unit: str
    axis: str = "time"  # of x: "time" in seconds, "share" as 1 / (1 - share), "size" of a group
    log: bool = False
    lines: list = field(default_factory=list)


@dataclass
class Measure:
    """`split` draws a run's parts, `whole` its sum. No line: not measured; None: no such plot."""
    plot: Plot
    split: Callable
    whole: Callable
    of: str = ""  # what `whole` draws, where the title does not say it


def scaled(values, factor):
    return [None if value is None else value * factor for value in values]


def class_line(message_class, x, y):
    return Line(message_class, x, y, CLASSES.index(message_class))


# By second.

def counts(kind, label=None, message_class=None, color=0):
    def lines(run):
        y = run.per_second(kind, message_class)
        return [Line(label or kind, [i + 0.5 for i in range(len(y))], y, color)]
    return lines


def throughput(run):
    kinds = ["submitted", "acknowledged", "final"]
    return [line for i, kind in enumerate(kinds) for line in counts(kind, color=i)(run)]


def final_by_class(run):
    if len(run.classes) < 2:
        return None
    return [line for name in run.classes
            for line in counts("final", name, name, CLASSES.index(name))(run)]


def slowness(*keys):
    """Latencies of the acknowledgements of each second; a second without any has none."""
    def lines(run):
        acknowledged = run.per_second("acknowledged")
        of = run.page["per_second"]["acknowledgement"]
        x = [i + 0.5 for i in range(len(acknowledged))]
        return [Line(key, x, [ns / MEGA if count else None
                              for ns, count in zip(of[key + "_ns"], acknowledged)], i)
                for i, key in enumerate(keys)]
    return lines


# By share of the messages.

def curve(latency, label, color=0):
    of = latency["distribution"]
    x = [1 / (1 - share) if share < 1 else latency["count"] for share in of["share"]]
    return Line(label, x, [ns / MEGA for ns in of["ns"]], color)


def curves_by_class(key):
    return lambda run: [curve(latencies[key], name, CLASSES.index(name))
                        for name, latencies in run.page["by_class"].items()
                        if latencies[key]["count"]]


def curve_of_all(key):
    return lambda run: [curve(run.page[key], key)] if run.page[key]["count"] else []


def bucket_curve(run, family, label, color=0, **labels):
    """A histogram of the gateway's: that share took at most the bound."""
    found = run.buckets(family, **labels)
    total, seen, x, y = sum(count for _, count in found), 0, [], []
    for bound, count in found:
        seen += count
        if bound != float("inf"):
            x.append(total / (total - seen) if seen < total else total)
            y.append(bound * 1000)
    return [Line(label, x, y, color)] if x else []


def buckets_by_class(family):
    return lambda run: [line for i, name in enumerate(CLASSES)
                        for line in bucket_curve(run, family, name, i, **{"class": name})]


def buckets_of_all(family, label=""):
    return lambda run: bucket_curve(run, family, label)


# By sample of the gateway's metrics.

def lanes(*families):
    def lines(run):
        names = run.classes if run.has_metrics else []
        return [class_line(name, run.times, added([run.metric(family, **{"class": name})
                                                   for family in families])) for name in names]
    return lines


depth_by_class = lanes("tact_lane_queued_messages", "tact_lane_open_messages")
age_by_class = lanes("tact_lane_oldest_age_seconds")


def depth(run):
    by_class = [line.y for line in depth_by_class(run)]
    return [Line("", run.times, added(by_class))] if by_class else []


def oldest(run):
    by_class = [line.y for line in age_by_class(run)]
    y = [max((age for age in at if age is not None), default=None) for at in zip(*by_class)]
    return [Line("", run.times, y)] if y else []


def metric_rates(*wanted, factor=1):
    def lines(run):
        if not run.has_metrics:
            return []
        found = [(label, rates(run.times, run.metric(family))) for family, label in wanted]
        return [Line(label, x, scaled(y, factor), i) for i, (label, (x, y)) in enumerate(found)]
    return lines


def means(*wanted, factor=1):
    def lines(run):
        if not run.has_metrics:
            return []
        found = [(label, run.mean(family)) for family, label in wanted]
        return [Line(label, x, scaled(y, factor), i) for i, (label, (x, y)) in enumerate(found)]
    return lines


def group_sizes(run):
    found = run.buckets("tact_storage_group_commits")
    total = sum(count for _, count in found)
    # Buckets are powers of two; the last one, without a bound, is drawn at the next of them.
    x = [bound if bound != float("inf") else 2 * found[i - 1][0] if i else 1
         for i, (bound, _) in enumerate(found)]
    return [Line("groups", x, [100 * count / total for _, count in found])] if found else []


# By sample of the processes.

def by_process(key, draw, names=PROCESSES):
    def lines(run):
        return [Line(name, *draw(run.process_times, run.process(name, key)), PROCESSES.index(name))
                for name in names if run.process(name, key) is not None]
    return lines


def cores(names=PROCESSES):
    return by_process("cpu_seconds", rates, names)


def memory(names=PROCESSES):
    return by_process("resident_bytes", lambda x, y: (x, scaled(y, 1 / MEGA)), names)


written_by_storage = metric_rates(
    ("tact_storage_written_bytes_total", "storage, as tactd counts"), factor=1 / MEGA)


def written(run):
    disk = by_process("written_bytes", rates, ["tactd"])(run)
    return written_by_storage(run) + [Line("tactd to the disk, as the kernel counts", line.x,
                       scaled(line.y, 1 / MEGA), 1) for line in disk]


COMMIT, WRITE = "tact_commit_seconds", "tact_storage_write_seconds"
GROUPS = "tact_storage_group_commits"
ACCEPTED, DURABLE = "tact_lane_accepted_to_wire_seconds", "tact_lane_durable_to_wire_seconds"
ROUND_TRIP, RECEIPT = "tact_lane_round_trip_seconds", "tact_lane_receipt_seconds"

MEASURES = [
    Measure(Plot("Throughput", "Messages of each whole second.", "msg/s"),
            throughput, counts("final"), "final events"),
    Measure(Plot("Final events by class", "Of each whole second.", "msg/s"),
            final_by_class, lambda run: None),
    Measure(Plot("Acknowledgement over time", "Of the messages acknowledged in each second, from "
                 "when they were due.", "ms", log=True),
            slowness("p50", "p99", "max"), slowness("p99"), "p99"),
    Measure(Plot("Acknowledgement", "That share of the messages was acknowledged in at most so "
                 "long after it was due.", "ms", "share", True),
            curves_by_class("acknowledgement"), curve_of_all("acknowledgement"), "all classes"),
    Measure(Plot("End to end", "From when a message was due to its final event, of delivered "
                 "messages.", "ms", "share", True),
            curves_by_class("end_to_end"), curve_of_all("end_to_end"), "all classes"),
    Measure(Plot("Acceptance to wire", "From acceptance to the first submit_sm, as the gateway "
                 "counts it: at most the bounds of its buckets.", "ms", "share", True),
            buckets_by_class(ACCEPTED), buckets_of_all(ACCEPTED), "all classes"),
    Measure(Plot("Acknowledgement to wire", "From the fsync to the first submit_sm, likewise.",
                 "ms", "share", True),
            buckets_by_class(DURABLE), buckets_of_all(DURABLE), "all classes"),
    Measure(Plot("Submit round trip", "From submit_sm to its response in time, likewise.",
                 "ms", "share", True),
            buckets_by_class(ROUND_TRIP), buckets_of_all(ROUND_TRIP), "all classes"),
    Measure(Plot("Receipt", "From the carrier's acceptance to the final receipt, likewise.",
                 "ms", "share", True),
            buckets_by_class(RECEIPT), buckets_of_all(RECEIPT), "all classes"),
    Measure(Plot("Queue depth", "Messages that are durable and not resolved by the carrier yet: "
                 "queued, or offered to a link.", "messages"),
            depth_by_class, depth, "all classes"),
    Measure(Plot("Queue age", "Age of the first message that was not offered to a link yet.", "s"),
            age_by_class, oldest, "the oldest of all classes"),
    Measure(Plot("CPU by process", "All threads, user and system.", "cores"),
            cores(), cores(["tactd"]), "tactd"),
    Measure(Plot("Resident memory", "By process.", "MB"), memory(), memory(["tactd"]), "tactd"),
    Measure(Plot("Commits of a group", "Mean of the commits that were written together.",
                 "commits"), means((GROUPS, "mean")), means((GROUPS, "mean"))),
    Measure(Plot("Commit group sizes", "Share of the groups of at most so many commits, and more "
                 "than the size before.", "% of groups", "size"), group_sizes, group_sizes),
    Measure(Plot("Commits and fsyncs", "Commits handed to storage; fsyncs of its log.", "per s"),
            metric_rates(("tact_commits_total", "commits"), ("tact_storage_syncs_total", "fsyncs")),
            metric_rates(("tact_storage_syncs_total", "fsyncs")), "fsyncs"),
    Measure(Plot("Commit latency", "Means: from a commit handed to storage until it is durable, "
                 "and of one group's write and fsync.", "ms"),
            means((COMMIT, "commit"), (WRITE, "write and fsync"), factor=1000),
            means((COMMIT, "commit"), factor=1000), "commits"),
    Measure(Plot("Octets written", "By the log of storage, and by the whole process to block "
                 "devices.", "MB/s"), written, written_by_storage, "storage, as tactd counts"),
]


def plots_of(runs):
    """The plots that have something to show, and the titles of the others."""
    plots, missing = [], []
    for measure in MEASURES:
        by_run = [measure.split(runs[0])] if len(runs) == 1 else [measure.whole(r) for r in runs]
        if None in by_run:
            continue
        if len(runs) > 1:
            by_run = [[replace(line, label=run.name, color=i) for line in lines]
                      for i, (run, lines) in enumerate(zip(runs, by_run))]
        lines = [line for lines in by_run for line in lines if any(y is not None for y in line.y)]
        if lines:
            of = f" Here: {measure.of}." if len(runs) > 1 and measure.of else ""
            plots.append(replace(measure.plot, note=measure.plot.note + of, lines=lines))
        else:
            missing.append(measure.plot.title)
    return plots, missing
