// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/smpp/session_pair.h"

/// What may be sent to a peer of an older version, or of none that it told.
namespace tact::smpp {
namespace {

using test::Bytes;
using test::encoded;
using test::of_version;
using test::only;
using test::Pair;

/// An ESME whose SMSC answered the bind with these TLVs.
struct Bound34 {
  explicit Bound34(Tlvs tlvs, bool assume = false) : esme(config(assume)) {
    Events events;
    esme.connected(now);
    esme.bind(now);
    esme.receive(encoded(BindTransceiverResp{{"smsc", tlvs}}, 1), now, events);
    EXPECT_TRUE(esme.is_bound());
    Bytes bind;
    esme.take_output(bind);
  }

  static SessionConfig config(bool assume) {
    SessionConfig config = test::esme_config();
    config.assume_tlvs = assume;
    return config;
  }

  /// A submit_sm with and without TLV.
  Sent submit(bool with_tlv) {
    TlvWriter tlvs;
    SubmitSm pdu;
    if (with_tlv) pdu.tlvs = tlvs.u16(Tag::user_message_reference, 7).tlvs();
    return esme.submit(pdu, 1, now);
  }

  Mono now = test::seconds(1);
  Session esme;
};

TEST(Version, APeerThatTellsNoneGetsNoTlv) {
  TlvWriter of_two_octets, old;
  of_two_octets.u16(Tag::sc_interface_version, kVersion34);
  old.u8(Tag::sc_interface_version, 0x33);
  for (const Tlvs tlvs : {Tlvs(), of_two_octets.tlvs(), old.tlvs()}) {
    Bound34 bound(tlvs);
    EXPECT_FALSE(bound.esme.takes_tlvs());
    const Sent sent = bound.submit(true);
    EXPECT_EQ(sent.refusal, Refusal::invalid_field);
    EXPECT_EQ(sent.fault.status, Status::ESME_ROPTPARNOTALLWD);
    EXPECT_EQ(bound.esme.window_used(), 0u);
    EXPECT_TRUE(bound.esme.output().empty());
    EXPECT_TRUE(bound.submit(false).ok());
  }
}

TEST(Version, APeerThatTellsItsOwnGetsTlvs) {
  TlvWriter version;
  version.u8(Tag::sc_interface_version, kVersion34);
  Bound34 bound(version.tlvs());
  EXPECT_EQ(bound.esme.version(), kVersion34);
  EXPECT_TRUE(bound.submit(true).ok());
}

TEST(Version, TheCallerMayKnowBetterThanThePeerTells) {
  Bound34 bound(Tlvs(), true);
  EXPECT_EQ(bound.esme.version(), 0);
  EXPECT_TRUE(bound.submit(true).ok());
}

TEST(Version, WhatOneConnectionToldIsForgottenInTheNext) {
  TlvWriter version;
  version.u8(Tag::sc_interface_version, kVersion50);
  Bound34 bound(version.tlvs());
  Events events;
  bound.esme.disconnected(bound.now, events);
  bound.esme.connected(bound.now);
  EXPECT_FALSE(bound.esme.takes_tlvs());
}

TEST(Version, CommandsThatCameWithV34AreNotSentByAnOldSide) {
  Session transceiver(of_version(0x33, test::esme_config()));
  transceiver.connected(test::seconds(1));
  EXPECT_FALSE(transceiver.bind(test::seconds(1)));
  EXPECT_EQ(transceiver.state(), SessionState::open);
  EXPECT_TRUE(transceiver.output().empty());

  for (const bool old_esme : {false, true}) {
    const auto of = [](bool old, SessionConfig config) {
      return of_version(old ? std::uint8_t{0x33} : kVersion34, config);
    };
    Pair sender(of(old_esme, test::esme_config(BindMode::transmitter)),
                of(!old_esme, test::smsc_config()));
    sender.bind();
    // An SMSC that tells no version is one of the commands that its ESME has.
    EXPECT_EQ(sender.esme.request(DataSm{}, 1, sender.now).refusal,
              old_esme ? Refusal::not_in_version : Refusal::none);
    Pair receiver(of(old_esme, test::esme_config(BindMode::receiver)),
                  of(!old_esme, test::smsc_config()));
    receiver.bind();
    for (const Body& body : {Body(DataSm{}), Body(AlertNotification{})}) {
      EXPECT_EQ(receiver.smsc.request(body, 1, receiver.now).refusal, Refusal::not_in_version);
    }
    EXPECT_TRUE(receiver.smsc.request(DeliverSm{}, 1, receiver.now).ok());
  }
}

TEST(Version, AnSmscMayHaveAVersionAndNotTellIt) {
  SessionConfig silent = test::smsc_config();
  silent.tells_version = false;
  Pair pair(test::esme_config(), silent);
  pair.bind();
  EXPECT_EQ(pair.esme.version(), 0);
  EXPECT_FALSE(pair.esme.takes_tlvs());
  EXPECT_EQ(pair.smsc.version(), kVersion34);
}

TEST(Version, AnOldEsmeHasRoomForIdsOfEightCharacters) {
  for (const std::uint8_t version : {std::uint8_t{0}, std::uint8_t{0x33}, kVersion34}) {
    Pair pair(of_version(version, test::esme_config(BindMode::transmitter)));
    pair.bind();
    const bool old = version < kVersion34;
    for (const CommandId command : {CommandId::submit_sm, CommandId::submit_multi}) {
      EXPECT_EQ(pair.smsc.answer(1, command, Status::ESME_ROK, "123456789"), !old);
      EXPECT_TRUE(pair.smsc.answer(1, command, Status::ESME_ROK, "12345678"));
      EXPECT_TRUE(pair.smsc.answer(1, command, Status::ESME_RSYSERR, "123456789")) << "not told";
    }
    QuerySmResp response;
    response.message_id = "123456789";
    EXPECT_EQ(pair.smsc.respond(1, Status::ESME_ROK, response), !old);
  }
}

TEST(Version, AnOldEsmeGetsNeitherRequestsNorResponsesWithTlvs) {
  TlvWriter tlvs;
  tlvs.u8(Tag::congestion_state, 95);
  DeliverSm deliver;
  deliver.tlvs = tlvs.tlvs();
  Pair receiver(of_version(0x33, test::esme_config(BindMode::receiver)));
  receiver.bind();
  EXPECT_EQ(receiver.smsc.request(deliver, 1, receiver.now).refusal, Refusal::invalid_field);

  Pair pair(of_version(0x33, test::esme_config(BindMode::transmitter)));
  pair.bind();
  const Sent sent = pair.esme.submit(SubmitSm{}, 2, pair.now);
  pair.to_smsc();
  ASSERT_TRUE(pair.smsc.respond(sent.sequence_number, Status::ESME_ROK,
                                SubmitSmResp{{"abc", tlvs.tlvs()}}));
  pair.to_esme();
  const auto response = only<Response>(pair.esme_events);
  EXPECT_EQ(response.message_id, "abc");
  EXPECT_TRUE(response.tlvs.encoded().empty());
}

TEST(Version, BroadcastsAreNotSentWhereOneSideIsOlder) {
  for (const auto& [esme, smsc] : {std::pair{kVersion34, kVersion50}, {kVersion50, kVersion34}}) {
    Pair pair(of_version(esme, test::esme_config()), of_version(smsc, test::smsc_config()));
    pair.bind();
    EXPECT_EQ(pair.esme.version(), kVersion34);
    const Body requests[] = {BroadcastSm{}, QueryBroadcastSm{}, CancelBroadcastSm{}};
    for (const Body& body : requests) {
      EXPECT_EQ(pair.esme.request(body, 1, pair.now).refusal, Refusal::not_in_version);
    }
    EXPECT_EQ(pair.esme.window_used(), 0u);
    EXPECT_TRUE(pair.esme.output().empty());
  }
}

TEST(Version, BroadcastsGoWhereBothSpeakVersion5) {
  Pair pair(of_version(kVersion50, test::esme_config()),
            of_version(kVersion50, test::smsc_config()));
  pair.bind();
  ASSERT_TRUE(pair.esme.request(BroadcastSm{}, 7, pair.now).ok());
  pair.to_smsc();
  const Header header = only<Request>(pair.smsc_events).pdu.header;
  EXPECT_EQ(header.command_id, CommandId::broadcast_sm);
  ASSERT_TRUE(pair.smsc.answer(header.sequence_number, header.command_id, Status::ESME_ROK, "abc"));
  pair.to_esme();
  EXPECT_EQ(only<Response>(pair.esme_events).message_id, "abc");
}

}  // namespace
}  // namespace tact::smpp
