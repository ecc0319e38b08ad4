// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Telephone numbers as digits with country code ("8613800138000", ITU-T E.164): the one form that
// opt-outs, caps and receipts are kept under.
namespace tact::policy {

// The digits of a number as producers and operators must write it, with or without "+". Empty: it
// is none (7 to 15 digits, the first not 0; ITU-T E.164 sets the 15).
std::string_view e164_digits(std::string_view to);

// Are these the digits of a mobile number of that country as they are written at home, without its
// code? Known for 86 only (1[3-9] and nine more digits: national numbering plan of the MIIT); for
// others always false.
bool national_form(std::string_view digits, uint16_t country_code);

// What carriers write for a number, in E.164 digits: "+86138...", "0086138..." and "86138...", and
// for numbers of `country_code` also "138..." and "0138...". A short code or a name comes back as
// it is.
std::string carrier_digits(std::string_view number, uint16_t country_code);

}  // namespace tact::policy
