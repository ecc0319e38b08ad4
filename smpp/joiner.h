// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tact::smpp {

/// Parts of long messages, gathered until all are here: in any order, doubled, with some that never
/// come. It has no clock and no limit of its own: who asks says when, and takes the oldest when it
/// holds too many.
class Joiner {
 public:
  /// Parts of one message agree in this; a phone that sends two messages of as many parts with one
  /// reference at a time has mixed them itself.
  struct Origin {
    std::string from, to;
    std::uint16_t reference = 0;
    std::uint8_t total = 1;
    bool wide_reference = false;

    auto operator<=>(const Origin&) const = default;
  };

  /// What was gathered of a message.
  struct Joined {
    Origin origin;
    std::int64_t since_ms = 0;        ///< its first part
    std::string text;                 ///< of the parts that are here, in their order; UTF-8
    std::vector<std::uint64_t> tags;  ///< theirs, but for 0
  };

  /// Takes a part, its text as read_text() reads it; `tag` is the caller's own. False: it was here
  /// already, and the one that came first counts. REQUIRES: 1 <= index <= origin.total.
  bool add(const Origin& origin, std::uint8_t index, std::string text, std::uint64_t tag,
           std::int64_t now_ms);

  /// Parts of it that are not here: all of them of a message that nobody has seen.
  std::size_t missing(const Origin& origin) const;

  /// Gives it as far as it is here, and forgets it. Nothing: nobody has seen it.
  std::optional<Joined> take(const Origin& origin);
  std::optional<Joined> take_oldest();

  /// When the first part came of the one that waits longest.
  std::optional<std::int64_t> oldest_ms() const;
  std::size_t size() const { return open_.size(); }

 private:
  struct Part {
    std::string text;
    std::uint64_t tag;
  };
  struct Open {
    std::int64_t since_ms;
    std::map<std::uint8_t, Part> parts;
  };
  using Opens = std::map<Origin, Open>;

  Joined close(Opens::iterator it);

  Opens open_;
  std::map<std::pair<std::int64_t, const Origin*>, Opens::iterator> by_age_;  // keys of open_
};

}  // namespace tact::smpp
