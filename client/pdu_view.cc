// SPDX-License-Identifier: Apache-2.0
#include "client/pdu_view.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <type_traits>

#include "smpp/print.h"
#include "smpp/receipt.h"
#include "smpp/segment.h"
#include "smpp/udh.h"
#include "smpp/utf8.h"

namespace tact::client {
namespace {

namespace json = boost::json;
using smpp::Octets;

std::string_view view_of(Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// Octets of no known alphabet as UTF-8: each is the character of its number.
std::string text_of(std::string_view octets) {
  std::string out;
  smpp::to_utf8({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()},
                smpp::Coding::latin1, out);
  return out;
}

std::string hex_number(std::uint32_t value, int digits) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%0*X", digits, value);
  return text;
}

std::string status_text(smpp::Status status) {
  const std::string_view word = smpp::name(status);
  return word.starts_with("ESME_") ? std::string(word)
                                   : hex_number(static_cast<std::uint32_t>(status), 8);
}

// ---- fields

json::value value_of(const smpp::Tlv& tlv, const smpp::TlvInfo* info) {
  const std::string hex = smpp::to_hex(tlv.value);
  const smpp::TlvKind kind = info ? info->kind : smpp::TlvKind::octets;
  if (kind == smpp::TlvKind::octets) return json::string(hex);
  // A number or a text would be said of octets that are none.
  const bool other = kind == smpp::TlvKind::integer && tlv.value.size() != info->length;
  if (!smpp::is_whole(tlv) || other) return json::object{{"hex", hex}};
  if (kind == smpp::TlvKind::c_string) {
    return json::string(text_of(view_of(tlv.value.first(tlv.value.size() - 1))));
  }
  std::uint32_t number = 0;
  for (const std::uint8_t octet : tlv.value) number = number << 8 | octet;
  return number;
}

struct Fields {
  json::object& out;

  template <class P, class T>
  void add(T value, const smpp::Integer<P, T>& field) {
    if constexpr (std::is_same_v<T, smpp::Status>) {
      out[field.name] = status_text(value);
    } else {
      out[field.name] = static_cast<std::uint32_t>(value);
    }
  }
  template <class P>
  void add(std::string_view value, const smpp::CString<P>& field) {
    out[field.name] = text_of(value);
  }
  template <class P>
  void add(Octets value, const smpp::Counted<P>& field) {
    out[field.name] = smpp::to_hex(value);
  }
  template <class P, class Item>
  void add(const smpp::List<Item>& value, const smpp::Listed<P, Item>& field) {
    json::array items;
    for (const Item& item : value) {
      json::object object;
      Fields{object}.add_item(item);
      items.push_back(std::move(object));
    }
    out[field.name] = std::move(items);
  }
  template <class P>
  void add(smpp::Tlvs value, const smpp::Optionals<P>&) {
    json::array tlvs;
    for (const smpp::Tlv& tlv : value) {
      const smpp::TlvInfo* info = smpp::tlv_info(tlv.tag);
      const auto tag = static_cast<std::uint16_t>(tlv.tag);
      tlvs.push_back({{"tag", info ? std::string(info->name) : hex_number(tag, 4)},
                      {"value", value_of(tlv, info)}});
    }
    if (!tlvs.empty()) out["tlvs"] = std::move(tlvs);
  }

  template <class P>
  void add_item(const P& pdu) {
    std::apply([&](const auto&... field) { (add(pdu.*field.member, field), ...); }, P::fields());
  }
  template <class... Choice>
  void add_item(const std::variant<Choice...>& item) {
    std::visit(
        [&](const auto& choice) {
          out["kind"] = choice.kName;
          add_item(choice);
        },
        item);
  }
};

// ---- contents

// What carries a text, whatever its command: the fields that a text is read by.
std::optional<smpp::ShortMessage> message_of(const smpp::Body& body) {
  return std::visit(
      [](const auto& pdu) -> std::optional<smpp::ShortMessage> {
        if constexpr (requires { pdu.data_coding; }) {
          smpp::ShortMessage message;
          message.data_coding = pdu.data_coding;
          message.tlvs = pdu.tlvs;
          if constexpr (requires { pdu.esm_class; }) message.esm_class = pdu.esm_class;
          if constexpr (requires { pdu.short_message; }) message.short_message = pdu.short_message;
          return message;
        }
        return std::nullopt;
      },
      body);
}

void add_receipt(const smpp::ShortMessage& message, const smpp::Dialect& dialect,
                 json::object& out) {
  smpp::Receipt receipt;
  if (!smpp::parse_receipt(message, receipt, smpp::kCommonReceiptForm, dialect)) return;
  json::object told{{"id", text_of(receipt.id)}, {"state", text_of(smpp::name(receipt.state))}};
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) told[name] = text_of(value);
  };
  if (receipt.receipted_id != receipt.id) add("receipted_id", receipt.receipted_id);
  if (receipt.stat != smpp::name(receipt.state)) add("stat", receipt.stat);
  add("err", receipt.err);
  add("sub", receipt.sub);
  add("dlvrd", receipt.dlvrd);
  add("submit_date", receipt.submit_date);
  add("done_date", receipt.done_date);
  add("network_error_code", smpp::to_hex(receipt.network_error_code));
  if (receipt.user_message_reference) {
    told["user_message_reference"] = *receipt.user_message_reference;
  }
  out["receipt"] = std::move(told);
}

void add_part(const smpp::ShortMessage& message, const smpp::PartInfo& info, json::object& out) {
  if (info.is_part()) {
    out["part"] = {{"reference", info.reference}, {"index", info.index}, {"total", info.total}};
  }
  if (!smpp::has_udh(message.esm_class)) return;
  auto udh = smpp::split_udh(message.payload());
  if (!udh) {
    out["udh"] = "longer than the text";
    return;
  }
  json::array elements;
  while (const auto element = udh->take()) {
    elements.push_back({{"id", hex_number(element->id, 2)}, {"data", smpp::to_hex(element->data)}});
  }
  if (!udh->elements.empty()) {
    elements.push_back(json::object{{"cut_short", smpp::to_hex(udh->elements)}});
  }
  out["udh"] = std::move(elements);
}

void add_language(std::string_view table, smpp::Language language, json::object& out) {
  if (language != smpp::Language::none) out[table] = text_of(smpp::name(language));
}

json::object contents_of(const smpp::Pdu& pdu, Octets frame, const smpp::Dialect& dialect) {
  json::object out;
  if (const auto message = message_of(pdu.body)) {
    const smpp::PartInfo part = smpp::part_info(*message);
    add_part(*message, part, out);
    const auto coding = smpp::coding_of(message->data_coding, dialect);
    if (coding && !part.text.empty()) {
      std::string text;
      smpp::read_text(part, message->data_coding, dialect, text);
      smpp::utf8::join_halves(text);
      out["coding"] = text_of(smpp::name(*coding));
      add_language("locking", part.shift.locking, out);
      add_language("single", part.shift.single, out);
      out["text"] = text;
    }
    add_receipt(*message, dialect, out);
  }
  if (const std::size_t left = octets_not_read(pdu, frame)) {
    out["not_read"] = {{"offset", frame.size() - left}, {"octets", left}};
  }
  return out;
}

// What print() shows already, or may not be shown, is left out.
void thin_out(const smpp::Pdu& pdu, bool mask, json::object& contents) {
  const auto message = message_of(pdu.body);
  if (!message) return;
  const Octets shown = message->payload();
  const json::value* text = contents.if_contains("text");
  if (mask || (text && std::string_view(text->get_string()) == view_of(shown))) {
    contents.erase("text");
    contents.erase("coding");
  }
  if (!mask) return;
  contents.erase("receipt");
  contents.erase("udh");  // an address to reply to may be in it
}

// On one line, without a character that a terminal would obey: JSON escapes those below a blank;
// some obey DEL and U+0080 to U+009F.
std::string words_of(const json::object& contents) {
  std::string out;
  for (const auto& [name, value] : contents) {
    out += ' ';
    out += name;
    out += '=';
    const std::string text = json::serialize(value);
    for (std::size_t at = 0; at < text.size(); ++at) {
      const bool two = text[at] == '\xC2' && at + 1 < text.size() && text[at + 1] < '\xA0';
      if (two) ++at;
      if (two || text[at] == '\x7F') {
        out += "\\u00" + smpp::to_hex({reinterpret_cast<const std::uint8_t*>(&text[at]), 1});
      } else {
        out += text[at];
      }
    }
  }
  return out;
}

}  // namespace

json::object json_of(const smpp::Pdu& pdu, Octets frame, const smpp::Dialect& dialect) {
  json::object out{{"command", text_of(smpp::name(pdu.header.command_id))},
                   {"status", status_text(pdu.header.command_status)},
                   {"sequence_number", pdu.header.sequence_number}};
  std::visit([&](const auto& body) { Fields{out}.add_item(body); }, pdu.body);
  for (auto& [name, value] : contents_of(pdu, frame, dialect)) out[name] = value;
  return out;
}

std::string line_of(const smpp::Pdu& pdu, Octets frame, const smpp::Dialect& dialect, bool mask) {
  json::object contents = contents_of(pdu, frame, dialect);
  thin_out(pdu, mask, contents);
  std::string line = smpp::print(pdu, {.reveal = !mask});
  if (!contents.empty()) line += "  #" + words_of(contents);
  return line;
}

std::size_t octets_not_read(const smpp::Pdu& pdu, Octets frame) {
  const Octets tlvs = smpp::tlvs_of(pdu.body).encoded();
  // A PDU that was not read so far has none.
  if (!tlvs.data()) return 0;
  return static_cast<std::size_t>(frame.data() + frame.size() - (tlvs.data() + tlvs.size()));
}

std::string to_string(const smpp::CodecResult& fault) {
  return status_text(fault.status) + " at " + std::to_string(fault.offset) + " (" +
         std::string(fault.field) + ")";
}

}  // namespace tact::client
