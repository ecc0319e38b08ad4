// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/suspects.h"

#include <algorithm>

#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr uint8_t kFormat = 1;
}

std::string encode_suspect(const Suspect& s, Sealer& sealer) {
  Bytes body;
  RecordWriter w(body);
  w.integers(kFormat, to_ms(s.at), s.number, raw(s.brand), raw(s.account), raw(s.last), s.reasons);
  w.string<uint16_t>(s.handset);
  w.string<uint16_t>(s.text);
  return seal_batch(0, 1, body, sealer);
}

std::optional<Suspect> decode_suspect(std::string_view key, std::string_view value,
                                      Sealer& sealer) {
  if (key.size() != 11) return std::nullopt;
  const auto batch =
      open_batch({reinterpret_cast<const uint8_t*>(value.data()), value.size()}, sealer);
  if (!batch) return std::nullopt;
  RecordReader r(batch->body);
  if (r.integer<uint8_t>() != kFormat) return std::nullopt;
  Suspect s;
  s.id = static_cast<MessageId>(key_u64(key, 3));
  s.at = from_ms(r.integer<int64_t>());
  s.number = r.integer<uint64_t>();
  s.brand = BrandId{r.integer<uint16_t>()};
  s.account = AccountId{r.integer<uint16_t>()};
  s.last = static_cast<Class>(r.integer<uint8_t>());
  s.reasons = r.integer<uint8_t>();
  s.handset = r.string<uint16_t>();
  s.text = r.string<uint16_t>();
  return r.ok() ? std::optional(std::move(s)) : std::nullopt;
}

std::string masked(std::string_view digits) {
  constexpr size_t kTail = 4;
  const size_t head = digits.size() > 2 * kTail ? digits.size() - 2 * kTail : 0;
  const size_t tail = std::min(kTail, digits.size() / 2);
  return std::string(digits.substr(0, head)) + "****" +
         std::string(digits.substr(digits.size() - tail));
}

void Suspects::start(StoreReader& reader) {
  const std::string begin = fact_key(tenant_, kSuspectFact, 0);
  reader.scan(Table::facts, begin, prefix_end(std::string_view(begin).substr(0, 3)),
              [&](std::string_view key, std::string_view value) {
                auto suspect = decode_suspect(key, value, context_.sealer);
                if (!suspect) {
                  context_.stats.unreadable.add();
                  return true;
                }
                suspect->handset.clear();
                suspect->text.clear();
                waiting_.emplace(suspect->id, std::move(*suspect));
                return true;
              });
  auto& waiting = context_.stats.suspects_waiting;
  waiting.set(waiting.get() + waiting_.size());
}

void Suspects::add(const Suspect& suspect) {
  if (waiting_.size() >= kMax) {
    const auto oldest =
        std::ranges::min_element(waiting_, {}, [](const auto& held) { return held.second.at; });
    context_.stats.suspects_forgotten.add();
    forget(oldest);
  }
  context_.out.put(Table::facts, fact_key(tenant_, kSuspectFact, raw(suspect.id)),
                   encode_suspect(suspect, context_.sealer));
  Suspect& held = waiting_[suspect.id] = suspect;
  held.handset.clear();
  held.text.clear();
  context_.stats.suspects_waiting.add();
}

const Suspect* Suspects::find(MessageId reply) const {
  const auto at = waiting_.find(reply);
  return at == waiting_.end() ? nullptr : &at->second;
}

void Suspects::end(MessageId reply) {
  const auto at = waiting_.find(reply);
  if (at != waiting_.end()) forget(at);
}

void Suspects::forget(std::map<MessageId, Suspect>::iterator which) {
  context_.out.erase(Table::facts, fact_key(tenant_, kSuspectFact, raw(which->first)));
  waiting_.erase(which);
  auto& waiting = context_.stats.suspects_waiting;
  waiting.set(waiting.get() - 1);
}

bool Suspects::held_by_another(const Suspect& suspect, Suspect::Reason reason) const {
  return std::ranges::any_of(waiting_, [&](const auto& each) {
    const Suspect& other = each.second;
    const bool over =
        reason != Suspect::kWrongParty && other.at + kSuspectHold <= context_.now.civil;
    if (over) return false;
    return other.id != suspect.id && other.number == suspect.number &&
           other.brand == suspect.brand && (other.reasons & reason) != 0;
  });
}

void Suspects::expire() {
  const Civil limit = context_.now.civil - kSuspectKept;
  while (!waiting_.empty() && waiting_.begin()->second.at < limit) {
    context_.stats.suspects_forgotten.add();
    forget(waiting_.begin());
  }
}

}  // namespace tact::gateway
