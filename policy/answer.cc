// SPDX-License-Identifier: Apache-2.0
#include "policy/answer.h"

#include "policy/compiled.h"
#include "policy/number.h"

namespace tact::policy {
namespace {

// With the brand's signature in the place of {brand}.
std::string in_name_of(const RuleSet& rules, uint16_t brand, std::string text) {
  constexpr std::string_view kPlace = "{brand}";
  const BrandSpec* spec = rules.brand(brand);
  const size_t at = text.find(kPlace);
  if (spec == nullptr || spec->signatures.empty() || at == std::string::npos) return text;
  return text.replace(at, kPlace.size(), spec->signatures.front());
}

}  // namespace

ReplyContext reply_context(const RuleSet& rules, uint16_t account, bool menu_open) {
  ReplyContext context;
  const auto words = rules.impl().reply_words.find(account);
  if (words == rules.impl().reply_words.end()) return context;
  context.keywords = words->second.opt_out;
  if (menu_open) context.menu = words->second.menu;
  return context;
}

Answer answer_to(const RuleSet& rules, uint16_t account, uint16_t brand, std::string_view from,
                 const Reply& reply, bool fresh) {
  const AccountSpec* spec = rules.account(account);
  const std::string_view digits = e164_digits(from);
  if (spec == nullptr || digits.empty()) return {};
  const RepliesSpec& replies = spec->replies;
  Answer answer;
  if (reply.kind == Reply::Kind::help) {
    answer.text = replies.help;
  } else if (reply.kind == Reply::Kind::menu && reply.item <= replies.menu.size()) {
    answer.text = replies.menu[reply.item - 1u].answer;
  } else if (reply.kind == Reply::Kind::opt_out && fresh) {
    answer.confirmation = true;
    answer.text = replies.opt_out;
    if (answer.text.empty()) answer.text = rules.impl().country(digits)->confirmation;
  }
  answer.text = in_name_of(rules, brand, std::move(answer.text));
  return answer;
}

}  // namespace tact::policy
