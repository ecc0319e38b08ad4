// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "smpp/codec.h"
#include "smpp/text.h"

namespace tact::client {

// What a PDU looks like to a person and to a program. `frame` is what it was decoded from.

// All fields of the PDU by their names, octets as hex; and what is inside of a message, so far as
// there is any: `part` of a longer one, `udh`, `text`, `receipt`, and `not_read`, the octets at the
// end that are no parameter. `dialect`: what the
// carrier means by a text.
boost::json::object json_of(const smpp::Pdu& pdu, smpp::Octets frame, const smpp::Dialect& dialect);

// The line of smpp::print, and behind a # what is inside and cannot be read already; smpp::parse
// makes octets of it again. `mask`: neither numbers nor texts are shown.
std::string line_of(const smpp::Pdu& pdu, smpp::Octets frame, const smpp::Dialect& dialect,
                    bool mask);

// Octets at the end that are no parameter: damaged, and passed over by whoever reads the PDU.
std::size_t octets_not_read(const smpp::Pdu& pdu, smpp::Octets frame);

// "ESME_RINVMSGLEN at 50 (short_message)".
std::string to_string(const smpp::CodecResult& fault);

}  // namespace tact::client
