#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions that the hot paths take, counted by callgrind and compared with instructions.txt.

  bench/micro/instructions.py            compare; 1 when a path takes more than a tenth more
  bench/micro/instructions.py --write    count again and write the file: after a change that was
                                         meant, in the same commit

BIN is the folder of the binaries (build/release/bin). 77: nothing was compared, and the reason is
told.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("BIN", ROOT / "build/release/bin")) / "micro_paths"
FILE = Path(__file__).with_name("instructions.txt")
TOLERANCE = 0.10
SKIPPED = 77

HEADER = """# Instructions of one message, PDU or reply, by bench/micro/instructions.py --write.
# Comparable only where these made them:
"""


# The allocator gives memory back when time has passed: what it does then is nobody's path.
ENVIRONMENT = os.environ | {"MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1"}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env=ENVIRONMENT).stdout.strip()


def made_by():
    """What changes the counts without a change of ours."""
    try:
        valgrind = output_of("valgrind", "--version")
    except FileNotFoundError:
        return None
    libc = output_of("getconf", "GNU_LIBC_VERSION")
    # Libraries choose their code by it, also under valgrind, which knows no wider registers.
    avx2 = "AVX2" if "avx2" in Path("/proc/cpuinfo").read_text().split() else "no AVX2"
    return f"{output_of(PROGRAM, '--compiler')}, {libc}, {valgrind}, {avx2}"


def count():
    """{path: instructions an item}"""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        items = output_of("valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no",
                          f"--callgrind-out-file={out}", PROGRAM)
        items = dict(line.split() for line in items.splitlines())
        counts = {}
        for part in Path(folder).iterdir():
            text = part.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.M)
            if name:
                total = int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1])
                counts[name[1]] = round(total / int(items[name[1]]))
    if counts.keys() != items.keys():
        sys.exit("callgrind's output was not understood")
    return {name: counts[name] for name in items}


def read():
    lines = FILE.read_text().splitlines()
    facts = next(line[len("# made by "):] for line in lines if line.startswith("# made by "))
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return facts, {name: int(number) for name, number in pairs}


def compare(recorded, counted):
    """Prints the table; the names of what became slower."""
    slower, faster = [], []
    print(f"{'path':32} {'recorded':>9} {'counted':>9}")
    for name, now in counted.items():
        before = recorded.get(name)
        change = "new" if before is None else f"{now / before - 1:+.1%}"
        print(f"{name:32} {before or '-':>9} {now:>9}  {change}")
        if before is None or now > before * (1 + TOLERANCE):
            slower.append(name)
        elif now < before * (1 - TOLERANCE):
            faster.append(name)
    slower += recorded.keys() - counted.keys()
    if faster:
        print(f"Faster than recorded: {', '.join(faster)}. Keep it so: instructions.py --write.")
    if slower:
        print(f"More than {TOLERANCE:.0%} slower, or not in both: {', '.join(slower)}. If that is "
              "meant: instructions.py --write, and say why in the commit.")
    return slower


def main():
    if sys.argv[1:] not in ([], ["--write"]):
        sys.exit(__doc__)
    if not PROGRAM.exists():
        print(f"Not compared: {PROGRAM} is not built; it wants the package valgrind.")
        return SKIPPED
    facts = made_by()
    if facts is None:
        print("Not compared: valgrind is not installed.")
        return SKIPPED
    if sys.argv[1:] == ["--write"]:
        lines = [f"{name:32} {number}" for name, number in count().items()]
        FILE.write_text(f"{HEADER}# made by {facts}\n" + "\n".join(lines) + "\n")
        return 0
    recorded_by, recorded = read()
    if recorded_by != facts:
        print(f"Not compared: the file was made by {recorded_by}, and here is {facts}.")
        return SKIPPED
    return 1 if compare(recorded, count()) else 0


if __name__ == "__main__":
    sys.exit(main())
