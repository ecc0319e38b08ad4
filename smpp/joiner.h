// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smpp/segment.h"

namespace tact::smpp {

/// Parts of long messages, gathered until all are here: in any order, doubled, with some that never
/// come. It has no clock and no limit of its own: who asks says when, and takes the oldest when it
/// holds too many or too much.
///
/// Parts that follow each other in one coding are read as one: an escape and what it means, the
/// octets of a character, or a byte order mark and what it speaks of may stand in two parts. A part
/// with a mark of its own begins anew, and UCS-2 that makes an odd number of octets in all is read
/// part by part: an octet too many then costs one character.
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

  /// Takes a part; `tag` is the caller's own. False: it was here already, and the one that came
  /// first counts. REQUIRES: 1 <= index <= origin.total.
  bool add(const Origin& origin, std::uint8_t index, PartText text, std::uint64_t tag,
           std::int64_t now_ms);

  /// Parts of it that are not here: all of them of a message that nobody has seen.
  std::size_t missing(const Origin& origin) const;

  /// Gives it as far as it is here, and forgets it. Nothing: nobody has seen it.
  std::optional<Joined> take(const Origin& origin);
  std::optional<Joined> take_oldest();

  /// When the first part came of the one that waits longest.
  std::optional<std::int64_t> oldest_ms() const;
  std::size_t size() const { return open_.size(); }
  std::size_t octets() const { return octets_; }  ///< of all texts

 private:
  struct Part {
    PartText text;
    std::uint64_t tag;
  };
  struct Open {
    std::int64_t since_ms;
    std::uint64_t number;  // of those that began in one millisecond the first is the oldest
    std::map<std::uint8_t, Part> parts;
  };
  using Opens = std::map<Origin, Open>;

  Joined close(Opens::iterator it);

  Opens open_;
  std::map<std::pair<std::int64_t, std::uint64_t>, Opens::iterator> by_age_;  // since_ms, number
  std::uint64_t next_number_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace tact::smpp
