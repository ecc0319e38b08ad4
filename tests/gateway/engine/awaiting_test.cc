// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/awaiting.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>

#include "gateway/engine/commit_builder.h"
#include "tests/gateway/engine/sealers.h"

namespace tact::gateway {
namespace {

using Answer = SentPart::Answer;
using State = smpp::MessageState;
using smpp::IdBase;
using smpp::IdRule;

constexpr NumberHash kNumber = 0x1111, kOtherNumber = 0x2222;
constexpr std::chrono::seconds kSettle{30};
const Civil kTime = from_ms(1'700'000'000'000);
constexpr IdRule kOpaque{};

Sent message(std::vector<SentPart> parts) {
  Sent sent;
  sent.id = MessageId{42};
  sent.number = kNumber;
  sent.accepted = from_ms(1'699'999'999'000);
  sent.submitted = kTime;
  sent.tenant = TenantId{1};
  sent.account = AccountId{2};
  sent.brand = BrandId{3};
  sent.upstream = UpstreamId{4};
  sent.cls = Class::otp;
  sent.flags = 0x8005;
  sent.parts = std::move(parts);
  sent.reference = "order-77";
  return sent;
}
SentPart accepted(std::string id) { return {Answer::accepted, State::enroute, std::move(id)}; }
SentPart unanswered() { return {Answer::unanswered, State::enroute, ""}; }
SentPart absent() { return {}; }

Sent full_message() {
  Sent sent = message({accepted("0A1b"), unanswered(), absent()});
  sent.parts[0].state = State::delivered;
  sent.message_reference = 0xfffe;
  sent.error = "0012";
  sent.message = std::string(300, 'm');
  return sent;
}

// Only what has a row in the table may be spilled.
Awaiting::Entry give_row(Awaiting& awaiting, Awaiting::Entry entry) {
  PlainSealer sealer;
  const LimitSettings limits;
  CommitBuilder out(ShardId{0}, limits, sealer);
  awaiting.save(entry, out);
  awaiting.commit(out, Mono{0});
  awaiting.commit(out, Mono(std::chrono::hours(1)));
  return entry;
}

class AwaitingTest : public testing::Test {
 protected:
  Awaiting::Entry add(const Sent& sent) { return awaiting_.add(sent, Mono{0}, kTime); }
  Awaiting::Entry add_row(const Sent& sent) { return give_row(awaiting_, add(sent)); }
  std::optional<Awaiting::Match> find(std::string_view id, IdRule rule = kOpaque,
                                      NumberHash number = kNumber) {
    return awaiting_.find(id, rule, number, std::nullopt);
  }
  bool finds(std::string_view response, IdRule rule, std::string_view receipt) {
    Awaiting awaiting(kSettle);
    awaiting.add(message({accepted(std::string(response))}), Mono{0}, kTime);
    return awaiting.find(receipt, rule, kNumber, std::nullopt).has_value();
  }

  Awaiting awaiting_{kSettle};
};

TEST(DamagedSentRecord, IsRefusedAtEveryTruncationAndFlippedBit) {
  const std::string record = encode(full_message());
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(decode_sent(std::string(record, 0, size))) << size;
  }
  for (size_t bit = 0; bit < record.size() * 8; ++bit) {
    std::string damaged = record;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_sent(damaged)) << "bit " << bit;
  }
  EXPECT_FALSE(decode_sent(record + "x"));
}

TEST_F(AwaitingTest, ADamagedRecordIsNotRestored) {
  EXPECT_FALSE(awaiting_.restore(7, "damaged", Mono{0}));
  EXPECT_EQ(awaiting_.size(), 0u);
}

TEST(SentRecord, ComesBackAsItWasStored) {
  for (const Sent& sent : {full_message(), message({accepted("1")}), message({unanswered()})}) {
    EXPECT_EQ(decode_sent(encode(sent)), sent);
  }
}

TEST(SentRecord, HasTheLayoutOfFormat1) {
  const std::string record = encode(full_message());
  EXPECT_EQ(record.size(), 56u + (3 + 4) + 3 + 3 + 4 + 8 + 300);
  EXPECT_EQ(record.substr(4, 12), std::string("\x01\x01\xfe\xff\x2a\0\0\0\0\0\0\0", 12));
  EXPECT_EQ(record.substr(48, 8), std::string("\x05\x80\x03\x04\x08\x01\x2c\x01", 8));
  EXPECT_EQ(record.substr(56, 13), std::string("\x02\x02\x04"
                                               "0A1b"
                                               "\x01\x01\0\0\x01\0",
                                               13));
}

// ---- Ids in the shapes that carriers send: response, how both sides write ids, receipt.

TEST_F(AwaitingTest, IdsAreFoundInEveryShapeSeenInTheField) {
  const IdRule decimal_to_hex{IdBase::decimal, IdBase::hex};
  const IdRule hex_to_decimal{IdBase::hex, IdBase::decimal};
  EXPECT_TRUE(finds("00012345", kOpaque, "12345"));
  EXPECT_TRUE(finds("12345", kOpaque, "0000012345"));
  EXPECT_TRUE(finds("812FC7470000001B", kOpaque, "812fc7470000001b"));  // above 2^63
  EXPECT_TRUE(finds("812FC7470000001B", decimal_to_hex, "9308878062554710043"));
  EXPECT_TRUE(finds("39f99dd5", decimal_to_hex, "0972660181"));
  EXPECT_TRUE(finds("972660181", hex_to_decimal, "39F99DD5"));
  EXPECT_TRUE(finds("00B8BE19", kOpaque, "00B8BE19"));
  EXPECT_TRUE(finds("00B8BE19", kOpaque, "B8BE19"));
  EXPECT_TRUE(finds("1101C1-C9D03D-F000", kOpaque, "1101c1-c9d03d-f000"));
  EXPECT_TRUE(finds("BB860", decimal_to_hex, "768096"));  // of odd length
  EXPECT_TRUE(finds("2f1c6a52-0d4e-4c56-9d3f-0b8a2d1c7e11", decimal_to_hex,
                    "2F1C6A52-0D4E-4C56-9D3F-0B8A2D1C7E11"));
  EXPECT_TRUE(finds("38601fa", decimal_to_hex, "0059113978"));
  EXPECT_TRUE(finds("6aad5", decimal_to_hex, "0000436949"));
  EXPECT_TRUE(finds("99999999999999999999999", decimal_to_hex, "99999999999999999999999"));

  EXPECT_FALSE(finds("10", decimal_to_hex, "17"));
  EXPECT_FALSE(finds("12345", kOpaque, "12346"));
  EXPECT_FALSE(finds("38601fa", kOpaque, "0059113978"));
  EXPECT_FALSE(finds("", kOpaque, ""));
}

TEST_F(AwaitingTest, AConvertedIdGoesBeforeTheSameDigits) {
  const IdRule decimal_to_hex{IdBase::decimal, IdBase::hex};
  add(message({accepted("10")}));
  const auto right = add(message({accepted("a")}));
  EXPECT_EQ(find("10", decimal_to_hex)->entry, right);
}

TEST_F(AwaitingTest, AnIdSentToAnotherNumberIsNoMatch) {
  add(message({accepted("abc")}));
  EXPECT_TRUE(find("abc"));
  EXPECT_FALSE(find("abc", kOpaque, kOtherNumber));
}

TEST_F(AwaitingTest, TheSameIdOnTwoRoutesMeansTwoMessages) {
  Awaiting other(kSettle);
  const auto mine = add(message({accepted("abc")}));
  const auto its = other.add(message({accepted("abc")}), Mono{0}, kTime);
  EXPECT_TRUE(awaiting_.receipt(*find("abc"), "abc", State::delivered, "").closed);
  awaiting_.erase(mine);
  EXPECT_FALSE(find("abc"));
  EXPECT_TRUE(other.alive(its));
  EXPECT_TRUE(other.find("abc", kOpaque, kNumber, std::nullopt));
}

TEST_F(AwaitingTest, AnIdThatTheCarrierUsesAgainBelongsToTheNewerMessage) {
  const auto older = add(message({accepted("1")}));
  const auto newer = add(message({accepted("1")}));
  EXPECT_EQ(find("1")->entry, newer);
  awaiting_.erase(older);
  EXPECT_EQ(find("1")->entry, newer);
  awaiting_.erase(newer);
  EXPECT_FALSE(find("1"));
}

// ---- States.

TEST_F(AwaitingTest, AReceiptThatIsNotTheLastKeepsTheMessageWaiting) {
  const auto entry = add(message({accepted("1")}));
  for (const State state : {State::enroute, State::accepted, State::unknown}) {
    EXPECT_FALSE(awaiting_.receipt(*find("1"), "1", state, "").closed);
    EXPECT_EQ(awaiting_.sent(entry).parts[0].state, state);
  }
  const auto progress = awaiting_.receipt(*find("1"), "1", State::undeliverable, "E12");
  EXPECT_TRUE(progress.closed);
  EXPECT_EQ(progress.state, State::undeliverable);
  EXPECT_EQ(progress.error, "E12");
}

TEST_F(AwaitingTest, PartsMayBeReportedInAnyOrderAndTheWorstDecides) {
  add(message({accepted("1"), accepted("2"), accepted("3")}));
  EXPECT_FALSE(awaiting_.receipt(*find("3"), "3", State::delivered, "000").closed);
  EXPECT_FALSE(awaiting_.receipt(*find("1"), "1", State::expired, "034").closed);
  const auto progress = awaiting_.receipt(*find("2"), "2", State::delivered, "000");
  EXPECT_TRUE(progress.closed);
  EXPECT_EQ(progress.state, State::expired);
  EXPECT_EQ(progress.error, "034");
}

TEST_F(AwaitingTest, AReceiptOfThePartOneOnlyLeavesTheMessageWaiting) {
  const auto entry = add(message({accepted("1"), accepted("2")}));
  EXPECT_FALSE(awaiting_.receipt(*find("1"), "1", State::delivered, "").closed);
  EXPECT_TRUE(awaiting_.alive(entry));
  EXPECT_EQ(awaiting_.oldest(kTime), entry);
}

TEST_F(AwaitingTest, ARepeatedReceiptChangesNothing) {
  const auto entry = add(message({accepted("1"), accepted("2")}));
  awaiting_.receipt(*find("1"), "1", State::delivered, "000");
  const Sent before = awaiting_.sent(entry);
  EXPECT_FALSE(awaiting_.receipt(*find("1"), "1", State::rejected, "999").closed);
  EXPECT_EQ(awaiting_.sent(entry), before);
}

TEST_F(AwaitingTest, PartsWithOneIdTakeAReceiptEach) {
  add(message({accepted("1"), accepted("1")}));
  EXPECT_FALSE(awaiting_.receipt(*find("1"), "1", State::delivered, "").closed);
  EXPECT_TRUE(awaiting_.receipt(*find("1"), "1", State::delivered, "").closed);
}

TEST_F(AwaitingTest, AMessageWithAbsentPartsIsNotClosed) {
  const auto entry = add(message({accepted("1"), absent()}));
  EXPECT_EQ(awaiting_.incomplete(entry.sent), entry);
  EXPECT_FALSE(awaiting_.receipt(*find("1"), "1", State::delivered, "").closed);
  Sent sent = awaiting_.sent(entry);
  sent.parts[1] = accepted("2");
  awaiting_.replace(entry, sent, Mono{0});
  EXPECT_FALSE(awaiting_.incomplete(entry.sent));
  EXPECT_TRUE(awaiting_.receipt(*find("2"), "2", State::delivered, "").closed);
}

// ---- Unknown.

TEST_F(AwaitingTest, AnUnansweredMessageIsFoundByItsReferenceAndLearnsItsId) {
  Sent sent = message({unanswered(), unanswered()});
  sent.message_reference = 7;
  sent.message = "stored";
  const auto entry = add(sent);
  EXPECT_EQ(awaiting_.unknown(), 1u);
  EXPECT_FALSE(awaiting_.find("a", kOpaque, kNumber, 8));
  EXPECT_FALSE(awaiting_.find("a", kOpaque, kOtherNumber, 7));
  const auto first = awaiting_.find("a", kOpaque, kNumber, 7);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->by_reference);
  awaiting_.receipt(*first, "a", State::delivered, "");
  EXPECT_EQ(awaiting_.unknown(), 1u);
  EXPECT_EQ(awaiting_.sent(entry).message, "stored");
  const auto second = awaiting_.find("b", kOpaque, kNumber, 7);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->part, 1);
  const auto filed = awaiting_.receipt(*second, "b", State::delivered, "");
  EXPECT_TRUE(filed.closed);
  EXPECT_FALSE(filed.sent.unknown());
  EXPECT_EQ(filed.sent.parts[1].id, "b");
  awaiting_.erase(entry, filed.sent);
  EXPECT_EQ(awaiting_.unknown(), 0u);
  EXPECT_FALSE(find("A"));
  EXPECT_FALSE(find("B"));
}

TEST_F(AwaitingTest, ALateAnswerSettlesAnUnknownMessage) {
  const auto entry = add(message({unanswered()}));
  EXPECT_FALSE(awaiting_.settle(entry, 1, "9"));
  EXPECT_TRUE(awaiting_.settle(entry, 0, "9"));
  EXPECT_FALSE(awaiting_.settle(entry, 0, "10"));
  EXPECT_TRUE(find("9"));
  EXPECT_FALSE(awaiting_.unknown_due(Mono{kSettle}));
  awaiting_.erase(entry);
  EXPECT_FALSE(awaiting_.settle(entry, 0, "9"));
}

TEST_F(AwaitingTest, AnUnknownMessageIsToldOnceWhenItsSettleTimeHasEnded) {
  const auto entry = add(message({unanswered()}));
  EXPECT_EQ(awaiting_.next_unknown_due(), Mono{kSettle});
  EXPECT_FALSE(awaiting_.unknown_due(Mono{kSettle} - Mono{1}));
  EXPECT_EQ(awaiting_.unknown_due(Mono{kSettle}), entry);
  EXPECT_FALSE(awaiting_.unknown_due(Mono{kSettle}));
  EXPECT_EQ(awaiting_.next_unknown_due(), kNever);
  EXPECT_TRUE(awaiting_.alive(entry));
  EXPECT_EQ(awaiting_.unknown(), 1u);
}

TEST_F(AwaitingTest, AMessageSentOnceMoreGetsAnotherSettleTime) {
  const auto entry = add(message({unanswered()}));
  awaiting_.replace(entry, awaiting_.sent(entry), Mono{std::chrono::seconds(10)});
  EXPECT_FALSE(awaiting_.unknown_due(Mono{kSettle}));
  EXPECT_EQ(awaiting_.unknown_due(Mono{kSettle} + std::chrono::seconds(10)), entry);
}

TEST_F(AwaitingTest, ALateRefusalIsSettledAndThePartIsStillToBeSent) {
  Sent sent = message({accepted("1"), unanswered()});
  sent.message = "stored";
  const auto entry = add(sent);
  EXPECT_FALSE(awaiting_.refuse(entry, 0));
  EXPECT_TRUE(awaiting_.refuse(entry, 1));
  EXPECT_EQ(awaiting_.unknown(), 0u);
  EXPECT_EQ(awaiting_.incomplete(entry.sent), entry);
  EXPECT_EQ(awaiting_.unknown_due(Mono{kSettle}), entry);  // it is to be sent
}

TEST_F(AwaitingTest, AnEntryThatIsWholeAgainIsStillKnownByItsKey) {
  Sent sent = message({absent()});
  sent.again = true;
  sent.parts[0].state = State::unknown;
  sent.message_reference = 7;
  const auto entry = add(sent);
  const auto match = awaiting_.find("a", kOpaque, kNumber, 7);
  ASSERT_TRUE(match);  // of the attempt that was never answered
  EXPECT_FALSE(awaiting_.receipt(*match, "a", State::enroute, "").closed);
  EXPECT_FALSE(awaiting_.incomplete(entry.sent));
  EXPECT_EQ(awaiting_.earlier(entry.sent), entry);
  Awaiting restarted(kSettle);
  ASSERT_TRUE(restarted.restore(entry.sent, awaiting_.record(entry), Mono{0}));
  EXPECT_TRUE(restarted.earlier(entry.sent));
  awaiting_.erase(entry);
  EXPECT_FALSE(awaiting_.earlier(entry.sent));
}

TEST_F(AwaitingTest, ARefusedPartIsNoPartThatAReceiptCanBeAbout) {
  Sent sent = message({absent()});
  sent.message_reference = 7;
  add(sent);
  EXPECT_FALSE(awaiting_.find("a", kOpaque, kNumber, 7));
}

TEST_F(AwaitingTest, AReferenceThatTwoShareFindsNeither) {
  Sent sent = message({unanswered()});
  sent.message_reference = 7;
  const auto older = add(sent);
  const auto newer = add(sent);
  EXPECT_FALSE(awaiting_.find("a", kOpaque, kNumber, 7));
  awaiting_.erase(newer);
  EXPECT_FALSE(awaiting_.find("a", kOpaque, kNumber, 7));
  const auto third = add(sent);
  awaiting_.erase(older);
  EXPECT_FALSE(awaiting_.find("a", kOpaque, kNumber, 7));
  awaiting_.erase(third);
  add(sent);
  EXPECT_TRUE(awaiting_.find("a", kOpaque, kNumber, 7));
}

TEST_F(AwaitingTest, ALongMessageHoldsItsReferenceOnTheAir) {
  Awaiting narrow(kSettle, ReceiptsPer::part, 0xff);
  Sent sent = message({accepted("1"), accepted("2")});
  sent.id = MessageId{0x1007};
  const auto entry = give_row(narrow, narrow.add(sent, Mono{0}, kTime));
  const Civil before = kTime - std::chrono::hours(1);
  EXPECT_TRUE(narrow.reference_used(0x2007, kNumber, 0, before));
  EXPECT_FALSE(narrow.reference_used(0x2008, kNumber, 0, before));
  EXPECT_FALSE(narrow.reference_used(0x2007, kOtherNumber, 0, before));
  EXPECT_FALSE(narrow.reference_used(0x2007, kNumber, entry.sent, before));
  EXPECT_FALSE(narrow.reference_used(0x2007, kNumber, 0, kTime));
  narrow.spill(0, UINT64_MAX);
  ASSERT_EQ(narrow.spilled(), 1u);
  EXPECT_TRUE(narrow.reference_used(0x2007, kNumber, 0, before));
  sent.id = MessageId{0x1007};
  awaiting_.add(sent, Mono{0}, kTime);
  EXPECT_FALSE(awaiting_.reference_used(0x2007, kNumber, 0, before));
  EXPECT_TRUE(awaiting_.reference_used(0x1007, kNumber, 0, before));
}

// ---- Beyond the limit.

TEST_F(AwaitingTest, ASpilledMessageIsFoundByItsKeyOnlyAndComesBackWhole) {
  Sent sent = message({accepted("A1"), accepted("B2")});
  sent.message_reference = 7;
  const auto entry = add_row(sent);
  const std::string record(awaiting_.record(entry));
  awaiting_.spill(0, 0);
  EXPECT_EQ(awaiting_.spilled(), 0u);  // its commit is not durable
  awaiting_.spill(0, 1);
  ASSERT_EQ(awaiting_.spilled(), 1u);
  EXPECT_EQ(awaiting_.size(), 0u);
  EXPECT_FALSE(find("A1"));
  EXPECT_EQ(awaiting_.find_spilled("0b2", kOpaque, kNumber, std::nullopt), entry.sent);
  EXPECT_EQ(awaiting_.find_spilled("", kOpaque, kNumber, 7), entry.sent);
  EXPECT_FALSE(awaiting_.find_spilled("A1", kOpaque, kOtherNumber, 8));
  EXPECT_EQ(awaiting_.spilled_from(), entry.sent);
  EXPECT_FALSE(awaiting_.reload(entry.sent, "damaged", Mono{0}));
  EXPECT_TRUE(awaiting_.reload(entry.sent, record, Mono{0}));
  EXPECT_TRUE(awaiting_.reload(entry.sent, record, Mono{0}));  // asked for twice
  EXPECT_EQ(awaiting_.size(), 1u);
  EXPECT_EQ(awaiting_.spilled(), 0u);
  EXPECT_FALSE(awaiting_.find_spilled("A1", kOpaque, kNumber, 7));
  EXPECT_FALSE(awaiting_.receipt(*find("a1"), "a1", State::delivered, "").closed);
  EXPECT_TRUE(awaiting_.receipt(*find("b2"), "b2", State::delivered, "").closed);
}

TEST_F(AwaitingTest, WhatIsNotSettledIsNotSpilled) {
  Sent half = message({accepted("1"), absent()});
  half.again = true;
  add_row(half);
  add_row(message({unanswered()}));
  add_row(message({accepted("")}));  // nobody would find it again
  add_row(message({accepted("2")}));
  awaiting_.spill(0, UINT64_MAX);
  EXPECT_EQ(awaiting_.spilled(), 1u);
  EXPECT_EQ(awaiting_.size(), 3u);
  add_row(message({accepted("2")}));  // the same id: one of them at a time
  awaiting_.spill(0, UINT64_MAX);
  EXPECT_EQ(awaiting_.spilled(), 1u);
}

TEST_F(AwaitingTest, ASpilledMessageThatHasEndedIsNotRaised) {
  const auto entry = add_row(message({accepted("1")}));
  const std::string record(awaiting_.record(entry));
  awaiting_.spill(0, UINT64_MAX);
  ASSERT_TRUE(awaiting_.reload(entry.sent, record, Mono{0}));
  awaiting_.erase(find("1")->entry);
  EXPECT_TRUE(awaiting_.reload(entry.sent, record, Mono{0}));  // a load asked for before
  EXPECT_EQ(awaiting_.size(), 0u);
}

TEST_F(AwaitingTest, AReferenceSharedWithASpilledMessageFindsNeither) {
  Sent sent = message({accepted("1")});
  sent.message_reference = 7;
  const auto older = add_row(sent);
  const std::string record(awaiting_.record(older));
  awaiting_.spill(0, UINT64_MAX);
  sent.parts[0].id = "2";
  const auto newer = add_row(sent);
  EXPECT_FALSE(awaiting_.find("", kOpaque, kNumber, 7));
  EXPECT_FALSE(awaiting_.find_spilled("", kOpaque, kNumber, 7));
  ASSERT_TRUE(awaiting_.reload(older.sent, record, Mono{0}));
  awaiting_.erase(find("1")->entry);
  awaiting_.erase(newer);
  add_row(sent);
  EXPECT_TRUE(awaiting_.find("", kOpaque, kNumber, 7));
}

TEST_F(AwaitingTest, NothingIsLostBetweenMemoryAndDisk) {
  std::mt19937_64 random(2);
  std::map<uint64_t, std::string> disk;
  std::vector<std::pair<uint64_t, std::string>> live;
  for (int i = 0; i < 20'000; ++i) {
    if (live.size() < 100 || random() % 2) {
      const std::string id = std::to_string(random());
      const auto entry = add_row(message({accepted(id)}));
      disk[entry.sent] = awaiting_.record(entry);
      live.emplace_back(entry.sent, id);
    } else {
      const size_t at = random() % live.size();
      const auto [sent, id] = live[at];
      if (!find(id)) {
        ASSERT_EQ(awaiting_.find_spilled(id, kOpaque, kNumber, std::nullopt), sent);
        ASSERT_TRUE(awaiting_.reload(sent, disk[sent], Mono{0}));
      }
      const auto match = find(id);
      ASSERT_TRUE(match && match->entry.sent == sent);
      if (random() % 2) {
        EXPECT_TRUE(awaiting_.receipt(*match, id, State::delivered, "").closed);
        awaiting_.erase(match->entry);
        disk.erase(sent);
        live.erase(live.begin() + static_cast<ptrdiff_t>(at));
      }
    }
    awaiting_.spill(50, UINT64_MAX);
    ASSERT_LE(awaiting_.size(), 50u);
    ASSERT_EQ(awaiting_.size() + awaiting_.spilled(), live.size());
  }
  while (!live.empty()) {
    const auto& [sent, id] = live.back();
    if (!find(id)) {
      ASSERT_TRUE(awaiting_.reload(sent, disk[sent], Mono{0}));
    }
    awaiting_.erase(find(id)->entry);
    live.pop_back();
  }
  EXPECT_EQ(awaiting_.size() + awaiting_.spilled(), 0u);
  EXPECT_FALSE(awaiting_.oldest_sent());
}

// ---- Age and restart.

TEST_F(AwaitingTest, SentKeysRiseAlsoWhenTheClockStandsOrFallsBack) {
  const uint64_t first = awaiting_.next_sent(kTime);
  EXPECT_EQ(awaiting_.next_sent(kTime), first + 1);
  EXPECT_EQ(awaiting_.next_sent(from_ms(0)), first + 2);
  EXPECT_EQ(awaiting_.next_sent(kTime + std::chrono::milliseconds(1)), first + (1 << 20));
}

TEST_F(AwaitingTest, TheOldestIsToldByTimeAndErasedFromAnyPlace) {
  std::vector<Awaiting::Entry> entries;
  for (int i = 0; i < 4; ++i) {
    entries.push_back(awaiting_.add(message({accepted(std::to_string(i))}), Mono{0},
                                    kTime + std::chrono::seconds(i)));
  }
  EXPECT_FALSE(awaiting_.oldest(kTime - std::chrono::milliseconds(1)));
  awaiting_.erase(entries[1]);
  EXPECT_EQ(awaiting_.oldest(kTime), entries[0]);
  awaiting_.erase(entries[0]);
  EXPECT_FALSE(awaiting_.oldest(kTime));
  EXPECT_EQ(awaiting_.oldest_sent(), kTime + std::chrono::seconds(2));
  awaiting_.erase(entries[3]);
  awaiting_.erase(entries[2]);
  EXPECT_FALSE(awaiting_.oldest_sent());
  EXPECT_EQ(awaiting_.size(), 0u);
}

TEST_F(AwaitingTest, ASlotUsedAgainIsNotMistakenForItsFormerMessage) {
  const auto former = add(message({unanswered()}));
  awaiting_.erase(former);
  const auto present = add(message({unanswered()}));
  EXPECT_EQ(present.slot, former.slot);
  EXPECT_FALSE(awaiting_.alive(former));
  EXPECT_FALSE(awaiting_.settle(former, 0, "1"));
  EXPECT_TRUE(awaiting_.alive(present));
}

TEST_F(AwaitingTest, ARestartFindsTheSameMessages) {
  Sent sent = message({unanswered()});
  sent.message_reference = 7;
  const auto unknown = add(sent);
  const auto known = add(message({accepted("00AB")}));
  Awaiting restarted(kSettle);
  EXPECT_TRUE(restarted.restore(unknown.sent, awaiting_.record(unknown), Mono{5}));
  EXPECT_TRUE(restarted.restore(known.sent, awaiting_.record(known), Mono{5}));
  EXPECT_EQ(restarted.find("ab", kOpaque, kNumber, std::nullopt)->entry.sent, known.sent);
  EXPECT_EQ(restarted.find("x", kOpaque, kNumber, 7)->entry.sent, unknown.sent);
  EXPECT_EQ(restarted.unknown_due(Mono{kSettle} + Mono{5})->sent, unknown.sent);
  EXPECT_GT(restarted.next_sent(kTime), known.sent);
}

TEST_F(AwaitingTest, NothingIsLeftBehindByManyComingsAndGoings) {
  std::mt19937_64 random(1);
  std::vector<std::pair<Awaiting::Entry, std::string>> live;
  for (int i = 0; i < 20'000; ++i) {
    if (live.size() < 200 || random() % 2) {
      const std::string id = std::to_string(random());
      live.emplace_back(add(message({random() % 4 ? accepted(id) : unanswered()})), id);
      continue;
    }
    const size_t at = random() % live.size();
    awaiting_.settle(live[at].first, 0, live[at].second);
    const auto match = find(live[at].second);
    ASSERT_TRUE(match && match->entry == live[at].first);
    EXPECT_TRUE(awaiting_.receipt(*match, "", State::delivered, "").closed);
    awaiting_.erase(match->entry);
    EXPECT_FALSE(find(live[at].second));
    live.erase(live.begin() + static_cast<ptrdiff_t>(at));
  }
  for (const auto& [entry, id] : live) awaiting_.erase(entry);
  EXPECT_EQ(awaiting_.size(), 0u);
  EXPECT_EQ(awaiting_.unknown(), 0u);
  EXPECT_FALSE(awaiting_.oldest_sent());
}

// Told, not judged: what a million waiting messages cost.
TEST(AwaitingMemory, OfAMillionMessages) {
  Awaiting awaiting(kSettle);
  for (uint64_t i = 0; i < 1'000'000; ++i) {
    Sent sent = message({accepted(std::to_string(1'000'000'000 + i))});
    sent.number = i;
    sent.message_reference = static_cast<uint16_t>(i);
    awaiting.add(sent, Mono{0}, kTime);
  }
  RecordProperty("octets_per_message", static_cast<int>(awaiting.bytes() / awaiting.size()));
  std::printf("%zu octets per message in memory\n", awaiting.bytes() / awaiting.size());
  EXPECT_EQ(awaiting.size(), 1'000'000u);
}

TEST(AwaitingMemory, OfAMillionSpilledMessages) {
  Awaiting awaiting(kSettle);
  for (uint64_t i = 0; i < 1'000'000; ++i) {
    Sent sent = message({accepted(std::to_string(1'000'000'000 + i))});
    sent.number = i;
    sent.message_reference = static_cast<uint16_t>(i);
    // A row of the table, as what was waited for for long.
    ASSERT_TRUE(awaiting.restore(i + 1, encode(sent), Mono{0}));
    awaiting.spill(1'000, UINT64_MAX);
  }
  RecordProperty("octets_per_message", static_cast<int>(awaiting.bytes() / awaiting.spilled()));
  std::printf("%zu octets per spilled message\n", awaiting.bytes() / awaiting.spilled());
  EXPECT_EQ(awaiting.size() + awaiting.spilled(), 1'000'000u);
  EXPECT_EQ(awaiting.size(), 1'000u);
}

}  // namespace
}  // namespace tact::gateway
