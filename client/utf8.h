// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace tact::client {

// Well-formed by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// Columns that a terminal gives the text: 2 for East Asian wide characters and emoji, 0 for marks
// that combine, 1 for the rest and for each octet that is not UTF-8. Good enough to align a table,
// no replacement for a font.
std::size_t display_width(std::string_view text);

}  // namespace tact::client
