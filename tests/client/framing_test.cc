// SPDX-License-Identifier: Apache-2.0
#include "client/framing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "proto/stream.pb.h"

namespace tact::client {
namespace {

using State = FrameReader::State;

void feed(FrameReader& reader, std::string_view octets) {
  const std::span<char> room = reader.prepare(octets.size());
  std::copy(octets.begin(), octets.end(), room.begin());
  reader.commit(octets.size());
}

std::string ack_frame(uint64_t sequence) {
  proto::ToGateway frame;
  frame.mutable_event_ack()->set_sequence(sequence);
  std::string out;
  EXPECT_TRUE(append_frame(frame, out));
  return out;
}

proto::ToGateway read_one(std::string_view octets) {
  FrameReader reader;
  feed(reader, octets);
  const FrameReader::Result result = reader.next();
  EXPECT_EQ(result.state, State::frame);
  EXPECT_EQ(reader.next().state, State::more) << "one frame, and nothing behind it";
  proto::ToGateway frame;
  EXPECT_TRUE(frame.ParseFromArray(result.bytes.data(), static_cast<int>(result.bytes.size())));
  return frame;
}

TEST(SequencedFrame, IsTheMessageWithItsNumber) {
  proto::ToGateway expected;
  proto::Job& job = *expected.mutable_job();
  for (const std::size_t length : {0, 1, 100, 10'000, 200'000}) {
    job.add_messages()->set_text(std::string(length, 'x'));
    const SequencedFrame frame(job);
    for (const uint64_t sequence : {uint64_t{1}, uint64_t{128}, ~uint64_t{0}}) {
      job.set_sequence(sequence);
      std::string octets;
      frame.append(sequence, octets);
      EXPECT_EQ(read_one(octets).SerializeAsString(), expected.SerializeAsString());
    }
    job.clear_sequence();
  }
}

TEST(SequencedFrame, NumberWithWhichItWasEncodedCountsForNothing) {
  proto::Control control;
  control.mutable_cancel()->add_subjects()->set_message_id(7);
  control.set_sequence(99);
  std::string octets;
  SequencedFrame(control).append(3, octets);
  const proto::ToGateway frame = read_one(octets);
  EXPECT_EQ(frame.control().sequence(), 3u);
  EXPECT_EQ(frame.control().cancel().subjects(0).message_id(), 7u);
}

TEST(SequencedFrame, WhatFitsHasRoomForAnyNumber) {
  proto::Job job;
  std::string& text = *job.add_messages()->mutable_text();
  text.resize(kFrameBytesMax - 100, 'x');
  while (SequencedFrame(job).fits()) text += 'x';
  text.pop_back();
  std::string octets;
  SequencedFrame(job).append(~uint64_t{0}, octets);
  EXPECT_EQ(read_one(octets).job().messages(0).text().size(), text.size());
}

TEST(FrameReader, LengthAboveTheLimitIsRefusedBeforeItsBodyComes) {
  FrameReader reader;
  feed(reader, std::string("\x81\x80\x80\x02", 4));  // 4 MiB + 1
  EXPECT_EQ(reader.next().state, State::too_large);
  EXPECT_EQ(reader.next().state, State::too_large) << "a lost stream stays lost";
}

TEST(FrameReader, LengthAtTheLimitIsWaitedFor) {
  FrameReader reader;
  feed(reader, std::string("\x80\x80\x80\x02", 4));  // 4 MiB
  EXPECT_EQ(reader.next().state, State::more);
}

TEST(FrameReader, LengthThatNeverEndsIsMalformed) {
  FrameReader reader;
  feed(reader, std::string(5, '\xFF'));
  EXPECT_EQ(reader.next().state, State::malformed);
}

TEST(FrameReader, LengthOf32BitsIsTooLarge) {
  FrameReader reader;
  feed(reader, "\xFF\xFF\xFF\xFF\x0F");
  EXPECT_EQ(reader.next().state, State::too_large);
}

TEST(FrameReader, AnotherProtocolsGreetingIsNoFrame) {
  FrameReader reader;
  feed(reader, "GET / HTTP/1.1\r\n\r\n");
  // 'G' reads as a length of 71: nothing to see yet, and no memory was taken for it.
  EXPECT_EQ(reader.next().state, State::more);
}

TEST(FrameReader, EmptyFrameIsAFrame) {
  FrameReader reader;
  feed(reader, std::string(1, '\0'));
  const FrameReader::Result result = reader.next();
  EXPECT_EQ(result.state, State::frame);
  EXPECT_TRUE(result.bytes.empty());
}

TEST(FrameReader, FramesSurviveEveryChunking) {
  std::string stream;
  for (uint64_t sequence = 1; sequence <= 20; ++sequence) {
    stream += ack_frame(sequence * 1'000'003);
  }
  for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
    FrameReader reader;
    uint64_t seen = 0;
    for (std::size_t at = 0; at < stream.size(); at += chunk) {
      feed(reader, std::string_view(stream).substr(at, chunk));
      for (;;) {
        const FrameReader::Result result = reader.next();
        if (result.state != State::frame) {
          ASSERT_EQ(result.state, State::more);
          break;
        }
        proto::ToGateway frame;
        ASSERT_TRUE(
            frame.ParseFromArray(result.bytes.data(), static_cast<int>(result.bytes.size())));
        EXPECT_EQ(frame.event_ack().sequence(), ++seen * 1'000'003);
      }
    }
    EXPECT_EQ(seen, 20u) << "chunks of " << chunk;
  }
}

TEST(AppendFrame, MessageOverTheLimitIsNotWritten) {
  proto::ToGateway frame;
  frame.mutable_job()->add_messages()->set_text(std::string(kFrameBytesMax, 'x'));
  std::string out = "before";
  EXPECT_FALSE(append_frame(frame, out));
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace tact::client
