# SPDX-License-Identifier: Apache-2.0
"""The rows of the table: what each is, and how it is found in the results of bench/run.sh."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Callable, Optional

from figures import figures_of
from result import DamagedResult, Result, increase


def read_lines(path):
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise DamagedResult(f"{path}: {error}") from error


@dataclass
class Step:
    """One run of one row, as bench/run.sh noted it."""
    folder: Path
    row: str
    round: str
    name: str
    seconds: int
    steady_from: int
    code: int
    stolen: float = 0.0  # per cent of the processors' time that the host gave to others

    def file(self, ending):
        return self.folder / f"{self.name}.{ending}"

    def result(self, ending="json"):
        return Result.read(self.file(ending), self.name)

    def results(self):
        """Of tact-bench, whatever else lies beside them."""
        for ending in ["json", "empty.json"]:
            if self.file(ending).exists():
                yield self.result(ending)

    def beside(self, row):
        """The step of another row in the same round, which was sound."""
        for step in read_steps(self.folder).get(row, []):
            if step.round == self.round and step.code == 0:
                return step
        raise DamagedResult(f"{row}-{self.round} was not sound")


@dataclass
class Row:
    what: str
    unit: str
    floor: float
    aim: float
    of: str           # the steps it comes from
    values: Callable  # step -> list of values
    note: Callable = lambda steps: ""  # what else has to be known of it
    decimals: int = 0
    least: bool = False  # the less, the better
    found: list = field(default_factory=list)
    sound: list = field(default_factory=list)  # the steps it was found in
    unsound: bool = False  # some were not

    def reached(self):
        if not self.found:
            return "not measured"
        if self.unsound:
            return "unsound"
        value = median(self.found)
        def within(bound): return value <= bound if self.least else value >= bound
        return "aim" if within(self.aim) else "floor" if within(self.floor) else "no"


def figure(name):
    def values(step):
        return [f.value for f in figures_of(step.result()) if f.name == name]
    return values


def steady(step):
    return [step.result().steady(step.steady_from)]


def of_ceiling(step):
    ours, theirs = steady(step.beside("life")), steady(step)
    return [ours[0] / theirs[0] if ours[0] and theirs[0] else None]


def of_kannel(step):
    """Whole lives a second, ours by theirs, from the lines of bench/compare/run.sh."""
    rounds = [[float(field) for field in line.split()] for line in
              (step.folder / {"kannel": "file"}.get(step.row, step.row)).read_text().splitlines()]
    if any(fields[8] or fields[9] for fields in rounds):
        raise DamagedResult("tactd lost messages, or ended them twice")
    return [fields[14] for fields in rounds]


def ack_p99(step):
    return [step.result().page["acknowledgement"]["p99_ns"] / 1e6]


def number(line):
    return line["to"].lstrip("+")


def waits(step, since):
    """Milliseconds between a moment at the generator and the simulator's reading of the message."""
    seen = {number(line): line["steady_ns"] for line in read_lines(step.file("wire.jsonl"))}
    sent = read_lines(step.file("submitted.jsonl"))
    missing = sum(number(line) not in seen for line in sent)
    if missing or not sent:
        raise DamagedResult(f"{missing} of {len(sent)} never reached the wire")
    return sorted((seen[number(line)] - line[since]) / 1e6 for line in sent)


def quantile(values, share):
    return values[min(int(share * len(values)), len(values) - 1)]


def backlog(step):
    page = json.loads(step.file("backlog.json").read_text(encoding="utf-8"))
    return page, page["per_second_behind_a_queue"] / page["per_second_empty"]


def audit_octets(run):
    return increase(run.metric("tact_storage_audit_bytes_total")) / run.page["final"]


def disk(step):
    """All that reached the disk but the audit's part of the log, as a multiple of what came in."""
    run = step.result()
    written = run.process("tactd", "written_bytes")
    if written is None or None in written:
        return [None]
    per_message = increase(written) / run.page["final"] - audit_octets(run)
    return [per_message / (run.page["job_octets"] / run.page["sent"])]


# Notes: what else was found, in the median of the same runs.

def middle(steps, value):
    found = [v for v in map(value, steps) if v is not None]
    return median(found) if found else float("nan")


def life_note(steps):
    whole = middle(steps, lambda s: s.result().page["sustained_per_second"])
    return f"{whole:,.0f} from first submission to last final event"


def half_note(steps):
    rate = middle(steps, lambda s: s.result().page["scenario"]["phases"][0]["rate"])
    p50 = middle(steps, lambda s: s.result().page["acknowledgement"]["p50_ns"] / 1e6)
    return f"at {rate:,.0f} msg/s, from when a message was due; p50 {p50:.2f} ms"


def otp_note(steps):
    flood = middle(steps, lambda s: s.result("flood.json").steady(3))
    whole = middle(steps, lambda s: quantile(waits(s, "sent_ns"), 0.99))
    late = middle(steps, lambda s: sum(w < 0 for w in waits(s, "acknowledged_ns"))
                  / len(waits(s, "acknowledged_ns")))
    return (f"beside {flood:,.0f} msg/s of marketing; {late:.0%} were on the wire before their "
            f"acknowledgement was read; from the OTP's frame to the wire p99 {whole:.2f} ms")


def idle_note(steps):
    p99 = middle(steps, lambda s: quantile(waits(s, "sent_ns"), 0.99))
    return f"20 msg/s one by one; p99 {p99:.2f} ms"


def backlog_note(steps):
    page, _ = backlog(steps[0])
    return (f"{page['per_second_behind_a_queue']:,} with {page['queued']:,} queued, "
            f"{page['per_second_empty']:,} with none; resident {page['resident_mb'][1]} MB")


def disk_note(steps):
    size = middle(steps, lambda s: s.result().page["job_octets"] / s.result().page["sent"])
    audit = middle(steps, lambda s: audit_octets(s.result()))
    return f"size {size:.0f} octets as encoded in its job; the audit {audit:.0f} more in the log"


ROWS = [
    Row("whole life, sustained, window 100 × 4 binds", "msg/s", 60_000, 150_000, "life", steady,
        life_note),
    Row("the same, window 10, one bind", "msg/s", 15_000, 30_000, "window10x1", steady, life_note),
    Row("the same, window 10, four binds", "msg/s", 50_000, 120_000, "window10x4", steady,
        life_note),
    Row("ratio to the barest composition", "", 0.15, 0.4, "ceiling", of_ceiling,
        lambda steps: f"ceiling {middle(steps, lambda s: steady(s)[0]):,.0f} msg/s", 2),
    Row("ratio to Kannel, file store, receipts at once", "", 6, 15, "kannel", of_kannel,
        decimals=1),
    Row("ratio to Kannel, store and Redis receipts", "", 15, 40, "redis", of_kannel, decimals=1),
    Row("acknowledgement p99 at half of the maximum rate", "ms", 20, 5, "half", ack_p99, half_note,
        2, True),
    Row("OTP acknowledgement to wire p99 beside a marketing flood at the maximum rate", "ms", 20, 5,
        "otp", lambda s: [quantile(waits(s, "acknowledged_ns"), 0.99)], otp_note, 2, True),
    Row("one message on an idle gateway, frame in to submit_sm on the wire, p50", "ms", 2, 0.4,
        "idle", lambda s: [quantile(waits(s, "sent_ns"), 0.5)], idle_note, 2, True),
    Row("throughput with a backlog queued ÷ with none", "", 0.9, 1.0, "backlog",
        lambda s: [backlog(s)[1]], backlog_note, 2),
    Row("CPU of tactd per message, all threads", "µs", 14, 7, "life",
        figure("CPU of tactd per message"), decimals=1, least=True),
    Row("resident memory at the maximum rate, empty queue", "MB", 400, 200, "life",
        figure("resident memory of tactd, at most"), least=True),
    Row("bytes written to disk per message ÷ its size, audit apart", "", 4, 2, "life", disk,
        disk_note, 2, True),
]


def read_steps(folder):
    """By row, without the round that is thrown away."""
    steps = {}
    for line in read_lines(folder / "steps.jsonl"):
        step = Step(folder=folder, **line)
        if step.round != "0":
            steps.setdefault(step.row, []).append(step)
    return steps


def measured(row, steps):
    """Gives the row its values; what is wrong with runs, whose values are no number."""
    faults = [f"{step.name} ended with exit code {step.code}" for step in steps if step.code]
    for step in steps:
        if step.code:
            continue
        try:
            values = row.values(step)
        except (DamagedResult, OSError, LookupError, TypeError, ValueError) as error:
            faults.append(f"{step.name}: {error!s:.200}" if isinstance(error, DamagedResult)
                          else f"{step.name}: {error!r:.200}")
            continue
        if not values or None in values:
            faults.append(f"{step.name}: {row.what}: not in the result")
            continue
        row.found += values
        row.sound.append(step)
    row.unsound = bool(faults)
    return faults
