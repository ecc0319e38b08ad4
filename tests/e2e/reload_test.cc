// SPDX-License-Identifier: Apache-2.0
// SIGHUP: changed rules change verdicts while everything goes on; a broken file changes nothing and
// is told line by line; what only a restart can change is told.
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "tests/e2e/gateway.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

class Reload : public ::testing::Test {
 protected:
  Reload() : carrier_(folder_, {}), gateway_(folder_, carrier_.port()) {}

  void SetUp() override {
    ASSERT_TRUE(gateway_.start());
    producer_ = std::make_unique<Producer>(gateway_.address(), "notices");
  }

  void change(const std::string& from, const std::string& to) {
    std::string text = read_file(gateway_.config_path());
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(gateway_.config_path(), text.replace(at, from.size(), to));
  }

  // Until it says what became of it.
  bool reload(const std::string& result) {
    const auto count = [&] {
      return gateway_.metric("tact_rule_set_reloads_total", {"result=\"" + result + "\""});
    };
    const double before = count();
    gateway_.process().signal(SIGHUP);
    return wait_until(Millis(20'000), [&] { return count() > before; });
  }

  // The end of a message to a number of its own.
  proto::Event::WhatCase send() {
    const std::string reference = "m-" + std::to_string(++sent_);
    producer_->send({message(proto::MARKETING, number(sent_), reference, sent_)});
    EXPECT_TRUE(producer_->wait_finals(sent_));
    return producer_->ledger().lives.at(reference).end();
  }

  bool logged(const std::string& pattern) const {
    return std::regex_search(gateway_.log(), std::regex(pattern));
  }

  Folder folder_;
  Carrier carrier_;
  Gateway gateway_;
  std::unique_ptr<Producer> producer_;
  uint64_t sent_ = 0;
};

TEST_F(Reload, ChangedRulesChangeVerdictsAndTheDigest) {
  EXPECT_EQ(send(), proto::Event::kReceipt);
  const std::string before = gateway_.metrics();
  change("contacts: [955XX]", "contacts: [400-800-0000]");
  ASSERT_TRUE(reload("applied"));
  EXPECT_EQ(send(), proto::Event::kRejected);
  EXPECT_EQ(producer_->ledger().lives.at("m-2").result.fired(0).rule(), "CONTACT_MISSING");
  const auto digest = [](const std::string& metrics) {
    std::smatch found;
    std::regex_search(metrics, found, std::regex("tact_rule_set_info.digest=\"([0-9a-f]{16})\""));
    return found.str(1);
  };
  EXPECT_EQ(digest(before).size(), 16u);
  EXPECT_NE(digest(gateway_.metrics()), digest(before));
  EXPECT_TRUE(logged("reload: rules in force.*\"before\":\"" + digest(before) + "\""));
  change("contacts: [400-800-0000]", "contacts: [955XX]");
  ASSERT_TRUE(reload("applied"));
  EXPECT_EQ(send(), proto::Event::kReceipt);
  EXPECT_EQ(digest(gateway_.metrics()), digest(before));
}

TEST_F(Reload, ABrokenFileKeepsTheOldRulesAndSaysWhy) {
  change("contacts: [955XX]", "contacts: [400-800-0000]");
  change("freq_week: 7", "freq_week: 70");
  ASSERT_TRUE(reload("refused"));
  EXPECT_TRUE(logged("reload: problem.*yaml:[0-9]+:[0-9]+: policy.freq_week must be 1..7"))
      << gateway_.log();
  EXPECT_EQ(send(), proto::Event::kReceipt);
  write_file(gateway_.config_path(), "policy: [\n");
  ASSERT_TRUE(reload("refused"));
  EXPECT_EQ(send(), proto::Event::kReceipt);
  EXPECT_EQ(gateway_.stop(), 0);
}

TEST_F(Reload, WhatTakesARestartIsTold) {
  change("rate_pdus: 5000", "rate_pdus: 4000");
  ASSERT_TRUE(reload("applied"));
  EXPECT_TRUE(logged("reload: needs a restart.*routes.0..rate_pdus")) << gateway_.log();
  change("{name: retail,", "{name: private,");
  change("default_account: retail", "default_account: private");
  ASSERT_TRUE(reload("refused"));
  EXPECT_TRUE(logged("reload: needs a restart.*tenants.0..accounts.0..name")) << gateway_.log();
  EXPECT_EQ(send(), proto::Event::kReceipt);
}

}  // namespace
}  // namespace tact::e2e
