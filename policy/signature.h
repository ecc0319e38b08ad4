// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "policy/contact.h"
#include "policy/normalise.h"

namespace tact::policy {

// The brackets 【】 of a text (POLICY 2.4: reserved for the one signature, at head or tail).
struct Signature {
  enum class Place : uint8_t { none, head, tail, elsewhere };
  Place place = Place::none;
  bool several = false;   // more than one bracket of either kind
  std::string_view name;  // between the brackets, as written
  size_t begin = 0;       // of the opening bracket
};
Signature find_signature(std::string_view utf8);

// The opt-out marker of a folded text: 拒收请回复R, 退订回T, 回TD退订, TD退订, Reply STOP to opt
// out ... The last one counts.
struct Marker {
  bool found = false;
  bool at_end = false;         // nothing but punctuation and the signature behind it
  bool live = false;           // the keyword is one that decide() honours
  KeywordMask advertised = 0;  // of all markers in the text
};
Marker find_marker(const Folded&);
// In a text as it was written.
Marker find_marker(std::string_view utf8);

// `text` with the marker at its end, before a signature at the tail.
std::string append_marker(std::string_view text, std::string_view marker);

}  // namespace tact::policy
