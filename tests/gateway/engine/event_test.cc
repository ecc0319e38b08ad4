// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/event.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/stream.pb.h"

namespace tact::gateway {
namespace {

proto::Event receipt(uint64_t message, const std::string& reference) {
  proto::Event event;
  event.set_message_id(message);
  event.set_reference(reference);
  event.set_time_ms(1'700'000'000'000);
  event.set_final(true);
  event.mutable_receipt()->set_state(proto::DELIVERED);
  event.mutable_receipt()->set_error("000");
  return event;
}

Bytes body_of(int count, size_t reference_size = 8) {
  EventBuilder builder;
  for (int i = 0; i < count; ++i) builder.add(receipt(100 + i, std::string(reference_size, 'r')));
  EXPECT_EQ(builder.count(), count);
  return builder.take();
}

struct Frame {
  size_t size = 0;  // with its length
  proto::ToUpstream message;
};

// What an upstream's protobuf library makes of the bytes.
std::vector<Frame> frames(const Bytes& out) {
  std::vector<Frame> result;
  for (size_t at = 0; at < out.size();) {
    const size_t begin = at;
    size_t length = 0;
    for (int shift = 0;; shift += 7) {
      length |= size_t{out[at] & 0x7fu} << shift;
      if (!(out[at++] & 0x80)) break;
    }
    Frame& frame = result.emplace_back();
    EXPECT_LE(length, out.size() - at);
    EXPECT_TRUE(frame.message.ParseFromArray(out.data() + at, static_cast<int>(length)));
    at += length;
    frame.size = at - begin;
  }
  return result;
}

TEST(DamagedEvents, EndAtTheLastWholeRecord) {
  const Bytes body = body_of(3);
  for (size_t size = 0; size < body.size(); ++size) {
    Bytes out;
    const uint64_t next =
        append_event_frames(Bytes(body.begin(), body.begin() + size), 5, 5, 1 << 20, out);
    EXPECT_EQ(next, 5 + size / (body.size() / 3)) << size;
    EXPECT_EQ(frames(out).size(), next == 5 ? 0u : 1u);
  }
  Bytes huge = body, out;
  huge[3] = 0xff;
  EXPECT_EQ(append_event_frames(huge, 5, 5, 1 << 20, out), 5u);
  EXPECT_TRUE(out.empty());
}

TEST(Events, ReadAsIfProtobufHadWrittenThemWithTheirSequence) {
  Bytes out;
  const uint64_t first = (1ull << 35) - 1;  // the varint grows within the frame
  EXPECT_EQ(append_event_frames(body_of(3), first, first, 1 << 20, out), first + 3);
  const auto read = frames(out);
  ASSERT_EQ(read.size(), 1u);
  ASSERT_EQ(read[0].message.events().events_size(), 3);
  for (int i = 0; i < 3; ++i) {
    proto::Event expected = receipt(100 + i, "rrrrrrrr");
    expected.set_sequence(first + i);
    EXPECT_EQ(read[0].message.events().events(i).SerializeAsString(), expected.SerializeAsString());
  }
}

TEST(Events, AreDividedIntoFramesWithinTheLimit) {
  for (const size_t limit : {200, 1000, 1003, 20'000}) {
    Bytes out;
    EXPECT_EQ(append_event_frames(body_of(100, 60), 1, 1, limit, out), 101u);
    uint64_t next = 1;
    const auto read = frames(out);
    for (const Frame& frame : read) {
      EXPECT_LE(frame.size, limit);
      const bool last = &frame == &read.back();
      EXPECT_TRUE(last || frame.size + 110 > limit) << "it could hold more";
      for (const auto& event : frame.message.events().events()) EXPECT_EQ(event.sequence(), next++);
    }
    EXPECT_EQ(next, 101u);
  }
}

TEST(EventLargerThanAFrame, IsSentByItself) {
  Bytes out;
  EXPECT_EQ(append_event_frames(body_of(2, 500), 1, 1, 100, out), 3u);
  EXPECT_EQ(frames(out).size(), 2u);
}

TEST(EventsPartlySent, GoOnWhereTheSubscriberIs) {
  Bytes out;
  EXPECT_EQ(append_event_frames(body_of(5), 10, 13, 1 << 20, out), 15u);
  const auto read = frames(out);
  ASSERT_EQ(read.size(), 1u);
  ASSERT_EQ(read[0].message.events().events_size(), 2);
  EXPECT_EQ(read[0].message.events().events(0).sequence(), 13u);
  EXPECT_EQ(read[0].message.events().events(0).message_id(), 103u);

  out.clear();
  EXPECT_EQ(append_event_frames(body_of(5), 10, 15, 1 << 20, out), 15u);
  EXPECT_EQ(append_event_frames(body_of(5), 10, 99, 1 << 20, out), 99u);
  EXPECT_TRUE(out.empty());
}

TEST(EventBuilder, IsEmptyAfterItsBodyWasTaken) {
  EventBuilder builder;
  builder.add(receipt(1, "a"));
  EXPECT_GT(builder.bytes(), 0u);
  builder.take();
  EXPECT_EQ(builder.count(), 0);
  EXPECT_EQ(builder.bytes(), 0u);
}

}  // namespace
}  // namespace tact::gateway
