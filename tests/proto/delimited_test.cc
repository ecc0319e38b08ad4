// SPDX-License-Identifier: Apache-2.0
#include "proto/delimited.h"

#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <sstream>

#include "proto/stream.pb.h"

namespace tact::proto {
namespace {

FrameHead head_of(std::vector<uint8_t> octets, size_t limit = 1'000) {
  return frame_head(octets, limit);
}

TEST(Delimited, a_length_over_the_limit_is_refused_before_its_message_comes) {
  EXPECT_EQ(head_of({0xe9, 0x07}).result, FrameResult::too_large);  // 1,001
  EXPECT_EQ(head_of({0xe8, 0x07}).result, FrameResult::more);
  EXPECT_EQ(head_of({0xff, 0xff, 0xff, 0xff, 0x7f}, SIZE_MAX >> 32).result, FrameResult::too_large);
}

TEST(Delimited, a_length_that_never_ends_is_malformed) {
  EXPECT_EQ(head_of({0xff, 0xff, 0xff, 0xff}).result, FrameResult::more);
  EXPECT_EQ(head_of({0xff, 0xff, 0xff, 0xff, 0xff}).result, FrameResult::malformed);
}

TEST(Delimited, a_frame_is_whole_with_its_last_octet) {
  EXPECT_EQ(head_of({}).result, FrameResult::more);
  EXPECT_EQ(head_of({2, 'a'}).result, FrameResult::more);
  const FrameHead head = head_of({2, 'a', 'b', 'c'});
  EXPECT_EQ(head.result, FrameResult::frame);
  EXPECT_EQ(head.prefix, 1u);
  EXPECT_EQ(head.size, 2u);
  EXPECT_EQ(head_of({0}).result, FrameResult::frame);
}

TEST(Delimited, what_is_written_is_what_the_library_writes) {
  for (const size_t size : {0, 1, 100, 127, 128, 20'000}) {
    ToGateway frame;
    frame.mutable_hello()->set_token(std::string(size, 'x'));
    std::ostringstream expected;
    google::protobuf::util::SerializeDelimitedToOstream(frame, &expected);
    std::string text = "before";
    append_delimited(frame, text);
    EXPECT_EQ(text, "before" + expected.str());
    std::vector<uint8_t> octets;
    append_delimited(frame, octets);
    EXPECT_EQ(std::string(octets.begin(), octets.end()), expected.str());
  }
}

}  // namespace
}  // namespace tact::proto
