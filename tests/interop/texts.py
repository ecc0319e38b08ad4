#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""texts.py MESSAGES TAKEN: did the carrier get each message's text, once its parts are joined?

Parts are told by the concatenation element of the UDH (3GPP TS 23.040 section 9.2.3.24.1).
"""
import json
import sys
from collections import defaultdict


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.startswith("{")]


def main(messages, taken):
    parts = defaultdict(dict)
    for part in lines(taken):
        if "data_coding" not in part:
            continue
        number = 1
        for element in part["udh"]:
            octets = bytes.fromhex(element)
            if octets[0] == 0x00 and octets[1] == 3:
                total, number = octets[3], octets[4]
                if number > total:
                    print(f"FAILED  part {number} of {total}")
                    return 1
        parts[part["to"]][number] = part["text"]
    failed = 0
    for message in lines(messages):
        found = parts.get(message["to"].lstrip("+"), {})
        text = "".join(found[number] for number in sorted(found))
        if text != message["text"]:
            failed += 1
            print(f"FAILED  {message['reference']}: expected {message['text']!r}, found {text!r}")
    print(f"{len(lines(messages)) - failed} texts as submitted, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
