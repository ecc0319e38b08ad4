// SPDX-License-Identifier: Apache-2.0
// What must outlive the process, and what must not leave it (issue 2).
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/gateway.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

constexpr int kExitBusy = 75, kExitConfig = 78;

class Restart : public ::testing::Test {
 protected:
  Restart()
      : carrier_(folder_, {"--receipt-delay", "20ms..50ms", "--reply-number",
                           number(7).substr(1) + "=回T", "--reply-delay", "100ms"}),
        gateway_(folder_, carrier_.port()) {}
  void SetUp() override { ASSERT_TRUE(gateway_.start()); }

  void restart() {
    EXPECT_EQ(gateway_.stop(), 0);
    ASSERT_TRUE(gateway_.start());
  }

  Folder folder_;
  Carrier carrier_;
  Gateway gateway_;
};

TEST_F(Restart, EventsGoOnBehindTheSubscribersMark) {
  {
    Producer absent(gateway_.address(), "pod-1", false);
    std::vector<proto::Message> job;
    for (uint64_t n = 0; n < 100; ++n) {
      job.push_back(message(proto::NOTIFICATION, number(n + 10), std::to_string(n), n));
    }
    absent.send(std::move(job));
    ASSERT_TRUE(absent.wait_acknowledged(100));
  }
  ASSERT_TRUE(
      wait_until(Millis(20'000), [&] { return carrier_.count("receipts.answered") == 100; }));
  restart();
  uint64_t mark = 0;
  {
    Producer subscriber(gateway_.address(), "");
    ASSERT_TRUE(subscriber.wait_finals(100)) << subscriber.ledger().finals;
    EXPECT_TRUE(subscriber.ledger().events_in_sequence);
    mark = subscriber.ledger().last_event;
    EXPECT_EQ(mark, 200u);  // one `submitted` and one `receipt` each
  }
  {
    Producer producer(gateway_.address(), "pod-1", false);
    producer.send({message(proto::NOTIFICATION, number(300), "after", 300)});
    ASSERT_TRUE(producer.wait_acknowledged(1));
    ASSERT_TRUE(
        wait_until(Millis(20'000), [&] { return carrier_.count("receipts.answered") == 101; }));
  }
  restart();
  Producer subscriber(gateway_.address(), "", true, mark);
  ASSERT_TRUE(subscriber.wait_finals(1));
  const Ledger ledger = subscriber.ledger();
  EXPECT_TRUE(ledger.events_in_sequence) << "the first is not the one behind the mark";
  EXPECT_EQ(ledger.lives.size(), 1u);
  EXPECT_EQ(ledger.lives.at("after").finals, 1);
}

TEST_F(Restart, AnIdempotencyKeyIsRememberedOverAKill) {
  auto one = message(proto::OTP, number(1), "first", 1);
  one.set_idempotency_key("login-1");
  uint64_t id = 0;
  {
    Producer producer(gateway_.address(), "pod-1");
    producer.send({one});
    ASSERT_TRUE(producer.wait_finals(1));
    id = producer.ledger().lives.at("first").result.message_id();
  }
  gateway_.kill();
  ASSERT_TRUE(gateway_.start());
  Producer other(gateway_.address(), "pod-2");
  one.set_reference("second");
  other.send({one});
  ASSERT_TRUE(other.wait_acknowledged(1));
  const Life life = other.ledger().lives.at("second");
  EXPECT_EQ(life.result.outcome(), proto::DUPLICATE);
  EXPECT_EQ(life.result.message_id(), id);
  EXPECT_EQ(carrier_.count("messages"), 1);
}

TEST_F(Restart, AnOptOutSurvivesAKill) {
  {
    Producer producer(gateway_.address(), "pod-1");
    producer.send({message(proto::MARKETING, number(7), "first", 1)});  // he answers 回T
    ASSERT_TRUE(producer.wait(Millis(20'000), [](const Ledger& ledger) {
      for (const auto& event : ledger.others) {
        if (event.has_opt_out()) return true;
      }
      return false;
    }));
    proto::Control control;
    auto* entry = control.mutable_suppress()->add_entries();
    entry->set_brand(Gateway::kBrand);
    entry->set_to(number(8));
    producer.send(control);
    ASSERT_TRUE(wait_until(Millis(10'000), [&] { return producer.unacknowledged() == 0; }));
  }
  gateway_.kill();
  ASSERT_TRUE(gateway_.start());
  Producer producer(gateway_.address(), "pod-1");
  producer.send({message(proto::MARKETING, number(7), "by reply", 2),
                 message(proto::MARKETING, number(8), "by control", 3),
                 message(proto::MARKETING, number(9), "free", 4)});
  ASSERT_TRUE(producer.wait_acknowledged(3));
  for (const char* reference : {"by reply", "by control"}) {
    const proto::Result result = producer.ledger().lives.at(reference).result;
    EXPECT_EQ(result.outcome(), proto::REJECTED) << reference;
    ASSERT_GE(result.fired_size(), 1) << reference;
    EXPECT_EQ(result.fired(0).rule(), "OPTED_OUT") << reference;
  }
  EXPECT_EQ(producer.ledger().lives.at("free").result.outcome(), proto::QUEUED);
}

TEST_F(Restart, ASecondDaemonOnTheSameFolderIsRefused) {
  Gateway second(folder_, carrier_.port(), {}, "second");
  EXPECT_EQ(second.spawn().wait(Millis(20'000)).value_or(-1), kExitBusy) << second.log();
  EXPECT_NE(second.log().find("in use by another process"), std::string::npos) << second.log();
  EXPECT_FALSE(gateway_.ops("/readyz").empty()) << "the first was harmed";
}

TEST_F(Restart, AStoreOfAnotherNumberKeyIsRefused) {
  EXPECT_EQ(gateway_.stop(), 0);
  Gateway other(folder_, carrier_.port(), {.number_key = std::string(64, '6')}, "other");
  EXPECT_EQ(other.spawn().wait(Millis(20'000)).value_or(-1), kExitConfig) << other.log();
  EXPECT_NE(other.log().find("number_key"), std::string::npos) << other.log();
  ASSERT_TRUE(gateway_.start());
}

TEST_F(Restart, AStoreOfAnotherDataKeyIsRefusedAndOneMoreKeyIsNot) {
  {
    Producer producer(gateway_.address(), "pod-1", false);
    producer.send({message(proto::NOTIFICATION, number(10), "sealed", 10)});
    ASSERT_TRUE(producer.wait_acknowledged(1));
  }
  EXPECT_EQ(gateway_.stop(), 0);
  const std::string key = folder_.path("data.key"), right = read_file(key);
  write_file(key, std::string(64, '8'), true);
  EXPECT_EQ(gateway_.spawn().wait(Millis(20'000)).value_or(-1), kExitConfig) << gateway_.log();
  EXPECT_NE(gateway_.log().find("data key 1 is not the one"), std::string::npos) << gateway_.log();

  write_file(key, right, true);
  write_file(folder_.path("second.key"), std::string(64, '9'), true);
  std::string config = read_file(gateway_.config_path());
  const std::string one = "[{id: 1, file: data.key}]";
  config.replace(config.find(one), one.size(),
                 "[{id: 1, file: data.key}, {id: 2, file: second.key}]");
  write_file(gateway_.config_path(), config);
  ASSERT_TRUE(gateway_.start());
  EXPECT_EQ(gateway_.stop(), 0);
  write_file(folder_.path("second.key"), right, true);
  EXPECT_EQ(gateway_.spawn().wait(Millis(20'000)).value_or(-1), kExitConfig) << gateway_.log();
  EXPECT_NE(gateway_.log().find("data key 2 is not the one"), std::string::npos) << gateway_.log();
}

TEST_F(Restart, ANameThatLeftTheConfigurationTakesNothingWithIt) {
  {
    Producer absent(gateway_.address(), "pod-1", false);
    absent.send({message(proto::NOTIFICATION, number(10), "told to nobody", 10)});
    ASSERT_TRUE(absent.wait_acknowledged(1));
  }
  ASSERT_TRUE(wait_until(Millis(20'000), [&] { return carrier_.count("receipts.answered") == 1; }));
  EXPECT_EQ(gateway_.stop(), 0);
  Gateway renamed(folder_, carrier_.port(), {.upstream = "another"}, "renamed");
  EXPECT_EQ(renamed.spawn().wait(Millis(20'000)).value_or(-1), kExitConfig) << renamed.log();
  EXPECT_NE(renamed.log().find("\"core-banking\" is not configured any more and still has 2 "
                               "unacknowledged events"),
            std::string::npos)
      << renamed.log();
  ASSERT_TRUE(gateway_.start());
}

TEST_F(Restart, AnOptOutThatIsRefusedIsToldByTheCommandLine) {
  const Finished typo = gateway_.tact({"suppress", "add", "+8613800138000", "--brand", "xx-bnak"});
  EXPECT_EQ(typo.code, 1) << typo.out;
  EXPECT_NE(typo.err.find("+8613800138000: refused, FIELD_INVALID brand"), std::string::npos)
      << typo.err;
  const Finished good =
      gateway_.tact({"suppress", "add", "+8613800138000", "--brand", Gateway::kBrand});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_NE(good.err.find("1 entry is durable"), std::string::npos) << good.err;
}

// Of all numbers a test writes to, in the spellings in which they could leak.
void expect_no_number(const std::string& text, const std::string& where, uint64_t numbers) {
  for (uint64_t n = 0; n < numbers; ++n) {
    EXPECT_EQ(text.find(number(n).substr(3)), std::string::npos) << where << " has " << number(n);
  }
}

TEST_F(Restart, NoNumberStandsInClearInMetricsLogsOrTraces) {
  constexpr uint64_t kNumbers = 40;
  {
    Producer producer(gateway_.address(), "pod-1");
    std::vector<proto::Message> job;
    for (uint64_t n = 0; n < kNumbers; ++n) {
      job.push_back(message(n == 7 ? proto::MARKETING : proto::NOTIFICATION, number(n),
                            std::to_string(n), n));
    }
    job.push_back(message(proto::OTP, number(3) + "000000", "bad number", 1));
    auto bad = message(proto::NOTIFICATION, number(4), "bad text", 1);
    bad.set_text("【XX银行】请致电" + number(4) + ",${name}");
    job.push_back(bad);
    producer.send(std::move(job));
    ASSERT_TRUE(producer.wait_finals(kNumbers + 2));
    for (const auto& [reference, life] : producer.ledger().lives) {
      expect_no_number(life.result.ShortDebugString(), "the result of " + reference, kNumbers);
    }
  }
  gateway_.kill();
  ASSERT_TRUE(gateway_.start());
  std::string traces;
  for (const uint64_t n : {3, 4, 7}) {
    const Finished trace = gateway_.tact({"trace", number(n)});
    EXPECT_EQ(trace.code, 0) << trace.err;
    traces += trace.out + trace.err;
  }
  for (const char* step : {"admitted", "submitted", "receipt"}) {
    EXPECT_NE(traces.find(step), std::string::npos) << step << " is missing in\n" << traces;
  }
  const Finished list = gateway_.tact({"suppress", "list", "--brand", Gateway::kBrand});
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_NE(list.out.find("MARKETING"), std::string::npos) << list.out << list.err;
  const std::string metrics = gateway_.metrics();
  EXPECT_GT(metrics.size(), 1000u);
  expect_no_number(metrics, "/metrics", kNumbers);
  expect_no_number(traces, "tact trace", kNumbers);
  expect_no_number(list.out + list.err, "tact suppress list", kNumbers);
  EXPECT_EQ(gateway_.stop(), 0);
  EXPECT_FALSE(gateway_.log().empty());
  expect_no_number(gateway_.log(), "the log", kNumbers);
  // Texts are encrypted at rest, and so are the numbers in them.
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path("data"))) {
    if (file.is_regular_file()) expect_no_number(read_file(file.path()), file.path(), kNumbers);
  }
}

}  // namespace
}  // namespace tact::e2e
