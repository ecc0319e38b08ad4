# SPDX-License-Identifier: Apache-2.0
"""python3 bench/report RESULT.json [RESULT.json ...] > page.html

One result of tact-bench makes the report of a run, several make a comparison with the first.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is

from page import page_of  # noqa: E402
from result import DamagedResult, Result  # noqa: E402


def names_of(paths):
    """The files' names where these tell them apart, else their paths."""
    stems = [Path(path).stem for path in paths]
    return stems if len(set(stems)) == len(stems) else paths


def main(paths):
    if not paths or any(path.startswith("-") for path in paths):
        print(__doc__.strip(), file=sys.stderr)
        return 64
    try:
        html = page_of([Result.read(*pair) for pair in zip(paths, names_of(paths))])
    except DamagedResult as error:
        print(f"report: {error}", file=sys.stderr)
        return 65
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        print(f"report: {', '.join(paths)}: not as tact-bench writes it: {error!r}",
              file=sys.stderr)
        return 65
    sys.stdout.buffer.write(html.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
