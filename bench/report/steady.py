# SPDX-License-Identifier: Apache-2.0
"""python3 bench/report/steady.py [--half] BEGIN RESULT.json ...
python3 bench/report/steady.py --behind-a-queue RESULT.json

Messages a second that lived while as many came in as ended, from BEGIN seconds on, the median of
all results; --half of it. --behind-a-queue: by the gateway's own counters, since what came in
stays queued: what was acknowledged, submitted or receipted, whichever was least.
"""

import sys
from statistics import mean, median

sys.dont_write_bytecode = True

from result import DamagedResult, Result, rates  # noqa: E402


def of_runs(begin, paths):
    found = [Result.read(path, path).steady(begin) for path in paths]
    if None in found:
        raise DamagedResult(f"{paths[found.index(None)]}: ends before it is steady")
    return median(found)


def behind_a_queue(run):
    def of(family):
        _, steps = rates(run.times, run.metric(family))
        return mean(step for step in steps if step is not None)

    return min(mean(run.per_second("acknowledged")), of("tact_link_submitted_total"),
               of("tact_receipts_total"))


def main(arguments):
    options = [a for a in arguments if a.startswith("-")]
    paths = [a for a in arguments if not a.startswith("-")]
    try:
        if options == ["--behind-a-queue"]:
            rate = behind_a_queue(Result.read(paths[0], paths[0]))
        else:
            rate = of_runs(int(paths[0]), paths[1:]) / (2 if options == ["--half"] else 1)
    except DamagedResult as error:
        print(f"steady: {error}", file=sys.stderr)
        return 65
    except (IndexError, ValueError):  # statistics' error is a ValueError
        print(__doc__.strip(), file=sys.stderr)
        return 64
    print(round(rate))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
