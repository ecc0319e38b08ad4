# SPDX-License-Identifier: Apache-2.0
"""The table of bench/run.sh, of results with known figures, unsound and damaged ones."""

import copy
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from report_test import RECORDED, ROOT, Page
from result import DamagedResult, Result  # report_test knows the way
from steady import behind_a_queue

TABLE = ROOT / "bench/report/table.py"


def series(counts, classes):
    """The same in every class, which add up to `counts`."""
    return {name: [count / len(classes) for count in counts] for name in classes}


class Case(unittest.TestCase):
    def setUp(self):
        self.recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.steps = []

    def result(self, submitted, final):
        page = copy.deepcopy(self.recorded)
        classes = list(page["scenario"]["classes"])
        per_second = page["per_second"]
        seconds = max(len(submitted), len(final)) + 1  # the last one is never whole
        for kind, counts in [("submitted", submitted), ("final", final)]:
            padded = counts + [0] * (seconds - len(counts))
            per_second[kind] = series(padded, classes)
        page["job_octets"] = 250 * page["sent"]
        return page

    def step(self, row, round_, page=None, code=0, steady_from=2):
        name = f"{row}-{round_}"
        self.steps.append({"row": row, "round": str(round_), "name": name, "seconds": 5,
                           "steady_from": steady_from, "code": code})
        if page is not None:
            self.write(f"{name}.json", json.dumps(page))
        return name

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def logs(self, name, waits_ns, unseen=0):
        numbers = [f"+86138{i:08}" for i in range(len(waits_ns) + unseen)]
        self.write(f"{name}.submitted.jsonl", "".join(
            json.dumps({"to": to, "sent_ns": 1_000_000 * i, "acknowledged_ns": 1_000_000 * i + 400})
            + "\n" for i, to in enumerate(numbers)))
        self.write(f"{name}.wire.jsonl", "".join(
            json.dumps({"to": to[1:], "steady_ns": 1_000_000 * i + wait}) + "\n"
            for i, (to, wait) in enumerate(zip(numbers, waits_ns))))

    def table(self, *options):
        self.write("steps.jsonl", "".join(json.dumps(step) + "\n" for step in self.steps))
        done = subprocess.run([sys.executable, str(TABLE), str(self.folder), *options],
                              capture_output=True, timeout=60, check=False, text=True)
        self.assertNotIn("Traceback", done.stderr)
        page = json.loads((self.folder / "table.json").read_text(encoding="utf-8"))
        self.faults = page["faults"]
        self.text = done.stdout
        self.rows = page["rows"]
        return done.returncode

    def row(self, beginning):
        [row] = [row for row in self.rows if row["what"].startswith(beginning)]
        return row


class Rows(Case):
    def test_a_sustained_rate_is_of_the_seconds_in_which_as_much_comes_as_ends(self):
        for round_, rate in [(1, 70_000), (2, 50_000), (3, 61_000)]:
            # Before the second one receipts are late; the last second of the sending is not whole.
            self.step("life", round_, self.result([90_000, 90_000, rate, rate, 5],
                                                  [0, 0, rate + 1, rate + 1, 80_000]))
        self.assertEqual(self.table(), 0, self.faults)
        row = self.row("whole life")
        self.assertEqual(row["values"], [70_000, 50_000, 61_000])
        self.assertEqual((row["median"], row["reached"]), (61_000, "floor"))
        self.assertIn("| 61,000 msg/s | 50,000 .. 70,000 | 60,000 msg/s | 150,000 msg/s | floor |",
                      self.text)

    def test_what_is_less_of_in_and_out_counts(self):
        run = Result("", self.result([9, 9, 8, 8, 8, 1], [9, 9, 6, 6, 6, 9]))
        self.assertEqual(run.steady(2), 6)
        self.assertEqual(Result("", self.result([5, 5, 5, 1], [9, 9, 9, 9])).steady(1), 5)
        self.assertIsNone(run.steady(5), "the sending ended")

    def test_a_loop_that_stood_still_at_the_end_was_no_end(self):
        page = self.result([9, 9, 9, 9, 0, 0, 0, 0], [0, 9, 9, 9, 0, 0, 0, 9])
        page["scenario"]["phases"] = [{"rate": "max", "seconds": 6.0}]
        self.assertEqual(Result("", page).steady(2), 18 / 4)

    def test_what_the_host_took_is_said(self):
        for round_, stolen in [(1, 0.0), (2, 22.4), (3, 18.1)]:
            self.step("life", round_, self.result([0, 0, 9, 1], [0, 0, 9, 1]))
            self.steps[-1]["stolen"] = stolen
        self.assertEqual(self.table(), 0, self.faults)
        self.assertIn("18 % stolen", self.row("whole life")["note"])
        for step in self.steps:
            step["stolen"] = 0.4
        self.assertEqual(self.table(), 0, self.faults)
        self.assertNotIn("stolen", self.row("whole life")["note"])

    def test_the_ceiling_is_compared_round_by_round(self):
        for round_, ours, theirs in [(1, 20, 100), (2, 60, 120), (3, 30, 100)]:
            self.step("life", round_, self.result([0, 0, ours, 1], [0, 0, ours, 1]))
            self.step("ceiling", round_, self.result([0, 0, theirs, 1], [0, 0, theirs, 1]))
        self.assertEqual(self.table(), 0, self.faults)
        row = self.row("ratio to the barest composition")
        self.assertEqual((row["values"], row["reached"]), ([0.2, 0.5, 0.3], "floor"))

    def test_kannels_rounds_are_lines(self):
        self.step("kannel", "all")
        line = "3000 0 0 0 420 36 21 {ours} 0 0 0 23 3 2 {ratio} 19"
        lines = [line.format(ours=ratio * 3000, ratio=ratio) for ratio in (16, 14, 15)]
        self.write("file", "\n".join(lines) + "\n")
        self.assertEqual(self.table(), 0, self.faults)
        row = self.row("ratio to Kannel, file store")
        self.assertEqual((row["values"], row["median"]), ([16, 14, 15], 15))

    def test_a_wait_is_between_two_clocks_that_are_one(self):
        page = self.result([20], [20])
        for row in ["idle", "otp"]:
            name = self.step(row, 1, page)
            self.logs(name, [300_400] * 98 + [6_000_400] * 2)
            self.write(f"{name}.flood.json", json.dumps(self.result([9] * 6, [9] * 6)))
        self.assertEqual(self.table(), 0, self.faults)
        self.assertEqual(self.row("one message on an idle")["values"], [0.3004])
        self.assertEqual(self.row("one message on an idle")["reached"], "aim")
        row = self.row("OTP acknowledgement to wire")
        self.assertEqual((row["values"], row["reached"]), ([6.0], "floor"))

    def test_the_audit_stands_apart(self):
        page = self.result([0, 0, 5, 1], [0, 0, 5, 1])
        page["final"] = 1000
        page["processes"]["by_name"]["tactd"]["written_bytes"] = [5_000, 1_105_000]
        page["metrics"]["series"]["tact_storage_audit_bytes_total"] = [1_000, 101_000]
        self.step("life", 1, page)
        self.assertEqual(self.table(), 0, self.faults)
        row = self.row("bytes written to disk")
        self.assertEqual((row["values"], row["reached"]), ([4.0], "floor"))
        self.assertIn("size 250 octets as encoded in its job; the audit 100 more", row["note"])

    def test_what_was_not_run_is_not_measured(self):
        self.step("life", 0, self.result([0, 0, 5, 1], [0, 0, 5, 1]))  # thrown away
        self.assertEqual(self.table("--short"), 0, self.faults)
        self.assertEqual({row["reached"] for row in self.rows}, {"not measured"})
        self.assertTrue(self.text.startswith("Short form"))


class Faults(Case):
    def test_one_sound_round_does_not_speak_for_those_that_were_not(self):
        for round_, code in [(1, 0), (2, 1)]:
            self.step("life", round_, self.result([0, 0, 70_000, 1], [0, 0, 70_000, 1]), code=code)
            self.step("ceiling", round_, self.result([0, 0, 90_000, 1], [0, 0, 90_000, 1]))
        self.assertEqual(self.table(), 1)
        self.assertEqual(self.row("whole life")["reached"], "unsound")
        row = self.row("ratio to the barest composition")
        self.assertEqual((len(row["values"]), row["reached"]), (1, "unsound"))
        self.assertIn("ceiling-2: life-2 was not sound", self.faults)

    def test_a_run_that_failed_is_no_number(self):
        self.step("life", 1, self.result([0, 0, 70_000, 1], [0, 0, 70_000, 1]), code=1)
        self.assertEqual(self.table(), 1)
        self.assertEqual(self.row("whole life")["reached"], "not measured")
        self.assertEqual(self.faults, ["life-1 ended with exit code 1"])
        self.assertIn("bug report:\n- life-1", self.text)

    def test_what_was_lost_beside_kannel_is_told(self):
        self.step("kannel", "all")
        self.write("file", "3000 7 0 0 420 36 21 30000 1 0 0 23 3 2 10 19\n")
        self.assertEqual(self.table(), 1)
        self.assertEqual(self.faults, ["kannel-all: tactd lost messages, or ended them twice"])

    def test_a_message_that_never_reached_the_wire_is_told(self):
        self.logs(self.step("idle", 1, self.result([20], [20])), [300_000] * 9, unseen=1)
        self.assertEqual(self.table(), 1)
        self.assertEqual(self.faults, ["idle-1: 1 of 10 never reached the wire"])

    def test_a_result_that_is_missing_or_too_short_or_damaged_is_told(self):
        self.step("life", 1)
        self.step("life", 2, self.result([5, 1], [5, 1]))
        self.step("kannel", "all")
        self.write("file", "3000 0\n")
        self.step("backlog", 1)
        self.write("backlog-1.backlog.json", "{}")
        self.assertEqual(self.table(), 1)
        for run in ["life-1", "life-2", "kannel-all", "backlog-1"]:
            self.assertTrue(any(run in fault for fault in self.faults), run)

    def test_a_folder_without_a_run_is_refused(self):
        done = subprocess.run([sys.executable, str(TABLE), str(self.folder)], capture_output=True,
                              timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (65, b""))
        done = subprocess.run([sys.executable, str(TABLE)], capture_output=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 64)


class Index(Case):
    def test_it_leads_to_the_pages_that_are_there(self):
        self.step("life", 1, self.result([0, 0, 5, 1], [0, 0, 5, 1]))
        self.step("life", 2, self.result([0, 0, 5, 1], [0, 0, 5, 1]), code=1)
        self.write("life-1.html", "")
        self.table()
        html = (self.folder / "index.html").read_text(encoding="utf-8")
        page = Page(html)
        self.assertEqual((page.errors, page.external), ([], ["a href"]))
        self.assertIn('href="life-1.html"', html)
        self.assertNotIn("life-2.html", html)
        self.assertIn("life-2 ended with exit code 1", page.texts["p"])


class Steady(unittest.TestCase):
    def test_behind_a_queue_the_gateway_counts(self):
        page = json.loads(RECORDED.read_text(encoding="utf-8"))
        page["per_second"]["acknowledged"] = {"MARKETING": [50, 60, 55, 1]}
        page["scenario"]["classes"] = {"MARKETING": 1}
        page["metrics"].update(at_seconds=[0, 1, 2, 3])
        page["metrics"]["series"] = {"tact_link_submitted_total": [0, 70, 140, 210],
                                     "tact_receipts_total": [0, 40, 82, 123]}
        self.assertEqual(behind_a_queue(Result("", page)), 41)
        page["metrics"]["series"]["tact_receipts_total"] = [0, 60, 61, 123]
        self.assertEqual(behind_a_queue(Result("", page)), 41, "a stall counts")

    def test_a_median_of_results(self):
        case = Case()
        case.setUp()
        self.addCleanup(case.doCleanups)
        paths = []
        for round_, rate in [(1, 70), (2, 50), (3, 60)]:
            case.step("life", round_, case.result([0, rate, rate, 1], [0, rate, rate, 1]))
            paths.append(case.folder / f"life-{round_}.json")
        program = [sys.executable, str(ROOT / "bench/report/steady.py")]

        def of(*arguments):
            return subprocess.run([*program, *map(str, arguments)], capture_output=True, timeout=60,
                                  check=False)
        self.assertEqual(of(1, *paths).stdout, b"60\n")
        self.assertEqual(of("--half", 1, *paths).stdout, b"30\n")
        self.assertEqual(of(3, *paths).returncode, 65)
        self.assertEqual(of(1, case.folder / "missing.json").returncode, 65)
        self.assertEqual(of().returncode, 64)


if __name__ == "__main__":
    unittest.main()
