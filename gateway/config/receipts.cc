// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>

#include "gateway/config/context.h"
#include "smpp/receipt.h"

// How a carrier words its receipts.
namespace tact::gateway::config {
namespace {

constexpr int kWordsMax = 8, kStatesMax = 32;
constexpr std::size_t kWordOctets = 32;

template <class Words>
std::vector<std::string> read_words(const Words& words, const std::string& path, Context& context) {
  for (int i = 0; i < words.size(); ++i) {
    context.check_not_empty(item(path, i), words[i]);
    context.check_ascii(item(path, i), words[i], kWordOctets);
  }
  if (words.size() > kWordsMax) {
    context.problem(path, path + " has more than " + std::to_string(kWordsMax));
  }
  return {words.begin(), words.end()};
}

std::optional<smpp::MessageState> state_named(const std::string& word) {
  const auto state = smpp::state_of(word);
  return state && smpp::name(*state) == word ? state : std::nullopt;
}

}  // namespace

smpp::ReceiptForm read_receipt_form(const proto::Route& route, const std::string& path,
                                    Context& context) {
  smpp::ReceiptForm out;
  if (!route.has_receipt_form()) return out;
  const proto::ReceiptForm& form = route.receipt_form();
  const std::string at = path + ".receipt_form";
  out.id = read_words(form.id(), at + ".id", context);
  out.stat = read_words(form.stat(), at + ".stat", context);
  out.err = read_words(form.err(), at + ".err", context);
  for (const auto& [own, word] :
       std::map<std::string, std::string>(form.states().begin(), form.states().end())) {
    const auto state = state_named(word);
    if (!state) context.problem(at + ".states." + own, "no state of SMPP: \"" + word + '"');
    out.states.emplace_back(own, state.value_or(smpp::MessageState::unknown));
  }
  if (out.states.size() > kStatesMax) {
    context.problem(at + ".states", at + ".states has more than " + std::to_string(kStatesMax));
  }
  if (out.empty()) context.problem(at, at + " says nothing");
  return out;
}

}  // namespace tact::gateway::config
