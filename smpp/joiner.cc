// SPDX-License-Identifier: Apache-2.0
#include "smpp/joiner.h"

#include <utility>

#include "smpp/utf8.h"

namespace tact::smpp {
namespace {

/// Parts in a row that are read as one.
class Run {
 public:
  explicit Run(std::string& append_to) : out_(append_to) {}

  bool takes(int index, const PartText& text) const {
    if (parts_.empty()) return true;
    const PartText& front = *parts_.front();
    return index == next_index_ && text.coding && text.coding == front.coding &&
           text.shift == front.shift && !(text.coding == Coding::ucs2 && is_marked(text.octets));
  }

  void add(int index, const PartText& text) {
    parts_.push_back(&text);
    next_index_ = index + 1;
  }

  void read() {
    if (parts_.empty()) return;
    const std::optional<Coding> coding = parts_.front()->coding;
    octets_.clear();
    for (const PartText* part : parts_) {
      octets_.insert(octets_.end(), part->octets.begin(), part->octets.end());
    }
    if (!coding) {
      out_.append(octets_.begin(), octets_.end());
    } else if (coding == Coding::ucs2 && octets_.size() % 2 != 0) {
      for (const PartText* part : parts_) read(part->octets, *coding);
    } else {
      read(octets_, *coding);
    }
    parts_.clear();
  }

 private:
  static bool is_marked(Octets octets) {
    return octets.size() >= 2 &&
           ((octets[0] == 0xFE && octets[1] == 0xFF) || (octets[0] == 0xFF && octets[1] == 0xFE));
  }
  void read(Octets octets, Coding coding) {
    to_utf8(octets, coding, out_, parts_.front()->shift, Halves::kept);
  }

  std::string& out_;
  std::vector<const PartText*> parts_;
  std::vector<std::uint8_t> octets_;
  int next_index_ = 0;
};

}  // namespace

bool Joiner::add(const Origin& origin, std::uint8_t index, PartText text, std::uint64_t tag,
                 std::int64_t now_ms) {
  const auto [it, fresh] = open_.try_emplace(origin, Open{now_ms, next_number_, {}});
  if (fresh) by_age_.emplace(std::pair(now_ms, next_number_++), it);
  const std::size_t octets = text.octets.size();
  const bool taken = it->second.parts.try_emplace(index, Part{std::move(text), tag}).second;
  if (taken) octets_ += octets;
  return taken;
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
  by_age_.erase({it->second.since_ms, it->second.number});
  auto closed = open_.extract(it);
  Joined joined;
  joined.origin = std::move(closed.key());
  joined.since_ms = closed.mapped().since_ms;
  Run run(joined.text);
  for (const auto& [index, part] : closed.mapped().parts) {
    if (!run.takes(index, part.text)) run.read();
    run.add(index, part.text);
    octets_ -= part.text.octets.size();
    if (part.tag != 0) joined.tags.push_back(part.tag);
  }
  run.read();
  utf8::join_halves(joined.text);
  return joined;
}

}  // namespace tact::smpp
