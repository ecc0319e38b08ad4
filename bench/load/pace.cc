// SPDX-License-Identifier: Apache-2.0
#include "bench/load/pace.h"

#include <algorithm>
#include <cmath>

#include "bench/settings.h"

namespace tact::bench {
namespace {

constexpr double kSecond = 1e9;
constexpr double kRateMax = 1e8;

}  // namespace

std::string read_rate(std::string_view text, Phase& phase) {
  Phase parsed{.duration = phase.duration, .unlimited = text == "max"};
  const std::size_t dots = text.find("..");
  bool sound = parsed.unlimited || read_number(text.substr(0, dots), parsed.rate_begin).empty();
  parsed.rate_end = parsed.rate_begin;
  if (dots != std::string_view::npos) {
    sound = sound && read_number(text.substr(dots + 2), parsed.rate_end).empty();
  }
  for (const double rate : {parsed.rate_begin, parsed.rate_end}) {
    sound = sound && rate >= 0 && rate <= kRateMax;
  }
  if (!sound) return "expected a rate such as 1000, 1000..20000 or max";
  phase = parsed;
  return {};
}

std::string read_phase(std::string_view text, Phase& phase) {
  Phase parsed;
  std::string error = read_duration(take_before(text, ' '), parsed.duration);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (error.empty()) error = read_rate(text, parsed);
  if (error.empty()) phase = parsed;
  return error;
}

std::optional<int64_t> Pace::due_ns(int64_t elapsed_ns) {
  for (; at_ < phases_.size(); ++at_, sent_ = 0) {
    if (phases_[at_].unlimited) {
      if (elapsed_ns < began_ns_ + phase_ns()) return std::max(elapsed_ns, began_ns_);
    } else if (sent_ < planned()) {
      return began_ns_ + offset_ns();
    }
    began_ns_ += phase_ns();
  }
  return std::nullopt;
}

uint32_t Pace::together(uint32_t count) const {
  if (phases_[at_].unlimited) return count;
  return static_cast<uint32_t>(std::min<uint64_t>(count, planned() - sent_));
}

uint64_t Pace::planned() const {
  const Phase& phase = phases_[at_];
  const double seconds = static_cast<double>(phase_ns()) / kSecond;
  return static_cast<uint64_t>(std::llround((phase.rate_begin + phase.rate_end) / 2 * seconds));
}

// The time at which begin * t + (end - begin) / (2 * duration) * t^2 messages are due.
int64_t Pace::offset_ns() const {
  const Phase& phase = phases_[at_];
  const auto count = static_cast<double>(sent_);
  const double seconds = static_cast<double>(phase_ns()) / kSecond;
  const double growth = (phase.rate_end - phase.rate_begin) / seconds;
  const double root =
      std::sqrt(std::max(0.0, phase.rate_begin * phase.rate_begin + 2 * growth * count));
  const double sum = phase.rate_begin + root;
  return sum > 0 ? static_cast<int64_t>(2 * count / sum * kSecond) : 0;
}

}  // namespace tact::bench
