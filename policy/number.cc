// SPDX-License-Identifier: Apache-2.0
#include "policy/number.h"

#include <algorithm>

namespace tact::policy {

namespace {
bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}
}  // namespace

std::string_view e164_digits(std::string_view to) {
  if (to.starts_with('+')) to.remove_prefix(1);
  const bool good = to.size() >= 7 && to.size() <= 15 && to[0] != '0' && all_digits(to);
  return good ? to : std::string_view{};
}

bool national_form(std::string_view digits, uint16_t country_code) {
  return country_code == 86 && digits.size() == 11 && digits[0] == '1' && digits[1] >= '3' &&
         all_digits(digits);
}

std::string carrier_digits(std::string_view number, uint16_t country_code) {
  if (number.starts_with('+')) return std::string(number.substr(1));
  if (number.starts_with("00")) return std::string(number.substr(2));
  const auto national = number.starts_with('0') ? number.substr(1) : number;
  if (!national_form(national, country_code)) return std::string(number);
  return std::to_string(country_code).append(national);
}

}  // namespace tact::policy
