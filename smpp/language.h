// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

/// National languages of the GSM 7-bit alphabet (3GPP TS 23.038 §6.2.1.2).
namespace tact::smpp {

/// National language identifiers (§6.2.1.2.4); the numbers are those on the wire.
enum class Language : std::uint8_t {
  none,
  turkish,
  spanish,  ///< a single shift table only
  portuguese,
  bengali,
  gujarati,
  hindi,
  kannada,
  malayalam,
  oriya,
  punjabi,
  tamil,
  telugu,
  urdu,
};

inline constexpr std::size_t kLanguageCount = 14;

constexpr std::string_view name(Language language) {
  constexpr std::string_view kNames[kLanguageCount] = {
      "none",    "turkish",   "spanish", "portuguese", "bengali", "gujarati", "hindi",
      "kannada", "malayalam", "oriya",   "punjabi",    "tamil",   "telugu",   "urdu"};
  return kNames[static_cast<std::size_t>(language)];
}

/// The tables by which septets are read.
struct Shift {
  Language locking = Language::none;  ///< in place of the default alphabet
  Language single = Language::none;   ///< behind the escape, in place of the extension table

  bool operator==(const Shift&) const = default;
};

/// A set of languages, such as those that the phones of a carrier's country know.
class Languages {
 public:
  constexpr Languages() = default;
  constexpr Languages(std::initializer_list<Language> languages) {
    for (const Language language : languages) bits_ |= bit(language);
  }
  static constexpr Languages all() {
    Languages every;
    every.bits_ = (1u << kLanguageCount) - 2;
    return every;
  }

  constexpr void add(Language language) { bits_ |= bit(language); }
  constexpr bool contains(Language language) const { return (bits_ & bit(language)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const Languages&) const = default;

 private:
  static constexpr std::uint32_t bit(Language language) {
    return 1u << static_cast<unsigned>(language);
  }

  std::uint32_t bits_ = 0;
};

}  // namespace tact::smpp
