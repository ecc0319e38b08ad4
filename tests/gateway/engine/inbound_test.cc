// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/engine/batch.h"
#include "smpp/codec.h"
#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using smpp::MessageState;

// On one shard, and with tenant and route on two: what is a call there is mail here.
class Inbound : public ::testing::TestWithParam<bool> {
 protected:
  EngineSettings settings() const { return GetParam() ? two_shards() : one_shard(); }
  size_t route_shard() const { return GetParam() ? 1 : 0; }
};

uint64_t send(World& world, Producer& producer, Class cls) {
  const auto job = producer.push({message_of(cls)});
  world.run_for(1s);
  return producer.result(job).message_id();
}

Centre::Delivery reply(std::string text, std::string to = "1069000055") {
  return {.from = "8613800138000", .to = std::move(to), .octets = std::move(text)};
}

Centre::Delivery part(int index, int total, std::string text) {
  auto delivery = reply("");
  delivery.esm_class = smpp::kUdhi;
  delivery.octets = {5, 0, 3, 42, static_cast<char>(total), static_cast<char>(index)};
  delivery.octets += text;
  return delivery;
}

TEST_P(Inbound, AReceiptIsAnsweredAfterItsCommitOnly) {
  World world(settings());
  auto& producer = world.producer();
  const auto id = send(world, producer, Class::otp);
  world.commits = false;
  const auto receipt = world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(5s);
  EXPECT_FALSE(world.centre().delivery(receipt).answered);
  EXPECT_FALSE(producer.fate(id));
  world.commits = true;
  world.run();
  EXPECT_TRUE(world.centre().delivery(receipt).answered);
  EXPECT_TRUE(producer.fate(id));
}

TEST_P(Inbound, AReceiptAfterARestartFindsItsMessage) {
  World world(settings());
  auto& producer = world.producer();
  const auto id = send(world, producer, Class::otp);
  world.restart();
  world.run_for(1s);
  world.centre().receipt(world.centre().seen.at(0), MessageState::undeliverable);
  world.run_for(1s);
  ASSERT_TRUE(producer.fate(id));
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::UNDELIVERABLE);
}

TEST_P(Inbound, AReceiptTwiceHasOneEffect) {
  World world(settings());
  auto& producer = world.producer();
  const auto id = send(world, producer, Class::otp);
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  const auto again = world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(again).answered);
  EXPECT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(world.route_stats(route_shard()).receipts_duplicate.get(), 1u);
}

TEST_P(Inbound, AReceiptOnAnotherLinkFindsItsMessage) {
  auto two_links = settings();
  add_link(two_links);
  World world(two_links);
  auto& producer = world.producer();
  const auto id = send(world, producer, Class::otp);
  const auto& seen = world.centre().seen.at(0);
  auto number = world.centre().receipt(seen, MessageState::delivered);
  auto delivery = world.centre().delivery(number);
  world.centre().refused_links = {seen.link};
  world.centre().drop(seen.link);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
}

TEST_P(Inbound, AReceiptWithTheIdInAnotherBaseFindsItsMessage) {
  auto bases = settings();
  bases.routes.front().response_id_base = smpp::IdBase::hex;
  bases.routes.front().receipt_id_base = smpp::IdBase::decimal;
  World world(bases);
  world.centre().name_id = [](uint64_t) { return "1f4a"; };
  auto& producer = world.producer();
  const auto id = send(world, producer, Class::otp);
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered, "8010");
  world.run_for(1s);
  EXPECT_TRUE(producer.fate(id));
}

TEST_P(Inbound, AReceiptBeforeItsResponseIsKeptAndMatched) {
  auto plain = settings();
  plain.routes.front().user_message_reference = false;
  World world(plain);
  auto& producer = world.producer();
  world.centre().on_submit = [](const auto&) { return Centre::Say{Centre::Answer::silence, {}}; };
  const auto id = send(world, producer, Class::otp);
  const auto receipt = world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(receipt).answered);
  EXPECT_EQ(world.store.table(Table::parked).size(), 1u);
  EXPECT_FALSE(producer.fate(id));
  world.centre().answer(world.centre().seen.at(0));
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
  EXPECT_TRUE(world.store.table(Table::parked).empty());
  EXPECT_EQ(world.store.awaiting(), 0u);
}

TEST_P(Inbound, AReceiptThatNobodyClaimsIsForgottenAfterAnHour) {
  World world(settings());
  world.producer();
  Centre::Seen stranger;
  stranger.to = "8613700137000";
  stranger.id = "77777777";
  world.centre().receipt(stranger, MessageState::delivered);
  world.run_for(30min);
  EXPECT_EQ(world.store.table(Table::parked).size(), 1u);
  world.restart();
  world.run_for(32min);
  EXPECT_TRUE(world.store.table(Table::parked).empty());
}

TEST_P(Inbound, ALongMessageEndsWithItsWorstPart) {
  World world(settings());
  auto& producer = world.producer();
  auto message = message_of(Class::notification);
  std::string text = "【XX银行】";
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  const auto job = producer.push({message});
  world.run_for(1s);
  const auto id = producer.result(job).message_id();
  ASSERT_EQ(world.centre().seen.size(), 2u);
  world.centre().receipt(world.centre().seen[1], MessageState::undeliverable);
  world.run_for(1s);
  EXPECT_FALSE(producer.fate(id));
  world.restart();
  world.centre().receipt(world.centre().seen[0], MessageState::delivered);
  world.run_for(1s);
  ASSERT_TRUE(producer.fate(id));
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::UNDELIVERABLE);
}

TEST_P(Inbound, AMissingReceiptIsToldOnce) {
  auto short_time = settings();
  short_time.routes.front().receipt_timeout = 3'600s;
  World world(short_time);
  auto& producer = world.producer();
  const auto id = send(world, producer, Class::otp);
  world.run_for(59min);
  EXPECT_FALSE(producer.fate(id));
  world.run_for(2min);
  EXPECT_TRUE(producer.fate(id)->has_receipt_missing());
  EXPECT_EQ(producer.finals(id), 1u);
}

// The time for receipts begins with the last attempt: while a part is still to be sent, the message
// has another end.
TEST_P(Inbound, NoReceiptIsMissingOfWhatIsStillToBeSent) {
  auto short_time = settings();
  short_time.routes.front().receipt_timeout = 60s;
  World world(short_time);
  auto& producer = world.producer();
  auto& centre = world.centre();
  bool full = true;
  centre.on_submit = [&](const Centre::Seen& seen) {
    return Centre::Say{full && seen.part == 2 ? Centre::Answer::refuse : Centre::Answer::accept,
                       smpp::Status::ESME_RSYSERR};
  };
  auto message = message_of(Class::notification);
  std::string text = message.text();
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  const auto job = producer.push({message});
  world.run_for(2min);
  const auto id = producer.result(job).message_id();
  EXPECT_FALSE(producer.fate(id));
  full = false;
  while (centre.seen.back().part != 2 || centre.seen.size() < 3) world.run_for(1s);
  world.run_for(50s);
  EXPECT_FALSE(producer.fate(id));
  world.run_for(120s);
  ASSERT_TRUE(producer.fate(id));
  EXPECT_TRUE(producer.fate(id)->has_receipt_missing());
  EXPECT_EQ(producer.finals(id), 1u);
}

TEST_P(Inbound, AnOptOutIsInForceBeforeItIsAnswered) {
  World world(settings());
  auto& producer = world.producer();
  send(world, producer, Class::marketing);
  const auto number = world.hasher.hash("8613800138000");
  const auto mo = world.centre().deliver(reply("R"));
  bool blocked_first = false;
  while (world.step()) {
    const bool blocked = world.suppression->blocked(raw(kBrand), number, Class::marketing);
    const bool answered = world.centre().delivery(mo).answered;
    EXPECT_TRUE(blocked || !answered);
    blocked_first |= blocked && !answered;
  }
  EXPECT_TRUE(blocked_first);
  ASSERT_TRUE(world.centre().delivery(mo).answered);
  size_t replies = 0, opt_outs = 0;
  for (const auto& [sequence, event] : producer.events) {
    replies += event.has_reply() && event.reply().kind() == proto::OPT_OUT;
    opt_outs += event.has_opt_out();
  }
  EXPECT_EQ(replies, 1u);
  EXPECT_EQ(opt_outs, 1u);
}

TEST_P(Inbound, ALongReplyCountsAsAWholeAlsoOverACrash) {
  World world(settings());
  auto& producer = world.producer();
  send(world, producer, Class::marketing);
  const auto first = world.centre().deliver(part(1, 2, "T"));
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(first).answered);
  EXPECT_EQ(world.store.table(Table::parts).size(), 1u);
  world.restart();
  world.run_for(1s);
  const auto second = world.centre().deliver(part(2, 2, "D"));
  // The commits that the completing part causes: it may be mail to another shard first.
  world.commits = false;
  world.run();
  world.store.write_one();
  world.restart();
  world.commits = true;
  world.run_for(2s);
  EXPECT_TRUE(world.centre().delivery(second).answered);
  const auto number = world.hasher.hash("8613800138000");
  EXPECT_TRUE(world.suppression->blocked(raw(kBrand), number, Class::marketing));
}

TEST_P(Inbound, APairDividedBetweenPartsIsOneCharacterAlsoOverARestart) {
  World world(settings());
  auto& producer = world.producer();
  using namespace std::string_literals;
  for (const auto& [index, octets] :
       {std::pair(2, "\xDE\x00\x00!"s), std::pair(1, "\x4E\x2D\xD8\x3D"s)}) {
    auto delivery = part(index, 2, octets);
    delivery.data_coding = smpp::DataCoding::ucs2;
    world.centre().deliver(delivery);
    world.run_for(1s);
    if (index == 2) world.restart();
  }
  world.run_for(1s);
  ASSERT_FALSE(producer.events.empty());
  EXPECT_EQ(producer.events.begin()->second.reply().text(), "中😀!");
  EXPECT_TRUE(world.store.table(Table::parts).empty());
}

// A part of a long reply in message_payload, with more text than the air has room for.
Bytes long_part(uint8_t index) {
  constexpr uint16_t kOctets = 60'000;
  const Bytes head{0x04, 0x24, kOctets >> 8, kOctets & 0xFF, 5, 0, 3, 42, 2, index};
  Bytes tlvs(4 + kOctets, static_cast<uint8_t>('a' + index));
  std::copy(head.begin(), head.end(), tlvs.begin());
  smpp::DeliverSm pdu;
  pdu.esm_class = smpp::kUdhi;
  pdu.source_addr = "8613800138000";
  pdu.destination_addr = "1069000055";
  pdu.tlvs = smpp::Tlvs(tlvs);
  Bytes out;
  EXPECT_TRUE(smpp::encode({{.sequence_number = 1'000u + index}, pdu}, out).ok());
  return out;
}

TEST_P(Inbound, OfAPartThatIsTooLongTheBeginningIsKept) {
  World world(settings());
  auto& producer = world.producer();
  world.run_for(1s);
  for (uint8_t index = 1; index <= 2; ++index) {
    world.shard(route_shard()).received(link_connection(kRoute, 0, 1), long_part(index));
    world.centre().deliver(reply("good"));  // that what was received has its turn
    world.run_for(1s);
  }
  std::vector<std::string> texts;
  for (const auto& [id, event] : producer.events) texts.push_back(event.reply().text());
  EXPECT_TRUE(std::ranges::count(texts, std::string(1'024, 'b') + std::string(1'024, 'c')) == 1);
}

// As releases before the parts were kept as octets wrote them.
TEST_P(Inbound, APartThatWasStoredAsTextIsStillRead) {
  World world(settings());
  auto& producer = world.producer();
  world.centre().deliver(part(1, 2, "T"));
  world.run_for(1s);
  auto& record = world.store.table(Table::parts).begin()->second;
  const auto opened =
      open_batch({reinterpret_cast<const uint8_t*>(record.data()), record.size()}, world.sealer());
  ASSERT_TRUE(opened);
  Bytes old(opened->body.begin(), opened->body.end() - 3);
  old[12] &= 1;
  world.crash();
  record = seal_batch(0, 1, old, world.sealer());
  world.start();
  world.centre().deliver(part(2, 2, "D"));
  world.run_for(1s);
  ASSERT_FALSE(producer.events.empty());
  EXPECT_EQ(producer.events.begin()->second.reply().text(), "TD");
}

TEST_P(Inbound, AReplyWhoseRestNeverComesIsReadAfterTenMinutes) {
  World world(settings());
  auto& producer = world.producer();
  world.centre().deliver(part(1, 2, "TD"));
  world.run_for(11min);
  ASSERT_FALSE(producer.events.empty());
  EXPECT_EQ(producer.events.begin()->second.reply().text(), "TD");
  EXPECT_TRUE(world.store.table(Table::parts).empty());
}

TEST_P(Inbound, AReplyIsReadByTheNationalTablesThatItsHeaderNames) {
  World world(settings());
  auto& producer = world.producer();
  send(world, producer, Class::marketing);
  auto delivery = reply("");
  delivery.esm_class = smpp::kUdhi;
  delivery.octets = {3, 0x24, 1, 1, 'a', 0x1B, 0x47};  // the single shift table of Turkish
  world.centre().deliver(delivery);
  world.run_for(1s);
  const auto told = std::ranges::find_if(
      producer.events, [](const auto& event) { return event.second.has_reply(); });
  ASSERT_NE(told, producer.events.end());
  EXPECT_EQ(told->second.reply().text(), "aĞ");
}

TEST_P(Inbound, AReplyToANumberThatSeveralBrandsShareMeansTheLastThatWrote) {
  auto shared = settings();
  shared.tenants.front().brands.push_back({BrandId{2}, "cards"});
  shared.tenants.front().accounts.front().brands.push_back(BrandId{2});
  World world(shared);
  auto& producer = world.producer();
  auto message = message_of(Class::marketing);
  producer.push({message});
  world.run_for(1s);
  world.centre().deliver(reply("TD"));
  world.run_for(1s);
  const auto number = world.hasher.hash("8613800138000");
  EXPECT_TRUE(world.suppression->blocked(1, number, Class::marketing));
  EXPECT_FALSE(world.suppression->blocked(2, number, Class::marketing));
}

TEST_P(Inbound, AReplyWithoutHistoryCountsForEachBrand) {
  auto shared = settings();
  shared.tenants.front().brands.push_back({BrandId{2}, "cards"});
  shared.tenants.front().accounts.front().brands.push_back(BrandId{2});
  World world(shared);
  world.centre().deliver(reply("TD"));
  world.run_for(1s);
  const auto number = world.hasher.hash("8613800138000");
  EXPECT_TRUE(world.suppression->blocked(1, number, Class::marketing));
  EXPECT_TRUE(world.suppression->blocked(2, number, Class::marketing));
}

TEST_P(Inbound, AReplyToNobodysNumberMeansTheLastBrandThatWrote) {
  auto shared = settings();
  shared.tenants.front().brands.push_back({BrandId{2}, "cards"});
  AccountSettings second = shared.tenants.front().accounts.front();
  second.id = AccountId{2};
  second.name = "cards";
  second.brands = {BrandId{2}};
  second.sources = {"1069000077"};
  shared.tenants.front().accounts.insert(shared.tenants.front().accounts.begin(), second);
  World world(shared);
  auto& producer = world.producer();
  producer.push({message_of(Class::marketing)});
  world.run_for(1s);
  const auto number = world.centre().deliver(reply("TD", "12114"));
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(number).answered);
  EXPECT_EQ(world.route_stats(route_shard()).replies_unmatched.get(), 1u);
  const auto recipient = world.hasher.hash("8613800138000");
  EXPECT_TRUE(world.suppression->blocked(1, recipient, Class::marketing));
  EXPECT_FALSE(world.suppression->blocked(2, recipient, Class::marketing));
}

TEST_P(Inbound, AReplyToNobodysNumberIsToldToEveryTenantOfTheRouteBeforeItIsAnswered) {
  auto shared = settings();
  TenantSettings other = shared.tenants.front();
  other.id = TenantId{2};
  other.name = "lender";
  other.brands = {{BrandId{2}, "lender"}};
  other.accounts = {{AccountId{2}, "loans", other.id, {BrandId{2}}, {"1069000077"}}};
  other.upstreams = {{UpstreamId{2}, "loans", "token", AccountId{2}}};
  shared.tenants.push_back(other);
  World world(shared);
  const auto number = world.centre().deliver(reply("TD", "12114"));
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(number).answered);
  const auto recipient = world.hasher.hash("8613800138000");
  EXPECT_TRUE(world.suppression->blocked(1, recipient, Class::marketing));
  EXPECT_TRUE(world.suppression->blocked(2, recipient, Class::marketing));
}

TEST_P(Inbound, ACarriersSpellingOfOurNumberAndOfTheHandsetIsUnderstood) {
  for (const auto* from : {"13800138000", "+8613800138000", "008613800138000"}) {
    World world(settings());
    auto& producer = world.producer();
    auto delivery = reply("TD", "861069000055");
    delivery.from = from;
    world.centre().deliver(delivery);
    world.run_for(1s);
    EXPECT_EQ(world.route_stats(route_shard()).replies_unmatched.get(), 0u);
    producer.push({message_of(Class::marketing)});
    world.run_for(1s);
    EXPECT_EQ(producer.result(1).outcome(), proto::REJECTED) << from;
  }
}

TEST_P(Inbound, OctetsOfACarrierThatAreNoTextStopNoEvents) {
  World world(settings());
  auto& producer = world.producer();
  auto delivery = reply("hello");
  delivery.from = "\xff\x31";
  world.centre().deliver(delivery);
  world.run_for(1s);
  const auto id = send(world, producer, Class::otp);
  world.centre().deliver(
      {.from = "8613800138000",
       .to = "1069000055",
       .esm_class = 4,
       .octets = "id:" + world.centre().seen.at(0).id + " stat:UNDELIV err:\xfe\x01"});
  world.run_for(1s);
  ASSERT_TRUE(producer.fate(id));
  EXPECT_EQ(producer.events.begin()->second.reply().from(), "\\xff1");
}

INSTANTIATE_TEST_SUITE_P(Shards, Inbound, ::testing::Bool(),
                         [](const auto& with) { return with.param ? "Two" : "One"; });

}  // namespace
}  // namespace tact::gateway::test
