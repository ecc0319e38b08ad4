// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "gateway/config/context.h"
#include "gateway/engine/captured.h"
#include "smpp/tlv.h"

// TLVs of the carrier's own, on submit_sm and out of receipts and replies.
namespace tact::gateway::config {
namespace {

// All of them fit into one PDU beside those of the gateway (TlvWriter::kCapacity).
constexpr int kSubmitTlvs = 4;
constexpr std::size_t kValueOctets = 100;

// The gateway sends these itself, or reads the text in them.
constexpr std::array kOwn = {smpp::Tag::user_message_reference, smpp::Tag::sar_msg_ref_num,
                             smpp::Tag::sar_total_segments, smpp::Tag::sar_segment_seqnum,
                             smpp::Tag::message_payload};

std::optional<smpp::Tag> tag_of(std::string_view text) {
  if (const auto* known = smpp::tlv_info(text)) return known->tag;
  if (!text.starts_with("0x")) return std::nullopt;
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<smpp::Tag>(number);
}

// Nothing, and a problem, for what is no tag, or came before.
std::optional<smpp::Tag> read_tag(const std::string& text, const std::string& at,
                                  std::set<smpp::Tag>& taken, Context& context) {
  if (context.is_told(at)) return std::nullopt;
  const auto tag = tag_of(text);
  if (!tag) {
    context.problem(at, "expected a tag such as 0x1400 or a name of SMPP's, got \"" + text + '"');
  } else if (std::ranges::find(kOwn, *tag) != kOwn.end()) {
    context.problem(at, text + " belongs to the gateway itself");
  } else if (!taken.insert(*tag).second) {
    context.problem(at, "duplicate tag " + text);
  } else {
    return tag;
  }
  return std::nullopt;
}

std::optional<std::string> octets_of(std::string_view hex) {
  std::string out;
  if (hex.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    uint8_t octet = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, octet, 16);
    if (error != std::errc() || end != hex.data() + i + 2) return std::nullopt;
    out.push_back(static_cast<char>(octet));
  }
  return out;
}

void check_attribute(const proto::Config& source, const std::string& name, const std::string& at,
                     Context& context) {
  std::vector<std::string> known;
  for (const auto& tenant : source.tenants()) {
    for (const auto& account : tenant.accounts()) {
      for (const auto& [each, value] : account.attributes()) known.push_back(each);
    }
  }
  if (std::ranges::find(known, name) != known.end()) return;
  const std::string near = nearest(name, known);
  context.problem(at, "no account has an attribute \"" + name + '"' +
                          (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

// What is wrong with a value of the tag, which the session would refuse to send with each message;
// empty: nothing.
std::string misfit(const SubmitTlv& tlv, std::string value, bool is_text) {
  const auto* known = smpp::tlv_info(tlv.tag);
  if (tlv.terminated) value.push_back('\0');
  const smpp::Octets octets(reinterpret_cast<const uint8_t*>(value.data()), value.size());
  const bool words = is_text && known != nullptr && known->kind == smpp::TlvKind::integer;
  if (known == nullptr || (smpp::is_whole({tlv.tag, octets}) && !words)) return "";
  const std::string length = std::to_string(known->length) + " octets";
  switch (known->kind) {
    case smpp::TlvKind::integer:
      return std::string(known->name) + " is an integer: expected hex with " + length;
    case smpp::TlvKind::c_string:
      return std::string(known->name) + " is a text with a NUL behind it, at most " + length +
             ": expected terminated: true";
    case smpp::TlvKind::octets:
      break;
  }
  return std::string(known->name) + " has at most " + length;
}

// An attribute is one of several accounts, each with its own value.
void check_values(const proto::Config& source, const SubmitTlv& tlv, const std::string& at,
                  Context& context) {
  for (const auto& tenant : source.tenants()) {
    for (const auto& account : tenant.accounts()) {
      const auto value = account.attributes().find(tlv.attribute);
      if (value == account.attributes().end()) continue;
      const std::string wrong = misfit(tlv, value->second, true);
      if (!wrong.empty()) return context.problem(at, "of account " + account.name() + ": " + wrong);
    }
  }
}

void read_value(const proto::Config& source, const proto::SubmitTlv& tlv, const std::string& path,
                Context& context, SubmitTlv& out) {
  const std::string text = path + ".text", hex = path + ".hex", attribute = path + ".attribute";
  if (int{context.has(text)} + int{context.has(hex)} + int{context.has(attribute)} != 1) {
    return context.problem(path, "expected one of text, hex and attribute in " + path);
  }
  if (context.has(attribute)) {
    context.check_not_empty(attribute, tlv.attribute());
    if (!tlv.attribute().empty()) check_attribute(source, tlv.attribute(), attribute, context);
    out.attribute = tlv.attribute();
    return check_values(source, out, attribute, context);
  }
  const std::string& at = context.has(text) ? text : hex;
  const auto value = context.has(text) ? std::optional(tlv.text()) : octets_of(tlv.hex());
  if (!value) {
    context.problem(at, "expected octets as hex digits, two each, got \"" + tlv.hex() + '"');
  } else if (value->size() > kValueOctets) {
    context.problem(at, at + " must be at most " + std::to_string(kValueOctets) + " octets, got " +
                            std::to_string(value->size()));
  } else if (const std::string wrong = misfit(out, *value, at == text); !wrong.empty()) {
    context.problem(at, wrong);
  } else {
    out.value = *value;
  }
}

}  // namespace

std::vector<SubmitTlv> read_submit_tlvs(const proto::Config& source, const proto::Route& route,
                                        const std::string& path, Context& context) {
  std::vector<SubmitTlv> out;
  std::set<smpp::Tag> taken;
  for (int i = 0; i < route.submit_tlvs_size(); ++i) {
    const proto::SubmitTlv& tlv = route.submit_tlvs(i);
    const std::string at = item(path + ".submit_tlvs", i);
    SubmitTlv& read = out.emplace_back();
    read.tag = read_tag(tlv.tag(), at + ".tag", taken, context).value_or(smpp::Tag{});
    read.terminated = tlv.terminated();
    read_value(source, tlv, at, context, read);
  }
  if (out.size() > kSubmitTlvs) {
    context.problem(path + ".submit_tlvs",
                    path + ".submit_tlvs has more than " + std::to_string(kSubmitTlvs));
  }
  return out;
}

std::vector<smpp::Tag> read_capture_tlvs(const proto::Route& route, const std::string& path,
                                         Context& context) {
  std::vector<smpp::Tag> out;
  std::set<smpp::Tag> taken;
  for (int i = 0; i < route.capture_tlvs_size(); ++i) {
    const std::string at = item(path + ".capture_tlvs", i);
    if (const auto tag = read_tag(route.capture_tlvs(i), at, taken, context)) out.push_back(*tag);
  }
  if (out.size() > kCapturedTags) {
    context.problem(path + ".capture_tlvs",
                    path + ".capture_tlvs has more than " + std::to_string(kCapturedTags));
  }
  return out;
}

std::map<std::string, std::string> read_attributes(const proto::Account& account,
                                                   const std::string& path, Context& context) {
  for (const auto& [name, value] : account.attributes()) {
    const std::string at = path + ".attributes." + name;
    if (value.empty() || value.size() > kValueOctets) {
      context.problem(at, at + " must be 1.." + std::to_string(kValueOctets) + " octets, got " +
                              std::to_string(value.size()));
    }
  }
  return {account.attributes().begin(), account.attributes().end()};
}

}  // namespace tact::gateway::config
