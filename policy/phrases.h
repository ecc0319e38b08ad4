// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tact::policy {

// The closed phrases of the reply rule (POLICY 4.2), each one regular expression over folded text.
// Chinese ones expect a text without blanks, but for opt_out_word and question.
enum class Phrase {
  opt_out_word,     // whole: a keyword, a marker echoed, a keyword repeated
  opt_out_letters,  // whole, after joining letters: S T O P
  refusal,          // whole: 我要退订, 别再给我发短信, 再发就投诉
  english_refusal,  // whole: don't text me again
  courtesy,         // whole clause that says nothing: 你好, 不好意思, 谢谢
  reason,           // whole clause behind a keyword: 不需要, 太烦了
  condition,        // in a first clause that takes the second one's word back: 如果, 为什么
  stop_all,         // in an opt-out: everything
  negation,         // in: 没有退订
  question,         // in: 怎么退订
  opt_in,           // whole
  opt_in_letters,   // whole, after joining letters
  help,             // whole
  suspect,          // in: what a person should see
  wrong_party,      // in
  wrong_english,
  dispute,  // in
  dispute_english,
};

// Whole or in, as the phrase says.
bool matches(Phrase, std::string_view utf8);

}  // namespace tact::policy
