// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/parked.h"

#include "gateway/engine/awaiting.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr std::chrono::hours kPatience{1};
constexpr size_t kMax = 1'000'000;
}  // namespace

void Parked::start(StoreReader& reader) {
  const std::string begin = route_seq_key(settings_.id, 0);
  reader.scan(Table::parked, begin, prefix_end(begin.substr(0, 2)),
              [&](std::string_view key, std::string_view value) {
                RecordReader r({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
                Held held;
                held.seq = key_u64(key, 2);
                held.receipt.number = r.integer<uint64_t>();
                held.receipt.at = from_ms(r.integer<int64_t>());
                held.receipt.state = static_cast<smpp::MessageState>(r.integer<uint8_t>());
                held.receipt.id = r.string<uint8_t>();
                held.receipt.error = r.string<uint8_t>();
                next_seq_ = held.seq + 1;
                if (r.ok()) insert(std::move(held));
                return true;
              });
}

bool Parked::park(const Receipt& receipt) {
  if (held_.size() >= kMax) return false;
  Bytes bytes;
  RecordWriter w(bytes);
  w.integer(receipt.number);
  w.integer(to_ms(receipt.at));
  w.integer(static_cast<uint8_t>(receipt.state));
  w.string<uint8_t>(receipt.id);
  w.string<uint8_t>(receipt.error);
  const uint64_t seq = next_seq_++;
  context_.out.put(Table::parked, route_seq_key(settings_.id, seq),
                   std::string(bytes.begin(), bytes.end()));
  insert({receipt, seq});
  return true;
}

void Parked::insert(Held held) {
  order_.push_back(held.seq);
  index(held, true);
  held_.emplace(held.seq, std::move(held));
}

// Under every spelling that a response could have given the id.
void Parked::index(const Held& held, bool add) {
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  smpp::aliases(held.receipt.id, rule, [&](std::string_view spelling) {
    const uint64_t hash = alias_hash(canonical_id(spelling), held.receipt.number);
    if (add) {
      by_id_[hash] = held.seq;
    } else if (const auto it = by_id_.find(hash); it != by_id_.end() && it->second == held.seq) {
      by_id_.erase(it);
    }
  });
}

std::optional<Parked::Receipt> Parked::claim(std::string_view response_id, NumberHash number) {
  if (by_id_.empty()) return std::nullopt;
  const auto it = by_id_.find(alias_hash(canonical_id(response_id), number));
  if (it == by_id_.end()) return std::nullopt;
  const uint64_t seq = it->second;
  Receipt receipt = held_.at(seq).receipt;
  erase(seq);
  return receipt;
}

void Parked::erase(uint64_t seq) {
  const auto it = held_.find(seq);
  index(it->second, false);
  context_.out.erase(Table::parked, route_seq_key(settings_.id, seq));
  held_.erase(it);
}

void Parked::expire() {
  while (!order_.empty()) {
    const auto it = held_.find(order_.front());
    if (it != held_.end()) {
      if (it->second.receipt.at + kPatience > context_.now.civil) return;
      erase(order_.front());
    }
    order_.pop_front();
  }
}

}  // namespace tact::gateway
