// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/pdu.h"

/// A PDU as one line of text, and back: for logs, vectors and tools; not for the hot path.
///
///     submit_sm seq=7 source_addr_ton=1 source_addr="1068" ... short_message="hello"
///     tlv.0x1400=hex:31
///
/// Fields that hold their default (0 or empty) are left out; status= is left out when ESME_ROK.
/// Octets are quoted when printable, else hex:.... TLVs are written tlv.name= or tlv.0xNNNN=,
/// integers in decimal. Each item of a list is one word, its fields in the order of its table:
///
///     submit_multi seq=7 ... dest_address=sme:1/1/"8613800138000" dest_address=list:"friends"
///     submit_multi_resp seq=7 message_id="a" unsuccess_sme=1/1/"1068"/ESME_RINVDSTADR
namespace tact::smpp {

struct PrintOptions {
  /// Off: each digit and letter of an address, of the range of a bind and of a list's name becomes
  /// '*', texts and all TLVs but numbers, message ids, times and codes of up to three octets only
  /// tell their length, passwords nothing. On: everything is shown; the line can be parsed back.
  bool reveal = false;
};

std::string print(const Pdu& pdu, PrintOptions options = {});

/// Parses a line of print(..., {reveal}) and appends the encoded PDU, under Rules::limits. Returns
/// an empty string or what is wrong with the line, in words. What follows a # between the words is
/// a comment. Over its limit, and so not parsed although it prints, is what decode() reads and
/// nothing may send: 255 octets of short_message, 255 destinations, and the fields of a response
/// that came longer than they may be.
std::string parse(std::string_view line, std::vector<std::uint8_t>& append_to);

std::string to_hex(Octets octets);
/// Appends the octets of an even number of hex digits (blanks are skipped); false if it is not hex.
bool from_hex(std::string_view hex, std::vector<std::uint8_t>& append_to);

}  // namespace tact::smpp
