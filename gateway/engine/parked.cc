// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/parked.h"

#include "gateway/engine/awaiting.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr std::chrono::hours kPatience{1};
constexpr size_t kMax = 1'000'000;

std::optional<Parked::Receipt> decode(std::string_view value) {
  RecordReader r({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
  Parked::Receipt receipt;
  receipt.number = r.integer<uint64_t>();
  receipt.at = from_ms(r.integer<int64_t>());
  const auto state = r.integer<uint8_t>();
  receipt.state = static_cast<smpp::MessageState>(state);
  receipt.id = r.string<uint8_t>();
  receipt.error = r.string<uint8_t>();
  const bool has_tlvs = r.left() > sizeof(uint16_t);
  const bool has_reference = has_tlvs ? r.integer<uint8_t>() != 0 : r.left() > 0;
  const auto reference = r.ok() && r.left() > 0 ? r.integer<uint16_t>() : uint16_t{0};
  if (has_reference) receipt.message_reference = reference;
  if (has_tlvs) {
    const std::string_view tlvs = r.string<uint16_t>();
    receipt.tlvs.assign(tlvs.begin(), tlvs.end());
  }
  if (!r.ok() || r.left() != 0 || receipt.id.empty()) return std::nullopt;
  if (state > static_cast<uint8_t>(smpp::MessageState::skipped)) return std::nullopt;
  return receipt;
}
}  // namespace

void Parked::start(StoreReader& reader) {
  const std::string begin = route_seq_key(settings_.id, 0);
  reader.scan(Table::parked, begin, prefix_end(begin.substr(0, 2)),
              [&](std::string_view key, std::string_view value) {
                const uint64_t seq = key_u64(key, 2);
                next_seq_ = seq + 1;
                if (auto receipt = decode(value)) {
                  insert({std::move(*receipt), seq});
                } else {
                  context_.stats.unreadable.add();  // left where it is
                }
                return true;
              });
}

Parked::Outcome Parked::park(Receipt receipt) {
  const auto known = by_id_.find(alias_hash(canonical_id(receipt.id), receipt.number));
  if (known != by_id_.end()) {
    Held& held = held_.at(known->second);
    if (is_last(held.receipt.state)) return Outcome::repeated;
    held.receipt.state = receipt.state;
    held.receipt.error = std::move(receipt.error);
    held.receipt.tlvs = std::move(receipt.tlvs);
    put(held);
    return Outcome::kept;
  }
  if (held_.size() >= kMax) return Outcome::full;
  Held held{std::move(receipt), next_seq_++};
  put(held);
  insert(std::move(held));
  return Outcome::kept;
}

void Parked::put(const Held& held) {
  const Receipt& receipt = held.receipt;
  Bytes bytes;
  RecordWriter w(bytes);
  w.integer(receipt.number);
  w.integer(to_ms(receipt.at));
  w.integer(static_cast<uint8_t>(receipt.state));
  w.string<uint8_t>(receipt.id);
  w.string<uint8_t>(receipt.error);
  if (!receipt.tlvs.empty()) {
    w.integer(static_cast<uint8_t>(receipt.message_reference.has_value()));
    w.integer(receipt.message_reference.value_or(0));
    w.string<uint16_t>({reinterpret_cast<const char*>(receipt.tlvs.data()), receipt.tlvs.size()});
  } else if (receipt.message_reference) {
    w.integer(*receipt.message_reference);
  }
  context_.out.put(Table::parked, route_seq_key(settings_.id, held.seq),
                   std::string(bytes.begin(), bytes.end()));
}

void Parked::insert(Held held) {
  order_.push_back(held.seq);
  index(held, true);
  held_.emplace(held.seq, std::move(held));
}

// Under every spelling that a response could have given the id.
void Parked::index(const Held& held, bool add) {
  const Receipt& receipt = held.receipt;
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  smpp::aliases(receipt.id, rule, [&](std::string_view spelling) {
    const uint64_t hash = alias_hash(canonical_id(spelling), receipt.number);
    if (add) {
      by_id_[hash] = held.seq;
    } else if (const auto it = by_id_.find(hash); it != by_id_.end() && it->second == held.seq) {
      by_id_.erase(it);
    }
  });
  if (!receipt.message_reference) return;
  const uint64_t hash = reference_hash(*receipt.message_reference, receipt.number);
  if (add) {
    by_reference_.emplace(hash, held.seq);
    return;
  }
  const auto [begin, end] = by_reference_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (it->second != held.seq) continue;
    by_reference_.erase(it);
    return;
  }
}

std::optional<Parked::Receipt> Parked::claim(std::string_view response_id, NumberHash number) {
  if (response_id.empty()) return std::nullopt;
  const auto it = by_id_.find(alias_hash(canonical_id(response_id), number));
  if (it == by_id_.end()) return std::nullopt;
  return take(it->second);
}

std::optional<Parked::Receipt> Parked::claim(uint16_t message_reference, NumberHash number) {
  const auto it = by_reference_.find(reference_hash(message_reference, number));
  if (it == by_reference_.end()) return std::nullopt;
  return take(it->second);
}

Parked::Receipt Parked::take(uint64_t seq) {
  const auto it = held_.find(seq);
  index(it->second, false);
  context_.out.erase(Table::parked, route_seq_key(settings_.id, seq));
  Receipt receipt = std::move(it->second.receipt);
  held_.erase(it);
  return receipt;
}

void Parked::expire() {
  while (!order_.empty()) {
    const auto it = held_.find(order_.front());
    if (it != held_.end()) {
      if (it->second.receipt.at + kPatience > context_.now.civil) return;
      take(order_.front());
    }
    order_.pop_front();
  }
}

}  // namespace tact::gateway
