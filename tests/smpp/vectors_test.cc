// SPDX-License-Identifier: Apache-2.0
#include "tests/support/vectors.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "smpp/codec.h"
#include "smpp/print.h"
#include "smpp/receipt.h"
#include "smpp/segment.h"
#include "smpp/septets.h"
#include "smpp/session.h"
#include "smpp/text.h"
#include "smpp/time.h"

namespace tact::smpp {
namespace {

using vectors::Case;
using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::string_view hex) {
  Bytes octets;
  EXPECT_TRUE(from_hex(hex, octets)) << hex;
  return octets;
}

std::string fault_text(const CodecResult& result) {
  return std::string(name(result.status)) + " at " + std::to_string(result.offset) + " (" +
         std::string(result.field) + ")";
}

/// Hex to one line per PDU; `exact` asks that encoding it again gives the same octets, and so does
/// parsing the line.
std::string decode_case(const Case& c) {
  const Bytes octets = bytes_of(c.input);
  std::string out;
  Octets rest = octets;
  while (!rest.empty()) {
    if (!out.empty()) out += '\n';
    const Frame next = frame(rest);
    if (next.kind == Frame::Kind::lost) return out + "lost: " + std::string(next.reason);
    if (next.kind == Frame::Kind::more) {
      return out + "more: " + std::to_string(rest.size()) + " of " + std::to_string(next.length);
    }
    const Octets whole = rest.first(next.length);
    rest = rest.subspan(next.length);
    Pdu pdu;
    const CodecResult result = decode(whole, pdu);
    if (!result.ok()) {
      out += std::string(name(pdu.header.command_id)) +
             " seq=" + std::to_string(pdu.header.sequence_number) + ": " + fault_text(result);
      continue;
    }
    const std::string line = print(pdu, {.reveal = c.value("reveal", "yes") == "yes"});
    out += line;
    if (!c.has("exact")) continue;
    Bytes again, parsed;
    EXPECT_TRUE(encode(pdu, again).ok()) << line;
    EXPECT_EQ(to_hex(again), to_hex(whole)) << line;
    EXPECT_EQ(parse(line, parsed), "") << line;
    EXPECT_EQ(to_hex(parsed), to_hex(whole)) << line;
  }
  return out;
}

std::string encode_case(const Case& c) {
  Bytes octets;
  const std::string fault = parse(c.input, octets);
  return fault.empty() ? to_hex(octets) : fault;
}

/// As encode_case, but as a program would send it.
std::string send_case(const Case& c) {
  Bytes octets, sent;
  EXPECT_EQ(parse(c.input, octets), "") << c.line;
  Pdu pdu;
  EXPECT_TRUE(decode(octets, pdu).ok()) << c.line;
  const CodecResult result = encode(pdu, sent);
  if (result.ok()) return to_hex(sent);
  EXPECT_TRUE(sent.empty()) << c.line;
  return std::string(name(result.status)) + " (" + std::string(result.field) + ")";
}

TEST(Vectors, DamagedPdus) { vectors::run("smpp/damaged.txt", decode_case); }

TEST(Vectors, Pdus) {
  vectors::run("smpp/pdu.txt", [](const Case& c) -> std::string {
    if (c.command == "decode") return decode_case(c);
    if (c.command == "encode") return encode_case(c);
    if (c.command == "send") return send_case(c);
    return "unknown command";
  });
}

std::optional<Coding> coding_named(const std::string& word) {
  for (const Coding coding :
       {Coding::gsm7, Coding::ascii, Coding::latin1, Coding::ucs2, Coding::gbk}) {
    if (word == name(coding)) return coding;
  }
  return std::nullopt;
}

Language language_named(const std::string& word) {
  for (std::uint8_t k = 0; k < kLanguageCount; ++k) {
    const auto language = static_cast<Language>(k);
    if (word == name(language)) return language;
  }
  ADD_FAILURE() << word << " is no language";
  return Language::none;
}

/// `locking=LANGUAGE`, `single=LANGUAGE`
Shift shift_of(const Case& c) {
  return {language_named(c.value("locking", "none")), language_named(c.value("single", "none"))};
}

std::string shift_text(Shift shift) {
  std::string out;
  if (shift.locking != Language::none) out += " locking=" + std::string(name(shift.locking));
  if (shift.single != Language::none) out += " single=" + std::string(name(shift.single));
  return out;
}

/// `languages=LANGUAGE,LANGUAGE` or `languages=all`
Languages languages_of(const Case& c) {
  if (c.value("languages") == "all") return Languages::all();
  Languages languages;
  std::istringstream words(c.value("languages"));
  for (std::string word; std::getline(words, word, ',');) languages.add(language_named(word));
  return languages;
}

/// `zero=CODING gbk=DATA_CODING packed=yes`, and languages
Dialect dialect_of(const Case& c) {
  return {.zero = coding_named(c.value("zero", "gsm7")).value(),
          .packed = c.value("packed") == "yes",
          .gbk = static_cast<std::uint8_t>(std::stoi(c.value("gbk", "0"))),
          .languages = languages_of(c)};
}

/// `=text` stands for itself; `160*a 1*hex:c3a9` repeats.
/// itself.
std::string expand(const std::string& input) {
  if (input.starts_with("=")) return input.substr(1);
  std::istringstream words(input);
  std::string text;
  for (std::string word; words >> word;) {
    const auto star = word.find('*');
    const std::string unit = word.substr(star + 1);
    const Bytes raw = unit.starts_with("hex:") ? bytes_of(unit.substr(4)) : Bytes();
    for (int i = std::stoi(word.substr(0, star)); i > 0; --i) {
      text += unit.starts_with("hex:") ? std::string(raw.begin(), raw.end()) : unit;
    }
  }
  return text;
}

std::string text_case(const Case& c) {
  const std::string word = c.arguments.empty() ? "" : c.arguments[0];
  const auto coding = coding_named(word);
  if (c.command == "encode") {
    Bytes octets;
    const TextError error = to_octets(expand(c.input), *coding, octets, shift_of(c));
    return error == TextError::none ? to_hex(octets) : std::string(name(error));
  }
  if (c.command == "decode") {
    std::string text;
    to_utf8(bytes_of(c.input), *coding, text, shift_of(c));
    return text;
  }
  if (c.command == "pack" || c.command == "unpack") {
    const auto fill = static_cast<unsigned>(std::stoi(c.value("fill", "0")));
    Bytes octets;
    if (c.command == "pack") {
      pack_septets(bytes_of(c.input), fill, octets);
    } else {
      unpack_septets(bytes_of(c.input), fill, octets, std::stoul(c.value("count", "1000")));
    }
    return to_hex(octets);
  }
  if (c.command == "best") {
    const std::string text = expand(c.input);
    const Dialect dialect = dialect_of(c);
    const auto best = best_coding(text, dialect);
    if (!best) return "invalid_utf8";
    return std::string(name(*best)) + " length=" + std::to_string(*length(text, *best)) +
           " data_coding=" + std::to_string(static_cast<int>(data_coding_of(*best, dialect)));
  }
  if (c.command == "coding") {
    const auto means =
        coding_of(static_cast<DataCoding>(std::stoi(word, nullptr, 0)), dialect_of(c));
    return means ? std::string(name(*means)) : "binary";
  }
  return "unknown command";
}

TEST(Vectors, Texts) { vectors::run("smpp/text.txt", text_case); }

TEST(Vectors, NationalLanguages) { vectors::run("smpp/national.txt", text_case); }

Concat concat_named(const std::string& word) {
  if (word == "udh16") return Concat::udh16;
  if (word == "sar") return Concat::sar;
  return word == "payload" ? Concat::payload : Concat::udh8;
}

std::string split_case(const Case& c) {
  Segments segments;
  SplitOptions options;
  options.concat = concat_named(c.value("concat"));
  options.reference = static_cast<std::uint16_t>(std::stoi(c.value("ref", "0"), nullptr, 0));
  TlvWriter extra;
  if (c.has("umr")) extra.u16(Tag::user_message_reference, options.reference);
  options.tlvs = extra.tlvs();
  options.dialect = dialect_of(c);
  const TextError error = segments.split(expand(c.input), options);
  if (error != TextError::none) return std::string(name(error));
  std::string out;
  for (int k = 0; k < segments.size(); ++k) {
    SubmitSm pdu;
    segments.part(k).apply_to(pdu);
    if (k > 0) out += '\n';
    const Octets text = pdu.short_message;
    const std::size_t head = pdu.esm_class & kUdhi ? 1u + text[0] : 0;
    out += "esm=" + std::to_string(pdu.esm_class) +
           " dc=" + std::to_string(static_cast<int>(pdu.data_coding)) +
           " udh=" + to_hex(text.first(head)) + " tlvs=" +
           to_hex(pdu.tlvs.encoded().first(std::min<std::size_t>(pdu.tlvs.encoded().size(), 26))) +
           " octets=" + std::to_string(text.size());
    if (text.size() > head) {
      const Octets body = text.subspan(head);
      out += " first=" + to_hex(body.first(std::min<std::size_t>(4, body.size()))) +
             " last=" + to_hex(body.last(std::min<std::size_t>(4, body.size())));
    }
  }
  return out;
}

TEST(Vectors, Segments) {
  vectors::run("smpp/segment.txt", [](const Case& c) -> std::string {
    if (c.command == "count") {
      const SegmentPlan planned =
          plan(expand(c.input), concat_named(c.value("concat")), dialect_of(c));
      if (planned.error == TextError::invalid_utf8) return "invalid_utf8";
      return std::string(name(planned.coding)) + " parts=" + std::to_string(planned.parts) +
             " length=" + std::to_string(planned.length) + shift_text(planned.shift) +
             (planned.error == TextError::none ? "" : " " + std::string(name(planned.error)));
    }
    if (c.command == "split") return split_case(c);
    if (c.command == "part" || c.command == "read") {
      Bytes octets;
      EXPECT_EQ(parse(c.input, octets), "");
      Pdu pdu;
      EXPECT_TRUE(decode(octets, pdu).ok());
      const ShortMessage& message = *short_message_of(pdu.body);
      const PartInfo info = part_info(message);
      if (c.command == "read") {
        std::string read;
        read_text(info, message.data_coding, dialect_of(c), read);
        return read;
      }
      const std::string text = " text=" + to_hex(info.text) + shift_text(info.shift);
      if (!info.is_part()) return "whole" + text;
      return "part " + std::to_string(info.index) + " of " + std::to_string(info.total) +
             " ref=" + std::to_string(info.reference) + (info.wide_reference ? " wide" : "") + text;
    }
    return "unknown command";
  });
}

// Words of one argument, with commas between; of states `word:STATE`.
ReceiptForm form_of(const Case& c) {
  const auto words = [&c](std::string_view key) {
    std::vector<std::string> out;
    std::istringstream in(c.value(key));
    for (std::string word; std::getline(in, word, ',');) out.push_back(word);
    return out;
  };
  ReceiptForm form{words("id"), words("stat"), words("err"), {}};
  for (const std::string& word : words("states")) {
    const std::size_t colon = word.find(':');
    form.states.emplace_back(word.substr(0, colon), state_of(word.substr(colon + 1)).value());
  }
  return form;
}

std::string receipt_case(const Case& c) {
  Bytes octets;
  if (c.has("hex")) {
    octets = bytes_of(c.input);
  } else {
    EXPECT_EQ(parse(c.input, octets), "") << c.line;
  }
  Pdu pdu;
  if (!decode(octets, pdu).ok()) return "does not decode";
  Receipt receipt;
  const auto* data = std::get_if<DataSm>(&pdu.body);
  const auto* message = short_message_of(pdu.body);
  const ReceiptForm form = form_of(c);
  const Dialect dialect = dialect_of(c);
  if (data ? !parse_receipt(*data, receipt, form, dialect)
           : !parse_receipt(*message, receipt, form, dialect)) {
    return "no receipt";
  }
  std::string out = "id=" + std::string(receipt.id) + " state=" + std::string(name(receipt.state));
  const auto put = [&out](std::string_view key, std::string_view value) {
    if (!value.empty()) out.append("\n").append(key).append("=").append(value);
  };
  put("receipted_id", receipt.receipted_id);
  put("stat", receipt.stat);
  put("err", receipt.err);
  put("sub", receipt.sub);
  put("dlvrd", receipt.dlvrd);
  put("submit_date", receipt.submit_date);
  put("done_date", receipt.done_date);
  put("text", receipt.text);
  put("network_error_code", to_hex(receipt.network_error_code));
  if (receipt.user_message_reference) {
    put("user_message_reference", std::to_string(*receipt.user_message_reference));
  }
  return out;
}

IdBase base_named(const std::string& word) {
  if (word == "hex") return IdBase::hex;
  return word == "decimal" ? IdBase::decimal : IdBase::opaque;
}

TEST(Vectors, Receipts) {
  vectors::run("smpp/receipt.txt", [](const Case& c) -> std::string {
    if (c.command == "receipt") return receipt_case(c);
    if (c.command == "aliases") {
      std::string out;
      aliases(c.input, {base_named(c.value("from")), base_named(c.value("to"))},
              [&out](std::string_view alias) {
                out += out.empty() ? "" : " ";
                out += alias;
              });
      return out;
    }
    return "unknown command";
  });
}

Instant instant_of(const std::string& iso) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
  EXPECT_EQ(std::sscanf(iso.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &year, &month, &day, &hour, &minute,
                        &second, &millisecond),
            7)
      << iso;
  using namespace std::chrono;
  return sys_days(std::chrono::year(year) / month / day) + hours(hour) + minutes(minute) +
         seconds(second) + milliseconds(millisecond);
}

std::string iso_of(Instant at) {
  using namespace std::chrono;
  const auto midnight = floor<days>(at);
  const year_month_day date(midnight);
  const hh_mm_ss time(at - midnight);
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()),
                int(time.subseconds().count()));
  return out;
}

std::string time_case(const Case& c, const std::string& line) {
  if (c.command == "absolute") {
    return std::string(absolute_time(instant_of(line), std::stoi(c.value("quarters", "0"))).view());
  }
  if (c.command == "relative") {
    const TimeText text = relative_time(std::chrono::seconds(std::stol(line)));
    return text.view().empty() ? "(none)" : std::string(text.view());
  }
  if (c.command != "read") return "unknown command";
  const ReadTime time = read_time(line, instant_of(c.value("now")));
  if (!time.ok()) return std::string(name(time.error));
  return iso_of(time.at) + (time.relative ? " relative" : "");
}

TEST(Vectors, Times) {
  vectors::run("smpp/time.txt", [](const Case& c) {
    std::string out;
    std::istringstream lines(c.input);
    for (std::string line; std::getline(lines, line);) {
      if (!out.empty()) out += '\n';
      out += time_case(c, line);
    }
    return out;
  });
}

}  // namespace
}  // namespace tact::smpp
