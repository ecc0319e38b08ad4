// SPDX-License-Identifier: Apache-2.0
#include "smpp/receipt.h"

#include <algorithm>
#include <charconv>

#include "smpp/segment.h"

namespace tact::smpp {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

enum class Shape : std::uint8_t { word, date, text };

struct Key {
  std::string_view spelling;  // a blank may be missing or written '_'
  std::string_view Receipt::*member;
  Shape shape;
};

// A search begins at the first of a letter, so these come in any order.
constexpr Key kKeys[] = {
    {"id", &Receipt::id, Shape::word},
    {"sub", &Receipt::sub, Shape::word},
    {"submit date", &Receipt::submit_date, Shape::date},
    {"stat", &Receipt::stat, Shape::word},
    {"status", &Receipt::stat, Shape::word},
    {"dlvrd", &Receipt::dlvrd, Shape::word},
    {"done date", &Receipt::done_date, Shape::date},
    {"err", &Receipt::err, Shape::word},
    {"text", &Receipt::text, Shape::text},
};

/// What an octet can be in the text of a receipt.
struct Octet {
  bool blank = false;
  bool ends_value = false;
  bool in_date = false;
  std::uint8_t first_key = 0;  // the first of kKeys that begins with this letter
};
constexpr std::array<Octet, 256> kOctets = [] {
  std::array<Octet, 256> table;
  table.fill({.first_key = std::size(kKeys)});
  const auto at = [&table](char c) -> Octet& { return table[static_cast<std::uint8_t>(c)]; };
  for (const char c : {' ', '\t', '\r', '\n', '\0'}) at(c).blank = at(c).ends_value = true;
  for (const char c : {',', ';'}) at(c).ends_value = true;
  for (const char c : std::string_view("0123456789-/:.T ")) at(c).in_date = true;
  for (std::uint8_t k = std::size(kKeys); k-- > 0;) {
    const char first = kKeys[k].spelling.front();
    at(first).first_key = at(static_cast<char>(first - 'a' + 'A')).first_key = k;
  }
  return table;
}();

const Octet& octet(char c) { return kOctets[static_cast<std::uint8_t>(c)]; }

/// Octets of `text` that the key and its colon take, or 0 if it does not begin with them.
std::size_t match(std::string_view text, std::string_view spelling) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (const char c : spelling) {
    if (at == end) return 0;
    if (c == ' ') {
      at += *at == ' ' || *at == '_' ? 1 : 0;
    } else if ((*at++ | 0x20) != c) {  // a letter in either case
      return 0;
    }
  }
  return at != end && *at == ':' ? static_cast<std::size_t>(at + 1 - text.data()) : 0;
}

/// REQUIRES: text is not empty.
const Key* key_at(std::string_view text, std::size_t& size) {
  for (std::size_t k = octet(text.front()).first_key; k < std::size(kKeys); ++k) {
    size = match(text, kKeys[k].spelling);
    if (size > 0) return &kKeys[k];
  }
  return nullptr;
}

/// Where the value ends that begins `text`.
std::size_t value_size(std::string_view text, Shape shape) {
  if (shape == Shape::text) return text.size();
  std::size_t size = 0;
  if (shape == Shape::word) {
    while (size < text.size() && !octet(text[size]).ends_value) ++size;
  } else {
    while (size < text.size() && octet(text[size]).in_date) ++size;
  }
  return size;
}

/// The value that begins `text`: "id: 123" means 123, but in "sub: dlvrd:001" sub is empty.
std::string_view value_at(std::string_view text, Shape shape) {
  while (!text.empty() && octet(text.front()).blank) text.remove_prefix(1);
  std::size_t next = 0;
  if (shape != Shape::text && !text.empty() && key_at(text, next)) return {};
  text = text.substr(0, value_size(text, shape));
  while (!text.empty() && octet(text.back()).blank) text.remove_suffix(1);
  return text;
}

void read_common(std::string_view text, Receipt& out) {
  bool at_word = true;
  while (!text.empty()) {
    std::size_t size = 0;
    const Key* key = at_word ? key_at(text, size) : nullptr;
    if (!key) {
      at_word = octet(text.front()).ends_value;
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(size);
    at_word = true;
    if (!(out.*key->member).empty()) continue;  // the first one counts
    const std::string_view value = value_at(text, key->shape);
    out.*key->member = value;
    // A text usually is the last field and may contain anything; only where the id or the state is
    // still missing do we look for keys inside it.
    if (key->shape == Shape::text) {
      if (!out.id.empty() && !out.stat.empty()) return;
    } else if (!value.empty()) {
      text = text.substr(static_cast<std::size_t>(value.data() + value.size() - text.data()));
    }
  }
}

// ---- A carrier's own form.

bool same(char a, char b) { return lower(a) == lower(b); }

bool is_word(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// The value behind the first of these that the text has.
std::string_view behind(std::string_view text, const std::vector<std::string>& fronts) {
  for (const std::string& front : fronts) {
    for (auto at = text.begin(); at != text.end(); ++at) {
      at = std::search(at, text.end(), front.begin(), front.end(), same);
      if (at == text.end()) break;
      if (at != text.begin() && is_word(at[-1])) continue;
      const std::string_view value =
          text.substr(static_cast<std::size_t>(at - text.begin()) + front.size());
      return value.substr(0, value.find_first_of(std::string_view(" \t\r\n\0,;|&", 9)));
    }
  }
  return {};
}

void read_own(std::string_view text, const ReceiptForm& form, Receipt& out) {
  out.id = behind(text, form.id);
  out.stat = behind(text, form.stat);
  out.err = behind(text, form.err);
}

std::optional<MessageState> state_of(std::string_view word, const ReceiptForm& form) {
  for (const auto& [own, state] : form.states) {
    if (std::ranges::equal(own, word, same)) return state;
  }
  return smpp::state_of(word);
}

std::string_view view_of(Octets text) {
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

/// Nearly all receipts are ASCII, whatever coding they name; of GSM 7-bit an id may have the '_',
/// which is 0x11 there.
bool is_plain(Octets text, std::optional<Coding> coding, const Dialect& dialect) {
  if (coding == Coding::gsm7)
    return !dialect.packed && view_of(text).find(0x11) == std::string_view::npos;
  return coding != Coding::ucs2;
}

std::string_view narrow(const PartInfo& part, DataCoding data_coding, const Dialect& dialect,
                        Receipt& out) {
  std::string text;
  read_text(part, data_coding, dialect, text);
  const std::size_t size = std::min(text.size(), out.narrowed.size());
  std::copy_n(text.begin(), size, out.narrowed.begin());
  return {out.narrowed.data(), size};
}

void clear(Receipt& out) {
  for (const Key& key : kKeys) out.*key.member = {};
  out.receipted_id = {};
  out.state = MessageState::unknown;
  out.user_message_reference.reset();
  out.network_error_code = {};
}

void read_words(std::string_view words, const ReceiptForm& form, Receipt& out) {
  if (!form.empty()) read_own(words, form, out);
  read_common(words, out);
}

void read_either(const PartInfo& part, DataCoding data_coding, const Dialect& dialect,
                 const ReceiptForm& form, Receipt& out) {
  const auto coding = coding_of(data_coding, dialect);
  const bool plain = is_plain(part.text, coding, dialect);
  if (!plain) {
    read_words(narrow(part, data_coding, dialect, out), form, out);
    if (coding != Coding::gsm7 || !out.id.empty() || !out.stat.empty()) return;
  }
  read_words(view_of(part.text), form, out);
}

bool read_receipt(std::uint8_t esm_class, DataCoding data_coding, const PartInfo& part, Tlvs tlvs,
                  const ReceiptForm& form, const Dialect& dialect, Receipt& out) {
  clear(out);
  out.receipted_id = tlvs.c_string(Tag::receipted_message_id).value_or("");
  // Only receipts carry that TLV; some SMSCs forget the type bits beside it.
  const bool untyped = (esm_class & 0x3C) == 0 && !out.receipted_id.empty();
  if (!is_receipt(esm_class) && !is_intermediate(esm_class) && !untyped) return false;

  if (out.receipted_id.size() > kReceiptIdMax) out.receipted_id = {};
  out.user_message_reference = tlvs.u16(Tag::user_message_reference);
  out.network_error_code = tlvs.find(Tag::network_error_code).value_or(Octets{});
  read_either(part, data_coding, dialect, form, out);
  if (out.id.size() > kReceiptIdMax) out.id = {};
  out.err = out.err.substr(0, kReceiptErrMax);
  if (out.id.empty()) out.id = out.receipted_id;
  const auto told = tlvs.u8(Tag::message_state);
  if (told && *told >= 1 && *told <= 9) {
    out.state = static_cast<MessageState>(*told);
  } else if (!out.stat.empty()) {
    out.state = state_of(out.stat, form).value_or(MessageState::unknown);
  } else if (!told) {
    return false;
  } else if (*told == 0) {
    out.state = MessageState::scheduled;
  }
  return !out.id.empty();
}

int base_of(IdBase base) { return base == IdBase::hex ? 16 : 10; }

}  // namespace

bool parse_receipt(const ShortMessage& pdu, Receipt& out, const ReceiptForm& form,
                   const Dialect& dialect) {
  return read_receipt(pdu.esm_class, pdu.data_coding, part_info(pdu), pdu.tlvs, form, dialect, out);
}

bool parse_receipt(const DataSm& pdu, Receipt& out, const ReceiptForm& form,
                   const Dialect& dialect) {
  return parse_receipt(as_short_message(pdu), out, form, dialect);
}

std::optional<MessageState> state_of(std::string_view word) {
  struct Word {
    std::string_view start;
    MessageState state;
  };
  // Five letters tell DELIVRD from DELETED and let DELIVERED in.
  constexpr Word kWords[] = {
      {"deliv", MessageState::delivered},     {"expir", MessageState::expired},
      {"delet", MessageState::deleted},       {"undel", MessageState::undeliverable},
      {"accep", MessageState::accepted},      {"unkno", MessageState::unknown},
      {"rejec", MessageState::rejected},      {"enrou", MessageState::enroute},
      {"sched", MessageState::scheduled},     {"skipp", MessageState::skipped},
      {"faile", MessageState::undeliverable},
  };
  for (const Word& candidate : kWords) {
    if (word.size() >= candidate.start.size() &&
        std::equal(candidate.start.begin(), candidate.start.end(), word.begin(),
                   [](char a, char b) { return a == lower(b); })) {
      return candidate.state;
    }
  }
  return std::nullopt;
}

void format_receipt(const ReceiptText& receipt, std::string& append_to) {
  const bool delivered = receipt.state == MessageState::delivered;
  append_to.append("id:").append(receipt.id);
  append_to.append(" sub:001 dlvrd:").append(delivered ? "001" : "000");
  append_to.append(" submit date:").append(receipt.submit_date);
  append_to.append(" done date:").append(receipt.done_date);
  append_to.append(" stat:").append(name(receipt.state));
  append_to.append(" err:").append(receipt.err);
  append_to.append(" text:").append(receipt.text.substr(0, 20));
}

Aliases::Aliases(std::string_view id, IdRule rule) {
  if (id.empty()) return;
  if (id.size() > 64) {
    add(id);
    return;
  }
  if (rule.from != IdBase::opaque && rule.to != IdBase::opaque && rule.from != rule.to) {
    std::uint64_t number = 0;
    const char* end = id.data() + id.size();
    const auto [stop, error] = std::from_chars(id.data(), end, number, base_of(rule.from));
    if (error == std::errc() && stop == end) {
      const auto written = std::to_chars(converted_.data(), converted_.data() + converted_.size(),
                                         number, base_of(rule.to));
      add({converted_.data(), static_cast<std::size_t>(written.ptr - converted_.data())});
    }
  }
  add(id);
  const auto capital = [](char c) { return c != lower(c); };
  if (id.front() != '0' && std::ranges::none_of(id, capital)) return;  // most are so
  std::ranges::transform(id, lower_.begin(), lower);
  std::string_view spelling(lower_.data(), id.size());
  add(spelling);
  while (spelling.size() > 1 && spelling.front() == '0') spelling.remove_prefix(1);
  add(spelling);
}

void Aliases::add(std::string_view spelling) {
  if (std::find(begin(), end(), spelling) == end()) views_[count_++] = spelling;
}

}  // namespace tact::smpp
