// SPDX-License-Identifier: Apache-2.0
#include "smpp/session.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/smpp/session_pair.h"

namespace tact::smpp {
namespace {

using test::all;
using test::Bytes;
using test::encoded;
using test::only;
using test::Pair;
using test::seconds;

TEST(Bind, IsAcceptedInEveryModeAndVersionIsTold) {
  for (const BindMode mode : {BindMode::transmitter, BindMode::receiver, BindMode::transceiver}) {
    Pair pair(test::esme_config(mode));
    ASSERT_TRUE(pair.esme.bind(pair.now));
    EXPECT_EQ(pair.esme.state(), SessionState::binding);
    pair.to_smsc();
    const auto request = only<Request>(pair.smsc_events);
    const Bind* bind = bind_of(request.pdu.body);
    ASSERT_NE(bind, nullptr);
    EXPECT_EQ(bind->system_id, "esme");
    EXPECT_EQ(bind->password, "secret");
    ASSERT_TRUE(pair.smsc.accept_bind(request.pdu.header.sequence_number, "smsc", pair.now));
    pair.to_esme();
    const auto bound = only<Bound>(pair.esme_events);
    EXPECT_EQ(bound.system_id, "smsc");
    EXPECT_EQ(bound.interface_version, 0x34);
    EXPECT_EQ(pair.esme.state(), pair.smsc.state());
    EXPECT_TRUE(pair.esme.is_bound());
  }
}

TEST(Bind, RefusedWithoutBodyLeavesTheSessionOpenForAnotherTry) {
  Pair pair;
  ASSERT_TRUE(pair.esme.bind(pair.now));
  pair.to_smsc();
  const auto request = only<Request>(pair.smsc_events);
  ASSERT_TRUE(pair.smsc.reject_bind(request.pdu.header.sequence_number, Status::ESME_RINVPASWD));
  EXPECT_EQ(pair.smsc.output().size(), kHeaderSize);
  pair.to_esme();
  EXPECT_EQ(only<BindFailed>(pair.esme_events).status, Status::ESME_RINVPASWD);
  EXPECT_EQ(pair.esme.state(), SessionState::open);
  EXPECT_EQ(pair.smsc.state(), SessionState::open);
  EXPECT_TRUE(pair.esme.bind(pair.now));
}

TEST(Bind, OldEsmeGetsNoTlv) {
  Pair pair(test::of_version(0x33, test::esme_config(BindMode::receiver)));
  ASSERT_TRUE(pair.esme.bind(pair.now));
  pair.to_smsc();
  ASSERT_TRUE(pair.smsc.accept_bind(1, "smsc", pair.now));
  pair.to_esme();
  EXPECT_EQ(only<Bound>(pair.esme_events).interface_version, 0);
}

TEST(Bind, IsAnsweredOnceByTheSmscWithItsNumberAndNotByAnAnswer) {
  Pair pair;
  EXPECT_FALSE(pair.smsc.accept_bind(1, "smsc", pair.now)) << "nothing has come";
  ASSERT_TRUE(pair.esme.bind(pair.now));
  EXPECT_FALSE(pair.esme.accept_bind(1, "esme", pair.now)) << "an ESME";
  pair.to_smsc();
  EXPECT_FALSE(pair.smsc.accept_bind(2, "smsc", pair.now));
  EXPECT_FALSE(pair.smsc.reject_bind(2, Status::ESME_RBINDFAIL));
  EXPECT_FALSE(pair.smsc.reject_bind(1, Status::ESME_ROK)) << "no error";
  EXPECT_FALSE(pair.smsc.accept_bind(1, "a name of many characters", pair.now));
  for (const Status status : {Status::ESME_ROK, Status::ESME_RINVPASWD}) {
    EXPECT_FALSE(pair.smsc.answer(1, CommandId::bind_transceiver, status));
    EXPECT_FALSE(pair.smsc.respond(1, status, BindTransceiverResp{{"smsc", {}}}));
  }
  EXPECT_TRUE(pair.smsc.output().empty());
  EXPECT_EQ(pair.smsc.state(), SessionState::binding);
  EXPECT_TRUE(pair.smsc.accept_bind(1, "smsc", pair.now));
  EXPECT_FALSE(pair.smsc.accept_bind(1, "smsc", pair.now)) << "twice";
  EXPECT_FALSE(pair.smsc.reject_bind(1, Status::ESME_RBINDFAIL));
}

TEST(Answer, IsRefusedWhereNoRequestCanWaitForIt) {
  Pair pair;
  for (const auto bound : {false, true}) {
    if (bound) pair.bind();
    for (const CommandId command :
         {CommandId::bind_receiver, CommandId::unbind, CommandId::enquire_link, CommandId::outbind,
          CommandId::alert_notification, CommandId::deliver_sm, CommandId::submit_sm_resp,
          CommandId::generic_nack, static_cast<CommandId>(0x110)}) {
      EXPECT_FALSE(pair.smsc.answer(1, command, Status::ESME_ROK)) << name(command) << bound;
    }
    for (const Body& body : {Body(BindReceiverResp{}), Body(UnbindResp{}), Body(EnquireLinkResp{}),
                             Body(DeliverSmResp{}), Body(SubmitSm{}), Body(GenericNack{})}) {
      EXPECT_FALSE(pair.smsc.respond(1, Status::ESME_ROK, body)) << name(command_of(body)) << bound;
    }
    EXPECT_EQ(pair.smsc.answer(1, CommandId::submit_sm, Status::ESME_ROK, "a"), bound);
    EXPECT_EQ(pair.smsc.respond(2, Status::ESME_ROK, QuerySmResp{}), bound);
  }
  EXPECT_EQ(pair.smsc.counters().pdus_out, 3u);  // with that to the bind
  ASSERT_TRUE(pair.smsc.unbind(pair.now));
  EXPECT_TRUE(pair.smsc.answer(3, CommandId::submit_sm, Status::ESME_ROK, "a"));
}

TEST(Answer, WithAFieldOverItsLimitIsRefused) {
  Pair pair;
  pair.bind();
  const std::string id(65, '1');
  EXPECT_FALSE(pair.smsc.answer(1, CommandId::submit_sm, Status::ESME_ROK, id));
  EXPECT_TRUE(pair.smsc.answer(1, CommandId::submit_sm, Status::ESME_ROK, id.substr(1)));
  TlvWriter of_two_octets;
  of_two_octets.u16(Tag::congestion_state, 7);
  EXPECT_FALSE(pair.smsc.respond(2, Status::ESME_ROK, SubmitSmResp{{"a", of_two_octets.tlvs()}}));
}

TEST(Answer, WithAnErrorHasNoBodyButForItsTlvs) {
  for (const bool with_tlv : {false, true}) {
    Pair pair;
    pair.bind();
    TlvWriter tlvs;
    if (with_tlv) tlvs.u8(Tag::congestion_state, 95);
    ASSERT_TRUE(pair.smsc.respond(2, Status::ESME_RTHROTTLED, SubmitSmResp{{"a", tlvs.tlvs()}}));
    EXPECT_EQ(pair.smsc.output().size(), with_tlv ? kHeaderSize + 7 : kHeaderSize);
  }
}

TEST(Bind, NackedIsAFailureEvenWithStatusOk) {
  Pair pair;
  pair.esme.bind(pair.now);
  pair.esme.receive(encoded(GenericNack{}, 1), pair.now, pair.esme_events);
  EXPECT_EQ(only<BindFailed>(pair.esme_events).status, Status::ESME_RBINDFAIL);
}

TEST(Bind, ConfigurationOverItsLimitIsRefusedHere) {
  SessionConfig config = test::esme_config();
  config.password = "far too long for SMPP";
  Session session(config);
  session.connected(seconds(0));
  EXPECT_FALSE(session.bind(seconds(0)));
  EXPECT_EQ(session.state(), SessionState::open);
  EXPECT_TRUE(session.output().empty());
}

TEST(Bind, NotAnsweredInTimeIsLost) {
  Pair pair;
  pair.esme.bind(pair.now);
  EXPECT_EQ(pair.esme.deadline(), pair.now + seconds(10));
  pair.esme.expire(pair.now + seconds(10), pair.esme_events);
  EXPECT_EQ(all<Lost>(pair.esme_events).size(), 1u);
  EXPECT_EQ(pair.esme.state(), SessionState::closed);
  EXPECT_EQ(pair.esme.deadline(), kNever);
}

TEST(Chunks, EverySizeGivesTheSameEvents) {
  for (const std::size_t chunk : {1, 2, 3, 5, 15, 16, 17, 33, 100, 1000}) {
    Pair pair(test::esme_config(BindMode::transceiver, 100));
    pair.chunk = chunk;
    pair.bind();
    for (std::uint64_t cookie = 0; cookie < 20; ++cookie) {
      ASSERT_TRUE(pair.esme.submit(test::sample_submit(), cookie, pair.now).ok());
    }
    pair.to_smsc();
    const auto requests = all<Request>(pair.smsc_events);
    ASSERT_EQ(requests.size(), 20u) << chunk;
    for (const Request& request : requests) {
      ASSERT_TRUE(pair.smsc.answer(request.pdu.header.sequence_number, CommandId::submit_sm,
                                   Status::ESME_ROK,
                                   "id" + std::to_string(request.pdu.header.sequence_number)));
    }
    pair.to_esme();
    const auto responses = all<Response>(pair.esme_events);
    ASSERT_EQ(responses.size(), 20u) << chunk;
    for (std::uint64_t cookie = 0; cookie < 20; ++cookie) {
      EXPECT_EQ(responses[cookie].cookie, cookie);
    }
    EXPECT_EQ(pair.esme.window_used(), 0u);
  }
}

TEST(Chunks, ViewsOfAPduInPiecesAreGoodUntilTheNextReceive) {
  Pair pair;
  pair.bind();
  ASSERT_TRUE(pair.esme.submit(test::sample_submit(), 1, pair.now).ok());
  pair.to_smsc();
  const Bytes answer = encoded(SubmitSmResp{{"abcdef", {}}}, 2);
  const Bytes next = encoded(EnquireLink{}, 9);
  Bytes second(answer.begin() + 18, answer.end());
  second.insert(second.end(), next.begin(), next.begin() + 10);
  pair.esme.receive(Octets(answer).first(18), pair.now, pair.esme_events);
  EXPECT_TRUE(pair.esme_events.empty());
  pair.esme.receive(second, pair.now, pair.esme_events);
  EXPECT_EQ(only<Response>(pair.esme_events).message_id, "abcdef");
  pair.esme.receive(Octets(next).subspan(10), pair.now, pair.esme_events);
  EXPECT_EQ(pair.esme.output().size(), kHeaderSize);
}

TEST(Window, ResponsesComeInAnyOrder) {
  Pair pair;
  pair.bind();
  std::map<std::uint32_t, std::uint64_t> sent;
  for (std::uint64_t cookie = 0; cookie < 10; ++cookie) {
    sent[pair.esme.submit(test::sample_submit(), cookie, pair.now).sequence_number] = cookie;
  }
  EXPECT_EQ(pair.esme.submit(test::sample_submit(), 99, pair.now).refusal, Refusal::window_full);
  pair.to_smsc();
  pair.now += seconds(2);
  for (auto it = sent.rbegin(); it != sent.rend(); ++it) {
    pair.smsc.answer(it->first, CommandId::submit_sm, Status::ESME_ROK, std::to_string(it->second));
  }
  pair.to_esme();
  const auto responses = all<Response>(pair.esme_events);
  ASSERT_EQ(responses.size(), 10u);
  for (const Response& response : responses) {
    EXPECT_EQ(response.cookie, sent[response.sequence_number]);
    EXPECT_EQ(response.message_id, std::to_string(response.cookie));
    EXPECT_EQ(response.round_trip, seconds(2));
  }
  EXPECT_EQ(responses.front().cookie, 9u);
}

TEST(Window, FullStillAnswersEnquireLinkAndUnbind) {
  Pair pair(test::esme_config(BindMode::transceiver, 1));
  pair.bind();
  ASSERT_TRUE(pair.esme.submit(test::sample_submit(), 1, pair.now).ok());
  EXPECT_EQ(pair.esme.window_free(), 0u);
  Bytes octets;
  test::take_pdus(pair.esme, octets);
  pair.esme.receive(encoded(EnquireLink{}, 0x80000000), pair.now, pair.esme_events);
  auto pdus = test::take_pdus(pair.esme, octets);
  ASSERT_EQ(pdus.size(), 1u);
  EXPECT_EQ(command_of(pdus[0].body), CommandId::enquire_link_resp);
  EXPECT_EQ(pdus[0].header.sequence_number, 0x80000000u);
  pair.esme.receive(encoded(Unbind{}, 7), pair.now, pair.esme_events);
  pdus = test::take_pdus(pair.esme, octets);
  ASSERT_EQ(pdus.size(), 1u);
  EXPECT_EQ(command_of(pdus[0].body), CommandId::unbind_resp);
  EXPECT_TRUE(all<Unbound>(pair.esme_events)[0].by_peer);
  EXPECT_EQ(all<Unanswered>(pair.esme_events)[0].cookie, 1u);
}

TEST(Window, OwnEnquireLinkNeedsNoSlot) {
  Pair pair(test::esme_config(BindMode::transceiver, 1));
  pair.bind();
  pair.esme.submit(test::sample_submit(), 1, pair.now);
  Bytes octets;
  test::take_pdus(pair.esme, octets);
  pair.now += seconds(30);
  pair.esme.expire(pair.now, pair.esme_events);
  const auto pdus = test::take_pdus(pair.esme, octets);
  ASSERT_EQ(pdus.size(), 1u);
  EXPECT_EQ(command_of(pdus[0].body), CommandId::enquire_link);
}

/// A session that has sent until its numbers end goes on with the first that is free.
TEST(Window, SequenceNumbersWrap) {
  SessionConfig config = test::esme_config();
  config.first_sequence = kSequenceMax - 1;
  Pair pair(config);
  pair.bind();
  std::vector<std::uint32_t> numbers;
  for (std::uint64_t cookie = 0; cookie < 3; ++cookie) {
    numbers.push_back(pair.esme.submit(test::sample_submit(), cookie, pair.now).sequence_number);
  }
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{kSequenceMax, 1, 2}));
  pair.to_smsc();
  for (const std::uint32_t number : numbers) {
    pair.smsc.answer(number, CommandId::submit_sm, Status::ESME_ROK, "x");
  }
  pair.to_esme();
  const auto responses = all<Response>(pair.esme_events);
  ASSERT_EQ(responses.size(), 3u);
  for (std::uint64_t cookie = 0; cookie < 3; ++cookie) EXPECT_EQ(responses[cookie].cookie, cookie);
}

TEST(ResponseTimer, LateResponseIsToldAsLate) {
  Pair pair;
  pair.bind();
  const auto sent = pair.esme.submit(test::sample_submit(), 42, pair.now);
  pair.now += seconds(59);
  pair.esme.expire(pair.now, pair.esme_events);
  EXPECT_TRUE(all<TimedOut>(pair.esme_events).empty());
  pair.now += seconds(1);
  pair.esme.receive(encoded(EnquireLink{}, 1), pair.now, pair.esme_events);
  pair.esme.expire(pair.now, pair.esme_events);
  EXPECT_EQ(only<TimedOut>(pair.esme_events).cookie, 42u);
  EXPECT_EQ(pair.esme.window_used(), 0u);
  pair.esme_events.clear();
  pair.esme.receive(encoded(SubmitSmResp{{"x", {}}}, sent.sequence_number), pair.now,
                    pair.esme_events);
  const auto response = only<Response>(pair.esme_events);
  EXPECT_EQ(response.cookie, 42u);
  EXPECT_TRUE(response.late);
  EXPECT_EQ(response.round_trip, seconds(60));
}

TEST(EnquireLink, UnansweredIsLostAndTellsWhatIsOpen) {
  Pair pair;
  pair.bind();
  pair.now += seconds(20);
  pair.esme.submit(test::sample_submit(), 5, pair.now);
  pair.now += seconds(10);
  ASSERT_EQ(pair.esme.deadline(), pair.now);
  pair.esme.expire(pair.now, pair.esme_events);
  EXPECT_TRUE(pair.esme_events.empty());
  pair.now += seconds(60);
  pair.esme.expire(pair.now, pair.esme_events);
  EXPECT_EQ(all<TimedOut>(pair.esme_events).size(), 1u);
  ASSERT_EQ(all<Lost>(pair.esme_events).size(), 1u);
  EXPECT_EQ(pair.esme.state(), SessionState::closed);
}

TEST(EnquireLink, TwoIdleSidesKeepTheSessionForEver) {
  Pair pair;
  pair.bind();
  for (int round = 0; round < 1000; ++round) {
    pair.now = std::min(pair.esme.deadline(), pair.smsc.deadline());
    pair.esme.expire(pair.now, pair.esme_events);
    pair.smsc.expire(pair.now, pair.smsc_events);
    pair.to_smsc();
    pair.to_esme();
    pair.to_smsc();
  }
  EXPECT_TRUE(pair.esme_events.empty());
  EXPECT_TRUE(pair.smsc_events.empty());
  EXPECT_TRUE(pair.esme.is_bound());
}

TEST(Inactivity, DropsASessionThatOnlyKeepsItselfAlive) {
  SessionConfig config = test::smsc_config();
  config.timers.inactivity = seconds(300);
  Pair pair(test::esme_config(), config);
  pair.bind();
  const Mono start = pair.now;
  while (pair.smsc.state() != SessionState::closed && pair.now < start + seconds(1000)) {
    pair.now = std::min(pair.esme.deadline(), pair.smsc.deadline());
    pair.esme.expire(pair.now, pair.esme_events);
    pair.smsc.expire(pair.now, pair.smsc_events);
    pair.to_smsc();
    pair.to_esme();
  }
  EXPECT_EQ(pair.now, start + seconds(300));
  EXPECT_EQ(all<Lost>(pair.smsc_events).size(), 1u);
}

TEST(Unbind, WaitsForTheAnswerAndStillMatchesResponses) {
  Pair pair;
  pair.bind();
  pair.esme.submit(test::sample_submit(), 1, pair.now);
  pair.esme.submit(test::sample_submit(), 2, pair.now);
  ASSERT_TRUE(pair.esme.unbind(pair.now));
  EXPECT_EQ(pair.esme.submit(test::sample_submit(), 3, pair.now).refusal, Refusal::not_bound);
  pair.esme.receive(encoded(SubmitSmResp{{"x", {}}}, 2), pair.now, pair.esme_events);
  EXPECT_EQ(only<Response>(pair.esme_events).cookie, 1u);
  pair.to_smsc();
  EXPECT_TRUE(all<Unbound>(pair.smsc_events)[0].by_peer);
  EXPECT_EQ(pair.smsc.state(), SessionState::closed);
  pair.to_esme();
  EXPECT_FALSE(all<Unbound>(pair.esme_events)[0].by_peer);
  EXPECT_EQ(all<Unanswered>(pair.esme_events)[0].cookie, 2u);
}

TEST(Unbind, NotAnsweredIsLost) {
  Pair pair;
  pair.bind();
  pair.esme.unbind(pair.now);
  EXPECT_EQ(pair.esme.deadline(), pair.now + seconds(30));
  pair.now += seconds(60);
  pair.esme.expire(pair.now, pair.esme_events);
  EXPECT_EQ(all<Lost>(pair.esme_events).size(), 1u);
}

TEST(Connection, GoneTellsEveryOutstandingCookieOnce) {
  Pair pair;
  pair.bind();
  for (std::uint64_t cookie = 1; cookie <= 5; ++cookie) {
    pair.esme.submit(test::sample_submit(), cookie, pair.now);
  }
  pair.esme.disconnected(pair.now, pair.esme_events);
  std::set<std::uint64_t> cookies;
  for (const auto& unanswered : all<Unanswered>(pair.esme_events)) {
    cookies.insert(unanswered.cookie);
  }
  EXPECT_EQ(cookies, (std::set<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_TRUE(pair.esme.output().empty());
  pair.esme_events.clear();
  pair.esme.disconnected(pair.now, pair.esme_events);
  EXPECT_TRUE(pair.esme_events.empty());
}

TEST(Connection, AfterALossANewOneStartsAtOneAndForgetsTheOld) {
  Pair pair;
  pair.bind();
  pair.esme.submit(test::sample_submit(), 1, pair.now);
  const Bytes half = encoded(EnquireLink{}, 3);
  pair.esme.receive(Octets(half).first(7), pair.now, pair.esme_events);
  pair.esme.disconnected(pair.now, pair.esme_events);
  pair.smsc.disconnected(pair.now, pair.smsc_events);
  pair.esme_events.clear();
  pair.smsc_events.clear();
  pair.esme.connected(pair.now);
  pair.smsc.connected(pair.now);
  pair.bind();
  EXPECT_EQ(pair.esme.submit(test::sample_submit(), 2, pair.now).sequence_number, 2u);
  EXPECT_EQ(pair.esme.window_used(), 1u);
}

TEST(Connection, ClosedIgnoresWhatStillComes) {
  Pair pair;
  pair.bind();
  pair.esme.disconnected(pair.now, pair.esme_events);
  pair.esme.receive(encoded(EnquireLink{}, 1), pair.now, pair.esme_events);
  pair.esme.expire(pair.now + seconds(1000), pair.esme_events);
  EXPECT_TRUE(pair.esme_events.empty());
  EXPECT_TRUE(pair.esme.output().empty());
  EXPECT_FALSE(pair.esme.answer(1, CommandId::deliver_sm, Status::ESME_ROK));
  EXPECT_FALSE(pair.esme.unbind(pair.now));
  EXPECT_FALSE(pair.esme.bind(pair.now));
}

TEST(Deliver, GoesToTheEsmeAndIsAnsweredByTheCaller) {
  Pair pair(test::esme_config(BindMode::receiver));
  pair.bind();
  const auto sent = pair.smsc.request(test::sample_receipt(), 77, pair.now);
  ASSERT_TRUE(sent.ok());
  pair.to_esme();
  const auto request = only<Request>(pair.esme_events);
  EXPECT_EQ(command_of(request.pdu.body), CommandId::deliver_sm);
  EXPECT_TRUE(pair.esme.output().empty());
  ASSERT_TRUE(pair.esme.answer(request.pdu.header.sequence_number, CommandId::deliver_sm,
                               Status::ESME_ROK));
  pair.to_smsc();
  EXPECT_EQ(only<Response>(pair.smsc_events).cookie, 77u);
}

TEST(Deliver, IsNotSentToATransmitter) {
  Pair pair(test::esme_config(BindMode::transmitter));
  pair.bind();
  EXPECT_EQ(pair.smsc.request(test::sample_receipt(), 1, pair.now).refusal, Refusal::not_bound);
}

TEST(Submit, FieldOverItsLimitIsRefusedAndTakesNoSlot) {
  Pair pair;
  pair.bind();
  SubmitSm pdu = test::sample_submit();
  pdu.service_type = "toolong";
  const auto sent = pair.esme.submit(pdu, 1, pair.now);
  EXPECT_EQ(sent.refusal, Refusal::invalid_field);
  EXPECT_EQ(sent.fault.field, "service_type");
  EXPECT_EQ(pair.esme.window_used(), 0u);
  EXPECT_TRUE(pair.esme.output().empty());
}

TEST(Submit, ThrottledComesWithCongestionState) {
  Pair pair;
  pair.bind();
  const auto sent = pair.esme.submit(test::sample_submit(), 1, pair.now);
  TlvWriter tlvs;
  tlvs.u8(Tag::congestion_state, 95);
  pair.smsc.respond(sent.sequence_number, Status::ESME_RTHROTTLED, SubmitSmResp{{"", tlvs.tlvs()}});
  pair.to_esme();
  ASSERT_EQ(pair.esme_events.size(), 2u);
  EXPECT_EQ(std::get<Congestion>(pair.esme_events[0]).state, 95);
  const auto& response = std::get<Response>(pair.esme_events[1]);
  EXPECT_EQ(response.status, Status::ESME_RTHROTTLED);
  EXPECT_EQ(response.tlvs.u8(Tag::congestion_state), 95);
}

TEST(Outbind, IsToldToAnOpenEsmeThatMayThenBind) {
  Pair pair(test::esme_config(BindMode::receiver));
  ASSERT_TRUE(pair.smsc.request(Outbind{"smsc", "x", {}}, 0, pair.now).ok());
  EXPECT_EQ(pair.smsc.window_used(), 0u);
  pair.to_esme();
  EXPECT_EQ(command_of(only<Request>(pair.esme_events).pdu.body), CommandId::outbind);
  pair.esme_events.clear();
  pair.bind();
}

TEST(AlertNotification, IsToldTakesNoSlotAndIsNotAnswered) {
  Pair pair(test::esme_config(), test::smsc_config(1));
  pair.bind();
  ASSERT_TRUE(pair.smsc.request(test::sample_receipt(), 1, pair.now).ok());
  ASSERT_EQ(pair.smsc.window_free(), 0u);
  AlertNotification alert;
  alert.source_addr = "8613800138000";
  ASSERT_TRUE(pair.smsc.request(alert, 2, pair.now).ok());
  EXPECT_EQ(pair.smsc.window_used(), 1u);
  pair.to_esme();
  const auto requests = all<Request>(pair.esme_events);
  ASSERT_EQ(requests.size(), 2u);
  const Header& header = requests[1].pdu.header;
  EXPECT_EQ(std::get<AlertNotification>(requests[1].pdu.body).source_addr, "8613800138000");
  EXPECT_FALSE(pair.esme.answer(header.sequence_number, header.command_id, Status::ESME_ROK));
  EXPECT_TRUE(pair.esme.output().empty());
  EXPECT_EQ(pair.esme.request(alert, 3, pair.now).refusal, Refusal::not_bound);
}

TEST(SubmitMulti, ComesBackWithTheDestinationsThatFailed) {
  Pair pair;
  pair.bind();
  Bytes destinations, failures;
  encode_item(DestAddress(SmeAddress{Ton::international, Npi::isdn, "1"}), destinations);
  encode_item(DestAddress(DistributionList{"friends"}), destinations);
  SubmitMulti pdu;
  pdu.dest_address = List<DestAddress>(destinations);
  ASSERT_TRUE(pair.esme.request(pdu, 7, pair.now).ok());
  pair.to_smsc();
  const Request request = only<Request>(pair.smsc_events);
  EXPECT_EQ(std::get<SubmitMulti>(request.pdu.body).dest_address.count(), 2u);

  encode_item(UnsuccessSme{Ton::international, Npi::isdn, "1", Status::ESME_RINVDSTADR}, failures);
  SubmitMultiResp response;
  response.message_id = "abc";
  response.unsuccess_sme = List<UnsuccessSme>(failures);
  ASSERT_TRUE(pair.smsc.respond(request.pdu.header.sequence_number, Status::ESME_ROK, response));
  pair.to_esme();
  const auto answer = only<Response>(pair.esme_events);
  EXPECT_EQ(answer.cookie, 7u);
  EXPECT_EQ(answer.message_id, "abc");
  const auto& failed = std::get<SubmitMultiResp>(answer.body).unsuccess_sme;
  ASSERT_EQ(failed.count(), 1u);
  EXPECT_EQ(failed.begin()->destination_addr, "1");
  EXPECT_EQ(failed.begin()->error_status_code, Status::ESME_RINVDSTADR);
}

/// What a caller does not serve it refuses: with the command's own response, as v3.4 asks.
TEST(Unserved, CommandsAreRefusedWithTheirOwnResponse) {
  Pair pair(test::of_version(kVersion50, test::esme_config()),
            test::of_version(kVersion50, test::smsc_config()));
  pair.bind();
  Bytes destination;
  encode_item(DestAddress(DistributionList{"friends"}), destination);
  SubmitMulti multi;
  multi.dest_address = List<DestAddress>(destination);
  const Body requests[] = {multi,      ReplaceSm{},        BroadcastSm{}, QueryBroadcastSm{},
                           CancelSm{}, CancelBroadcastSm{}};
  for (const Body& body : requests) {
    ASSERT_TRUE(pair.esme.request(body, 1, pair.now).ok());
    pair.to_smsc();
    const Header header = only<Request>(pair.smsc_events).pdu.header;
    pair.smsc_events.clear();
    ASSERT_TRUE(
        pair.smsc.answer(header.sequence_number, header.command_id, Status::ESME_RINVCMDID));
    pair.to_esme();
    const auto response = only<Response>(pair.esme_events);
    EXPECT_EQ(response.status, Status::ESME_RINVCMDID);
    EXPECT_EQ(command_of(response.body), response_to(command_of(body)));
    pair.esme_events.clear();
  }
}

TEST(Random, TwoSidesNeverLoseOrDoubleACookie) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    test::Rng rng(seed);
    Pair pair(test::esme_config(BindMode::transceiver, 1 + rng() % 20));
    pair.bind();
    std::map<std::uint64_t, int> told;  // cookie -> final answers
    std::uint64_t next_cookie = 1;
    std::vector<std::uint32_t> waiting;
    for (int step = 0; step < 500; ++step) {
      pair.chunk = 1 + rng() % 200;
      pair.now += std::chrono::milliseconds(rng() % 20000);
      if (pair.esme.submit(test::sample_submit(), next_cookie, pair.now).ok()) {
        told[next_cookie++] = 0;
      }
      pair.to_smsc();
      for (const auto& request : all<Request>(pair.smsc_events)) {
        waiting.push_back(request.pdu.header.sequence_number);
      }
      pair.smsc_events.clear();
      if (!waiting.empty() && rng() % 2) {
        const std::size_t pick = rng() % waiting.size();
        pair.smsc.answer(waiting[pick], CommandId::submit_sm, Status::ESME_ROK, "x");
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(pick));
      }
      pair.to_esme();
      pair.esme.expire(pair.now, pair.esme_events);
      pair.smsc.expire(pair.now, pair.smsc_events);
      for (const auto& response : all<Response>(pair.esme_events)) {
        if (!response.late) ++told[response.cookie];
      }
      for (const auto& timed_out : all<TimedOut>(pair.esme_events)) ++told[timed_out.cookie];
      pair.esme_events.clear();
      ASSERT_EQ(pair.esme.state(), SessionState::bound_trx) << "seed " << seed;
    }
    pair.esme.disconnected(pair.now, pair.esme_events);
    for (const auto& open : all<Unanswered>(pair.esme_events)) ++told[open.cookie];
    for (const auto& [cookie, times] : told) ASSERT_EQ(times, 1) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tact::smpp
