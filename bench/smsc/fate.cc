// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/fate.h"

#include <charconv>
#include <cstring>

namespace tact::bench {
namespace {

constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
constexpr uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

uint64_t mix_octets(uint64_t hash, const void* data, std::size_t size) {
  const auto* octets = static_cast<const unsigned char*>(data);
  hash ^= size * kGolden;
  for (; size >= 8; octets += 8, size -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, octets, 8);
    hash = mix(hash + word + kGolden);
  }
  uint64_t rest = 0;
  for (std::size_t i = 0; i < size; ++i) rest |= uint64_t{octets[i]} << (8 * i);
  return mix(hash + rest + kGolden);
}

// A stream of draws; which draw means what is the order of decide().
class Draws {
 public:
  explicit Draws(uint64_t seed) : state_(seed) {}

  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  smpp::Mono delay(const Delay& delay) {
    const auto at = [](const DelayRange& range, double part) {
      const auto width = static_cast<double>((range.max - range.min).count());
      return range.min + std::chrono::microseconds(static_cast<int64_t>(part * width));
    };
    double left = unit(), rest = 1;
    for (const auto& share : delay.tail) {
      if (left < share.share) return at(share.choice, left / share.share);
      left -= share.share;
      rest -= share.share;
    }
    return at(delay.usual, rest > left ? left / rest : 0);
  }
  // Which of the list, or -1.
  template <class Choice>
  int index(const std::vector<Share<Choice>>& shares) {
    double left = unit();
    for (std::size_t i = 0; i < shares.size(); ++i) {
      if (left < shares[i].share) return static_cast<int>(i);
      left -= shares[i].share;
    }
    return -1;
  }
  template <class Choice>
  Choice pick(const std::vector<Share<Choice>>& shares, Choice otherwise) {
    const int found = index(shares);
    return found < 0 ? otherwise : shares[static_cast<std::size_t>(found)].choice;
  }

 private:
  uint64_t next() { return mix(state_ += kGolden); }

  uint64_t state_;
};

MessageIdText number_text(uint64_t value, int base, std::size_t digits_min) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, base);
  const auto count = static_cast<std::size_t>(end - digits);
  const std::size_t zeros = count < digits_min ? digits_min - count : 0;
  MessageIdText id;
  std::memset(id.text, '0', zeros);
  std::memcpy(id.text + zeros, digits, count);
  id.size = static_cast<uint8_t>(zeros + count);
  return id;
}

constexpr std::size_t kDecimalDigits = 10;  // v3.4 Appendix B: the id of a receipt has ten

}  // namespace

uint64_t fingerprint(const smpp::SubmitSm& pdu) {
  const smpp::Octets text = pdu.payload();
  uint64_t hash = mix_octets(0, pdu.destination_addr.data(), pdu.destination_addr.size());
  hash = mix_octets(hash, text.data(), text.size());
  const uint32_t reference = pdu.tlvs.encoded().empty()
                                 ? 0
                                 : pdu.tlvs.u16(smpp::Tag::user_message_reference).value_or(0) + 1u;
  return mix(hash + reference);
}

Fate decide(const Scenario& scenario, uint64_t fingerprint, uint32_t attempt) {
  Draws draws(mix(scenario.seed + kGolden) ^ (fingerprint + attempt * kGolden));
  Fate fate;
  fate.status = draws.pick(scenario.statuses, smpp::Status::ESME_ROK);
  fate.withhold = draws.unit() < scenario.withhold_responses;
  fate.response_delay = draws.delay(scenario.response_delay);
  fate.receipt_delay = draws.delay(scenario.receipt_delay);
  fate.state = draws.pick(scenario.receipt_states, smpp::MessageState::delivered);
  fate.reply_delay = draws.delay(scenario.reply_delay);
  fate.receipt_doubled = draws.unit() < scenario.double_receipts;
  fate.second_receipt_delay = draws.delay(scenario.receipt_delay);
  const bool cut = draws.unit() < scenario.truncate_receipts;
  const auto kept = static_cast<uint8_t>(draws.unit() * kWholeReceipt);
  if (cut) fate.receipt_kept = kept;
  fate.unasked_reply = draws.index(scenario.unasked_replies);
  return fate;
}

MessageIdText response_id(const Scenario& scenario, uint64_t n) {
  const uint64_t id = scenario.id_start + n;
  switch (scenario.id_format) {
    case IdFormat::dec:
      return number_text(id, 10, kDecimalDigits);
    case IdFormat::hex:
    case IdFormat::hex_receipt_dec:
      return number_text(id, 16, 1);
    case IdFormat::alnum:
      break;
  }
  MessageIdText text = number_text(id, 36, 8);
  std::memmove(text.text + 3, text.text, text.size);
  std::memcpy(text.text, "mc-", 3);
  text.size += 3;
  return text;
}

MessageIdText receipt_id(const Scenario& scenario, uint64_t n) {
  if (scenario.id_format != IdFormat::hex_receipt_dec) return response_id(scenario, n);
  return number_text(scenario.id_start + n, 10, kDecimalDigits);
}

}  // namespace tact::bench
