# SPDX-License-Identifier: Apache-2.0
"""One result of tact-bench, and what follows from its counters."""

import json
import re
from pathlib import Path

CLASSES = ["OTP", "CRISIS", "NOTIFICATION", "COLLECTION", "MARKETING"]
REQUIRED = ["command", "seed", "date", "machine", "versions", "scenario", "sent", "final",
            "acknowledgement", "end_to_end", "by_class", "per_second", "processes"]


class DamagedResult(Exception):
    pass


def increases(values):
    """How much a counter grew from sample to sample; None where one of the two is unknown.

    A counter that is lower than before has begun again from zero, as after a restart.
    """
    pairs = zip(values, values[1:])
    return [None if a is None or b is None else b - a if b >= a else b for a, b in pairs]


def increase(values):
    """The whole growth: what came between two samples is in the next one that is known."""
    return sum(increases([value for value in values if value is not None]))


def rates(times, values):
    """The times and the growth per second up to each of them."""
    steps = zip(times, times[1:], increases(values))
    return times[1:], [None if grown is None or end <= begin else grown / (end - begin)
                       for begin, end, grown in steps]


def added(series):
    """Element by element; None only where nothing is known."""
    return [sum(known) if (known := [v for v in at if v is not None]) else None
            for at in zip(*series)]


def parse_name(name):
    family, _, labels = name.partition("{")
    return family, dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))


class Result:
    def __init__(self, name, page):
        missing = [key for key in REQUIRED if key not in page]
        if missing:
            raise DamagedResult(f"no result of tact-bench: no {missing[0]}")
        self.name = name
        self.page = page
        metrics = page.get("metrics") or {}
        self.has_metrics = "series" in metrics
        self.times = metrics.get("at_seconds", [])
        self.scrapes_failed = metrics.get("scrapes_failed", 0)
        self.failure = metrics.get("failure", "")
        self._series = [(*parse_name(full), values)
                        for full, values in metrics.get("series", {}).items()]
        self.process_times = page["processes"]["at_seconds"]
        self.processes = page["processes"]["by_name"]
        self.classes = [name for name in CLASSES if name in page["scenario"]["classes"]]

    @staticmethod
    def read(path, name):
        try:
            page = json.loads(Path(path).read_text(encoding="utf-8"))
            if not isinstance(page, dict):
                raise DamagedResult("no result of tact-bench: no object")
            return Result(name, page)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedResult(f"{path}: {error!r}") from error
        except DamagedResult as error:
            raise DamagedResult(f"{path}: {error}") from error

    def per_second(self, kind, message_class=None):
        """Messages in each whole second: the last one is not whole, and its count is no rate."""
        by_class = self.page["per_second"][kind]
        wanted = by_class.values() if message_class is None else [by_class[message_class]]
        return added(wanted)[:-1]

    def steady(self, begin):
        """Messages a second, in or out, whichever were less, from `begin` seconds on until the
        sending ended; None when that is less than a second.

        Until then receipts that are late do not end anything yet, and afterwards nothing comes in.
        """
        submitted, final = self.per_second("submitted"), self.per_second("final")
        # The second in which the sending ended is not a whole one. That nothing could be sent at
        # the end, since the loop was closed, is no end of the sending.
        planned = sum(phase["seconds"] for phase in self.page["scenario"]["phases"])
        last = max((i for i, count in enumerate(submitted) if count), default=0)
        end = max(last, min(int(planned), len(submitted)))
        if end <= begin:
            return None
        return min(sum(series[begin:end]) for series in (submitted, final)) / (end - begin)

    def metric(self, family, **labels):
        """The sum of all samples of a family that bear these labels, by self.times.

        Zeros when there are none: what stayed zero was left out. REQUIRES: has_metrics.
        """
        wanted = [values for name, have, values in self._series
                  if name == family and labels.items() <= have.items()]
        return added(wanted) if wanted else [0] * len(self.times)

    def buckets(self, family, **labels):
        """What the run added to a histogram: [(bound, count)] without empty buckets."""
        cumulative = {}
        for name, have, values in self._series:
            if name == family + "_bucket" and labels.items() <= have.items():
                bound = float(have["le"])
                cumulative[bound] = cumulative.get(bound, 0) + increase(values)
        counts, below = [], 0
        for bound in sorted(cumulative):
            if cumulative[bound] > below:
                counts.append((bound, cumulative[bound] - below))
                below = cumulative[bound]
        return counts

    def bound_of(self, family, share, **labels):
        """The bound that so large a share of a histogram's values does not exceed, or None."""
        counts = self.buckets(family, **labels)
        total, seen = sum(count for _, count in counts), 0
        for bound, count in counts:
            seen += count
            if seen >= share * total:
                return bound
        return None

    def mean(self, family):
        """Of a histogram, from sample to sample; None where nothing was added."""
        sums = increases(self.metric(family + "_sum"))
        counts = increases(self.metric(family + "_count"))
        return self.times[1:], [s / c if s is not None and c else None
                                for s, c in zip(sums, counts)]

    def process(self, name, key):
        """A list by self.process_times, or None when the process was not watched."""
        return self.processes[name][key] if name in self.processes else None
