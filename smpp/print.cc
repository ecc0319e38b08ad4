// SPDX-License-Identifier: Apache-2.0
#include "smpp/print.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
#include <tuple>
#include <type_traits>

#include "smpp/codec.h"

namespace tact::smpp {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

Octets octets_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool is_printable(std::uint8_t octet) { return octet >= 0x20 && octet < 0x7F; }

/// Text that one can read, with an escape here and there.
bool is_text(Octets octets) {
  const auto strange =
      octets.size() - static_cast<std::size_t>(std::ranges::count_if(octets, is_printable));
  return strange <= octets.size() / 8;
}

void put_quoted(Octets octets, std::string& out) {
  out += '"';
  for (const std::uint8_t octet : octets) {
    const char c = static_cast<char>(octet);
    if (!is_printable(octet)) {
      out += "\\x";
      out += kDigits[octet >> 4];
      out += kDigits[octet & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

void put_octets(Octets octets, std::string& out) {
  if (is_text(octets)) {
    put_quoted(octets, out);
  } else {
    out += "hex:" + to_hex(octets);
  }
}

void put_hex_number(std::uint32_t value, int digits, std::string& out) {
  out += "0x";
  while (digits-- > 0) out += kDigits[value >> (4 * digits) & 15];
}

void put_status(Status status, std::string& out) {
  const std::string_view word = name(status);
  if (word.starts_with("ESME_")) {
    out += word;
  } else {
    put_hex_number(static_cast<std::uint32_t>(status), 8, out);
  }
}

void put_size(Octets octets, std::string& out) {
  out += '<' + std::to_string(octets.size()) + " octets>";
}

/// A number keeps its length and its sign, so that two lines can be compared by shape.
void put_masked_number(std::string_view number, std::string& out) {
  std::string masked(number);
  for (char& c : masked) {
    if (c != '+') c = '*';
  }
  put_quoted(octets_of(masked), out);
}

/// May a log show it? Only what is known to be no number, name or text.
bool is_shown(const Tlv& tlv, const TlvInfo* info) {
  if (!info || !is_whole(tlv)) return false;
  switch (info->kind) {
    case TlvKind::integer:
      return true;
    case TlvKind::c_string:
      return tlv.tag == Tag::receipted_message_id || tlv.tag == Tag::broadcast_end_time;
    case TlvKind::octets:
      break;
  }
  return info->length >= 1 && info->length <= 3;
}

struct Printer {
  std::string& out;
  bool reveal;

  template <class P, class T>
  void put(T value, const Integer<P, T>& field) {
    if (value == T{}) return;
    key(field.name);
    show(value, field);
  }

  template <class P>
  void put(std::string_view value, const CString<P>& field) {
    if (value.empty()) return;
    key(field.name);
    show(value, field);
  }

  template <class P>
  void put(Octets value, const Counted<P>& field) {
    if (value.empty()) return;
    key(field.name);
    reveal ? put_octets(value, out) : put_size(value, out);
  }

  template <class P, class Item>
  void put(const List<Item>& value, const Listed<P, Item>& field) {
    for (const Item& item : value) {
      key(field.name);
      show_item(item);
    }
  }

  template <class P>
  void put(Tlvs tlvs, const Optionals<P>&) {
    for (const Tlv& tlv : tlvs) put(tlv);
  }

  void put(const Tlv& tlv) {
    const TlvInfo* info = tlv_info(tlv.tag);
    out += " tlv.";
    if (info) {
      out += info->name;
    } else {
      put_hex_number(static_cast<std::uint16_t>(tlv.tag), 4, out);
    }
    out += '=';
    if (!reveal && !is_shown(tlv, info)) return put_size(tlv.value, out);
    const TlvKind kind = info ? info->kind : TlvKind::octets;
    if (kind == TlvKind::integer && tlv.value.size() == info->length) {
      std::uint32_t value = 0;
      for (const std::uint8_t octet : tlv.value) value = value << 8 | octet;
      out += std::to_string(value);
    } else if (kind == TlvKind::c_string && !tlv.value.empty() && tlv.value.back() == 0) {
      put_quoted(tlv.value.first(tlv.value.size() - 1), out);
    } else if (kind == TlvKind::octets) {
      put_octets(tlv.value, out);
    } else {
      out += "hex:" + to_hex(tlv.value);
    }
  }

  template <class P, class T>
  void show(T value, const Integer<P, T>&) {
    if constexpr (std::is_same_v<T, Status>) {
      put_status(value, out);
    } else {
      out += std::to_string(static_cast<std::uint32_t>(value));
    }
  }

  template <class P>
  void show(std::string_view value, const CString<P>& field) {
    if (reveal || field.privacy == Privacy::shown) {
      put_quoted(octets_of(value), out);
    } else if (field.privacy == Privacy::number) {
      put_masked_number(value, out);
    } else {
      out += "<hidden>";
    }
  }

  template <class Item>
  void show_item(const Item& item) {
    std::string_view between;
    const auto show_next = [&](const auto& value, const auto& field) {
      out += between;
      between = "/";
      show(value, field);
    };
    std::apply([&](const auto&... field) { (show_next(item.*field.member, field), ...); },
               Item::fields());
  }

  template <class... Choice>
  void show_item(const std::variant<Choice...>& item) {
    std::visit(
        [&](const auto& choice) {
          out += choice.kName;
          out += ':';
          show_item(choice);
        },
        item);
  }

  void key(std::string_view name) {
    out += ' ';
    out += name;
    out += '=';
  }
};

// ---- parse
// ----------------------------------------------------------------------------------------

/// One word of the line: `key=value`, where value is a number, "quoted" or hex:....
struct Word {
  std::string_view key;
  std::string_view value;
  std::vector<std::uint8_t> octets;  // of quoted and hex values
  bool quoted = false;
  bool is_octets = false;

  std::optional<std::uint32_t> number() const {
    const bool hex = value.starts_with("0x");
    const std::string_view digits = hex ? value.substr(2) : value;
    std::uint32_t result = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), result, hex ? 16 : 10);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return result;
  }
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Reads up to the closing quote; the line is left behind it.
bool take_quoted(std::string_view& line, std::vector<std::uint8_t>& octets) {
  line.remove_prefix(1);
  while (!line.empty() && line.front() != '"') {
    char c = line.front();
    line.remove_prefix(1);
    if (c == '\\' && !line.empty()) {
      c = line.front();
      line.remove_prefix(1);
      if (c == 'x') {
        if (line.size() < 2 || hex_digit(line[0]) < 0 || hex_digit(line[1]) < 0) return false;
        c = static_cast<char>(hex_digit(line[0]) << 4 | hex_digit(line[1]));
        line.remove_prefix(2);
      }
    }
    octets.push_back(static_cast<std::uint8_t>(c));
  }
  if (line.empty()) return false;
  line.remove_prefix(1);
  return true;
}

void skip_blanks(std::string_view& line) {
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
}

/// False where the line does not begin with key=.
bool take_key(std::string_view& line, std::string_view& key) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return false;
  key = line.substr(0, equals);
  line.remove_prefix(equals + 1);
  return true;
}

/// The value that a key belongs to; one without quotes ends before the first of `stops`.
bool take_value(std::string_view& line, Word& word, std::string_view stops) {
  if (!line.empty() && line.front() == '"') {
    word.is_octets = word.quoted = true;
    return take_quoted(line, word.octets);
  }
  word.value = line.substr(0, line.find_first_of(stops));
  line.remove_prefix(word.value.size());
  if (word.value.starts_with("hex:")) {
    word.is_octets = true;
    return from_hex(word.value.substr(4), word.octets);
  }
  return true;
}

std::optional<Status> status_of(const Word& word) {
  if (const auto number = word.number()) return static_cast<Status>(*number);
  return status_named(word.value);
}

/// Gives a field the word's value if the word is meant for it.
struct Setter {
  const Word& word;
  bool found = false;
  bool valid = false;

  template <class P, class T>
  void set(T& value, const Integer<P, T>& field) {
    if (!take(field.name)) return;
    if constexpr (std::is_same_v<T, Status>) {
      const auto status = status_of(word);
      valid = status.has_value();
      value = status.value_or(T{});
    } else {
      const auto number = word.number();
      valid = number && *number <= (0xFFFFFFFFu >> (32 - 8 * sizeof(T)));
      if (valid) value = static_cast<T>(*number);
    }
  }

  template <class P>
  void set(std::string_view& value, const CString<P>& field) {
    if (!take(field.name)) return;
    valid = word.is_octets;
    value = {reinterpret_cast<const char*>(word.octets.data()), word.octets.size()};
  }

  template <class P>
  void set(Octets& value, const Counted<P>& field) {
    if (!take(field.name)) return;
    valid = word.is_octets;
    value = word.octets;
  }

  template <class P, class Item>
  void set(List<Item>&, const Listed<P, Item>&) {}

  template <class P>
  void set(Tlvs&, const Optionals<P>&) {}

  bool take(std::string_view name) { return found = found || name == word.key, name == word.key; }
};

bool take_tlv(const Word& word, std::vector<std::uint8_t>& tlvs) {
  const std::string_view name = word.key.substr(4);
  const TlvInfo* info = tlv_info(name);
  std::uint32_t tag = 0;
  if (info) {
    tag = static_cast<std::uint32_t>(info->tag);
  } else {
    const auto number = Word{{}, name, {}, false, false}.number();
    if (!number || *number > 0xFFFF) return false;
    tag = *number;
  }
  std::vector<std::uint8_t> value = word.octets;
  if (!word.is_octets) {
    const auto number = word.number();
    if (!number || !info || info->kind != TlvKind::integer) return false;
    if (*number > 0xFFFFFFFFu >> (32 - 8 * info->length)) return false;
    for (int i = info->length; i-- > 0;) {
      value.push_back(static_cast<std::uint8_t>(*number >> (8 * i)));
    }
  } else if (word.quoted && info && info->kind == TlvKind::c_string) {
    value.push_back(0);
  }
  if (value.size() > 0xFFFF) return false;
  append_tlv(static_cast<Tag>(tag), value, tlvs);
  return true;
}

/// Items of lists: `key=` is taken already, the fields stand in the order of their table.
struct ItemTaker {
  std::string_view& line;
  std::string_view key;
  std::vector<std::uint8_t>& items;
  bool found = false;
  bool valid = false;
  std::deque<Word> words{};

  template <class P, class Item>
  void take(const Listed<P, Item>& field) {
    if (field.name != key) return;
    found = true;
    Item item;
    valid = take_item(item) && encode_item(item, items).ok();
  }
  template <class Field>
  void take(const Field&) {}

  template <class Item>
  bool take_item(Item& item) {
    const auto take_field = [&](auto& value, const auto& field) {
      if (!words.empty() && !take_prefix("/")) return false;
      Word& word = words.emplace_back();
      word.key = field.name;
      if (!take_value(line, word, " /")) return false;
      Setter setter{word};
      setter.set(value, field);
      return setter.valid;
    };
    return std::apply(
        [&](const auto&... field) { return (take_field(item.*field.member, field) && ...); },
        Item::fields());
  }

  template <class... Choice>
  bool take_item(std::variant<Choice...>& item) {
    return ((take_prefix(std::string(Choice::kName) + ':') &&
             take_item(item.template emplace<Choice>())) ||
            ...);
  }

  bool take_prefix(std::string_view prefix) {
    if (!line.starts_with(prefix)) return false;
    line.remove_prefix(prefix.size());
    return true;
  }
};

template <class Item>
void adopt(List<Item>& list, Octets items) {
  list = List<Item>(items);
}
template <class V>
void adopt(V&, Octets) {}

std::optional<CommandId> command_of_name(std::string_view word) {
  std::optional<CommandId> found;
  [&]<class... P>(std::variant<P...>*) {
    ((name(P::kCommand) == word ? void(found = P::kCommand) : void()), ...);
  }(static_cast<Body*>(nullptr));
  return found;
}

template <class P>
std::string parse_fields(std::string_view line, std::vector<std::uint8_t>& append_to) {
  P pdu;
  // The defaults of a line are zeros, not those of the struct.
  std::apply([&](const auto&... field) { ((pdu.*field.member = {}), ...); }, P::fields());
  Status status = Status::ESME_ROK;
  std::uint32_t sequence_number = 0;
  std::deque<Word> words;  // the PDU's views point into them
  std::vector<std::uint8_t> tlvs, items;
  for (skip_blanks(line); !line.empty() && line.front() != '#'; skip_blanks(line)) {
    Word& word = words.emplace_back();
    const auto not_a_word = [start = line.substr(0, 40)] {
      return "not key=value: " + std::string(start);
    };
    if (!take_key(line, word.key)) return not_a_word();
    ItemTaker taker{line, word.key, items};
    std::apply([&](const auto&... field) { (taker.take(field), ...); }, P::fields());
    if (!taker.found && !take_value(line, word, " ")) return not_a_word();
    bool valid = false;
    if (taker.found) {
      valid = taker.valid;
    } else if (word.key == "seq") {
      const auto number = word.number();
      if ((valid = number.has_value())) sequence_number = *number;
    } else if (word.key == "status") {
      const auto value = status_of(word);
      if ((valid = value.has_value())) status = *value;
    } else if (word.key.starts_with("tlv.")) {
      valid = take_tlv(word, tlvs);
    } else {
      Setter setter{word};
      std::apply([&](const auto&... field) { (setter.set(pdu.*field.member, field), ...); },
                 P::fields());
      if (!setter.found) return "unknown field: " + std::string(word.key);
      valid = setter.valid;
    }
    if (!valid) return "bad value of " + std::string(word.key);
  }
  std::apply([&](const auto&... field) { (adopt(pdu.*field.member, items), ...); }, P::fields());
  pdu.tlvs = Tlvs(tlvs);
  const CodecResult result = encode(pdu, status, sequence_number, append_to, Rules::limits);
  return result.ok() ? "" : "over its limit: " + std::string(result.field);
}

}  // namespace

std::string print(const Pdu& pdu, PrintOptions options) {
  std::string out(name(command_of(pdu.body)));
  const Status status = pdu.header.command_status;
  if (status != Status::ESME_ROK) {
    out += " status=";
    put_status(status, out);
  }
  out += " seq=" + std::to_string(pdu.header.sequence_number);
  std::visit(
      [&]<class P>(const P& body) {
        Printer printer{out, options.reveal};
        std::apply([&](const auto&... field) { (printer.put(body.*field.member, field), ...); },
                   P::fields());
      },
      pdu.body);
  return out;
}

std::string parse(std::string_view line, std::vector<std::uint8_t>& append_to) {
  skip_blanks(line);
  const std::string_view command = line.substr(0, line.find(' '));
  line.remove_prefix(command.size());
  const auto id = command_of_name(command);
  if (!id) return "unknown command: " + std::string(command);
  std::string fault;
  for_command(*id, [&]<class P>() { fault = parse_fields<P>(line, append_to); });
  return fault;
}

std::string to_hex(Octets octets) {
  std::string out;
  out.reserve(2 * octets.size());
  for (const std::uint8_t octet : octets) {
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

bool from_hex(std::string_view hex, std::vector<std::uint8_t>& append_to) {
  int high = -1;
  for (const char c : hex) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    if (high < 0) {
      high = digit;
    } else {
      append_to.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return high < 0;
}

}  // namespace tact::smpp
