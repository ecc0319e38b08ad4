// SPDX-License-Identifier: Apache-2.0
#include "smpp/segment.h"

#include "smpp/septets.h"
#include "smpp/udh.h"

namespace tact::smpp {
namespace {

// 3GPP TS 23.040 §9.2.3.24: information elements of the user data header.
constexpr std::uint8_t kConcat8 = 0x00;
constexpr std::uint8_t kConcat16 = 0x08;
constexpr std::uint8_t kSingleShift = 0x24;
constexpr std::uint8_t kLockingShift = 0x25;

constexpr std::size_t kUserData = 140;  // octets of a message on the air

bool has_header(Concat concat) { return concat == Concat::udh8 || concat == Concat::udh16; }

/// Octets of the elements that name the tables.
std::size_t language_octets(Shift shift) {
  return (shift.single == Language::none ? 0u : 3u) + (shift.locking == Language::none ? 0u : 3u);
}

/// What of a message a header leaves, in units or septets.
constexpr std::uint16_t room(bool units, std::size_t header) {
  const std::size_t octets = kUserData - header;
  return static_cast<std::uint16_t>(units ? octets / 2 : octets * 8 / 7);
}

/// With a header of so many octets for the place and for the languages.
constexpr PartLimits limits_of(bool units, std::size_t place, std::size_t languages) {
  return {room(units, languages == 0 ? 0 : 1 + languages), room(units, 1 + place + languages)};
}

constexpr std::size_t kPlace8 = 5, kPlace16 = 6;
/// Those of nearly every text, by units and by a reference of 16 bits.
constexpr PartLimits kLimits[2][2] = {{limits_of(false, kPlace8, 0), limits_of(false, kPlace16, 0)},
                                      {limits_of(true, kPlace8, 0), limits_of(true, kPlace16, 0)}};

PartLimits plain_limits(Coding coding, Concat concat) {
  return kLimits[is_in_units(coding)][concat == Concat::udh16];
}

void put_sar(std::uint16_t reference, int k, int total, std::vector<std::uint8_t>& out) {
  TlvWriter sar;
  sar.u16(Tag::sar_msg_ref_num, reference)
      .u8(Tag::sar_total_segments, static_cast<std::uint8_t>(total))
      .u8(Tag::sar_segment_seqnum, static_cast<std::uint8_t>(k + 1));
  const Octets tlvs = sar.tlvs().encoded();
  out.insert(out.end(), tlvs.begin(), tlvs.end());
}

void put_language(std::uint8_t element, Language language, std::vector<std::uint8_t>& out) {
  if (language == Language::none) return;
  out.insert(out.end(), {element, 1, static_cast<std::uint8_t>(language)});
}

void put_udh(const SegmentPlan& planned, int k, const SplitOptions& options,
             std::vector<std::uint8_t>& out) {
  const std::size_t start = out.size();
  const auto high = static_cast<std::uint8_t>(options.reference >> 8);
  const auto low = static_cast<std::uint8_t>(options.reference);
  const auto parts = static_cast<std::uint8_t>(planned.parts);
  const auto index = static_cast<std::uint8_t>(k + 1);
  out.push_back(0);
  if (parts > 1 && options.concat == Concat::udh8) {
    out.insert(out.end(), {kConcat8, 3, low, parts, index});
  } else if (parts > 1) {
    out.insert(out.end(), {kConcat16, 4, high, low, parts, index});
  }
  put_language(kSingleShift, planned.shift.single, out);
  put_language(kLockingShift, planned.shift.locking, out);
  out[start] = static_cast<std::uint8_t>(out.size() - start - 1);
}

bool is_place(std::uint8_t index, std::uint8_t total) { return index >= 1 && index <= total; }

void read_place(Octets data, PartInfo& info) {
  const std::uint8_t total = data[data.size() - 2];
  const std::uint8_t index = data[data.size() - 1];
  if (!is_place(index, total)) return;
  const bool wide = data.size() == 4;
  info.reference = wide ? static_cast<std::uint16_t>(data[0] << 8 | data[1]) : data[0];
  info.total = total;
  info.index = index;
  info.wide_reference = wide;
}

void read_language(Octets data, Language& language) {
  if (data.size() == 1 && data[0] < kLanguageCount) language = static_cast<Language>(data[0]);
}

void read_element(std::uint8_t element, Octets data, PartInfo& info) {
  switch (element) {
    case kConcat8:
      if (data.size() == 3) read_place(data, info);
      break;
    case kConcat16:
      if (data.size() == 4) read_place(data, info);
      break;
    case kSingleShift:
      read_language(data, info.shift.single);
      break;
    case kLockingShift:
      read_language(data, info.shift.locking);
      break;
    default:
      break;
  }
}

/// Reads the header at the front of the text; the text is left behind it.
void read_udh(PartInfo& info) {
  const std::size_t whole = info.text.size();
  auto udh = split_udh(info.text);
  if (!udh) return;
  info.text = udh->text;
  info.header = whole - udh->text.size();
  while (const auto element = udh->take()) read_element(element->id, element->data, info);
}

void read_sar(Tlvs tlvs, PartInfo& info) {
  const auto reference = tlvs.u16(Tag::sar_msg_ref_num);
  const auto total = tlvs.u8(Tag::sar_total_segments);
  const auto index = tlvs.u8(Tag::sar_segment_seqnum);
  if (!reference || !total || !index || !is_place(*index, *total)) return;
  info.reference = *reference;
  info.total = *total;
  info.index = *index;
  info.wide_reference = true;
}

/// Parts of a text that does not fit into one message.
int count_parts(std::string_view utf8, const Measured& measured, std::size_t each, Shift shift) {
  if (measured.doubles == 0) return static_cast<int>((measured.length + each - 1) / each);
  // Where one would have been divided, a part is not full.
  int parts = 0;
  for (; !utf8.empty(); ++parts) take_part(utf8, measured.coding, each, shift);
  return parts;
}

int parts_of(std::string_view utf8, const Measured& measured, PartLimits limits, Shift shift) {
  return measured.length <= limits.alone ? 1 : count_parts(utf8, measured, limits.each, shift);
}

/// Do the septets end at the end of an octet? The last of them then may be seven bits that nobody
/// wanted.
bool fill_octets(std::size_t septets, unsigned fill) { return (fill + 7 * septets) % 8 == 0; }

/// Replaces the plan by one with fewer parts, if a language has it.
void try_languages(std::string_view utf8, Concat concat, Languages languages, SegmentPlan& best) {
  for (std::uint8_t k = 1; k < kLanguageCount; ++k) {
    const auto language = static_cast<Language>(k);
    if (!languages.contains(language)) continue;
    for (const Shift shift :
         {Shift{.single = language}, Shift{.locking = language}, Shift{language, language}}) {
      if (best.parts == 1) return;
      const auto measured = measure(utf8, shift);
      if (!measured) continue;
      const PartLimits limits = part_limits(Coding::gsm7, concat, shift);
      const int parts = parts_of(utf8, *measured, limits, shift);
      if (parts < best.parts) best = {best.error, Coding::gsm7, parts, measured->length, shift};
    }
  }
}

}  // namespace

PartLimits part_limits(Coding coding, Concat concat, Shift shift) {
  if (shift == Shift{}) return plain_limits(coding, concat);
  const std::size_t place = concat == Concat::udh16 ? kPlace16 : kPlace8;
  return limits_of(is_in_units(coding), place, language_octets(shift));
}

SegmentPlan plan(std::string_view utf8, Concat concat, const Dialect& dialect) {
  SegmentPlan result;
  const auto measured = measure(utf8, dialect);
  if (!measured) {
    result.error = TextError::invalid_utf8;
    return result;
  }
  result.coding = measured->coding;
  result.length = measured->length;
  result.parts = parts_of(utf8, *measured, plain_limits(result.coding, concat), {});
  const bool may_shift = result.coding != Coding::gsm7 && dialect.zero == Coding::gsm7 &&
                         has_header(concat) && !dialect.languages.empty();
  if (may_shift) try_languages(utf8, concat, dialect.languages, result);
  if (result.parts > kPartsMax) result.error = TextError::too_long;
  return result;
}

int count_segments(std::string_view utf8) { return plan(utf8).parts; }

void Part::apply_to(ShortMessage& message) const {
  message.short_message = short_message;
  message.tlvs = tlvs;
  message.esm_class |= esm_class;
  message.data_coding = data_coding;
}

TextError Segments::split(std::string_view utf8, const SplitOptions& options) {
  parts_.clear();
  buffer_.clear();
  const SegmentPlan planned = plan(utf8, options.concat, options.dialect);
  if (planned.error != TextError::none) return planned.error;

  const bool several = planned.parts > 1;
  const bool udh = has_header(options.concat) && (several || planned.shift != Shift{});
  esm_class_ = udh ? kUdhi : 0;
  data_coding_ = data_coding_of(planned.coding, options.dialect);
  if (!several || options.concat == Concat::payload) {
    append_part(utf8, planned, 0, options);
    return TextError::none;
  }
  const std::size_t each = part_limits(planned.coding, options.concat, planned.shift).each;
  for (int k = 0; k < planned.parts; ++k) {
    append_part(take_part(utf8, planned.coding, each, planned.shift), planned, k, options);
  }
  return TextError::none;
}

void Segments::append_part(std::string_view utf8, const SegmentPlan& planned, int k,
                           const SplitOptions& options) {
  const bool several = planned.parts > 1;
  const bool as_payload = several && options.concat == Concat::payload;
  Place place{};
  place.begin = static_cast<std::uint32_t>(buffer_.size());
  const Octets tlvs = options.tlvs.encoded().first(options.tlvs.whole_size());
  buffer_.insert(buffer_.end(), tlvs.begin(), tlvs.end());
  if (as_payload) {
    buffer_.insert(buffer_.end(), {0x04, 0x24, 0, 0});
    const std::size_t start = buffer_.size();
    append_text(utf8, planned, 0, options.dialect);
    const std::size_t size = buffer_.size() - start;
    buffer_[start - 2] = static_cast<std::uint8_t>(size >> 8);
    buffer_[start - 1] = static_cast<std::uint8_t>(size);
  } else if (several && options.concat == Concat::sar) {
    put_sar(options.reference, k, planned.parts, buffer_);
  }
  place.text = static_cast<std::uint32_t>(buffer_.size());
  if (!as_payload) {
    if (esm_class_ & kUdhi) put_udh(planned, k, options, buffer_);
    append_text(utf8, planned, buffer_.size() - place.text, options.dialect);
  }
  place.end = static_cast<std::uint32_t>(buffer_.size());
  parts_.push_back(place);
}

void Segments::append_text(std::string_view utf8, const SegmentPlan& planned, std::size_t header,
                           const Dialect& dialect) {
  if (!dialect.packed || planned.coding != Coding::gsm7) {
    to_octets(utf8, planned.coding, buffer_, planned.shift);
    return;
  }
  septets_.clear();
  to_octets(utf8, planned.coding, septets_, planned.shift);
  // Seven bits left over would read as an @; a carriage return is not seen (TS 23.038 §6.1.2.3.1).
  if (fill_octets(septets_.size() + 1, fill_bits(header))) septets_.push_back('\r');
  pack_septets(septets_, fill_bits(header), buffer_);
}

Part Segments::part(int k) const {
  const Place& place = parts_.at(static_cast<std::size_t>(k));
  const Octets all(buffer_);
  return {all.subspan(place.text, place.end - place.text),
          Tlvs(all.subspan(place.begin, place.text - place.begin)), esm_class_, data_coding_};
}

PartInfo part_info(const ShortMessage& message) {
  PartInfo info;
  info.text = message.payload();
  if (has_udh(message.esm_class)) read_udh(info);
  if (!info.is_part()) read_sar(message.tlvs, info);
  return info;
}

PartText part_text(const PartInfo& part, DataCoding data_coding, const Dialect& dialect) {
  PartText text{coding_of(data_coding, dialect).value_or(Coding::latin1), part.shift, {}};
  if (text.coding != Coding::gsm7 || !dialect.packed) {
    text.octets.assign(part.text.begin(), part.text.end());
    return text;
  }
  const unsigned fill = fill_bits(part.header);
  std::vector<std::uint8_t>& septets = text.octets;
  unpack_septets(part.text, fill, septets);
  const bool maybe_filled = !septets.empty() && fill_octets(septets.size(), fill);
  const bool last = part.index == part.total;
  if (maybe_filled && (septets.back() == '\r' || (septets.back() == 0 && last))) {
    septets.pop_back();
  }
  return text;
}

void read_text(const PartInfo& part, DataCoding data_coding, const Dialect& dialect,
               std::string& append_to) {
  const Coding coding = coding_of(data_coding, dialect).value_or(Coding::latin1);
  if (coding != Coding::gsm7 || !dialect.packed) {
    const Halves halves = part.is_part() ? Halves::kept : Halves::replaced;
    return to_utf8(part.text, coding, append_to, part.shift, halves);
  }
  to_utf8(part_text(part, data_coding, dialect).octets, coding, append_to, part.shift);
}

}  // namespace tact::smpp
