// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <istream>
#include <set>
#include <string>
#include <string_view>

#include "client/pdu_report.h"

namespace tact::client {

// What a person has at hand, read and reported: hex and lines of PDUs, octets as they were, and
// captures.

// A text: lines of hex, which make one stream up to an empty line or a comment; lines of JSON,
// which are read by their "hex"; and PDUs as lines, which are told as hex. What the lines of a
// capture have in front, up to " | ", and notes are passed over.
void read_text(std::string_view text, PduReport& report);

// A text; octets, where the first is 0 as in each PDU; or a capture, of which these ports are read.
void read_input(std::istream& in, const std::set<std::uint16_t>& ports, PduReport& report);

// Is it hex, blanks aside?
bool is_hex(std::string_view text);
// Does it begin with the name of a command, or as JSON?
bool is_line(std::string_view text);

}  // namespace tact::client
