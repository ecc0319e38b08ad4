// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/scenario.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "smpp/print.h"
#include "smpp/receipt.h"

namespace tact::bench {
namespace {

using Text = std::string_view;
using std::chrono::microseconds;

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

// One "0.1:CHOICE" more for the list. `read` is a function as above.
template <class Choice, class Read>
std::string add_share(Text text, std::vector<Share<Choice>>& list, Read read) {
  double sum = 0;
  for (const auto& share : list) sum += share.share;
  Share<Choice> share;
  const std::size_t colon = text.find(':');
  if (colon == Text::npos || !read_share(text.substr(0, colon), share.share).empty()) {
    return "expected a share and a choice, such as 0.1:UNDELIV";
  }
  std::string error = read(text.substr(colon + 1), share.choice);
  if (!error.empty()) return error;
  if (sum + share.share > 1 + 1e-9) return "the shares add up to more than 1";
  list.push_back(std::move(share));
  return {};
}

// "0.1:CHOICE,0.2:CHOICE"
template <class Choice, class Read>
std::string add_shares(Text text, std::vector<Share<Choice>>& list, Read read) {
  std::string error;
  while (error.empty() && !text.empty()) error = add_share(take_before(text, ','), list, read);
  return error;
}

// "1ms..5ms,0.01:1s..5s"
std::string read_delay(Text text, Delay& value) {
  Delay parsed;
  std::string error = read_range(take_before(text, ','), parsed.usual);
  if (error.empty()) error = add_shares(text, parsed.tail, read_range);
  if (error.empty()) value = parsed;
  return error;
}

// "5000,20s:500,40s:5000"
std::string read_schedule(Text text, Schedule& value) {
  std::vector<Schedule::Step> steps(1);
  std::string error = read_number(take_before(text, ','), steps[0].value);
  while (error.empty() && !text.empty()) {
    Text item = take_before(text, ',');
    Schedule::Step step;
    error = read_duration(take_before(item, ':'), step.from);
    if (error.empty()) error = read_number(item, step.value);
    if (error.empty() && step.from <= steps.back().from) error = "expected rising times";
    steps.push_back(step);
  }
  if (error.empty()) value = Schedule(std::move(steps));
  return error;
}

std::string read_state(Text name, smpp::MessageState& value) {
  const auto state = smpp::state_of(name);
  if (!state) return "no such state: " + std::string(name);
  value = *state;
  return {};
}

std::string read_status(Text name, smpp::Status& value) {
  for (uint32_t code = 0; code <= 0x112; ++code) {
    const auto status = static_cast<smpp::Status>(code);
    if (smpp::name(status) != name) continue;
    value = status;
    return {};
  }
  return "no such status: " + std::string(name);
}

// "2000:200"
std::string read_contract(Text text, Contract& value) {
  Contract parsed;
  std::string error = read_number(take_before(text, ':'), parsed.rate);
  if (error.empty()) error = read_number(text, parsed.burst);
  if (error.empty() && parsed.rate > 0 && parsed.burst == 0) error = "expected a burst from 1";
  if (error.empty()) value = parsed;
  return error;
}

std::string read_words(Text text, std::string& value) {
  value = text;
  return text.empty() ? "expected a text" : "";
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

std::string read_receipt_place(Text text, ReceiptPlace& value) {
  constexpr std::array<Text, 3> kNames{"short_message", "message_payload", "none"};
  const auto* found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return "expected short_message, message_payload or none";
  value = static_cast<ReceiptPlace>(found - kNames.begin());
  return {};
}

// "NAME PASSWORD [binds=N] [window=N] [throttle-above=SCHEDULE]"
std::string add_account(Scenario& scenario, Text text) {
  AccountLimits account;
  account.system_id = take_before(text, ' ');
  account.password = take_before(text, ' ');
  std::string error = account.password.empty() ? "expected a name and a password" : "";
  while (error.empty() && !text.empty()) {
    Text value = take_before(text, ' ');
    const Text key = take_before(value, '=');
    if (key == "binds") {
      error = read_number(value, account.binds);
    } else if (key == "window") {
      error = read_number(value, account.window);
    } else if (key == "throttle-above") {
      error = read_schedule(value, account.throttle_above);
    } else {
      error = "expected binds=, window= or throttle-above=";
    }
  }
  if (error.empty()) scenario.accounts.push_back(std::move(account));
  return error;
}

std::string add_outage(Scenario& scenario, Text text) {
  DelayRange outage;
  std::string error = read_range(text, outage);
  if (error.empty() && outage.min == outage.max) error = "expected FROM..TO";
  if (error.empty()) scenario.outages.push_back(outage);
  return error;
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
// Of the one account that stands for all.
template <auto kMember>
std::string words_of_anyone(Scenario& scenario, Text text) {
  scenario.anyone.*kMember = text;
  return {};
}
template <auto kMember>
std::string number_of_anyone(Scenario& scenario, Text text) {
  return read_number(text, scenario.anyone.*kMember);
}

std::string set_deliver_window(Scenario& scenario, Text text) {
  uint32_t value = 0;
  if (!read_number(text, value).empty() || value < 1 || value > 4096) return "expected 1..4096";
  scenario.deliver_window = value;
  return {};
}

std::string read_version(Text text, uint8_t& value) {
  for (const auto& [name, version] :
       {std::pair("3.3", 0x33), std::pair("3.4", 0x34), std::pair("5.0", 0x50)}) {
    if (text != name) continue;
    value = static_cast<uint8_t>(version);
    return {};
  }
  return "expected 3.3, 3.4 or 5.0";
}

// All of delivery-tlv, beside a receipt's own and its text.
constexpr std::size_t kOwnTlvsMax = 128;

std::string read_alphabet(Text text, smpp::Coding& value) {
  for (const auto coding :
       {smpp::Coding::gsm7, smpp::Coding::ascii, smpp::Coding::latin1, smpp::Coding::ucs2}) {
    if (text != smpp::name(coding)) continue;
    value = coding;
    return {};
  }
  return "expected gsm7, ascii, latin1 or ucs2";
}

std::string set_gbk(Scenario& scenario, Text text) {
  uint32_t value = 0;
  if (!read_number(text, value).empty() || value < 1 || value > 255) return "expected 1..255";
  if (smpp::coding_of(static_cast<smpp::DataCoding>(value))) return "another coding has it";
  scenario.dialect.gbk = static_cast<uint8_t>(value);
  return {};
}

// "0x1402=0a0b"
std::string add_delivery_tlv(Scenario& scenario, Text text) {
  const std::string name(take_before(text, '='));
  char* end = nullptr;
  const unsigned long tag = std::strtoul(name.c_str(), &end, 16);
  OwnTlv tlv;
  if (!name.starts_with("0x") || *end != '\0' || tag < 1 || tag > 0xFFFF) {
    return "expected 0xTAG=HEX";
  }
  tlv.tag = static_cast<smpp::Tag>(tag);
  std::size_t octets = 0;
  if (!smpp::from_hex(text, tlv.value)) return "expected 0xTAG=HEX";
  for (const OwnTlv& each : scenario.delivery_tlvs) octets += 4 + each.value.size();
  if (octets + 4 + tlv.value.size() > kOwnTlvsMax) return "expected 128 octets at most";
  scenario.delivery_tlvs.push_back(std::move(tlv));
  return {};
}

std::string set_log_every(Scenario& scenario, Text text) {
  uint32_t value = 0;
  if (!read_number(text, value).empty() || value < 1) return "expected a number from 1";
  scenario.log_every = value;
  return {};
}

constexpr std::array kSettings = std::to_array<SettingOf<Scenario>>({
    {"port", "PORT", "where ESMEs connect, on 127.0.0.1; 0: any free one", number<&Scenario::port>},
    {"stats-port", "PORT", "where the statistics are; 0: any free one",
     number<&Scenario::stats_port>},
    {"tls-cert", "FILE", "TLS: the certificate that ESMEs are shown (PEM); none: plain TCP",
     words<&Scenario::tls_cert>},
    {"tls-key", "FILE", "its key", words<&Scenario::tls_key>},
    {"tls-ca", "FILE", "ESMEs must show a certificate of this CA", words<&Scenario::tls_ca>},
    {"system-id", "NAME", "who may bind; none: anyone", words_of_anyone<&AccountLimits::system_id>},
    {"password", "WORD", "its password; none: any", words_of_anyone<&AccountLimits::password>},
    {"account", "NAME PASSWORD [binds=N] [window=N] [throttle-above=RATE]",
     "one of several that may bind, each with limits of its own", add_account},
    {"seed", "N", "of all chance; the same message meets the same fate", number<&Scenario::seed>},
    {"response-delay", "MIN..MAX[,SHARE:MIN..MAX...]",
     "until submit_sm_resp; 1ms..5ms,0.01:1s..5s has a slow tail",
     member<&Scenario::response_delay, read_delay>},
    {"receipt-delay", "MIN..MAX[,SHARE:MIN..MAX...]", "until the delivery receipt",
     member<&Scenario::receipt_delay, read_delay>},
    {"receipt-state", "SHARE:STATE,...", "such as 0.1:UNDELIV; the rest is DELIVRD",
     [](Scenario& scenario, Text text) {
       return add_shares(text, scenario.receipt_states, read_state);
     }},
    {"receipt-tlvs", "true|false", "receipts carry their TLVs beside the text",
     member<&Scenario::receipt_tlvs, read_flag>},
    {"interface-version", "3.3|3.4|5.0", "of SMPP, told in the answer to a bind; 3.3 tells none",
     member<&Scenario::interface_version, read_version>},
    {"default-alphabet", "gsm7|ascii|latin1|ucs2", "what data_coding 0 means",
     [](Scenario& scenario, Text text) { return read_alphabet(text, scenario.dialect.zero); }},
    {"packed-septets", "true|false", "texts of GSM 7-bit have eight septets in seven octets",
     [](Scenario& scenario, Text text) { return read_flag(text, scenario.dialect.packed); }},
    {"gbk-data-coding", "N", "the data_coding of GBK; none: it is not taken", set_gbk},
    {"delivery-tlv", "0xTAG=HEX", "a parameter that receipts and replies bear", add_delivery_tlv},
    {"receipt-text", "FORM",
     "where it is: short_message, message_payload, or none: the TLVs say it alone",
     member<&Scenario::receipt_text, read_receipt_place>},
    {"double-receipts", "SHARE", "a share of the receipts comes twice",
     member<&Scenario::double_receipts, read_share>},
    {"truncate-receipts", "SHARE", "a share of their texts is cut short anywhere",
     member<&Scenario::truncate_receipts, read_share>},
    {"id-format", "FORM", "of message ids: dec, hex, hex-receipt-dec, alnum",
     member<&Scenario::id_format, read_id_format>},
    {"id-start", "N", "the first message id", number<&Scenario::id_start>},
    {"throttle-above", "N[,TIME:N...]",
     "ESME_RTHROTTLED beyond so many submit_sm a second; 5000,20s:500 falls after 20 s",
     member<&Scenario::throttle_above, read_schedule>},
    {"congestion-state", "true|false", "responses tell how much of throttle-above is asked for",
     member<&Scenario::congestion_state, read_flag>},
    {"binds", "N", "ESME_RALYBND for more sessions of one system_id",
     number_of_anyone<&AccountLimits::binds>},
    {"already-bound-for", "TIME", "a session that broke counts among them for so long",
     member<&Scenario::already_bound_for, read_duration>},
    {"window", "N", "count submit_sm beyond so many unanswered as a violation",
     number_of_anyone<&AccountLimits::window>},
    {"contract", "RATE:BURST",
     "count submit_sm beyond RATE a second and BURST at once beside as violations",
     member<&Scenario::contract, read_contract>},
    {"status", "SHARE:NAME,...", "refuse a share, such as 0.01:ESME_RSYSERR",
     [](Scenario& scenario, Text text) {
       return add_shares(text, scenario.statuses, read_status);
     }},
    {"withhold-responses", "SHARE", "take a share of the messages without answering",
     member<&Scenario::withhold_responses, read_share>},
    {"reset-after", "N", "reset each connection at its N-th submit_sm",
     number<&Scenario::reset_after>},
    {"half-open-after", "N", "each connection falls silent at its N-th submit_sm, and stays open",
     number<&Scenario::half_open_after>},
    {"outage", "FROM..TO", "every connection is reset and none is served; from the first submit_sm",
     add_outage},
    {"unasked-reply", "SHARE:TEXT", "a share of the MTs is replied to with TEXT",
     [](Scenario& scenario, Text text) {
       return add_share(text, scenario.unasked_replies, read_words);
     }},
    {"reply", "PATTERN=>TEXT", "an MT that contains PATTERN is replied to with TEXT",
     [](Scenario& scenario, Text text) { return read_reply(text, "=>", scenario.replies); }},
    {"reply-number", "NUMBER=TEXT", "NUMBER replies to every MT with TEXT",
     [](Scenario& scenario, Text text) { return read_reply(text, "=", scenario.number_replies); }},
    {"reply-delay", "MIN..MAX[,SHARE:MIN..MAX...]", "until the reply",
     member<&Scenario::reply_delay, read_delay>},
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
    {"log-text", "TEXT", "only those that contain it", words<&Scenario::log_text>},
});

}  // namespace

uint32_t Schedule::at(smpp::Mono time) const {
  uint32_t value = 0;
  for (const Step& step : steps_) {
    if (step.from <= time) value = step.value;
  }
  return value;
}

std::span<const SettingOf<Scenario>> scenario_settings() { return kSettings; }

std::string set(Scenario& scenario, Text key, Text value) {
  return set(scenario_settings(), scenario, key, value);
}

std::string read_scenario(Scenario& scenario, Text text) {
  return read_settings(scenario_settings(), scenario, text);
}

}  // namespace tact::bench
