// SPDX-License-Identifier: Apache-2.0
#include "bench/load/recipients.h"

#include <array>
#include <cmath>

#include "bench/load/chance.h"
#include "bench/settings.h"

namespace tact::bench {
namespace {

// Mobile prefixes of China; with eight digits behind each a permutation of 10^9 numbers.
constexpr std::array<std::string_view, 10> kPrefixes{"134", "135", "136", "137", "138",
                                                     "139", "150", "151", "158", "159"};
constexpr uint64_t kNumbers = 1'000'000'000;
constexpr uint64_t kPersonDraw = 0x7065'7273'6F6E;  // apart from the draws of the texts

}  // namespace

std::string read_recipients(std::string_view text, RecipientMix& mix) {
  constexpr std::string_view kExpected = "expected unique, each:N, people:N or zipf:EXPONENT:N";
  const std::string_view name = take_before(text, ':');
  RecipientMix parsed;
  if (name == "unique" && text.empty()) {
    mix = parsed;
    return {};
  }
  uint64_t& count = name == "each" ? parsed.messages_each : parsed.people;
  if (name == "people") {
    parsed.kind = RecipientMix::kPeople;
  } else if (name == "zipf") {
    parsed.kind = RecipientMix::kZipf;
    const std::string error = read_number(take_before(text, ':'), parsed.exponent);
    if (!error.empty() || !(parsed.exponent > 0 && parsed.exponent <= 10)) {
      return "expected an exponent over 0 and up to 10";
    }
  } else if (name != "each") {
    return std::string(kExpected);
  }
  if (!read_number(text, count).empty() || count < 1 || count > kNumbers) {
    return std::string(kExpected);
  }
  mix = parsed;
  return {};
}

Recipients::Recipients(uint64_t seed, const RecipientMix& mix)
    : seed_(seed),
      mix_(mix),
      factor_(bench::mix(seed) % kNumbers),
      offset_(bench::mix(seed + 1) % kNumbers) {
  // A factor without 2 and 5 has no divisor in common with 10^9: the map is one to one.
  factor_ |= 1;
  if (factor_ % 5 == 0) factor_ += 2;
}

uint64_t Recipients::person_of(uint64_t index) const {
  switch (mix_.kind) {
    case RecipientMix::kEach:
      return index / mix_.messages_each;
    case RecipientMix::kPeople:
      return bench::mix(seed_ ^ kPersonDraw ^ bench::mix(index)) % mix_.people;
    case RecipientMix::kZipf:
      return zipf(index);
  }
  return index;
}

void Recipients::append_number(uint64_t person, std::string& to) const {
  const uint64_t number = (static_cast<unsigned __int128>(person) * factor_ + offset_) % kNumbers;
  to += "+86";
  to += kPrefixes[number / 100'000'000];
  for (uint64_t unit = 10'000'000; unit > 0; unit /= 10) {
    to += static_cast<char>('0' + number / unit % 10);
  }
}

// Rejection-inversion (W. Hormann, G. Derflinger, 1996): x is drawn below the smooth hat over the
// steps, and taken when it also lies below the step; more than two of three are.
uint64_t Recipients::zipf(uint64_t index) const {
  const auto people = static_cast<double>(mix_.people);
  const double low = integral(1.5) - 1;
  const double high = integral(people + 0.5);
  uint64_t draw = bench::mix(seed_ ^ kPersonDraw ^ bench::mix(index));
  for (;; draw = bench::mix(draw)) {
    const double u = high + to_unit(draw) * (low - high);
    const double x = integral_inverse(u);
    const double k = std::min(std::max(std::floor(x + 0.5), 1.0), people);
    if (u >= integral(k + 0.5) - std::pow(k, -mix_.exponent)) return static_cast<uint64_t>(k) - 1;
  }
}

double Recipients::integral(double x) const {
  const double power = 1 - mix_.exponent;
  return std::abs(power) < 1e-9 ? std::log(x) : (std::pow(x, power) - 1) / power;
}

double Recipients::integral_inverse(double y) const {
  const double power = 1 - mix_.exponent;
  return std::abs(power) < 1e-9 ? std::exp(y) : std::pow(1 + y * power, 1 / power);
}

}  // namespace tact::bench
