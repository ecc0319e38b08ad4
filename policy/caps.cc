// SPDX-License-Identifier: Apache-2.0
#include "policy/caps.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>

namespace tact::policy {
namespace {

bool counts(const Slot& s, const Counted& what) {
  return contains(what.classes, s.cls) && (what.brand == 0 || s.brand == what.brand) &&
         s.id != what.except;
}

using Times = boost::container::small_vector<Instant, 16>;

// With t added, does any run of limit + 1 messages that holds t fit into less than the window?
bool fits(const Times& sorted, size_t limit, std::chrono::milliseconds window, Instant t) {
  const size_t at =
      static_cast<size_t>(std::upper_bound(sorted.begin(), sorted.end(), t) - sorted.begin());
  const auto with_t = [&](size_t i) { return i < at ? sorted[i] : i == at ? t : sorted[i - 1]; };
  const size_t first = at > limit ? at - limit : 0;
  for (size_t i = first; i <= at && i + limit <= sorted.size(); ++i) {
    if (with_t(i + limit) - with_t(i) < window) return false;
  }
  return true;
}

}  // namespace

std::chrono::milliseconds patience(Class c) {
  if (c == Class::otp) return std::chrono::minutes(5);
  return std::chrono::hours(contains(kOptionalClasses, c) ? 240 : 24);
}

Instant counted_at(const Slot& s, Instant now) {
  const Instant at = s.at.instant();
  return !s.sent && at < now && now - at <= patience(s.cls) ? now : at;
}

Instant next_under_cap(const Contact& contact, const Counted& what, uint16_t limit,
                       std::chrono::milliseconds window, Instant t) {
  // What is planned behind a message that is due will be judged again, and finds it sent. If both
  // counted, a moment's delay of the first would let them put each other off until they expire.
  const bool due = std::any_of(contact.slots.begin(), contact.slots.end(), [&](const Slot& s) {
    return what.except != 0 && s.id == what.except && !s.sent && s.at.instant() <= t;
  });
  Times times;
  for (const Slot& s : contact.slots) {
    const Instant at = counted_at(s, what.now);
    const bool behind = due && !s.sent && at > t;
    if (counts(s, what) && at > t - window && !behind) times.push_back(at);
  }
  if (times.size() < limit) return t;
  std::sort(times.begin(), times.end());
  if (fits(times, limit, window, t)) return t;
  // Room can only appear where a message leaves the window.
  for (const Instant past : times) {
    if (past + window > t && fits(times, limit, window, past + window)) return past + window;
  }
  return times.back() + window;
}

size_t in_month(const Contact& contact, const Counted& what, ZoneSpan zones, Instant t) {
  size_t most = 0;
  for (const Zone zone : zones) {
    const auto [begin, end] = month_of(zone, t);
    size_t n = 0;
    for (const Slot& s : contact.slots) {
      const Instant at = counted_at(s, what.now);
      n += counts(s, what) && at >= begin && at < end;
    }
    most = std::max(most, n);
  }
  return most;
}

}  // namespace tact::policy
