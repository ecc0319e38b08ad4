// SPDX-License-Identifier: Apache-2.0
#include "bench/load/metrics_text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace tact::bench {
namespace {

constexpr std::string_view kBlanks = " \t";

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

// Behind the brace that closes the labels, of which only the quotes and their escapes matter here;
// npos when it is missing.
std::size_t end_of_labels(std::string_view line, std::size_t at) {
  bool quoted = false;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (quoted && c == '\\') {
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '}' && !quoted) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

std::optional<double> parse_value(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<MetricSample> parse_sample(std::string_view line) {
  MetricSample sample;
  std::size_t at = 0;
  while (at < line.size() && is_name_char(line[at])) ++at;
  sample.family = line.substr(0, at);
  if (at < line.size() && line[at] == '{') at = end_of_labels(line, at);
  if (sample.family.empty() || at >= line.size()) return std::nullopt;
  sample.name = line.substr(0, at);
  at = line.find_first_not_of(kBlanks, at);
  if (at == sample.name.size() || at == std::string_view::npos) return std::nullopt;
  const auto value = parse_value(line.substr(at, line.find_first_of(kBlanks, at) - at));
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

}  // namespace

std::vector<MetricSample> parse_metrics(std::string_view text) {
  std::vector<MetricSample> samples;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(kBlanks) == std::string_view::npos || line[0] == '#') continue;
    const auto sample = parse_sample(line);
    if (!sample) {
      throw std::runtime_error("line " + std::to_string(number) + " of the metrics: \"" +
                               std::string(line.substr(0, 80)) + "\" is no sample");
    }
    samples.push_back(*sample);
  }
  return samples;
}

}  // namespace tact::bench
