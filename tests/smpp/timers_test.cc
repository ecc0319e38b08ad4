// SPDX-License-Identifier: Apache-2.0
#include "smpp/timers.h"

#include <gtest/gtest.h>

namespace tact::smpp {
namespace {

using std::chrono::seconds;

constexpr TimerConfig kConfig{seconds(10), seconds(30), seconds(100), seconds(5)};

TEST(Timers, NotBoundInTimeIsAnAlarm) {
  const Timers timers(kConfig, seconds(1));
  EXPECT_EQ(timers.deadline(), seconds(11));
  EXPECT_EQ(timers.due(seconds(11) - Mono(1)), Alarm::none);
  EXPECT_EQ(timers.due(seconds(11)), Alarm::session_init);
}

TEST(Timers, SilenceAsksAndMoreSilenceIsTheEnd) {
  Timers timers(kConfig, seconds(0));
  timers.bound(seconds(1));
  timers.heard(seconds(1));
  EXPECT_EQ(timers.due(seconds(31)), Alarm::enquire_link);
  timers.enquired(seconds(31));
  EXPECT_EQ(timers.due(seconds(35)), Alarm::none);
  EXPECT_EQ(timers.deadline(), seconds(36));
  EXPECT_EQ(timers.due(seconds(36)), Alarm::enquire_link_lost);
}

TEST(Timers, AnyPduHeardAfterTheQuestionShowsThatThePeerLives) {
  Timers timers(kConfig, seconds(0));
  timers.bound(seconds(1));
  timers.enquired(seconds(31));
  timers.heard(seconds(35));
  EXPECT_EQ(timers.due(seconds(40)), Alarm::none);
  EXPECT_EQ(timers.due(seconds(65)), Alarm::enquire_link);
}

TEST(Timers, InactivityCountsMessagesAndOnlyOnceBound) {
  Timers timers(kConfig, seconds(0));
  timers.transacted(seconds(1));
  EXPECT_EQ(timers.deadline(), seconds(10));
  timers.bound(seconds(2));
  timers.transacted(seconds(50));
  timers.heard(seconds(149));
  EXPECT_EQ(timers.due(seconds(149)), Alarm::none);
  EXPECT_EQ(timers.due(seconds(150)), Alarm::inactivity);
}

TEST(Timers, SwitchedOffNeverComes) {
  Timers timers({kNever, kNever, kNever, kNever}, seconds(5));
  timers.bound(seconds(6));
  timers.heard(seconds(7));
  timers.enquired(seconds(8));
  EXPECT_EQ(timers.deadline(), kNever);
  EXPECT_EQ(timers.due(kNever), Alarm::none);
}

TEST(Timers, AddDoesNotOverflow) {
  EXPECT_EQ(add(seconds(1), kNever), kNever);
  EXPECT_EQ(add(kNever, seconds(1)), kNever);
  EXPECT_EQ(add(seconds(1), seconds(2)), seconds(3));
}

}  // namespace
}  // namespace tact::smpp
