// SPDX-License-Identifier: Apache-2.0
#include "bench/settings.h"

namespace tact::bench {

using Text = std::string_view;

std::string read_share(Text text, double& value) {
  double parsed = 0;
  if (!read_number(text, parsed).empty() || !(parsed >= 0 && parsed <= 1)) {
    return "expected a share between 0 and 1";
  }
  value = parsed;
  return {};
}

std::string read_duration(Text text, std::chrono::microseconds& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  const Text unit(end, static_cast<std::size_t>(text.end() - end));
  const double factor = unit == "us"   ? 1
                        : unit == "ms" ? 1e3
                        : unit == "s"  ? 1e6
                        : unit == "m"  ? 6e7
                                       : 0;
  if (error != std::errc() || factor == 0 || !(number >= 0 && number * factor <= 1e12)) {
    return "expected a duration such as 250ms or 1.5s";
  }
  value = std::chrono::microseconds(static_cast<int64_t>(number * factor));
  return {};
}

Text take_before(Text& text, char separator) {
  const Text taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

bool next_line(Text& text, SettingLine& line) {
  while (!text.empty()) {
    Text rest = take_before(text, '\n');
    ++line.number;
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (rest.empty() || rest.starts_with('#')) continue;
    line.key = take_before(rest, ' ');
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    line.value = rest;
    return true;
  }
  return false;
}

}  // namespace tact::bench
