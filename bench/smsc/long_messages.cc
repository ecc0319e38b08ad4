// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/long_messages.h"

#include "smpp/utf8.h"

namespace tact::bench {
namespace {

std::string key_of(const smpp::SubmitSm& pdu, const smpp::PartInfo& info) {
  std::string key(pdu.destination_addr);
  key += info.wide_reference ? '/' : '|';
  key += std::to_string(info.reference);
  key += '|';
  key += pdu.source_addr;
  return key;
}

}  // namespace

const std::string* LongMessages::take(const smpp::SubmitSm& pdu, const smpp::PartInfo& info,
                                      const std::string& text, bool accepted, uint64_t link,
                                      LastPart& last) {
  if (messages_.size() > kMessagesMax) messages_.clear();
  const std::string key = key_of(pdu, info);
  const auto [place, fresh] = messages_.try_emplace(key);
  Message& message = place->second;
  if (fresh) {
    message.link = link;
    message.total = info.total;
  }
  judge(message, info, link, last, key);
  last = {key, info.index};
  if (!accepted) {
    message.refused = true;
    return nullptr;
  }
  message.texts.try_emplace(info.index, text);
  if (static_cast<int>(message.texts.size()) < message.total) return nullptr;
  whole_.clear();
  for (int index = 1; index <= message.total; ++index) whole_ += message.texts[index];
  smpp::utf8::join_halves(whole_);
  messages_.erase(place);
  return &whole_;
}

void LongMessages::judge(const Message& message, const smpp::PartInfo& info, uint64_t link,
                         const LastPart& last, const std::string& key) {
  if (message.total != info.total) statistics_.count(Violation::parts_inconsistent);
  if (message.refused) return;
  if (message.link != link) {
    statistics_.count(Violation::parts_on_different_binds);
  } else if (info.index > 1 && (last.message != key || last.index != info.index - 1)) {
    statistics_.count(Violation::parts_not_in_a_row);
  }
}

}  // namespace tact::bench
