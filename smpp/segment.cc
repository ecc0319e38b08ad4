// SPDX-License-Identifier: Apache-2.0
#include "smpp/segment.h"

namespace tact::smpp {
namespace {

// 3GPP TS 23.040 §9.2.3.24: information elements of the user data header.
constexpr std::uint8_t kConcat8 = 0x00;
constexpr std::uint8_t kConcat16 = 0x08;

void put_u8(Tag tag, std::uint8_t value, std::vector<std::uint8_t>& out) {
  const auto number = static_cast<std::uint16_t>(tag);
  out.insert(out.end(), {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number),
                         0, 1, value});
}

void put_sar(std::uint16_t reference, int k, int total, std::vector<std::uint8_t>& out) {
  out.insert(out.end(), {0x02, 0x0C, 0, 2, static_cast<std::uint8_t>(reference >> 8),
                         static_cast<std::uint8_t>(reference)});
  put_u8(Tag::sar_total_segments, static_cast<std::uint8_t>(total), out);
  put_u8(Tag::sar_segment_seqnum, static_cast<std::uint8_t>(k + 1), out);
}

void put_udh(Concat concat, std::uint16_t reference, int k, int total,
             std::vector<std::uint8_t>& out) {
  const auto high = static_cast<std::uint8_t>(reference >> 8);
  const auto low = static_cast<std::uint8_t>(reference);
  const auto parts = static_cast<std::uint8_t>(total);
  const auto index = static_cast<std::uint8_t>(k + 1);
  if (concat == Concat::udh8) {
    out.insert(out.end(), {5, kConcat8, 3, low, parts, index});
  } else {
    out.insert(out.end(), {6, kConcat16, 4, high, low, parts, index});
  }
}

bool is_place(std::uint8_t index, std::uint8_t total) { return index >= 1 && index <= total; }

/// Reads the header at the front of the text; the text is left behind it.
void read_udh(PartInfo& info) {
  const std::size_t length = info.text.empty() ? 0 : info.text[0];
  if (info.text.size() < 1 + length) return;
  Octets header = info.text.subspan(1, length);
  info.text = info.text.subspan(1 + length);
  while (header.size() >= 2 && header.size() - 2 >= header[1]) {
    const std::uint8_t element = header[0];
    const Octets data = header.subspan(2, header[1]);
    header = header.subspan(2 + data.size());
    const bool wide = element == kConcat16 && data.size() == 4;
    if (!wide && !(element == kConcat8 && data.size() == 3)) continue;
    const std::uint8_t total = data[data.size() - 2];
    const std::uint8_t index = data[data.size() - 1];
    if (!is_place(index, total)) continue;
    info.reference = wide ? static_cast<std::uint16_t>(data[0] << 8 | data[1]) : data[0];
    info.total = total;
    info.index = index;
    info.wide_reference = wide;
  }
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

}  // namespace

PartLimits part_limits(Coding coding, Concat concat) {
  const bool wide = concat == Concat::udh16;
  if (coding == Coding::ucs2) return {70, static_cast<std::uint16_t>(wide ? 66 : 67)};
  return {160, static_cast<std::uint16_t>(wide ? 152 : 153)};
}

SegmentPlan plan(std::string_view utf8, Concat concat, Coding zero) {
  SegmentPlan result;
  const auto measured = measure(utf8, zero);
  if (!measured) {
    result.error = TextError::invalid_utf8;
    return result;
  }
  const PartLimits limits = part_limits(measured->coding, concat);
  result.coding = measured->coding;
  result.length = measured->length;
  result.parts = 1;
  if (result.length <= limits.alone) return result;
  if (measured->doubles == 0) {
    result.parts = static_cast<int>((result.length + limits.each - 1) / limits.each);
  } else {
    // Where one would have been divided, a part is not full.
    result.parts = 0;
    for (; !utf8.empty(); ++result.parts) take_part(utf8, result.coding, limits.each);
  }
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
  const SegmentPlan planned = plan(utf8, options.concat, options.zero);
  if (planned.error != TextError::none) return planned.error;

  const bool several = planned.parts > 1;
  const bool udh = options.concat == Concat::udh8 || options.concat == Concat::udh16;
  esm_class_ = several && udh ? kUdhi : 0;
  data_coding_ = data_coding_of(planned.coding, options.zero);
  if (!several || options.concat == Concat::payload) {
    append_part(utf8, planned.coding, 0, 1, several, options);
    return TextError::none;
  }
  const std::size_t each = part_limits(planned.coding, options.concat).each;
  for (int k = 0; k < planned.parts; ++k) {
    append_part(take_part(utf8, planned.coding, each), planned.coding, k, planned.parts, false,
                options);
  }
  return TextError::none;
}

void Segments::append_part(std::string_view utf8, Coding coding, int k, int total, bool as_payload,
                           const SplitOptions& options) {
  Place place{};
  place.begin = static_cast<std::uint32_t>(buffer_.size());
  const Octets tlvs = options.tlvs.encoded().first(options.tlvs.whole_size());
  buffer_.insert(buffer_.end(), tlvs.begin(), tlvs.end());
  if (as_payload) {
    buffer_.insert(buffer_.end(), {0x04, 0x24, 0, 0});
    const std::size_t start = buffer_.size();
    to_octets(utf8, coding, buffer_);
    const std::size_t size = buffer_.size() - start;
    buffer_[start - 2] = static_cast<std::uint8_t>(size >> 8);
    buffer_[start - 1] = static_cast<std::uint8_t>(size);
  } else if (total > 1 && options.concat == Concat::sar) {
    put_sar(options.reference, k, total, buffer_);
  }
  place.text = static_cast<std::uint32_t>(buffer_.size());
  if (!as_payload) {
    if (total > 1 && esm_class_) put_udh(options.concat, options.reference, k, total, buffer_);
    to_octets(utf8, coding, buffer_);
  }
  place.end = static_cast<std::uint32_t>(buffer_.size());
  parts_.push_back(place);
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

}  // namespace tact::smpp
