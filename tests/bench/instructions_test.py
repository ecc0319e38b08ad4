# SPDX-License-Identifier: Apache-2.0
"""What bench/micro/instructions.py makes of counts."""

import contextlib
import io
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/micro"))
import instructions  # noqa: E402


def judged(recorded, counted):
    """(names that fail, what is printed)"""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        slower = instructions.compare(recorded, counted)
    return slower, told.getvalue()


class Comparison(unittest.TestCase):
    def test_more_than_a_tenth_more_fails(self):
        slower, told = judged({"a": 1000, "b": 1000}, {"a": 1101, "b": 1100})
        self.assertEqual(slower, ["a"])
        self.assertIn("slower", told)

    def test_a_path_that_is_only_in_one_fails(self):
        self.assertEqual(judged({"a": 1}, {"a": 1, "new": 5})[0], ["new"])
        self.assertEqual(judged({"a": 1, "gone": 5}, {"a": 1})[0], ["gone"])

    def test_less_asks_for_an_updated_file_and_passes(self):
        slower, told = judged({"a": 1000}, {"a": 899})
        self.assertEqual(slower, [])
        self.assertIn("Faster than recorded: a.", told)

    def test_a_little_less_or_more_says_nothing(self):
        slower, told = judged({"a": 1000, "b": 1000}, {"a": 901, "b": 1099})
        self.assertEqual(slower, [])
        self.assertNotIn("Faster", told)

    def test_the_file_in_the_repository_is_readable(self):
        facts, counts = instructions.read()
        self.assertIn("g++", facts)
        self.assertIn("valgrind", facts)
        self.assertGreater(min(counts.values()), 0)


if __name__ == "__main__":
    unittest.main()
