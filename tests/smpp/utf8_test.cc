// SPDX-License-Identifier: Apache-2.0
// Which octets are UTF-8 is told by tables and by words of several characters: here each beginning
// is compared with what its own code point is written as.
#include "smpp/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "smpp/text.h"

namespace tact::smpp {
namespace {

/// Is it a character of `octets.size()` octets, and the shortest form of it?
bool is_character(std::string_view octets) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(octets[i]); };
  char32_t value = octet(0) & (0x7Fu >> octets.size());
  for (std::size_t i = 1; i < octets.size(); ++i) value = value << 6 | (octet(i) & 0x3Fu);
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return false;
  std::string written;
  utf8::append(value, written);
  return written == octets;
}

/// Every first and second octet, as a character of `size` octets.
template <class Fn>
void for_beginnings(std::size_t size, Fn&& fn) {
  for (int first = 0x80; first < 0x100; ++first) {
    for (int second = 0; second < 0x100; ++second) {
      for (const int last : {0x7F, 0x80, 0xBF, 0xC0}) {
        std::string octets{static_cast<char>(first), static_cast<char>(second)};
        while (octets.size() < size) octets += static_cast<char>(last);
        fn(octets);
      }
    }
  }
}

TEST(Utf8, NothingIsValidButWhatACodePointIsWrittenAs) {
  for (const std::size_t size : {2u, 3u, 4u}) {
    for_beginnings(size, [size](const std::string& octets) {
      const auto read = utf8::read(utf8::Rest(octets));
      ASSERT_EQ(read.size == size, is_character(octets)) << testing::PrintToString(octets);
      const bool valid = read.size == size;
      if (!valid && read.size > 0) return;  // a shorter one, and something behind it
      // In front of others, between them, at the end.
      ASSERT_EQ(is_valid_utf8(octets + "中文中文"), valid) << testing::PrintToString(octets);
      ASSERT_EQ(is_valid_utf8("中" + octets + "中文中文"), valid) << testing::PrintToString(octets);
      ASSERT_EQ(is_valid_utf8("中文" + octets), valid) << testing::PrintToString(octets);
      ASSERT_FALSE(is_valid_utf8("中文" + octets.substr(0, size - 1)));
      if (!valid) return;
      std::string written;
      utf8::append(read.value, written);
      ASSERT_EQ(written, octets);
    });
  }
}

}  // namespace
}  // namespace tact::smpp
