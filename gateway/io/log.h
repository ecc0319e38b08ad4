// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/engine/ids.h"
#include "gateway/engine/time.h"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}  // namespace sinks
}  // namespace spdlog

namespace tact::gateway {

enum class Level : uint8_t { debug, info, warning, error };

// One field of a line. Never a phone number, a text or a token: a number is told as its hash.
struct Field {
  std::string_view name;
  std::variant<std::string_view, int64_t, uint64_t, double, bool> value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, bool v) : name(n), value(v) {}
  Field(std::string_view n, double v) : name(n), value(v) {}
  template <std::signed_integral T>
  Field(std::string_view n, T v) : name(n), value(static_cast<int64_t>(v)) {}
  template <std::unsigned_integral T>
  Field(std::string_view n, T v) : name(n), value(static_cast<uint64_t>(v)) {}
};

// The 16 hexadecimal digits under which a number stands in logs, traces and exports.
std::string hex(NumberHash);
// "2026-03-01T09:00:00.123Z", as times stand there.
std::string iso_time(Civil);
// `text` with quotes around it, escaped for JSON; what is not UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

// One JSON object per line: time (UTC), level, what, then the fields. Or the same as text, for a
// person at a terminal.
//
//   {"time":"2026-03-01T09:00:00.123Z","level":"warning","what":"link: lost","link":"main-1"}
//   2026-03-01T09:00:00.123Z warning link: lost link="main-1"
//
// `what` is a constant of the call site, and also the key of its rate limit: of each at most
// kBurst lines in kPeriod; the next line after that tells how many were left out ("left_out").
// `about` names the thing of which a line speaks, where each is to have a limit of its own: one of
// a bounded set. Thread-safe.
class Log {
 public:
  static constexpr uint32_t kBurst = 20;
  static constexpr std::chrono::seconds kPeriod{10};

  enum class Format : uint8_t { json, text };

  Log(Level least, Format format);  // to stderr
  Log(Level least, Format format, std::shared_ptr<spdlog::sinks::sink>);
  ~Log();

  void line(Level level, std::string_view what, std::initializer_list<Field> fields = {}) {
    line(level, what, std::span(fields.begin(), fields.size()), "");
  }
  void line(Level, std::string_view what, std::span<const Field>, std::string_view about);
  void flush();

 private:
  struct Rate {
    std::chrono::steady_clock::time_point since{};
    uint32_t lines = 0, left_out = 0;
  };
  // Nullopt when this line is too many, else how many were left out before it.
  std::optional<uint32_t> admit(std::string_view key);

  // Constant after construction.
  const Format format_;
  const std::unique_ptr<spdlog::logger> logger_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::map<std::string, Rate, std::less<>> rates_;  // by what and about
};

}  // namespace tact::gateway
