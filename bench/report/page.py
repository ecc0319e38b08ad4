# SPDX-License-Identifier: Apache-2.0
"""The HTML page: one file that needs nothing else."""

import json
from dataclasses import asdict
from html import escape
from pathlib import Path

from figures import facts_of, figures_of, warnings_of
from plots import plots_of

HERE = Path(__file__).parent
# The browser is held to what we promise: nothing is fetched.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"


OWN = ["date", "command"]  # of each run: ports and process ids are in the command


def tag(name, *content, **attributes):
    """An element. `content` is HTML already, attributes are not; class_ is class."""
    written = "".join(f' {key.rstrip("_")}="{escape(str(value))}"'
                      for key, value in attributes.items())
    return f"<{name}{written}>{''.join(content)}</{name}>"


def table(kind, header, rows):
    """`rows` of cells that are HTML elements; `header` of texts."""
    head = tag("tr", *(tag("th", escape(text), scope="col") for text in header))
    body = "\n".join(tag("tr", *cells) for cells in rows)
    return tag("div", tag("table", tag("thead", head), "\n", tag("tbody", body), class_=kind),
               class_="wide")


def row_head(text):
    return tag("th", escape(text), scope="row")


def facts_table(runs):
    """Of several runs, what should be the same in all and is not is marked."""
    by_run = [dict(facts_of(run)) for run in runs]
    names = list(dict.fromkeys(name for facts in by_run for name in facts))
    rows = []
    for name in names:
        texts = [facts.get(name, "not told") for facts in by_run]
        differ = {"class_": "differs"} if len(set(texts)) > 1 and name not in OWN else {}
        rows.append([row_head(name), *(tag("td", escape(text), **differ) for text in texts)])
    return table("facts", ["", *(run.name for run in runs)], rows)


def ratio(figure, first):
    if figure.value is None or not first.value:
        return "–"
    return f"{figure.value / first.value:.2f}"


def figures_table(runs):
    """Of several runs, the later ones also as a multiple of the first."""
    by_run = [{figure.name: figure for figure in figures_of(run)} for run in runs]
    names = list(dict.fromkeys(name for figures in by_run for name in figures))
    rows = []
    for name in names:
        cells = [row_head(name)]
        first = by_run[0].get(name)
        for i, figures in enumerate(by_run):
            figure = figures.get(name)
            bad = {"class_": "bad"} if figure and figure.is_bad else {}
            cells.append(tag("td", escape(figure.text() if figure else "–"), **bad))
            if i > 0:
                cells.append(tag("td", ratio(figure, first) if figure and first else "–"))
        rows.append(cells)
    header = ["", runs[0].name]
    for run in runs[1:]:
        header += [run.name, f"÷ {runs[0].name}"]
    return table("figures", header, rows)


def classes_table(run):
    rows = []
    for name, latencies in run.page["by_class"].items():
        for key, title in [("acknowledgement", "acknowledgement"), ("end_to_end", "end to end")]:
            latency = latencies[key]
            quantiles = [latency[q] for q in ("p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns")]
            cells = [f"{ns / 1e6:,.2f}" if latency["count"] else "–" for ns in quantiles]
            rows.append([row_head(f"{name}, {title}"), tag("td", f"{latency['count']:,}"),
                         *(tag("td", cell) for cell in cells)])
    header = ["ms", "messages", "p50", "p90", "p99", "p99.9", "maximum"]
    return table("figures", header, rows)


def script_data(value):
    """JSON for a script element, which ends at the first "</script" whatever it is part of."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return tag("script", text.replace("<", "\\u003c"), type="application/json", id="plots")


def figure_of(index, plot):
    unit = escape(plot.unit + (", logarithmic" if plot.log else ""))
    return tag("figure", tag("h3", escape(plot.title), " ", tag("small", unit)),
               tag("div", id=f"plot-{index}", class_="plot"),
               tag("figcaption", escape(plot.note)))


def vendored(name):
    return (HERE / "vendor" / name).read_text(encoding="utf-8")


def own(name):
    return (HERE / name).read_text(encoding="utf-8")


def body_of(runs):
    plots, missing = plots_of(runs)
    yield tag("h1", escape("tact-bench: " + " and ".join(run.name for run in runs)))
    for run in runs:
        for warning in warnings_of(run):
            yield tag("p", tag("strong", escape(run.name)), ": ", escape(warning), class_="bad")
    yield tag("section", tag("h2", "What was run"), facts_table(runs))
    tables = [tag("section", tag("h2", "Key figures"), figures_table(runs))]
    if len(runs) == 1:
        tables.append(tag("section", tag("h2", "Latency by class"), classes_table(runs[0])))
    yield tag("div", *tables, class_="beside")
    shown = "\n".join(figure_of(i, plot) for i, plot in enumerate(plots))
    yield tag("section", tag("h2", "Plots"), tag("noscript", tag("p", "The plots need scripts.")),
              tag("div", shown, class_="plots"))
    if missing:
        yield tag("p", "Not measured: ", escape(", ".join(missing)), ".", class_="missing")
    yield script_data([asdict(plot) for plot in plots])
    yield tag("script", vendored("uPlot.iife.min.js"))
    yield tag("script", own("draw.js"))


def page_of(runs):
    title = "tact-bench: " + ", ".join(run.name for run in runs)
    head = "\n".join([
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        tag("title", escape(title)),
        tag("style", vendored("uPlot.min.css"), own("style.css"))])
    body = "\n".join(body_of(runs))
    return "<!doctype html>\n" + tag("html", tag("head", "\n", head, "\n"), "\n",
                                     tag("body", tag("main", "\n", body, "\n")), lang="en") + "\n"
