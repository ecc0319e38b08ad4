// SPDX-License-Identifier: Apache-2.0
#include "client/message_fields.h"

#include <algorithm>
#include <array>

#include "client/time_text.h"
#include "client/utf8.h"

namespace tact::client {
namespace {

using proto::Message;
using Setter = std::string (*)(Message&, std::string_view);

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

// protobuf refuses a whole job for one string that is not UTF-8: so it may not get that far.
template <std::string* (Message::*kMutable)()>
std::string set_string(Message& message, std::string_view value) {
  if (!is_utf8(value)) return "not valid UTF-8";
  *(message.*kMutable)() = value;
  return {};
}

template <void (Message::*kSet)(int64_t)>
std::string set_time(Message& message, std::string_view value) {
  const auto time = parse_time_ms(value);
  if (!time) return "expected a time such as 2026-03-01T09:00:00+08:00, or Unix milliseconds";
  (message.*kSet)(*time);
  return {};
}

// Left as octets: the gateway answers for broken text, message by message.
std::string set_text(Message& message, std::string_view value) {
  message.set_text(value.data(), value.size());
  return {};
}

std::string set_class(Message& message, std::string_view value) {
  proto::MessageClass parsed{};
  if (!parse_class(value, parsed)) {
    return "expected OTP, CRISIS, NOTIFICATION, COLLECTION or MARKETING";
  }
  message.set_message_class(parsed);
  return {};
}

std::string set_role(Message& message, std::string_view value) {
  proto::Role parsed{};
  if (!proto::Role_Parse(upper(value), &parsed)) return "expected DEBTOR, GUARANTOR or CONTACT";
  message.set_role(parsed);
  return {};
}

std::string set_urgent(Message& message, std::string_view value) {
  const std::string word = upper(value);
  if (word != "TRUE" && word != "FALSE") return "expected true or false";
  message.set_urgent(word == "TRUE");
  return {};
}

std::string set_consent_proof(Message& message, std::string_view value) {
  if (!is_utf8(value)) return "not valid UTF-8";
  message.mutable_consent()->set_proof(std::string(value));
  return {};
}

std::string set_consent_time(Message& message, std::string_view value) {
  const auto time = parse_time_ms(value);
  if (!time) return "expected a time such as 2026-03-01T09:00:00+08:00, or Unix milliseconds";
  message.mutable_consent()->set_time_ms(*time);
  return {};
}

constexpr std::string_view kVariable = "variables.";

// Parted by commas.
std::string set_special_dates(Message& message, std::string_view value) {
  if (!is_utf8(value)) return "not valid UTF-8";
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    message.add_special_dates(std::string(value.substr(0, end)));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return {};
}

struct Field {
  std::string_view name;
  Setter set;
};

constexpr std::array kFields = std::to_array<Field>({
    {"reference", set_string<&Message::mutable_reference>},
    {"idempotency_key", set_string<&Message::mutable_idempotency_key>},
    {"account", set_string<&Message::mutable_account>},
    {"to", set_string<&Message::mutable_to>},
    {"from", set_string<&Message::mutable_from>},
    {"text", set_text},
    {"template_id", set_string<&Message::mutable_template_id>},
    {"template_version", set_string<&Message::mutable_template_version>},
    {"message_class", set_class},
    {"class", set_class},
    {"campaign", set_string<&Message::mutable_campaign>},
    {"zone", set_string<&Message::mutable_zone>},
    {"urgent", set_urgent},
    {"role", set_role},
    {"consent.proof", set_consent_proof},
    {"consent_proof", set_consent_proof},
    {"consent.time_ms", set_consent_time},
    {"consent_time_ms", set_consent_time},
    {"emergency", set_string<&Message::mutable_emergency>},
    {"due_date", set_string<&Message::mutable_due_date>},
    {"special_dates", set_special_dates},
    {"stage", set_string<&Message::mutable_stage>},
    {"not_before_ms", set_time<&Message::set_not_before_ms>},
    {"not_before", set_time<&Message::set_not_before_ms>},
    {"at", set_time<&Message::set_not_before_ms>},
    {"expires_at_ms", set_time<&Message::set_expires_at_ms>},
    {"expires_at", set_time<&Message::set_expires_at_ms>},
});

const Field* find_field(std::string_view name) {
  const auto* found = std::find_if(kFields.begin(), kFields.end(),
                                   [name](const Field& field) { return field.name == name; });
  return found == kFields.end() ? nullptr : found;
}

}  // namespace

bool is_field(std::string_view name) {
  return find_field(name) != nullptr || (name.starts_with(kVariable) && name != kVariable);
}

std::string set_field(Message& message, std::string_view name, std::string_view value) {
  if (name.starts_with(kVariable) && name != kVariable) {
    if (!is_utf8(name)) return "not valid UTF-8";
    proto::Variable& variable = *message.add_variables();
    variable.set_name(std::string(name.substr(kVariable.size())));
    variable.set_value(value.data(), value.size());
    return {};
  }
  const Field* field = find_field(name);
  if (field == nullptr) return "no such field";
  return value.empty() ? std::string() : field->set(message, value);
}

bool parse_class(std::string_view name, proto::MessageClass& parsed) {
  return proto::MessageClass_Parse(upper(name), &parsed) && parsed != proto::CLASS_UNSPECIFIED;
}

}  // namespace tact::client
