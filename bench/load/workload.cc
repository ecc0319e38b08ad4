// SPDX-License-Identifier: Apache-2.0
#include "bench/load/workload.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "client/message_fields.h"

namespace tact::bench {
namespace {

constexpr std::size_t kCharacters = 60;
constexpr std::size_t kOctetsPerCharacter = 3;  // of all the Chinese here, in UTF-8

// Mobile prefixes of China; with eight digits behind each a permutation of 10^9 numbers.
constexpr std::array<std::string_view, 10> kPrefixes{"134", "135", "136", "137", "138",
                                                     "139", "150", "151", "158", "159"};
constexpr uint64_t kNumbers = 1'000'000'000;

constexpr std::string_view kCode = "您的验证码是";
constexpr std::string_view kNotice = "您尾号的账户有一笔入账，编号";
constexpr std::string_view kFiller =
    "请在五分钟内完成操作，如非本人办理请忽略本条信息，感谢您一直以来的理解与支持，祝您生活愉快，"
    "工作顺利，身体健康，如有疑问欢迎随时与我们联系";
constexpr std::string_view kEnding = "详询955XX，拒收请回复R";  // of bench/gateway.yaml.in's brand

uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

std::string run_name() {
  char digits[20];
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, now, 36);
  return {digits, end};
}

std::size_t characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (c & 0xC0) != 0x80;
  return count;
}

std::string padded(uint64_t value, std::size_t digits) {
  const std::string text = std::to_string(value);
  return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
}

}  // namespace

Workload::Workload(uint64_t seed, std::string signature, std::vector<ClassShare> classes)
    : seed_(seed),
      run_(run_name()),
      signature_(std::move(signature)),
      classes_(std::move(classes)),
      factor_(mix(seed) % kNumbers),
      offset_(mix(seed + 1) % kNumbers) {
  // A factor without 2 and 5 has no divisor in common with 10^9: the map is one to one.
  factor_ |= 1;
  if (factor_ % 5 == 0) factor_ += 2;
}

void Workload::fill(uint64_t index, proto::Message& message) const {
  message.Clear();
  message.set_reference(run_ + "-" + std::to_string(index));
  const uint64_t number = (static_cast<unsigned __int128>(index) * factor_ + offset_) % kNumbers;
  message.set_to("+86" + std::string(kPrefixes[number / 100'000'000]) +
                 padded(number % 100'000'000, 8));

  const proto::MessageClass chosen = class_of(index);
  message.set_message_class(chosen);
  const bool marketing = chosen == proto::MARKETING;
  if (marketing) {
    message.mutable_consent()->set_proof("bench");
    message.mutable_consent()->set_time_ms(1'700'000'000'000);
  }
  if (chosen == proto::COLLECTION) message.set_role(proto::DEBTOR);

  std::string text = "【" + signature_ + "】";
  text += chosen == proto::OTP ? kCode : kNotice;
  text += padded(draw(index) % 1'000'000, 6) + "，";
  const std::size_t used = characters(text) + (marketing ? characters(kEnding) : 0);
  if (used < kCharacters) text += kFiller.substr(0, (kCharacters - used) * kOctetsPerCharacter);
  if (marketing) text += kEnding;
  message.set_text(text);
}

uint64_t Workload::draw(uint64_t index) const { return mix(seed_ ^ mix(index)); }

proto::MessageClass Workload::class_of(uint64_t index) const {
  double left = static_cast<double>(draw(index) >> 11) * 0x1p-53;
  for (const ClassShare& share : classes_) {
    if (left < share.share) return share.message_class;
    left -= share.share;
  }
  return classes_.back().message_class;
}

std::optional<uint64_t> Workload::index_of(std::string_view reference) const {
  if (!reference.starts_with(run_) || reference.size() < run_.size() + 2) return std::nullopt;
  if (reference[run_.size()] != '-') return std::nullopt;
  reference.remove_prefix(run_.size() + 1);
  uint64_t index = 0;
  const auto [end, error] = std::from_chars(reference.begin(), reference.end(), index);
  if (error != std::errc() || end != reference.end()) return std::nullopt;
  return index;
}

std::optional<std::vector<ClassShare>> parse_classes(std::string_view text) {
  std::vector<ClassShare> classes;
  double sum = 0;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::string_view name = item.substr(0, item.find('='));
    ClassShare share;
    share.share = 1;
    if (name.size() < item.size()) {
      const std::string_view digits = item.substr(name.size() + 1);
      const auto [end, error] = std::from_chars(digits.begin(), digits.end(), share.share);
      if (error != std::errc() || end != digits.end() || share.share < 0) return std::nullopt;
    }
    if (!client::parse_class(name, share.message_class)) return std::nullopt;
    sum += share.share;
    classes.push_back(share);
  }
  if (std::abs(sum - 1) > 1e-6) return std::nullopt;
  return classes;
}

}  // namespace tact::bench
