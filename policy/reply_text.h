// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tact::policy {

// A reply after POLICY 4.1: folded (NFKC, lower case, Simplified), invisible characters and symbols
// away, quotes and trailers of clients cut off, one line, trimmed.
struct ReplyText {
  std::string
      text;  // and, if short, Cyrillic and Greek look-alikes folded; "?": question marks only
  std::string plain;  // without that last step
};
ReplyText reply_text(std::string_view utf8);

std::string_view first_characters(std::string_view utf8, size_t n);
size_t length(std::string_view utf8);  // in characters

// Punctuation, symbols and blanks cut off at both ends.
std::string trimmed(std::string_view);
// Blanks taken out everywhere.
std::string without_blanks(std::string_view);
// Latin letters joined over blanks and - _ . / · between them, if the text has nothing else:
// "s t o p", "opt-out". A text with anything else comes back as it is.
std::string joined_letters(std::string_view);
// Without courtesies behind ("谢谢", "吧", "thank you").
std::string without_courtesy(std::string_view);
// Without a reply verb before ("回复", "reply:").
std::string without_verb(std::string_view);
// Without a verb of choosing before ("我选", "按").
std::string without_choice(std::string_view);
// Takes the number n (digits, or 一 to 九) and a light separator off the front; false: not there,
// or more digits follow.
bool take_number(std::string&, size_t n);
// The parts between punctuation, trimmed, empty ones left out.
std::vector<std::string> clauses(std::string_view);

}  // namespace tact::policy
