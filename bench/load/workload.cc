// SPDX-License-Identifier: Apache-2.0
#include "bench/load/workload.h"

#include <array>
#include <charconv>
#include <cmath>

#include "bench/load/chance.h"
#include "bench/settings.h"
#include "client/message_fields.h"

namespace tact::bench {
namespace {

using std::chrono::microseconds;

constexpr std::string_view kCode = "您的验证码是";
constexpr std::string_view kNotice = "您尾号的账户有一笔入账，编号";
constexpr std::string_view kEnding = "详询955XX，拒收请回复R";  // of bench/gateway.yaml.in's brand
constexpr std::size_t kDigits = 6;
constexpr uint32_t kCharactersMin = 45;  // signature, introduction, digits, mark and ending
constexpr uint32_t kCharactersMax = 2000;

// What fills a text up, over and over, by Alphabet.
constexpr std::array<std::string_view, 3> kFillers{
    "请在五分钟内完成操作，如非本人办理请忽略本条信息，感谢您一直以来的理解与支持，祝您生活愉快，"
    "工作顺利，身体健康，如有疑问欢迎随时与我们联系",
    "Please finish within five minutes. If it was not you who asked for this, ignore it. ",
    "感谢您一直以来的理解与支持😀祝您生活愉快🎉工作顺利🌟身体健康🍀"};
constexpr std::array<std::string_view, 3> kAlphabets{"chinese", "latin", "emoji"};

// Each tells one decision about a message from the others.
enum Salt : uint64_t { kTextSalt = 1, kLaterSalt, kDelaySalt, kNightSalt, kOptOutSalt };

std::string run_name() {
  char digits[20];
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, now, 36);
  return {digits, end};
}

int utc_hour() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<int>(std::chrono::floor<std::chrono::hours>(now).count() % 24);
}

bool continues(char octet) { return (octet & 0xC0) == 0x80; }

std::size_t characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += !continues(c);
  return count;
}

// The first `count` characters of `filler`, over and over.
std::string filled(std::string_view filler, std::size_t count) {
  std::string text;
  for (std::size_t at = 0; count > 0; --count) {
    if (at == filler.size()) at = 0;
    do text += filler[at++];
    while (at < filler.size() && continues(filler[at]));
  }
  return text;
}

void append_padded(std::string& text, uint64_t value, uint64_t unit) {
  for (; unit > 0; unit /= 10) text += static_cast<char>('0' + value / unit % 10);
}

// "NAME=SHARE,..." or "NAME", which is all; Item has a share.
template <class Item, class Parse>
std::string read_shares(std::string_view text, std::vector<Item>& list, Parse parse) {
  std::vector<Item> parsed;
  double sum = 0;
  while (!text.empty()) {
    std::string_view share = take_before(text, ',');
    const bool whole = share.find('=') == std::string_view::npos;
    const std::string_view name = take_before(share, '=');
    Item item;
    item.share = 1;
    if (!whole && !read_share(share, item.share).empty()) return "expected a share of 0..1";
    if (!parse(name, item)) return "no such thing: " + std::string(name);
    sum += item.share;
    parsed.push_back(item);
  }
  if (std::abs(sum - 1) > 1e-6) return "the shares do not add up to 1";
  list = std::move(parsed);
  return {};
}

// The one whose share of 0..1 `point` falls into.
template <class Item>
std::size_t chosen(const std::vector<Item>& list, double point) {
  for (std::size_t i = 0; i + 1 < list.size(); ++i) {
    if (point < list[i].share) return i;
    point -= list[i].share;
  }
  return list.size() - 1;
}

}  // namespace

Workload::Workload(WorkloadOptions options)
    : options_(std::move(options)),
      recipients_(options_.seed, options_.recipients),
      run_(run_name()),
      night_zone_(night_zone(utc_hour())) {
  for (int i = 0; i < proto::MessageClass_ARRAYSIZE; ++i) {
    for (const TextShare& form : options_.texts) {
      for (const std::string_view mark : {std::string_view(), kOptOutMark}) {
        Text text;
        text.head = "【" + options_.signature + "】";
        text.head += i == proto::OTP ? kCode : kNotice;
        const std::string end =
            std::string(mark) + std::string(i == proto::MARKETING ? kEnding : "");
        const std::size_t used = characters(text.head) + kDigits + 1 + characters(end);
        const std::size_t left = form.characters > used ? form.characters - used : 0;
        text.tail = "，" + filled(kFillers[static_cast<std::size_t>(form.alphabet)], left) + end;
        texts_.push_back(std::move(text));
      }
    }
  }
}

void Workload::fill(uint64_t index, proto::Message& message) const {
  message.Clear();
  std::string& reference = *message.mutable_reference();
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, index);
  reference.reserve(run_.size() + 1 + sizeof digits);
  (reference = run_) += '-';
  reference.append(digits, end);
  recipients_.append_number(recipients_.person_of(index), *message.mutable_to());

  const proto::MessageClass message_class = class_of(index);
  message.set_message_class(message_class);
  if (message_class == proto::MARKETING) {
    message.mutable_consent()->set_proof("bench");
    message.mutable_consent()->set_time_ms(1'700'000'000'000);
  }
  if (message_class == proto::COLLECTION) message.set_role(proto::DEBTOR);
  if (happens(index, kNightSalt, options_.night)) message.set_zone(night_zone_);

  const Text& parts = texts_[text_of(index, message_class)];
  std::string& text = *message.mutable_text();
  text.reserve(parts.head.size() + kDigits + parts.tail.size());
  text = parts.head;
  append_padded(text, draw(index) % 1'000'000, 100'000);
  text += parts.tail;
}

uint64_t Workload::draw(uint64_t index) const { return mix(options_.seed ^ mix(index)); }

bool Workload::happens(uint64_t index, uint64_t salt, double share) const {
  return share > 0 && to_unit(mix(draw(index) ^ salt)) < share;
}

std::size_t Workload::text_of(uint64_t index, proto::MessageClass message_class) const {
  const std::vector<TextShare>& forms = options_.texts;
  const std::size_t form =
      forms.size() == 1 ? 0 : chosen(forms, to_unit(mix(draw(index) ^ kTextSalt)));
  const bool marked = happens(index, kOptOutSalt, options_.opt_out);
  return (static_cast<std::size_t>(message_class) * forms.size() + form) * 2 + (marked ? 1 : 0);
}

proto::MessageClass Workload::class_of(uint64_t index) const {
  const auto& classes = options_.classes;
  if (classes.size() == 1) return classes.front().message_class;
  return classes[chosen(classes, to_unit(draw(index)))].message_class;
}

microseconds Workload::delay_of(uint64_t index) const {
  if (!happens(index, kLaterSalt, options_.later)) return microseconds(0);
  const auto range = static_cast<double>((options_.later_max - options_.later_min).count());
  const double part = to_unit(mix(draw(index) ^ kDelaySalt));
  return options_.later_min + microseconds(static_cast<int64_t>(part * range));
}

std::optional<uint64_t> Workload::index_of(std::string_view reference) const {
  if (!reference.starts_with(run_) || reference.size() < run_.size() + 2) return std::nullopt;
  if (reference[run_.size()] != '-') return std::nullopt;
  reference.remove_prefix(run_.size() + 1);
  uint64_t index = 0;
  if (!read_number(reference, index).empty()) return std::nullopt;
  return index;
}

std::string read_classes(std::string_view text, std::vector<ClassShare>& classes) {
  return read_shares(text, classes, [](std::string_view name, ClassShare& item) {
    return client::parse_class(name, item.message_class);
  });
}

std::string read_texts(std::string_view text, std::vector<TextShare>& texts) {
  return read_shares(text, texts, [](std::string_view name, TextShare& item) {
    const std::string_view alphabet = take_before(name, ':');
    const auto found = std::find(kAlphabets.begin(), kAlphabets.end(), alphabet);
    if (found == kAlphabets.end() || !read_number(name, item.characters).empty()) return false;
    item.alphabet = static_cast<Alphabet>(found - kAlphabets.begin());
    return item.characters >= kCharactersMin && item.characters <= kCharactersMax;
  });
}

std::string night_zone(int utc_hour) {
  constexpr int kNight = 2;
  // Of the zones from UTC-12 to UTC+11; the sign of an Etc/GMT zone is the other way round.
  const int east = (kNight - utc_hour + 24 + 12) % 24 - 12;
  if (east == 0) return "Etc/GMT";
  return "Etc/GMT" + std::string(east > 0 ? "-" : "+") + std::to_string(std::abs(east));
}

}  // namespace tact::bench
