// SPDX-License-Identifier: Apache-2.0
#include "smpp/joiner.h"

#include <utility>

#include "smpp/utf8.h"

namespace tact::smpp {

bool Joiner::add(const Origin& origin, std::uint8_t index, std::string text, std::uint64_t tag,
                 std::int64_t now_ms) {
  const auto [it, fresh] = open_.try_emplace(origin, Open{now_ms, {}});
  if (fresh) by_age_.emplace(std::pair(now_ms, &it->first), it);
  return it->second.parts.try_emplace(index, Part{std::move(text), tag}).second;
}

std::size_t Joiner::missing(const Origin& origin) const {
  const auto it = open_.find(origin);
  return origin.total - (it == open_.end() ? 0 : it->second.parts.size());
}

std::optional<Joiner::Joined> Joiner::take(const Origin& origin) {
  const auto it = open_.find(origin);
  if (it == open_.end()) return std::nullopt;
  return close(it);
}

std::optional<Joiner::Joined> Joiner::take_oldest() {
  if (by_age_.empty()) return std::nullopt;
  return close(by_age_.begin()->second);
}

std::optional<std::int64_t> Joiner::oldest_ms() const {
  if (by_age_.empty()) return std::nullopt;
  return by_age_.begin()->first.first;
}

Joiner::Joined Joiner::close(Opens::iterator it) {
  by_age_.erase({it->second.since_ms, &it->first});
  auto closed = open_.extract(it);
  Joined joined;
  joined.origin = std::move(closed.key());
  joined.since_ms = closed.mapped().since_ms;
  for (const auto& [index, part] : closed.mapped().parts) {
    joined.text += part.text;
    if (part.tag != 0) joined.tags.push_back(part.tag);
  }
  utf8::join_halves(joined.text);
  return joined;
}

}  // namespace tact::smpp
