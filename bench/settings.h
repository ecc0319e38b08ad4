// SPDX-License-Identifier: Apache-2.0
// Settings as text: `key value` a line of a file and `--key value` of a command line are the same.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace tact::bench {

// One key of a T.
template <class T>
struct SettingOf {
  std::string_view key;
  std::string_view value;  // its form
  std::string_view help;
  // Empty, or what is wrong with the value. A key that is a list takes one more value each time.
  std::string (*set)(T&, std::string_view);
};

// These leave `value` alone and say what they expected when the text is none.
template <class T>
std::string read_number(std::string_view text, T& value) {
  T parsed{};
  const auto [end, error] = std::from_chars(text.begin(), text.end(), parsed);
  if (error != std::errc() || end != text.end()) return "expected a number";
  value = parsed;
  return {};
}
std::string read_share(std::string_view text, double& value);  // 0..1
std::string read_duration(std::string_view text, std::chrono::microseconds& value);

// What stands before the first `separator`, which is taken away with it; all when there is none.
std::string_view take_before(std::string_view& text, char separator);

// The next line of a file that is neither empty nor a comment, split at its first blank.
struct SettingLine {
  int number = 0;
  std::string_view key;
  std::string_view value;
};
bool next_line(std::string_view& text, SettingLine& line);

// Empty, or what is wrong with key or value.
template <class T>
std::string set(std::span<const SettingOf<T>> settings, T& target, std::string_view key,
                std::string_view value) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [key](const auto& setting) { return setting.key == key; });
  if (found == settings.end()) return "no setting \"" + std::string(key) + "\"";
  const std::string error = found->set(target, value);
  if (error.empty()) return {};
  return std::string(key) + ": " + error + ", got \"" + std::string(value) + "\"";
}

// A file of settings. Empty, or "line 3: ...".
template <class T>
std::string read_settings(std::span<const SettingOf<T>> settings, T& target,
                          std::string_view text) {
  for (SettingLine line; next_line(text, line);) {
    const std::string error = set(settings, target, line.key, line.value);
    if (!error.empty()) return "line " + std::to_string(line.number) + ": " + error;
  }
  return {};
}

}  // namespace tact::bench
