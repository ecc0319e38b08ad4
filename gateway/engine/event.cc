// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/event.h"

#include <algorithm>
#include <utility>

#include "gateway/engine/check.h"
#include "gateway/engine/record_io.h"
#include "proto/stream.pb.h"

namespace tact::gateway {
namespace {

constexpr uint8_t tag(int field, int wire_type) {
  return static_cast<uint8_t>(field << 3 | wire_type);
}
constexpr uint8_t kFrameEvents = tag(proto::ToUpstream::kEventsFieldNumber, 2);
constexpr uint8_t kEventsEvent = tag(proto::Events::kEventsFieldNumber, 2);
constexpr uint8_t kEventSequence = tag(proto::Event::kSequenceFieldNumber, 0);

size_t varint_size(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void append_varint(Bytes& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

// An event with its sequence, and as a field of Events.
size_t event_size(std::string_view stored, uint64_t sequence) {
  return 1 + varint_size(sequence) + stored.size();
}
size_t field_size(std::string_view stored, uint64_t sequence) {
  const size_t size = event_size(stored, sequence);
  return 1 + varint_size(size) + size;
}
size_t frame_size(size_t fields) {
  const size_t size = 1 + varint_size(fields) + fields;
  return varint_size(size) + size;
}

// The records of `in` up to `end`, which was found by reading them.
void append_frame(RecordReader in, size_t end, uint64_t sequence, size_t fields, Bytes& out) {
  append_varint(out, 1 + varint_size(fields) + fields);
  out.push_back(kFrameEvents);
  append_varint(out, fields);
  for (; in.position() < end; ++sequence) {
    const std::string_view stored = in.string<uint32_t>();
    out.push_back(kEventsEvent);
    append_varint(out, event_size(stored, sequence));
    out.push_back(kEventSequence);
    append_varint(out, sequence);
    RecordWriter(out).octets(stored);
  }
}

}  // namespace

void EventBuilder::add(const proto::Event& event) {
  CHECK(event.sequence() == 0 && count_ < UINT16_MAX);
  const size_t size = event.ByteSizeLong();
  RecordWriter(body_).integer(static_cast<uint32_t>(size));
  const size_t at = body_.size();
  body_.resize(at + size);
  event.SerializeWithCachedSizesToArray(body_.data() + at);
  ++count_;
}

Bytes EventBuilder::take() {
  count_ = 0;
  return std::exchange(body_, {});
}

std::string readable(std::string_view octets) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (std::ranges::all_of(octets, plain)) return std::string(octets);
  std::string out;
  out.reserve(octets.size());
  for (const char c : octets) {
    const auto octet = static_cast<uint8_t>(c);
    if (plain(c)) {
      out += c;
    } else {
      out += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
    }
  }
  return out;
}

EventCount count_events(ByteView body) {
  EventCount count;
  RecordReader reader(body);
  while (reader.left() > 0) {
    const std::string_view stored = reader.string<uint32_t>();
    if (!reader.ok()) break;
    // The fields of the event itself, without what is inside of them.
    RecordReader fields({reinterpret_cast<const uint8_t*>(stored.data()), stored.size()});
    const auto varint = [&] {
      uint64_t value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        const uint8_t octet = fields.integer<uint8_t>();
        value |= uint64_t{octet & 0x7fu} << shift;
        if (octet < 0x80) break;
      }
      return value;
    };
    bool unsolicited = false;
    while (fields.left() > 0 && fields.ok()) {
      const uint64_t head = varint();
      const uint64_t value = varint();  // or the length of what follows
      const auto field = static_cast<int>(head >> 3);
      if (field == proto::Event::kFinalFieldNumber) count.final += value != 0;
      unsolicited |= field == proto::Event::kReplyFieldNumber ||
                     field == proto::Event::kOptOutFieldNumber ||
                     field == proto::Event::kGapFieldNumber;
      if ((head & 7) == 2) fields.skip(value);
    }
    if (unsolicited) count.unsolicited_bytes += sizeof(uint32_t) + stored.size();
  }
  return count;
}

size_t stored_size(const proto::Event& event) { return sizeof(uint32_t) + event.ByteSizeLong(); }

uint64_t append_event_frames(ByteView body, uint64_t first, uint64_t from, size_t frame_max,
                             Bytes& out) {
  RecordReader reader(body);
  uint64_t sequence = first;
  for (; sequence < from && reader.left() > 0; ++sequence) reader.string<uint32_t>();
  if (!reader.ok() || sequence < from) return from;
  while (reader.left() > 0) {
    const uint64_t first_of_frame = sequence;
    size_t fields = 0;
    RecordReader end = reader;
    while (end.left() > 0) {
      RecordReader next = end;
      const std::string_view stored = next.string<uint32_t>();
      const size_t size = field_size(stored, sequence);
      if (!next.ok() || (fields > 0 && frame_size(fields + size) > frame_max)) break;
      fields += size;
      end = next;
      ++sequence;
    }
    if (fields == 0) break;
    append_frame(reader, end.position(), first_of_frame, fields, out);
    reader = end;
  }
  return sequence;
}

}  // namespace tact::gateway
