// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <cmath>

namespace tact::gateway {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Octets of the UTF-8 character at the front, 0 if there is none (RFC 3629).
size_t utf8_length(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = at(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && at(1) < 0xA0) return 0;  // overlong
  if (first == 0xED && at(1) > 0x9F) return 0;  // surrogate
  if (first == 0xF0 && at(1) < 0x90) return 0;  // overlong
  if (first == 0xF4 && at(1) > 0x8F) return 0;  // above U+10FFFF
  return length;
}

std::string json_value(const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return json_string(*text);
  if (const auto* truth = std::get_if<bool>(&field.value)) return *truth ? "true" : "false";
  if (const auto* real = std::get_if<double>(&field.value)) {
    return std::isfinite(*real) ? fmt::format("{}", *real) : "null";
  }
  if (const auto* whole = std::get_if<int64_t>(&field.value)) return std::to_string(*whole);
  return std::to_string(std::get<uint64_t>(field.value));
}

}  // namespace

std::string hex(NumberHash number) { return fmt::format("{:016x}", number); }

std::string iso_time(Civil at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds.time_since_epoch().count()),
                     (at - seconds).count());
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char c = text[0];
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<uint8_t>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  out += '"';
  return out;
}

Log::Log(Level least, Format format)
    : Log(least, format, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

Log::Log(Level least, Format format, std::shared_ptr<spdlog::sinks::sink> sink)
    : format_(format), logger_(std::make_unique<spdlog::logger>("tact", std::move(sink))) {
  logger_->set_level(level_of(least));
  logger_->flush_on(spdlog::level::warn);
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == Format::json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}"
                             : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc));
}

Log::~Log() { flush(); }

void Log::flush() { logger_->flush(); }

void Log::line(Level level, std::string_view what, std::span<const Field> fields,
               std::string_view about) {
  if (!logger_->should_log(level_of(level))) return;
  const auto left_out = admit(about.empty() ? what : fmt::format("{}\n{}", what, about));
  if (!left_out) return;
  const bool json = format_ == Format::json;
  std::string text = json ? "\"what\":" + json_string(what) : std::string(what);
  const auto add = [&](const Field& field) {
    text += json ? "," + json_string(field.name) + ":" : " " + std::string(field.name) + "=";
    text += json_value(field);
  };
  std::for_each(fields.begin(), fields.end(), add);
  if (*left_out > 0) add({"left_out", *left_out});
  logger_->log(level_of(level), spdlog::string_view_t(text));
}

std::optional<uint32_t> Log::admit(std::string_view key) {
  const auto now = std::chrono::steady_clock::now();
  std::lock_guard lock(mutex_);
  auto found = rates_.find(key);
  if (found == rates_.end()) found = rates_.emplace(std::string(key), Rate{now, 0, 0}).first;
  Rate& rate = found->second;
  if (now - rate.since >= kPeriod) {
    rate.since = now;
    rate.lines = 0;
  }
  if (rate.lines >= kBurst) {
    ++rate.left_out;
    return std::nullopt;
  }
  ++rate.lines;
  return std::exchange(rate.left_out, 0);
}

}  // namespace tact::gateway
