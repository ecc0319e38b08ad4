// SPDX-License-Identifier: Apache-2.0
#include "smpp/codec.h"

#include <gtest/gtest.h>

#include <memory>

#include "smpp/print.h"
#include "tests/smpp/sample.h"

namespace tact::smpp {
namespace {

using test::Bytes;

/// A copy of exactly these octets on the heap: a sanitizer sees every step over the end.
struct Exact {
  explicit Exact(Octets octets) : copy(new std::uint8_t[octets.size()]), size(octets.size()) {
    std::copy(octets.begin(), octets.end(), copy.get());
  }
  Octets octets() const { return {copy.get(), size}; }

  std::unique_ptr<std::uint8_t[]> copy;
  std::size_t size;
};

void set_length(Bytes& pdu) {
  for (int i = 0; i < 4; ++i) pdu[i] = static_cast<std::uint8_t>(pdu.size() >> (24 - 8 * i));
}

TEST(DamagedPdu, CutAtEveryOctetIsAnsweredOrRead) {
  test::for_every_pdu([]<class P>() {
    test::Generator generator(7);
    const Bytes whole = test::encoded(generator.make<P>());
    for (std::size_t size = kHeaderSize; size < whole.size(); ++size) {
      Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      set_length(cut);
      const Exact exact(cut);
      Pdu pdu;
      const CodecResult result = decode(exact.octets(), pdu);
      EXPECT_LE(result.offset, size);
      EXPECT_EQ(result.ok(), result.field.empty());
      if (is_response(P::kCommand)) {
        EXPECT_TRUE(result.ok()) << name(P::kCommand) << " " << size;
      }
    }
  });
}

TEST(DamagedPdu, OneOctetChangedNeverReadsOutsideAndAlwaysPrints) {
  test::for_every_pdu([]<class P>() {
    test::Generator generator(11);
    for (int round = 0; round < 20; ++round) {
      Bytes octets = test::encoded(generator.make<P>());
      for (int change = 0; change < 50; ++change) {
        const std::size_t at = 4 + generator.below(octets.size() - 4);
        const std::uint8_t before = octets[at];
        octets[at] = static_cast<std::uint8_t>(generator.below(256));
        const Exact exact(octets);
        Pdu pdu;
        if (decode(exact.octets(), pdu).ok()) {
          EXPECT_FALSE(print(pdu).empty());
        }
        octets[at] = before;
      }
    }
  });
}

TEST(DamagedPdu, FieldsBeforeTheFaultAreKept) {
  Bytes octets = test::encoded(test::sample_submit());
  octets.resize(octets.size() - 3);
  set_length(octets);
  Pdu pdu;
  const CodecResult result = decode(octets, pdu);
  EXPECT_EQ(result.status, Status::ESME_RINVMSGLEN);
  EXPECT_EQ(result.field, "short_message");
  EXPECT_EQ(std::get<SubmitSm>(pdu.body).destination_addr, "8613800138000");
}

TEST(Frame, IsFoundAtEveryLengthOfInput) {
  const Bytes octets = test::encoded(test::sample_submit());
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const Frame found = frame(Octets(octets).first(size));
    EXPECT_EQ(found.kind, Frame::Kind::more) << size;
    EXPECT_EQ(found.length, size < 4 ? 0 : octets.size());
  }
  EXPECT_EQ(frame(octets).kind, Frame::Kind::pdu);
}

TEST(Frame, LimitIsTheLastLengthThatIsTaken) {
  const Bytes octets = {0, 0, 0, 100};
  EXPECT_EQ(frame(octets, 100).kind, Frame::Kind::more);
  EXPECT_EQ(frame(octets, 99).kind, Frame::Kind::lost);
}

TEST(Encode, FieldOverItsLimitLeavesTheOutputAlone) {
  SubmitSm pdu = test::sample_submit();
  const std::string long_number(21, '1');
  pdu.source_addr = long_number;
  Bytes out = {1, 2, 3};
  const CodecResult result = encode(pdu, Status::ESME_ROK, 1, out);
  EXPECT_EQ(result.status, Status::ESME_RINVSRCADR);
  EXPECT_EQ(result.field, "source_addr");
  EXPECT_EQ(out.size(), 3u);
}

TEST(Encode, TimeIsEmptyOrHas16Characters) {
  const std::string digits(17, '0');
  for (std::size_t size = 0; size <= 17; ++size) {
    SubmitSm pdu = test::sample_submit();
    pdu.validity_period = std::string_view(digits).substr(0, size);
    Bytes out;
    const CodecResult result = encode(pdu, Status::ESME_ROK, 1, out);
    const bool good = size == 0 || size == 16;
    EXPECT_EQ(result.ok(), good) << size;
    EXPECT_EQ(out.empty(), !good) << size;
    EXPECT_EQ(result.field, good ? "" : "validity_period") << size;
    EXPECT_EQ(test::encoded(pdu).empty(), size == 17) << "Rules::limits";
    if (size == 17) continue;
    Pdu read;
    EXPECT_EQ(decode(test::encoded(pdu), read).status,
              good ? Status::ESME_ROK : Status::ESME_RINVEXPIRY);
  }
}

TEST(Encode, TextOf255OctetsIsRefusedAndStillRead) {
  SubmitSm pdu = test::sample_submit();
  const std::string text(254, 'a');
  pdu.short_message = test::octets_of(text);
  Bytes out = test::encoded(pdu);
  const std::size_t at = out.size() - 255;
  ASSERT_EQ(out[at], 254);
  out[at] = 255;
  out.push_back('a');
  set_length(out);
  Pdu read;
  ASSERT_TRUE(decode(out, read).ok());
  EXPECT_EQ(std::get<SubmitSm>(read.body).short_message.size(), 255u);
  EXPECT_EQ(encode(read, out).field, "short_message");
}

TEST(Encode, TlvCutShortIsNotSent) {
  SubmitSm pdu = test::sample_submit();
  const Bytes tlvs = {0x02, 0x04, 0, 2, 0, 7, 0x04, 0x24, 0, 9, 'x'};
  pdu.tlvs = Tlvs(tlvs);
  const Bytes out = test::encoded(pdu);
  Pdu read;
  ASSERT_TRUE(decode(out, read).ok());
  EXPECT_EQ(tlvs_of(read.body).encoded().size(), 6u);
}

/// submit_multi to `count` distribution lists named "a".
Bytes to_lists(std::size_t count, CodecResult& result) {
  Bytes items, out;
  for (std::size_t i = 0; i < count; ++i) encode_item(DestAddress(DistributionList{"a"}), items);
  SubmitMulti pdu;
  pdu.dest_address = List<DestAddress>(items);
  result = encode(pdu, Status::ESME_ROK, 1, out);
  return out;
}

TEST(Lists, Of255DestinationsAreRefusedAndStillRead) {
  CodecResult result;
  EXPECT_TRUE(to_lists(255, result).empty());
  EXPECT_EQ(result.status, Status::ESME_RINVNUMDESTS);
  EXPECT_EQ(result.field, "dest_address");

  Bytes out = to_lists(254, result);
  ASSERT_TRUE(result.ok());
  constexpr std::size_t counter = kHeaderSize + 4;  // behind an empty service_type and source
  ASSERT_EQ(out[counter], 254);
  out[counter] = 255;
  const Bytes one_more = {2, 'a', 0};
  out.insert(out.begin() + counter + 1, one_more.begin(), one_more.end());
  set_length(out);
  Pdu read;
  ASSERT_TRUE(decode(out, read).ok());
  EXPECT_EQ(std::get<SubmitMulti>(read.body).dest_address.count(), 255u);
  EXPECT_EQ(encode(read, out).field, "dest_address");
}

TEST(Lists, ItemCutShortIsNotSent) {
  Bytes items;
  encode_item(DestAddress(SmeAddress{Ton::international, Npi::isdn, "1"}), items);
  const std::size_t whole = items.size();
  encode_item(DestAddress(SmeAddress{Ton::international, Npi::isdn, "2"}), items);
  for (std::size_t size = whole; size < items.size(); ++size) {
    SubmitMulti pdu;
    const Exact exact(Octets(items).first(size));
    pdu.dest_address = List<DestAddress>(exact.octets());
    EXPECT_EQ(pdu.dest_address.whole().size(), whole);
    const Bytes out = test::encoded(pdu);
    Pdu read;
    ASSERT_TRUE(decode(out, read).ok());
    EXPECT_EQ(std::get<SubmitMulti>(read.body).dest_address.encoded().size(), whole);
  }
}

TEST(Lists, ItemOverItsLimitLeavesTheOutputAlone) {
  Bytes items = {1, 2, 3};
  const std::string long_number(21, '1');
  const SmeAddress number{Ton::international, Npi::isdn, long_number};
  EXPECT_EQ(encode_item(DestAddress(number), items).field, "destination_addr");
  EXPECT_EQ(encode_item(DestAddress(DistributionList{long_number}), items).status,
            Status::ESME_RINVDLNAME);
  EXPECT_EQ(encode_item(UnsuccessSme{{}, {}, std::string_view("1\0", 2), {}}, items).status,
            Status::ESME_RINVDSTADR);
  EXPECT_EQ(items.size(), 3u);
}

TEST(TlvInfo, EveryTagIsFoundByItselfAndByItsName) {
  for (const TlvInfo& info : tlv_infos()) {
    EXPECT_EQ(tlv_info(info.tag), &info) << info.name;
    EXPECT_EQ(tlv_info(info.name), &info) << info.name;
    if (info.kind == TlvKind::integer) {
      EXPECT_TRUE(info.length == 1 || info.length == 2 || info.length == 4) << info.name;
    }
  }
  EXPECT_EQ(tlv_info(static_cast<Tag>(0x1400)), nullptr);
  EXPECT_EQ(tlv_info("dest_port"), nullptr);
}

TEST(TlvWriter, RefusesWhatDoesNotFitAndSaysSo) {
  TlvWriter writer;
  const Bytes big(TlvWriter::kCapacity, 'x');
  writer.u8(Tag::congestion_state, 95).octets(Tag::message_payload, big);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.tlvs().u8(Tag::congestion_state), 95);
  EXPECT_FALSE(writer.tlvs().find(Tag::message_payload));
  writer.clear();
  EXPECT_TRUE(writer.ok());
  EXPECT_TRUE(writer.tlvs().empty());
}

TEST(Tlvs, IntegersOfTheWrongLengthAreAbsent) {
  TlvWriter writer;
  writer.u16(Tag::congestion_state, 1)
      .u32(Tag::qos_time_to_live, 70000)
      .c_string(Tag::receipted_message_id, "ab");
  EXPECT_FALSE(writer.tlvs().u8(Tag::congestion_state));
  EXPECT_EQ(writer.tlvs().u32(Tag::qos_time_to_live), 70000u);
  EXPECT_EQ(writer.tlvs().c_string(Tag::receipted_message_id), "ab");
  EXPECT_FALSE(writer.tlvs().u16(Tag::user_message_reference));
}

TEST(Status, ThrottlingAndBusyDestinationsAreToldApart) {
  EXPECT_EQ(classify(Status::ESME_ROK), StatusClass::ok);
  EXPECT_EQ(classify(Status::ESME_RTHROTTLED), StatusClass::throttled);
  EXPECT_EQ(classify(Status::ESME_RMSGQFUL), StatusClass::busy_destination);
  EXPECT_EQ(classify(Status::ESME_RX_T_APPN), StatusClass::retry);
  EXPECT_EQ(classify(Status::ESME_RALYBND), StatusClass::bind);
  EXPECT_EQ(classify(Status::ESME_RX_P_APPN), StatusClass::permanent_destination);
  EXPECT_EQ(classify(Status::ESME_RX_R_APPN), StatusClass::permanent);
  EXPECT_EQ(classify(static_cast<Status>(0x455)), StatusClass::permanent);
  EXPECT_EQ(name(static_cast<Status>(0x455)), "vendor");
  EXPECT_EQ(name(static_cast<Status>(0x9999)), "unknown");
}

TEST(Status, EveryNameIsFoundAgain) {
  EXPECT_EQ(status_named("ESME_RTHROTTLED"), Status::ESME_RTHROTTLED);
  EXPECT_EQ(status_named("vendor"), std::nullopt);
  EXPECT_EQ(status_named(""), std::nullopt);
  const auto names = status_names();
  EXPECT_EQ(names.front(), "ESME_ROK");
  for (const auto each : names) {
    const auto status = status_named(each);
    ASSERT_TRUE(status) << each;
    EXPECT_EQ(name(*status), each);
  }
}

TEST(Types, ReceiptBitsAreMaskedNotCompared) {
  EXPECT_TRUE(is_receipt(0x04));
  EXPECT_TRUE(is_receipt(0xC7));
  EXPECT_FALSE(is_receipt(0x08));
  EXPECT_FALSE(is_receipt(0x0C));
  EXPECT_TRUE(is_intermediate(0x20));
}

}  // namespace
}  // namespace tact::smpp
