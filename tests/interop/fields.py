#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every field of every PDU of a capture, as tshark and as `tact pdu --json` read it.

    fields.py DISSECTION.pdml PDUS.jsonl

A field that only one of the two knows is a difference too: tshark passes over the status of a
request and over empty strings, and nothing else, so nothing else is forgiven. Exits 1 if there is
a difference.
"""
import json
import re
import sys
import xml.etree.ElementTree as xml

COMMANDS = {
    name: number | response << 31
    for response, suffix in ((0, ""), (1, "_resp"))
    for name, number in (
        ("bind_receiver" + suffix, 1), ("bind_transmitter" + suffix, 2), ("query_sm" + suffix, 3),
        ("submit_sm" + suffix, 4), ("deliver_sm" + suffix, 5), ("unbind" + suffix, 6),
        ("bind_transceiver" + suffix, 9), ("enquire_link" + suffix, 0x15))
} | {"generic_nack": 0x80000000}
STATUSES = {"ESME_ROK": 0, "ESME_RINVBNDSTS": 4, "ESME_RALYBND": 5, "ESME_RBINDFAIL": 0xD,
            "ESME_RINVPASWD": 0xE, "ESME_RINVSYSID": 0xF}
STRINGS = {"system_id", "password", "system_type", "address_range", "service_type", "source_addr",
           "destination_addr", "schedule_delivery_time", "validity_period", "message_id"}
# Of one octet: where in it tshark's parts of it begin.
PARTS = {"esm.submit.msg_mode": ("esm_class", 0), "esm.submit.msg_type": ("esm_class", 2),
         "esm.submit.features": ("esm_class", 6), "regdel.receipt": ("registered_delivery", 0),
         "regdel.acks": ("registered_delivery", 2), "regdel.notif": ("registered_delivery", 4)}
# Said by another field already.
PASSED_OVER = {"message_text", "opt_params", "opt_param", "opt_param_len", "sm_length"}


def octets(field):
    return bytes.fromhex(field.get("value") or "")


def by_tshark(pdu):
    """The fields of a <proto name="smpp">; of those in parts the sum, of TLVs a list."""
    out, tag = {}, None
    for field in pdu.iter("field"):
        name = field.get("name").removeprefix("smpp.")
        if name == "opt_param_tag":
            tag = int(field.get("value"), 16)
        elif name in PASSED_OVER:
            continue
        elif tag is not None:
            out.setdefault("tlvs", []).append((tag, octets(field).hex()))
            tag = None
        elif name in PARTS:
            whole, shift = PARTS[name]
            out[whole] = out.get(whole, 0) | int(field.get("show"), 0) << shift
        elif name == "message":
            out["short_message"] = octets(field).hex()
        elif (name := re.sub("_r$", "", name)) in STRINGS:
            out[name] = octets(field).rstrip(b"\0").decode("latin-1")
        else:
            out[name] = int(field.get("value"), 16)
    return out


def tlv_of_ours(tlv):
    """(tag, value as hex); the tags by name are those that the programs here send."""
    names = {"user_message_reference": (0x204, 2), "sc_interface_version": (0x210, 1),
             "message_state": (0x427, 1), "receipted_message_id": (0x1E, None),
             "message_payload": (0x424, None)}
    tag, size = names[tlv["tag"]]
    value = tlv["value"]
    if isinstance(value, dict):
        return tag, value["hex"]
    if size:
        return tag, value.to_bytes(size, "big").hex()
    return tag, value if tag == 0x424 else value.encode().hex() + "00"


def by_tact(pdu):
    shown = {"time", "from", "to", "command", "status", "hex", "text", "coding", "part", "udh",
             "receipt", "not_read"}
    out = {name: value for name, value in pdu.items() if name not in shown}
    out["command_id"] = COMMANDS[pdu["command"]]
    out["command_status"] = STATUSES[pdu["status"]]
    out["command_length"] = len(pdu["hex"]) // 2
    if "tlvs" in out:
        out["tlvs"] = [tlv_of_ours(tlv) for tlv in out["tlvs"]]
    return out


def dissected(path):
    """(from, to, fields); tshark writes texts as they are, which is not always XML."""
    with open(path, "rb") as file:
        text = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f]", "?", file.read().decode("utf-8", "replace"))
    for packet in xml.fromstring(text):
        shown = {f.get("name"): f.get("show") for p in packet for f in p.iter("field")}
        ends = [f"{shown['ip.' + end]}:{shown['tcp.' + end + 'port']}" for end in ("src", "dst")]
        for proto in packet:
            if proto.get("name") == "smpp":
                yield *ends, by_tshark(proto)


def key(source, destination, fields):
    return source, destination, fields["sequence_number"], fields["command_id"]


def main():
    theirs = {key(*each): each[2] for each in dissected(sys.argv[1])}
    with open(sys.argv[2], encoding="utf-8") as file:
        ours = {}
        for pdu in map(json.loads, file):
            fields = by_tact(pdu)
            ours[key(pdu["from"], pdu["to"], fields)] = fields
    compared = differences = 0
    for each in sorted(theirs.keys() | ours.keys()):
        their, our = theirs.get(each, {}), ours.get(each, {})
        for name in sorted(their.keys() | our.keys()):
            passed = "" if name in STRINGS or name == "short_message" else None
            if name == "command_status":
                passed = 0
            compared += 1
            if their.get(name, passed) != our.get(name):
                differences += 1
                print(f"{each}: {name}: tshark {their.get(name)!r}, tact {our.get(name)!r}")
    print(f"{len(theirs)} PDUs, {compared} fields by tshark and by tact pdu, {differences} differ")
    return 1 if differences or not theirs else 0


sys.exit(main())
