// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/long_reply.h"

#include <algorithm>

#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr std::chrono::minutes kPatience{10};
constexpr size_t kOpenMax = 10'000;
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
                const Civil at = from_ms(r.integer<int64_t>());
                Key open{};
                open.reference = r.integer<uint16_t>();
                open.total = r.integer<uint8_t>();
                const auto index = r.integer<uint8_t>();
                open.wide = r.integer<uint8_t>() != 0;
                open.from = r.string<uint16_t>();
                open.to = r.string<uint16_t>();
                const std::string text(r.string<uint16_t>());
                if (!r.ok() || r.left() != 0) return skip_unreadable();
                auto& reply = open_[open];
                if (reply.parts.empty()) reply.first = at;
                reply.parts[index] = {text, std::string(key)};
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
                                                    std::string_view text) {
  Key key{std::string(from), std::string(to), part.reference, part.total, part.wide_reference};
  const auto it = open_.try_emplace(std::move(key)).first;
  Open& open = it->second;
  if (open.parts.empty()) open.first = context_.now.civil;
  if (open.parts.contains(part.index)) return std::nullopt;
  if (open.parts.size() + 1 == part.total) {
    open.parts[part.index] = {std::string(text), ""};
    return close(it);
  }
  Bytes body;
  RecordWriter w(body);
  w.integer(to_ms(context_.now.civil));
  w.integer(part.reference);
  w.integer(part.total);
  w.integer(part.index);
  w.integer(static_cast<uint8_t>(part.wide_reference));
  for (const std::string_view s : {from, to, text}) w.string<uint16_t>(s);
  std::string disk = route_seq_key(route_, next_seq_++);
  context_.out.put(Table::parts, disk, seal_batch(0, 1, body, context_.sealer));
  open.parts[part.index] = {std::string(text), std::move(disk)};
  return std::nullopt;
}

LongReplies::Whole LongReplies::close(std::map<Key, Open>::iterator it) {
  Whole whole{it->first.from, it->first.to, "", it->second.first, {}};
  for (auto& [index, part] : it->second.parts) {
    whole.text += part.first;
    if (!part.second.empty()) whole.stored.push_back(std::move(part.second));
  }
  open_.erase(it);
  return whole;
}

std::optional<LongReplies::Whole> LongReplies::overdue() {
  if (open_.size() > kOpenMax) {
    return close(std::min_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
      return a.second.first < b.second.first;
    }));
  }
  for (auto it = open_.begin(); it != open_.end(); ++it) {
    if (it->second.first + kPatience <= context_.now.civil) return close(it);
  }
  return std::nullopt;
}

std::optional<Civil> LongReplies::next_due() const {
  std::optional<Civil> due;
  for (const auto& [key, open] : open_) {
    if (!due || open.first + kPatience < *due) due = open.first + kPatience;
  }
  return due;
}

}  // namespace tact::gateway
