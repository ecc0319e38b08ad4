// SPDX-License-Identifier: Apache-2.0
// What a compliance officer has in hand afterwards: the audit as a file, and proof that the
// gateway's own record of it is whole, over a kill too (issue 6).
#include <gtest/gtest.h>

#include "tests/e2e/gateway.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

namespace json = boost::json;

std::vector<json::object> objects(const std::string& text) {
  std::vector<json::object> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(json::parse(line).as_object());
  return all;
}

std::string text_of(const json::object& record, const char* name) {
  const auto* value = record.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

size_t count(const std::vector<json::object>& records, const std::string& what) {
  return static_cast<size_t>(std::count_if(records.begin(), records.end(), [&](const auto& record) {
    return text_of(record, "what") == what;
  }));
}

class Audit : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(gateway_.start()); }
  // Each to a number of its own; of them one is refused for its text.
  void send(uint64_t first, const std::string& campaign) {
    std::vector<proto::Message> job;
    for (uint64_t n = first; n < first + 10; ++n) {
      job.push_back(message(proto::MARKETING, number(n), std::to_string(n), n));
      job.back().set_campaign(campaign);
    }
    job.back().set_text("【XX银行】本理财产品保本保息,详询955XX,拒收请回复R");
    Producer producer(gateway_.address(), "marketing-" + campaign);
    producer.send(std::move(job));
    ASSERT_TRUE(producer.wait_finals(10));
  }

  Folder folder_;
  Carrier carrier_{folder_, {"--receipt-delay", "20ms..50ms"}};
  Gateway gateway_{folder_, carrier_.port(), {.data = "audit_texts: true"}};
};

TEST_F(Audit, IsExportedWithItsFactsAndWithoutNumbersOrTexts) {
  send(1, "spring");
  Finished finished = gateway_.tact({"audit", "export"});
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto records = objects(finished.out);
  EXPECT_EQ(count(records, "admitted"), 10u);
  EXPECT_EQ(count(records, "submitted"), 9u);
  EXPECT_EQ(count(records, "receipt"), 9u);
  for (const json::object& record : records) {
    if (text_of(record, "what") != "admitted") continue;
    EXPECT_EQ(text_of(record, "campaign"), "spring");
    EXPECT_EQ(text_of(record, "class"), "MARKETING");
    EXPECT_EQ(text_of(record, "number_hash").size(), 16u);
    EXPECT_EQ(text_of(record, "rule_set").size(), 16u);
    EXPECT_EQ(text_of(record, "text_digest").size(), 16u);
    EXPECT_EQ(record.at("consent"), true);
    const bool refused = text_of(record, "action") == "REJECT";
    EXPECT_EQ(refused, text_of(record, "result") == "REJECTED");
    if (!refused) continue;
    EXPECT_EQ(text_of(record.at("fired").at(0).as_object(), "rule"), "ADV_保本");
  }
  EXPECT_EQ(finished.out.find(number(1).substr(1)), std::string::npos) << "a number in clear";
  EXPECT_EQ(finished.out.find("理财"), std::string::npos) << "a text in clear";

  finished = gateway_.tact({"audit", "export", "--texts"});
  EXPECT_NE(finished.out.find(number(1).substr(1)), std::string::npos);
  EXPECT_NE(finished.out.find("本理财产品保本保息"), std::string::npos);

  finished = gateway_.tact({"audit", "export", "--csv", "--day", "2026-03-18"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_EQ(static_cast<size_t>(std::count(finished.out.begin(), finished.out.end(), '\n')),
            records.size() + 1);
  finished = gateway_.tact({"audit", "export", "--day", "2026-03-17"});
  EXPECT_EQ(finished.out, "");
  finished = gateway_.tact({"audit", "export", "--day", "17.3."});
  EXPECT_EQ(finished.code, 2);
}

TEST_F(Audit, IsVerifiedAndGoesOnOverAKill) {
  EXPECT_EQ(gateway_.tact({"audit", "verify"}).code, 1) << "there is nothing yet";
  send(1, "spring");
  Finished finished = gateway_.tact({"audit", "verify", "--json"});
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto before = objects(finished.out);
  ASSERT_EQ(before.size(), 1u);
  const std::string exported = gateway_.tact({"audit", "export"}).err;
  EXPECT_NE(exported.find(text_of(before[0], "hash")), std::string::npos) << exported;
  gateway_.kill();
  ASSERT_TRUE(gateway_.start());
  send(100, "autumn");
  finished = gateway_.tact({"audit", "verify", "--json"});
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto after = objects(finished.out);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_GT(after[0].at("records").to_number<int>(), before[0].at("records").to_number<int>());
  EXPECT_NE(text_of(after[0], "hash"), text_of(before[0], "hash"));

  // Only of a day that was over is the hash its last.
  write_file(folder_.path("kept.jsonl"), json::serialize(before[0]) + "\n");
  EXPECT_EQ(gateway_.tact({"audit", "verify", "--against", folder_.path("kept.jsonl")}).code, 0);
  json::object over = before[0];
  over["complete"] = true;
  write_file(folder_.path("kept.jsonl"), json::serialize(over) + "\n");
  finished = gateway_.tact({"audit", "verify", "--against", folder_.path("kept.jsonl")});
  EXPECT_EQ(finished.code, 1);
  EXPECT_NE(finished.err.find("2026-03-18 ended with another hash"), std::string::npos)
      << finished.err;
}

// By the rules of that day each decision comes out again; by others it is told what they change.
TEST_F(Audit, IsReplayedAndCounted) {
  send(1, "spring");
  Finished finished = gateway_.tact({"replay", "--config", gateway_.config_path()});
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  EXPECT_EQ(finished.err, "tact: 10 decisions as before, 0 otherwise\n");

  std::string config = read_file(gateway_.config_path());
  config.replace(config.find("[955XX]"), 7, "[\"12345\"]");
  write_file(folder_.path("other.yaml"), config);
  finished = gateway_.tact({"replay", "--config", folder_.path("other.yaml"), "--json"});
  EXPECT_EQ(finished.code, 1);
  const auto differences = objects(finished.out);
  ASSERT_EQ(differences.size(), 10u) << finished.out;
  EXPECT_EQ(text_of(differences[0], "was"), "PASS");
  EXPECT_EQ(text_of(differences[0], "now_rules"), "CONTACT_MISSING");

  finished = gateway_.tact({"report", "campaign", "--csv", "--html", folder_.path("page.html")});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_NE(finished.out.find("spring,xx-bank,MARKETING,,10,9,9,9,0,1,"), std::string::npos)
      << finished.out;
  EXPECT_NE(read_file(folder_.path("page.html")).find("<svg"), std::string::npos);
  write_file(folder_.path("kept.jsonl"), gateway_.tact({"audit", "export"}).out);
  const Finished kept = gateway_.tact(
      {"report", "campaign", "spring", "--csv", "--audit", folder_.path("kept.jsonl")});
  EXPECT_EQ(kept.out, finished.out);
  EXPECT_EQ(gateway_.tact({"report", "campaign", "summer"}).code, 1);
}

}  // namespace
}  // namespace tact::e2e
