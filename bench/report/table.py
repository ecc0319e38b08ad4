# SPDX-License-Identifier: Apache-2.0
"""python3 bench/report/table.py FOLDER [--short]

From what bench/run.sh left in FOLDER: table.md (also on standard output), table.json and
index.html, which leads to the page of each run. --short: says that the figures are none to publish.
Exits 1 if a run was not sound.
"""

import json
import sys
from html import escape
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True

from figures import facts_of  # noqa: E402
from page import POLICY, own, row_head, table, tag  # noqa: E402
from result import DamagedResult  # noqa: E402
from rows import ROWS, measured, read_steps  # noqa: E402

HEADER = ["what", "median", "least .. greatest", "floor", "aim", "reached", "runs", "note"]
SHORT = "Short form: it shows that every row can be measured. Its figures are none to publish."


def shown(value, row):
    return f"{value:,.{row.decimals}f}"


def bound(value):
    return f"{value:,g}"


def cells(row):
    unit = f" {row.unit}" if row.unit else ""
    value = spread = "–"
    if row.found:
        value = shown(median(row.found), row) + unit
        spread = f"{shown(min(row.found), row)} .. {shown(max(row.found), row)}"
    notes = []
    if row.sound:
        notes = [row.note(row.sound), f"{row.sound[0].seconds} s each", stolen(row.sound)]
    return [row.what, value, spread, bound(row.floor) + unit, bound(row.aim) + unit, row.reached(),
            str(len(row.found)), "; ".join(note for note in notes if note)]


def stolen(steps):
    """Of the processors, by the host, while these ran: what they lack, the figures lack too."""
    shares = [step.stolen for step in steps]
    return f"{median(shares):.0f} % stolen" if max(shares, default=0) >= 1 else ""


def facts():
    """What the runs had in common, by the first one of tact-bench."""
    for row in ROWS:
        for result in row.sound[0].results() if row.sound else []:
            known = dict(facts_of(result))
            return {key: known[key] for key in ["date", "commit", "machine", "versions",
                                                "filesystem"] if key in known}
    return {}


def markdown(lines, known, faults, is_short):
    said = [SHORT, ""] if is_short else []
    said += ["| " + " | ".join(HEADER) + " |", "|" + "---|" * len(HEADER)]
    said += ["| " + " | ".join(line) + " |" for line in lines]
    said += ["", *(f"{key}: {text}  " for key, text in known.items())]
    if faults:
        said += ["", "Not sound, so no number but a bug report:", *(f"- {f}" for f in faults)]
    return "\n".join(said) + "\n"


def pages(folder, steps):
    """A list of links for each row that was run."""
    for row, of in steps.items():
        names = [page.name for step in of for page in sorted(folder.glob(f"{step.name}.*html"))]
        if row in ("kannel", "redis"):
            mode = "file" if row == "kannel" else row
            names = [page.name for page in sorted(folder.glob(f"{mode}-tactd-[1-9].run.html"))]
        if names:
            links = ", ".join(tag("a", escape(name), href=name) for name in names)
            yield tag("p", tag("strong", escape(row)), ": ", links)


def index(folder, lines, known, faults, steps, is_short):
    rows = [[row_head(line[0]), *(tag("td", escape(cell)) for cell in line[1:])] for line in lines]
    told = [[row_head(key), tag("td", escape(text))] for key, text in known.items()]
    body = "\n".join([
        tag("h1", "Tact: the table"),
        *([tag("p", escape(SHORT), class_="bad")] if is_short else []),
        *(tag("p", escape(fault), class_="bad") for fault in faults),
        table("figures", HEADER, rows),
        tag("section", tag("h2", "Measured with"), table("facts", ["", ""], told)),
        tag("section", tag("h2", "Runs"), *pages(folder, steps))])
    head = "\n".join([
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        tag("title", "Tact: the table"), tag("style", own("style.css"))])
    return "<!doctype html>\n" + tag("html", tag("head", head), "\n",
                                     tag("body", tag("main", "\n", body, "\n")), lang="en") + "\n"


def write(folder, is_short):
    steps = read_steps(folder)
    faults, lines, values = [], [], []
    for row in ROWS:
        of = steps.get(row.of, [])
        faults += [fault for fault in measured(row, of) if fault not in faults]
        lines.append(cells(row))
        values.append({"what": row.what, "unit": row.unit, "floor": row.floor, "aim": row.aim,
                       "reached": row.reached(), "values": row.found,
                       "median": median(row.found) if row.found else None,
                       "results": [step.name for step in of], "note": lines[-1][-1]})
    known = facts()
    text = markdown(lines, known, faults, is_short)
    (folder / "table.md").write_text(text, encoding="utf-8")
    (folder / "table.json").write_text(json.dumps(
        {"short": is_short, "facts": known, "faults": faults, "rows": values},
        ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "index.html").write_text(index(folder, lines, known, faults, steps, is_short),
                                       encoding="utf-8")
    return text, faults


def main(arguments):
    folders = [Path(a) for a in arguments if a != "--short"]
    if len(folders) != 1 or str(folders[0]).startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 64
    try:
        text, faults = write(folders[0], "--short" in arguments)
    except DamagedResult as error:
        print(f"table: {error}", file=sys.stderr)
        return 65
    print(text)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
