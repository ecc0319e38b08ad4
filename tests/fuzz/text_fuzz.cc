// SPDX-License-Identifier: Apache-2.0
// A dialect, a time and a text: whatever is not UTF-8 is refused by all who read texts, and what is
// comes back from each coding that can carry it as it was.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "smpp/segment.h"
#include "smpp/septets.h"
#include "smpp/text.h"
#include "smpp/time.h"

using namespace tact::smpp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

Dialect dialect_of(std::uint8_t octet) {
  return {.zero = static_cast<Coding>(octet & 3),
          .packed = (octet & 4) != 0,
          .gbk = static_cast<std::uint8_t>(octet & 8 ? 15 : 0),
          .languages = octet & 16 ? Languages::all() : Languages()};
}

/// Taken apart at any place, no character is divided and none is lost.
void take_apart(std::string_view text, Coding coding, Shift shift, std::size_t limit) {
  std::size_t total = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto part = take_part(rest, coding, limit, shift);
    require(!part.empty() && is_valid_utf8(part));
    const auto size = length(part, coding, shift);
    require(size && *size <= limit);
    total += *size;
  }
  require(total == length(text, coding, shift));
}

/// In one coding, there and back.
void travel(const std::string& text, Coding coding, Shift shift, std::size_t limit) {
  std::vector<std::uint8_t> octets;
  const TextError error = to_octets(text, coding, octets, shift);
  const auto size = length(text, coding, shift);
  require(size.has_value() == (error == TextError::none));
  if (error != TextError::none) return require(octets.empty());
  std::string again;
  to_utf8(octets, coding, again, shift);
  // A mark at the front says how the others are to be read, and is none of them.
  const bool marked =
      coding == Coding::ucs2 && (text.starts_with("\uFEFF") || text.starts_with("\uFFFE"));
  if (!marked) require(again == text);
  take_apart(text, coding, shift, limit);
}

void read_times(std::string_view text) {
  const Instant now{std::chrono::milliseconds(1'773'800'100'000)};
  const ReadTime read = read_time(text, now);
  if (!read.ok() || read.relative) return;
  const ReadTime again = read_time(absolute_time(read.at).view(), now);
  require(again.ok() && again.at == read.at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const Dialect dialect = dialect_of(data[0]);
  const Shift shift{static_cast<Language>(data[1] % kLanguageCount),
                    static_cast<Language>(data[2] % kLanguageCount)};
  const std::size_t limit = 2 + data[3] % 160;
  const Octets octets(data + 4, size - 4);
  const std::string text(octets.begin(), octets.end());
  read_times(text);

  // As octets of each coding: UTF-8 comes out, whatever they are.
  for (const Coding coding :
       {Coding::gsm7, Coding::ascii, Coding::latin1, Coding::ucs2, Coding::gbk}) {
    std::string read;
    to_utf8(octets, coding, read, shift);
    require(is_valid_utf8(read));
  }

  const auto best = best_coding(text, dialect);
  const auto measured = measure(text, dialect);
  require(best.has_value() == is_valid_utf8(text));
  require(measured.has_value() == best.has_value());
  const SegmentPlan planned = plan(text, Concat::udh16, dialect);
  if (!best) {
    require(planned.error == TextError::invalid_utf8);
    return 0;
  }
  require(measured->coding == *best && measured->length == length(text, *best));
  require(planned.parts <= plan(text, Concat::udh16, {.zero = Coding::ucs2}).parts ||
          planned.error != TextError::none);
  for (const Coding coding :
       {Coding::gsm7, Coding::ascii, Coding::latin1, Coding::ucs2, Coding::gbk}) {
    travel(text, coding, {}, limit);
  }
  travel(text, Coding::gsm7, shift, limit);
  return 0;
}
