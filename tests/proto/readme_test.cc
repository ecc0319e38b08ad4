// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "proto/stream.pb.h"

namespace tact::proto {
namespace {

bool is_hex_octet(const std::string& word) {
  return word.size() == 2 && std::isxdigit(static_cast<unsigned char>(word[0])) != 0 &&
         std::isxdigit(static_cast<unsigned char>(word[1])) != 0;
}

// The octets of each ```hex block of the page: what stands in front of a line's explanation.
std::vector<std::string> octets_of_readme() {
  std::ifstream stream(std::string(TACT_SOURCE_DIR) + "/proto/README.md");
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```")) {
      inside = line == "```hex";
      if (inside) blocks.emplace_back();
      continue;
    }
    std::istringstream words(line);
    for (std::string word; inside && words >> word && is_hex_octet(word);) {
      blocks.back() += static_cast<char>(std::stoi(word, nullptr, 16));
    }
  }
  return blocks;
}

std::string delimited(const google::protobuf::Message& message) {
  std::ostringstream out;
  google::protobuf::util::SerializeDelimitedToOstream(message, &out);
  return out.str();
}

TEST(Readme, its_worked_octets_are_what_the_library_writes) {
  const std::vector<std::string> blocks = octets_of_readme();
  ASSERT_EQ(blocks.size(), 3u);
  ToGateway greeting;
  greeting.mutable_hello()->set_upstream("core");
  greeting.mutable_hello()->set_stream("pod-1");
  greeting.mutable_hello()->set_token("0123456789abcdef");
  greeting.mutable_hello()->set_subscribe(true);
  greeting.mutable_hello()->set_events_acked(300);
  EXPECT_EQ(blocks[0], delimited(greeting));

  ToGateway push;
  push.mutable_job()->set_sequence(1);
  Message& message = *push.mutable_job()->add_messages();
  message.set_reference("m1");
  message.set_to("+8613800138000");
  message.set_text("你好");
  message.set_message_class(OTP);
  EXPECT_EQ(blocks[1], delimited(push));

  ToUpstream answer;
  answer.mutable_job_ack()->set_sequence(1);
  Result& result = *answer.mutable_job_ack()->add_results();
  result.set_message_id(4294967297);
  result.set_outcome(QUEUED);
  result.set_segments(1);
  EXPECT_EQ(blocks[2], delimited(answer));
}

TEST(Readme, its_table_of_events_has_every_event) {
  std::ifstream stream(std::string(TACT_SOURCE_DIR) + "/proto/README.md");
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  const auto* what = Event::descriptor()->FindOneofByName("what");
  for (int i = 0; i < what->field_count(); ++i) {
    EXPECT_NE(page.find("| `" + what->field(i)->name() + "` |"), std::string::npos)
        << what->field(i)->name();
  }
  for (int i = 1; i < Error::Code_descriptor()->value_count(); ++i) {
    const std::string& code = Error::Code_descriptor()->value(i)->name();
    EXPECT_NE(page.find("| `" + code + "` |"), std::string::npos) << code;
  }
}

}  // namespace
}  // namespace tact::proto
