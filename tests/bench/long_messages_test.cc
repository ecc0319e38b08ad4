// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/long_messages.h"

#include <gtest/gtest.h>

namespace tact::bench {
namespace {

class LongMessagesTest : public testing::Test {
 protected:
  // What the part completed, or "".
  std::string take(int index, int total, uint64_t link = 1, bool accepted = true) {
    smpp::SubmitSm pdu;
    pdu.destination_addr = "8613800138000";
    smpp::PartInfo info;
    info.reference = 7;
    info.index = static_cast<uint8_t>(index);
    info.total = static_cast<uint8_t>(total);
    const std::string* whole =
        messages_.take(pdu, info, std::to_string(index), accepted, link, last_[link]);
    return whole == nullptr ? "" : *whole;
  }
  uint64_t count(Violation violation) const {
    return statistics_.violations[static_cast<std::size_t>(violation)];
  }
  uint64_t all() const {
    uint64_t sum = 0;
    for (const uint64_t times : statistics_.violations) sum += times;
    return sum;
  }

  Statistics statistics_{smpp::Mono{}};
  LongMessages messages_{statistics_};
  LastPart last_[3];
};

TEST_F(LongMessagesTest, PartsInARowAreJoinedWithoutComplaint) {
  EXPECT_EQ(take(1, 3), "");
  EXPECT_EQ(take(2, 3), "");
  EXPECT_EQ(take(3, 3), "123");
  EXPECT_EQ(take(1, 2), "");
  EXPECT_EQ(take(2, 2), "12") << "the reference may be used again";
  EXPECT_EQ(all(), 0u);
}

TEST_F(LongMessagesTest, SomethingBetweenTwoPartsIsTold) {
  take(1, 2);
  last_[1] = {};
  EXPECT_EQ(take(2, 2), "12");
  EXPECT_EQ(count(Violation::parts_not_in_a_row), 1u);
}

TEST_F(LongMessagesTest, PartsOnTwoBindsAreTold) {
  take(1, 2, 1);
  EXPECT_EQ(take(2, 2, 2), "12");
  EXPECT_EQ(count(Violation::parts_on_different_binds), 1u);
}

TEST_F(LongMessagesTest, AnotherTotalUnderOneReferenceIsTold) {
  take(1, 3);
  take(2, 2);
  EXPECT_EQ(count(Violation::parts_inconsistent), 1u);
}

TEST_F(LongMessagesTest, WhatIsMissingAfterARefusalMayComeLaterAndElsewhere) {
  take(1, 3);
  take(2, 3, 1, false);
  take(3, 3);
  EXPECT_EQ(take(2, 3, 2), "123");
  EXPECT_EQ(all(), 0u);
}

}  // namespace
}  // namespace tact::bench
