// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

TEST(Sending, OneMessageOfEachClassReachesItsReceipt) {
  World world(one_shard());
  world.centre().receipts = true;
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (const Class cls : kClassOrder) {
    messages.push_back(message_of(cls, "861380013800" + std::to_string(static_cast<int>(cls))));
  }
  const uint64_t job = producer.push(messages);
  world.run_for(1s);
  ASSERT_TRUE(producer.acks.contains(job));
  for (int i = 0; i < kClasses; ++i) {
    const auto& result = producer.result(job, i);
    EXPECT_EQ(result.outcome(), proto::QUEUED) << result.ShortDebugString();
    const auto* fate = producer.fate(result.message_id());
    ASSERT_TRUE(fate) << i;
    EXPECT_EQ(fate->receipt().state(), proto::DELIVERED);
  }
}

}  // namespace
}  // namespace tact::gateway::test
