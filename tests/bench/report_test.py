# SPDX-License-Identifier: Apache-2.0
"""Pages of a recorded run: whole, without metrics, damaged, and beside another."""

import copy
import itertools
import json
import re
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests/bench/report/run.json"
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench/report"))

from figures import figures_of  # noqa: E402
from page import page_of  # noqa: E402
from result import Result, increase, increases, rates  # noqa: E402

VOID = {"meta", "br", "hr", "img", "link", "input"}
LOADING = {"src", "href", "srcset", "data", "action", "poster", "background"}


class Page(HTMLParser):
    """Refuses what is not well-formed, and remembers what would be fetched."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.errors, self.external, self.texts = [], [], [], {}
        self.data, self.policy = None, ""
        self.feed(html)
        self.close()
        self.errors += [f"<{name}> is never closed" for name in self.open]

    def handle_starttag(self, name, attributes):
        attributes = dict(attributes)
        self.external += [f"{name} {key}" for key in attributes if key in LOADING]
        if name in {"link", "iframe", "img", "object", "embed", "base"}:
            self.external.append(name)
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        if not self.open or self.open.pop() != name:
            self.errors.append(f"</{name}> closes nothing, {self.getpos()}")

    def handle_data(self, text):
        inner = self.open[-1] if self.open else ""
        self.texts[inner] = self.texts.get(inner, "") + text + "\n"
        if inner == "script" and text.startswith("[{"):
            self.data = json.loads(text)
        if inner == "style" and re.search(r"@import|url\(", text):
            self.external.append("style")

    def plots(self):
        return {plot["title"]: {line["label"]: line for line in plot["lines"]}
                for plot in self.data}


class Case(unittest.TestCase):
    def setUp(self):
        self.recorded = json.loads(RECORDED.read_text(encoding="utf-8"))

    def page(self, *results):
        runs = [Result(f"run {i}", copy.deepcopy(result)) for i, result in enumerate(results)]
        page = Page(page_of(runs))
        self.assertEqual(page.errors, [])
        self.assertEqual(page.external, [])
        self.assertTrue(page.policy.startswith("default-src 'none'"))
        return page

    def series(self, name):
        return self.recorded["metrics"]["series"][name]


class Report(Case):
    def test_every_series_is_drawn(self):
        classes = ["OTP", "NOTIFICATION", "MARKETING"]
        processes = ["tactd", "tact-bench", "tact-smsc"]
        labels = {title: list(lines) for title, lines in self.page(self.recorded).plots().items()}
        self.assertEqual(labels, {
            "Throughput": ["submitted", "acknowledged", "final"],
            "Final events by class": classes,
            "Acknowledgement over time": ["p50", "p99", "max"],
            "Acknowledgement": classes,
            "End to end": classes,
            "Acceptance to wire": classes,
            "Acknowledgement to wire": classes,
            "Submit round trip": classes,
            "Receipt": classes,
            "Queue depth": classes,
            "Queue age": classes,
            "CPU by process": processes,
            "Resident memory": processes,
            "Commits of a group": ["mean"],
            "Commit group sizes": ["groups"],
            "Commits and fsyncs": ["commits", "fsyncs"],
            "Commit latency": ["commit", "write and fsync"],
            "Octets written": ["storage, as tactd counts",
                               "tactd to the disk, as the kernel counts"]})

    def test_lines_hold_what_was_measured(self):
        plots = self.page(self.recorded).plots()
        for title, lines in plots.items():
            for label, line in lines.items():
                self.assertEqual(len(line["x"]), len(line["y"]), (title, label))
                self.assertEqual(line["x"], sorted(set(line["x"])), (title, label))
        whole = [sum(second) for second in
                 zip(*self.recorded["per_second"]["final"].values())][:-1]
        self.assertEqual(plots["Throughput"]["final"]["y"], whole)
        lane = '{route="simulator",class="MARKETING"}'
        waiting = [a + b for a, b in zip(self.series("tact_lane_queued_messages" + lane),
                                         self.series("tact_lane_open_messages" + lane))]
        self.assertGreater(max(waiting), 1000)
        self.assertEqual(plots["Queue depth"]["MARKETING"]["y"], waiting)
        self.assertEqual(plots["Queue depth"]["OTP"]["y"], [0] * len(waiting))
        cpu = self.recorded["processes"]["by_name"]["tactd"]["cpu_seconds"]
        at = self.recorded["processes"]["at_seconds"]
        self.assertAlmostEqual(plots["CPU by process"]["tactd"]["y"][2],
                               (cpu[3] - cpu[2]) / (at[3] - at[2]))
        curve = plots["Acknowledgement"]["OTP"]
        latency = self.recorded["by_class"]["OTP"]["acknowledgement"]
        self.assertEqual(curve["x"][-1], latency["count"])
        self.assertAlmostEqual(curve["y"][-1], latency["max_ns"] / 1e6)
        self.assertAlmostEqual(sum(plots["Commit group sizes"]["groups"]["y"]), 100)

    def test_what_a_number_is_worth_nothing_without_is_told(self):
        page = self.page(self.recorded)
        cells = page.texts["td"]
        for key in ["command", "date"]:
            self.assertIn(self.recorded[key], cells)
        self.assertIn(self.recorded["labels"]["commit"], cells)
        self.assertIn(self.recorded["machine"]["cpu"], cells)
        self.assertIn("2,000 msg/s for 3 s: OTP 10%", cells)
        self.assertIn(f"{self.recorded['acknowledgement']['p99_ns'] / 1e6:.2f} ms", cells)

    def test_phases_are_told(self):
        scenario = self.recorded["scenario"]
        scenario["phases"] = [{"rate": [0, 20000], "seconds": 2.5}, {"rate": "max"}]
        scenario["messages"] = 5000
        cells = self.page(self.recorded).texts["td"]
        self.assertIn("0 to 20,000 msg/s for 2.5 s, then as fast as acknowledged until 5,000 "
                      "messages: OTP 10%", cells)

    def test_without_metrics_and_pids_the_rest_is_drawn(self):
        self.recorded["metrics"] = None
        by_name = self.recorded["processes"]["by_name"]
        del by_name["tactd"], by_name["tact-smsc"]
        page = self.page(self.recorded)
        self.assertEqual(list(page.plots()),
                         ["Throughput", "Final events by class", "Acknowledgement over time",
                          "Acknowledgement", "End to end", "CPU by process", "Resident memory"])
        self.assertIn("Not measured: Acceptance to wire, Acknowledgement to wire, "
                      "Submit round trip, Receipt, Queue depth", page.texts["p"])
        figures = {f.name: f for f in figures_of(Result("", self.recorded))}
        for name in ["CPU of tactd per message", "messages per fsync", "commit latency, mean",
                     "octets to the disk per message", "OTP acceptance to wire p99, at most"]:
            self.assertEqual(figures[name].text(), "–", name)

    def test_a_run_that_could_not_begin(self):
        for kind in ["submitted", "acknowledged", "final"]:
            self.recorded["per_second"][kind] = dict.fromkeys(self.recorded["per_second"][kind], [])
        nothing = {key: 0 for key in self.recorded["end_to_end"]}
        nothing["distribution"] = {"share": [], "ns": []}
        self.recorded.update(final=0, sent=0, acknowledged=0, by_class={}, seconds=0,
                             acknowledgement=nothing, end_to_end=nothing)
        self.recorded["per_second"]["acknowledgement"] = {
            key: [] for key in ["p50_ns", "p99_ns", "max_ns"]}
        self.assertNotIn("Throughput", self.page(self.recorded).plots())

    def test_losses_and_failed_scrapes_are_said_at_the_top(self):
        self.recorded.update(lost=3, doubled=1)
        self.recorded["metrics"].update(scrapes_failed=2, failure="refused")
        texts = self.page(self.recorded).texts["p"]
        for said in ["Messages were lost", "ended twice", "2 scrapes", "refused"]:
            self.assertIn(said, texts)

    def test_text_is_never_taken_for_html(self):
        nasty = "</script><b>\"&'"
        self.recorded["labels"]["commit"] = nasty
        self.recorded["command"] = nasty
        self.assertIn(nasty, self.page(self.recorded).texts["td"])
        page = Page(page_of([Result(nasty, self.recorded), Result("b", self.recorded)]))
        self.assertEqual(page.errors, [])
        self.assertIn(nasty, page.plots()["Throughput"])


class Comparison(Case):
    def test_each_plot_has_a_line_per_run(self):
        other = copy.deepcopy(self.recorded)
        other["sustained_per_second"] = 2 * self.recorded["sustained_per_second"]
        other["labels"]["commit"] = "another"
        page = self.page(self.recorded, other, self.recorded)
        self.assertEqual(len(page.plots()), 17, "all but the classes'")
        for title, lines in page.plots().items():
            self.assertEqual(list(lines), ["run 0", "run 1", "run 2"], title)
        self.assertIn("2.00", page.texts["td"])

    def test_what_one_run_lacks_is_drawn_of_the_other(self):
        bare = copy.deepcopy(self.recorded)
        bare["metrics"] = None
        page = self.page(bare, self.recorded)
        self.assertEqual(list(page.plots()["Queue depth"]), ["run 1"])
        self.assertEqual(list(page.plots()["Throughput"]), ["run 0", "run 1"])


class Counters(unittest.TestCase):
    def test_a_counter_that_fell_began_again(self):
        self.assertEqual(increases([5, 8, 2, 4]), [3, 2, 2])
        self.assertEqual(increase([5, 8, 2, 4]), 7)
        self.assertEqual(increase([5, None, 8, None]), 3, "a scrape that failed hides nothing")

    def test_unknown_samples_are_not_zero(self):
        self.assertEqual(increases([None, 8, None, 9]), [None, None, None])
        self.assertEqual(rates([0, 2, 3], [1, 5, None]), ([2, 3], [2, None]))

    def test_buckets_are_what_the_run_added(self):
        page = json.loads(RECORDED.read_text(encoding="utf-8"))
        page["metrics"]["series"] = {
            'h_bucket{shard="0",le="1"}': [4, 4], 'h_bucket{shard="0",le="2"}': [4, 7],
            'h_bucket{shard="0",le="+Inf"}': [4, 8], 'h_bucket{shard="1",le="2"}': [0, 6],
            'h_bucket{shard="1",le="+Inf"}': [0, 6]}
        run = Result("", page)
        self.assertEqual(run.buckets("h"), [(2, 9), (float("inf"), 1)])
        self.assertEqual(run.buckets("h", shard="1"), [(2, 6)])
        self.assertEqual(run.bound_of("h", 0.9), 2)
        self.assertEqual(run.bound_of("h", 0.99), float("inf"))
        self.assertIsNone(run.bound_of("other", 0.5))


class CommandLine(unittest.TestCase):
    def report(self, *arguments):
        return subprocess.run([sys.executable, str(ROOT / "bench/report"), *map(str, arguments)],
                              capture_output=True, timeout=60, check=False)

    def test_page_goes_to_standard_output(self):
        done = self.report(RECORDED)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(Page(done.stdout.decode("utf-8")).errors, [])

    def test_damaged_files_are_named(self):
        whole = RECORDED.read_text(encoding="utf-8")
        older = json.loads(whole)
        del older["per_second"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "damaged.json"
            for text in ["", whole[:1000], "[]", "{}", "null", json.dumps(older)]:
                path.write_text(text, encoding="utf-8")
                done = self.report(path)
                self.assertEqual((done.returncode, done.stdout), (65, b""), text[:40])
                self.assertIn(b"damaged.json", done.stderr)
                self.assertEqual(done.stderr.count(b"\n"), 1, "no stack trace")
            self.assertEqual(self.report(Path(folder) / "missing.json").returncode, 65)

    def test_no_part_of_a_result_that_is_something_else_leaves_a_stack_trace(self):
        whole = json.loads(RECORDED.read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "odd.json"
            for key, value in itertools.product(whole, [None, [1]]):
                path.write_text(json.dumps({**whole, key: value}), encoding="utf-8")
                done = self.report(path)
                self.assertIn((done.returncode, done.stderr.count(b"\n")), [(0, 0), (65, 1)],
                              (key, value, done.stderr))

    def test_without_a_file_usage_is_told(self):
        for arguments in [(), ("--help",)]:
            done = self.report(*arguments)
            self.assertEqual((done.returncode, done.stdout), (64, b""))
            self.assertIn(b"RESULT.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
