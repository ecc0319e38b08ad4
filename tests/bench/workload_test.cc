// SPDX-License-Identifier: Apache-2.0
#include "bench/load/workload.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "client/utf8.h"

namespace tact::bench {
namespace {

WorkloadOptions mixed() {
  WorkloadOptions options;
  options.seed = 7;
  EXPECT_EQ(read_classes("OTP=0.5,MARKETING=0.5", options.classes), "");
  return options;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// How many of `count` messages are so.
template <class Is>
double share_of(const Workload& workload, Is is, uint64_t count = 20'000) {
  uint64_t found = 0;
  proto::Message message;
  for (uint64_t i = 0; i < count; ++i) {
    workload.fill(i, message);
    found += is(i, message) ? 1 : 0;
  }
  return static_cast<double>(found) / static_cast<double>(count);
}

TEST(Workload, MessagesOfAnotherRunAreNotOurs) {
  const Workload messages(mixed());
  for (const char* reference : {"", "-", "1", "other-1"}) {
    EXPECT_FALSE(messages.index_of(reference)) << reference;
  }
}

TEST(Workload, RecipientsNeverRepeatAndTextsFitOneSegment) {
  const Workload messages(mixed());
  std::set<std::string> recipients;
  proto::Message message;
  for (uint64_t i = 0; i < 20'000; ++i) {
    messages.fill(i, message);
    EXPECT_TRUE(recipients.insert(message.to()).second);
    EXPECT_EQ(message.to().size(), 14u);
    ASSERT_TRUE(client::is_utf8(message.text()));
    EXPECT_TRUE(message.text().starts_with("【测试】"));
    EXPECT_EQ(characters(message.text()), 60u);
    EXPECT_EQ(message.message_class(), messages.class_of(i));
    EXPECT_EQ(message.message_class() == proto::MARKETING, message.has_consent());
    EXPECT_EQ(message.zone(), "");
    EXPECT_EQ(messages.index_of(message.reference()), i);
    EXPECT_EQ(messages.delay_of(i).count(), 0);
  }
}

TEST(Workload, OneSeedIsOneRun) {
  WorkloadOptions options = mixed();
  options.opt_out = 0.5;
  options.later = 0.5;
  options.later_max = std::chrono::seconds(10);
  ASSERT_EQ(read_recipients("zipf:1:1000", options.recipients), "");
  const Workload one(options), same(options);
  options.seed = 8;
  const Workload other(options);
  proto::Message a, b, c;
  int different = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    one.fill(i, a);
    same.fill(i, b);
    other.fill(i, c);
    EXPECT_EQ(a.to(), b.to());
    EXPECT_EQ(a.text(), b.text());
    EXPECT_EQ(one.delay_of(i), same.delay_of(i));
    different += a.text() != c.text() ? 1 : 0;
  }
  EXPECT_GT(different, 900);
}

TEST(Workload, TextsHaveTheirLengthAndAlphabetInTheirShare) {
  WorkloadOptions options;
  ASSERT_EQ(read_texts("chinese:60=0.5,latin:200=0.3,emoji:70=0.2", options.texts), "");
  const Workload workload(options);
  std::map<std::size_t, int> lengths;
  proto::Message message;
  for (uint64_t i = 0; i < 10'000; ++i) {
    workload.fill(i, message);
    const std::string& text = message.text();
    ASSERT_TRUE(client::is_utf8(text));
    const std::size_t length = characters(text);
    ++lengths[length];
    EXPECT_EQ(text.find("Please") != std::string::npos, length == 200);
    EXPECT_EQ(text.find("😀") != std::string::npos, length == 70);
  }
  ASSERT_EQ(lengths.size(), 3u);
  EXPECT_NEAR(lengths[60], 5000, 200);
  EXPECT_NEAR(lengths[200], 3000, 200);
  EXPECT_NEAR(lengths[70], 2000, 200);
}

TEST(Workload, MarksNightsAndDelaysHappenInTheirShareAndApartFromEachOther) {
  WorkloadOptions options;
  options.opt_out = 0.1;
  options.night = 0.2;
  options.later = 0.3;
  options.later_min = std::chrono::seconds(2);
  options.later_max = std::chrono::seconds(4);
  const Workload workload(options);
  const auto marked = [](uint64_t, const proto::Message& message) {
    return message.text().find(kOptOutMark) != std::string::npos &&
           characters(message.text()) == 60;
  };
  const auto at_night = [](uint64_t, const proto::Message& message) {
    return message.zone().starts_with("Etc/GMT");
  };
  const auto delayed = [&](uint64_t index, const proto::Message&) {
    const auto delay = workload.delay_of(index);
    EXPECT_TRUE(delay.count() == 0 || (delay >= options.later_min && delay <= options.later_max));
    return delay.count() > 0;
  };
  EXPECT_NEAR(share_of(workload, marked), 0.1, 0.01);
  EXPECT_NEAR(share_of(workload, at_night), 0.2, 0.01);
  EXPECT_NEAR(share_of(workload, delayed), 0.3, 0.01);
  EXPECT_NEAR(share_of(workload,
                       [&](uint64_t index, const proto::Message& message) {
                         return at_night(index, message) && delayed(index, message);
                       }),
              0.06, 0.01);
}

TEST(Workload, ItIsNightThere) {
  EXPECT_EQ(night_zone(2), "Etc/GMT");
  EXPECT_EQ(night_zone(18), "Etc/GMT-8");  // China's, when it is 18:00 UTC
  EXPECT_EQ(night_zone(7), "Etc/GMT+5");   // five hours west of UTC
  EXPECT_EQ(night_zone(14), "Etc/GMT+12");
  EXPECT_EQ(night_zone(15), "Etc/GMT-11");
  EXPECT_EQ(night_zone(0), "Etc/GMT-2");
}

std::map<uint64_t, uint64_t> counts_of(const std::string& form, uint64_t messages) {
  RecipientMix mix;
  EXPECT_EQ(read_recipients(form, mix), "");
  const Recipients recipients(3, mix);
  std::map<uint64_t, uint64_t> counts;
  for (uint64_t i = 0; i < messages; ++i) ++counts[recipients.person_of(i)];
  return counts;
}

TEST(Recipients, EachGetsItsMessagesInARow) {
  const auto counts = counts_of("each:3", 300);
  EXPECT_EQ(counts.size(), 100u);
  for (const auto& [person, count] : counts) EXPECT_EQ(count, 3u) << person;
}

TEST(Recipients, PeopleAreChosenEvenly) {
  const auto counts = counts_of("people:10", 100'000);
  EXPECT_EQ(counts.size(), 10u);
  for (const auto& [person, count] : counts) EXPECT_NEAR(static_cast<double>(count), 1e4, 500);
}

// Five standard deviations of the exact probability.
TEST(Recipients, ZipfHasItsProbabilities) {
  constexpr int kPeople = 50;
  constexpr double kMessages = 200'000;
  for (const double exponent : {0.5, 1.0, 1.1, 2.0}) {
    const auto counts = counts_of("zipf:" + std::to_string(exponent) + ":50", uint64_t(kMessages));
    EXPECT_LT(counts.rbegin()->first, uint64_t(kPeople));
    double sum = 0;
    for (int k = 1; k <= kPeople; ++k) sum += std::pow(k, -exponent);
    for (int k = 1; k <= kPeople; ++k) {
      const double p = std::pow(k, -exponent) / sum;
      const auto found = counts.find(uint64_t(k - 1));
      const double count = found == counts.end() ? 0 : static_cast<double>(found->second);
      EXPECT_NEAR(count, kMessages * p, 5 * std::sqrt(kMessages * p * (1 - p)) + 1)
          << exponent << " " << k;
    }
  }
}

TEST(Recipients, OnePersonIsOneNumberAndTwoAreTwo) {
  const Recipients recipients(1, RecipientMix());
  std::set<std::string> numbers;
  for (uint64_t person = 0; person < 10'000; ++person) {
    std::string number, again;
    recipients.append_number(person, number);
    recipients.append_number(person, again);
    EXPECT_EQ(number, again);
    EXPECT_TRUE(numbers.insert(number).second);
  }
}

}  // namespace
}  // namespace tact::bench
