// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/scenario.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "smpp/receipt.h"

namespace tact::bench {
namespace {

using Text = std::string_view;
using std::chrono::microseconds;

template <class T>
std::string read_number(Text text, T& value) {
  T parsed{};
  const auto [end, error] = std::from_chars(text.begin(), text.end(), parsed);
  if (error != std::errc() || end != text.end()) return "expected a number";
  value = parsed;
  return {};
}

std::string read_share(Text text, double& value) {
  double parsed = 0;
  if (!read_number(text, parsed).empty() || parsed < 0 || parsed > 1) {
    return "expected a share between 0 and 1";
  }
  value = parsed;
  return {};
}

std::string read_duration(Text text, microseconds& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  const Text unit(end, static_cast<std::size_t>(text.end() - end));
  const double factor = unit == "us" ? 1 : unit == "ms" ? 1e3 : unit == "s" ? 1e6 : 0;
  if (error != std::errc() || factor == 0 || number < 0 || number * factor > 1e12) {
    return "expected a duration such as 250ms or 1.5s";
  }
  value = microseconds(static_cast<int64_t>(number * factor));
  return {};
}

std::string read_range(Text text, DelayRange& value) {
  const std::size_t dots = text.find("..");
  DelayRange parsed;
  std::string error = read_duration(text.substr(0, dots), parsed.min);
  parsed.max = parsed.min;
  if (error.empty() && dots != Text::npos) error = read_duration(text.substr(dots + 2), parsed.max);
  if (error.empty() && parsed.max < parsed.min) error = "the range ends before it begins";
  if (error.empty()) value = parsed;
  return error;
}

// "0.1:NAME,0.2:NAME"
template <class Choice, class Parse>
std::string read_shares(Text text, std::vector<Share<Choice>>& list, Parse parse) {
  double sum = 0;
  for (const auto& share : list) sum += share.share;
  while (!text.empty()) {
    const Text item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::size_t colon = item.find(':');
    Share<Choice> share;
    if (colon == Text::npos || !read_share(item.substr(0, colon), share.share).empty()) {
      return "expected SHARE:NAME, such as 0.1:UNDELIV";
    }
    const std::optional<Choice> choice = parse(item.substr(colon + 1));
    if (!choice) return "no such name: " + std::string(item.substr(colon + 1));
    share.choice = *choice;
    sum += share.share;
    list.push_back(share);
  }
  return sum > 1 + 1e-9 ? "the shares add up to more than 1" : "";
}

std::optional<smpp::Status> status_of(Text name) {
  for (uint32_t value = 0; value <= 0x112; ++value) {
    const auto status = static_cast<smpp::Status>(value);
    if (smpp::name(status) == name) return status;
  }
  return std::nullopt;
}

std::string read_reply(Text text, Text separator, std::vector<Reply>& list) {
  const std::size_t at = text.find(separator);
  if (at == Text::npos || at + separator.size() == text.size()) {
    return "expected two texts with " + std::string(separator) + " between them";
  }
  list.push_back(
      {std::string(text.substr(0, at)), std::string(text.substr(at + separator.size()))});
  return {};
}

std::string read_flag(Text text, bool& value) {
  if (text != "true" && text != "false") return "expected true or false";
  value = text == "true";
  return {};
}

std::string read_id_format(Text text, IdFormat& value) {
  constexpr std::array<Text, 4> kNames{"dec", "hex", "hex-receipt-dec", "alnum"};
  const auto* found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return "expected dec, hex, hex-receipt-dec or alnum";
  value = static_cast<IdFormat>(found - kNames.begin());
  return {};
}

// A member that a function above reads.
template <auto kMember, auto kRead>
std::string member(Scenario& scenario, Text text) {
  return kRead(text, scenario.*kMember);
}
template <auto kMember>
std::string number(Scenario& scenario, Text text) {
  return read_number(text, scenario.*kMember);
}
template <auto kMember>
std::string words(Scenario& scenario, Text text) {
  scenario.*kMember = text;
  return {};
}

std::string set_deliver_window(Scenario& scenario, Text text) {
  uint32_t value = 0;
  if (!read_number(text, value).empty() || value < 1 || value > 4096) return "expected 1..4096";
  scenario.deliver_window = value;
  return {};
}

std::string set_log_every(Scenario& scenario, Text text) {
  uint32_t value = 0;
  if (!read_number(text, value).empty() || value < 1) return "expected a number from 1";
  scenario.log_every = value;
  return {};
}

constexpr std::array kSettings = std::to_array<Setting>({
    {"port", "PORT", "where ESMEs connect, on 127.0.0.1; 0: any free one", number<&Scenario::port>},
    {"stats-port", "PORT", "where the statistics are; 0: any free one",
     number<&Scenario::stats_port>},
    {"system-id", "NAME", "who may bind; none: anyone", words<&Scenario::system_id>},
    {"password", "WORD", "its password; none: any", words<&Scenario::password>},
    {"seed", "N", "of all chance; the same message meets the same fate", number<&Scenario::seed>},
    {"response-delay", "MIN..MAX", "until submit_sm_resp",
     member<&Scenario::response_delay, read_range>},
    {"receipt-delay", "MIN..MAX", "until the delivery receipt",
     member<&Scenario::receipt_delay, read_range>},
    {"receipt-state", "SHARE:STATE,...", "such as 0.1:UNDELIV; the rest is DELIVRD",
     [](Scenario& scenario, Text text) {
       return read_shares(text, scenario.receipt_states, smpp::state_of);
     }},
    {"receipt-tlvs", "true|false", "receipts carry their TLVs beside the text",
     member<&Scenario::receipt_tlvs, read_flag>},
    {"id-format", "FORM", "of message ids: dec, hex, hex-receipt-dec, alnum",
     member<&Scenario::id_format, read_id_format>},
    {"id-start", "N", "the first message id", number<&Scenario::id_start>},
    {"throttle-above", "N", "ESME_RTHROTTLED beyond so many submit_sm a second",
     number<&Scenario::throttle_above>},
    {"window", "N", "count submit_sm beyond so many unanswered as a violation",
     number<&Scenario::window>},
    {"status", "SHARE:NAME,...", "refuse a share, such as 0.01:ESME_RSYSERR",
     [](Scenario& scenario, Text text) { return read_shares(text, scenario.statuses, status_of); }},
    {"withhold-responses", "SHARE", "take a share of the messages without answering",
     member<&Scenario::withhold_responses, read_share>},
    {"reset-after", "N", "reset each connection at its N-th submit_sm",
     number<&Scenario::reset_after>},
    {"reply", "PATTERN=>TEXT", "an MT that contains PATTERN is replied to with TEXT",
     [](Scenario& scenario, Text text) { return read_reply(text, "=>", scenario.replies); }},
    {"reply-number", "NUMBER=TEXT", "NUMBER replies to every MT with TEXT",
     [](Scenario& scenario, Text text) { return read_reply(text, "=", scenario.number_replies); }},
    {"reply-delay", "MIN..MAX", "until the reply", member<&Scenario::reply_delay, read_range>},
    {"deliver-window", "N", "deliver_sm outstanding on one session", set_deliver_window},
    {"deliver-timeout", "TIME", "until a deliver_sm counts as unanswered",
     member<&Scenario::deliver_timeout, read_duration>},
    {"optout-text", "TEXT", "replies that contain it are opt-outs; none: all replies",
     words<&Scenario::optout_text>},
    {"optout-watch", "PATTERN", "count MTs that contain it after an answered opt-out",
     [](Scenario& scenario, Text text) {
       scenario.optout_watch.emplace_back(text);
       return std::string();
     }},
    {"log", "FILE", "a line of JSON for each whole message", words<&Scenario::log>},
    {"log-every", "N", "only every N-th", set_log_every},
});

}  // namespace

std::span<const Setting> settings() { return kSettings; }

std::string set(Scenario& scenario, Text key, Text value) {
  const auto* found = std::find_if(kSettings.begin(), kSettings.end(),
                                   [key](const Setting& setting) { return setting.key == key; });
  if (found == kSettings.end()) return "no setting \"" + std::string(key) + "\"";
  std::string error = found->set(scenario, value);
  if (!error.empty())
    error = std::string(key) + ": " + error + ", got \"" + std::string(value) + "\"";
  return error;
}

std::string read_scenario(Scenario& scenario, Text text) {
  for (int line_number = 1; !text.empty(); ++line_number) {
    Text line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::size_t value = std::min(line.find_first_not_of(' ', blank), line.size());
    const std::string error = set(scenario, line.substr(0, blank), line.substr(value));
    if (!error.empty()) return "line " + std::to_string(line_number) + ": " + error;
  }
  return {};
}

}  // namespace tact::bench
