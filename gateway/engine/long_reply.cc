// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/long_reply.h"

#include <algorithm>

#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr std::chrono::minutes kPatience{10};
constexpr size_t kOpenMax = 10'000, kHeldOctetsMax = 64u << 20, kPartOctetsMax = 1'024;
constexpr uint8_t kWide = 1, kOctets = 2;  // flags

void write_text(RecordWriter<Bytes>& w, const smpp::PartText& text) {
  w.string<uint16_t>({reinterpret_cast<const char*>(text.octets.data()), text.octets.size()});
  w.integer(static_cast<uint8_t>(*text.coding));
  w.integer(static_cast<uint8_t>(text.shift.locking));
  w.integer(static_cast<uint8_t>(text.shift.single));
}

// Nothing: damaged.
std::optional<smpp::PartText> read_text(RecordReader& r, bool octets) {
  smpp::PartText text = smpp::PartText::utf8(r.string<uint16_t>());
  if (!octets) return text;
  const auto coding = r.integer<uint8_t>(), locking = r.integer<uint8_t>(),
             single = r.integer<uint8_t>();
  if (coding > static_cast<uint8_t>(smpp::Coding::gbk) || locking >= smpp::kLanguageCount ||
      single >= smpp::kLanguageCount) {
    return std::nullopt;
  }
  text.coding = static_cast<smpp::Coding>(coding);
  text.shift = {static_cast<smpp::Language>(locking), static_cast<smpp::Language>(single)};
  return text;
}
}  // namespace

void LongReplies::start(StoreReader& reader) {
  const std::string begin = route_seq_key(route_, 0);
  reader.scan(Table::parts, begin, prefix_end(begin.substr(0, 2)),
              [&](std::string_view key, std::string_view value) {
                next_seq_ = std::max(next_seq_, key_u64(key, 2) + 1);
                const auto batch =
                    open_batch({reinterpret_cast<const uint8_t*>(value.data()), value.size()},
                               context_.sealer);
                if (!batch) return skip_unreadable();
                RecordReader r(batch->body);
                const auto at_ms = r.integer<int64_t>();
                smpp::Joiner::Origin origin;
                origin.reference = r.integer<uint16_t>();
                origin.total = r.integer<uint8_t>();
                const auto index = r.integer<uint8_t>();
                const auto flags = r.integer<uint8_t>();
                origin.wide_reference = (flags & kWide) != 0;
                origin.from = r.string<uint16_t>();
                origin.to = r.string<uint16_t>();
                auto text = read_text(r, (flags & kOctets) != 0);
                const bool is_part = index >= 1 && index <= origin.total;
                if (!r.ok() || r.left() != 0 || !is_part || !text) return skip_unreadable();
                joiner_.add(origin, index, std::move(*text), key_u64(key, 2), at_ms);
                return true;
              });
}

// Left where it is: the rest of the reply is still worth reading.
bool LongReplies::skip_unreadable() {
  context_.stats.unreadable.add();
  return true;
}

std::optional<LongReplies::Whole> LongReplies::take(const smpp::PartInfo& part,
                                                    std::string_view from, std::string_view to,
                                                    smpp::PartText text) {
  text.octets.resize(std::min(text.octets.size(), kPartOctetsMax));
  const smpp::Joiner::Origin origin{std::string(from), std::string(to), part.reference, part.total,
                                    part.wide_reference};
  const int64_t now_ms = to_ms(context_.now.civil);
  const bool last = joiner_.missing(origin) == 1;
  Bytes body;
  RecordWriter w(body);
  w.integer(now_ms);
  w.integer(part.reference);
  w.integer(part.total);
  w.integer(part.index);
  w.integer(static_cast<uint8_t>((part.wide_reference ? kWide : 0) | kOctets));
  for (const std::string_view s : {from, to}) w.string<uint16_t>(s);
  write_text(w, text);
  if (!joiner_.add(origin, part.index, std::move(text), last ? 0 : next_seq_, now_ms)) {
    return std::nullopt;
  }
  if (last) return closed(joiner_.take(origin));
  context_.out.put(Table::parts, route_seq_key(route_, next_seq_++),
                   seal_batch(0, 1, body, context_.sealer));
  return std::nullopt;
}

std::optional<LongReplies::Whole> LongReplies::closed(
    std::optional<smpp::Joiner::Joined> joined) const {
  if (!joined) return std::nullopt;
  Whole whole{std::move(joined->origin.from),
              std::move(joined->origin.to),
              std::move(joined->text),
              from_ms(joined->since_ms),
              {},
              {}};
  for (const uint64_t seq : joined->tags) whole.stored.push_back(route_seq_key(route_, seq));
  return whole;
}

std::optional<LongReplies::Whole> LongReplies::overdue() {
  const auto due = next_due();
  const bool over = (due && *due <= context_.now.civil) || joiner_.size() > kOpenMax ||
                    joiner_.octets() > kHeldOctetsMax;
  return over ? closed(joiner_.take_oldest()) : std::nullopt;
}

std::optional<Civil> LongReplies::next_due() const {
  const auto oldest = joiner_.oldest_ms();
  if (!oldest) return std::nullopt;
  return from_ms(*oldest) + kPatience;
}

}  // namespace tact::gateway
