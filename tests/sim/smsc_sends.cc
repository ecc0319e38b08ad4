// SPDX-License-Identifier: Apache-2.0
// What a carrier sends of itself: receipts in all their spellings, and what handsets write.
#include <algorithm>
#include <cstdio>

#include "smpp/receipt.h"
#include "smpp/segment.h"
#include "tests/sim/rules.h"
#include "tests/sim/smsc.h"

namespace tact::sim {
namespace {

using namespace std::chrono_literals;

std::string format(const char* how, uint64_t n) {
  char text[32];
  std::snprintf(text, sizeof text, how, static_cast<unsigned long long>(n));
  return text;
}

// A text, and what it does to MARKETING of the sender that it is written to: 1 ends it, -1 allows
// it again.
struct Words {
  const char* text;
  int effect;
};
constexpr Words kWords[] = {{"TD", 1},   {"T", 1},           {"回T", 1},       {"R", 1},
                            {"退订", 1}, {"拒收请回复R", 1}, {"STOP", 1},      {"我要订阅", -1},
                            {"帮助", 0}, {"已经还了", 0},    {"T恤多少钱", 0}, {"2", 0}};

}  // namespace

std::string Smsc::spell_response(uint64_t n) {
  switch (carrier_.ids) {
    case IdForm::same:
      return format("a%llx", n);
    case IdForm::padded:
      return format("%020llu", n);
    case IdForm::hex_then_decimal:
      return format(chance_.coin() ? "%08llX" : "%08llx", n);
    case IdForm::decimal_then_hex:
      return format("%llu", n);
  }
  return {};
}

std::string Smsc::spell_receipt(uint64_t n) {
  switch (carrier_.ids) {
    case IdForm::same:
      return format(chance_.coin() ? "a%llx" : "A%llX", n);
    case IdForm::padded:
      return format("%llu", n);
    case IdForm::hex_then_decimal:
      return format("%010llu", n);
    case IdForm::decimal_then_hex:
      return format("%llX", n);
  }
  return {};
}

void Smsc::plan_receipts(std::optional<size_t> submission, uint64_t n, const std::string& to,
                         const std::string& from, std::optional<uint16_t> reference,
                         Mono answered_at) {
  const auto share = [&](uint32_t p) { return !calm_ && chance_.permille(p); };
  if (share(carrier_.receipt_never)) return;
  using State = smpp::MessageState;
  constexpr State kBad[] = {State::undeliverable, State::expired, State::rejected, State::deleted};
  const State state =
      chance_.permille(carrier_.receipt_undelivered) ? chance_.one_of(kBad) : State::delivered;
  Mono at = answered_at + chance_.between(carrier_.receipt_min, carrier_.receipt_max);
  if (share(carrier_.receipt_early)) at = chance_.between(agenda_.now(), answered_at);
  if (share(carrier_.receipt_enroute)) {
    receipt(submission, n, to, from, reference, State::enroute, at, 1);
    at += chance_.between(1ms, 5s);
  }
  receipt(submission, n, to, from, reference, state, at, share(carrier_.receipt_twice) ? 2 : 1);
}

void Smsc::receipt(std::optional<size_t> submission, uint64_t n, const std::string& to,
                   const std::string& from, std::optional<uint16_t> reference,
                   smpp::MessageState state, Mono at, int copies) {
  Delivery delivery;
  delivery.from = chance_.permille(200) ? "+" + to : to;
  delivery.to = from;
  delivery.esm_class = smpp::kReceiptType;
  delivery.state = state;
  delivery.submission = submission;
  delivery.copies = copies;
  const std::string id = spell_receipt(n);
  if (carrier_.receipt_tlv_only || carrier_.receipt_tlv_too) {
    delivery.receipted_id = id;
    delivery.state_tlv = true;
  }
  if (!carrier_.receipt_tlv_only) {
    smpp::ReceiptText text;
    text.id = id;
    text.submit_date = text.done_date = "2603181015";
    text.state = state;
    smpp::format_receipt(text, delivery.octets);
    const size_t behind_state = delivery.octets.find(" err:");
    if (chance_.permille(carrier_.receipt_cut) && behind_state != std::string::npos) {
      delivery.octets.resize(behind_state);
    }
  }
  if (carrier_.receipt_reference) delivery.reference = reference;
  deliveries_.push_back(std::move(delivery));
  agenda_.at(at, [this, index = deliveries_.size() - 1] { deliver(index); });
}

void Smsc::reply() {
  if (calm_) return;
  const Words& words = chance_.one_of(kWords);
  const auto tenants = plan_.settings.tenants.size();
  const std::string from = chance_.one_of(plan_.numbers);
  const std::string to = kSenders[chance_.below(tenants)].source;
  std::string text = words.text;
  int effect = words.effect;
  if (chance_.permille(200)) {  // too long for one part, and not a word of the above
    text = "您好，我想了解一下";
    for (uint64_t k = chance_.between(8, 20); k > 0; --k) text += "这张卡的年费是多少😀";
    effect = 0;
  }
  const size_t reply = audit_.reply_sent(from, to, text, effect);
  smpp::Segments segments;
  smpp::SplitOptions options;
  options.reference = next_reference_++;
  options.concat = smpp::Concat::udh8;
  options.dialect = settings_.dialect;
  segments.split(text, options);
  reply_parts_[reply] = segments.size();
  std::vector<size_t> parts;
  for (int k = 0; k < segments.size(); ++k) {
    const smpp::Part part = segments.part(k);
    Delivery delivery;
    delivery.from = from;
    delivery.to = to;
    delivery.octets.assign(part.short_message.begin(), part.short_message.end());
    delivery.esm_class = part.esm_class;
    delivery.data_coding = part.data_coding;
    delivery.reply = reply;
    // Whoever allows again must not be heard once more after a later refusal.
    if (effect == 0 && chance_.permille(100)) {
      delivery.copies = 2;
      audit_.reply_doubled(reply);
    }
    deliveries_.push_back(std::move(delivery));
    parts.push_back(deliveries_.size() - 1);
  }
  for (size_t k = parts.size(); k > 1; --k) std::swap(parts[k - 1], parts[chance_.below(k)]);
  for (const size_t delivery : parts) deliver_in(delivery, chance_.between(0ms, 300ms));
}

}  // namespace tact::sim
