// SPDX-License-Identifier: Apache-2.0
// tact pdu: hex, lines and captures, the damaged ones first.
#include <gtest/gtest.h>

#include <sstream>

#include "client/pdu_input.h"
#include "smpp/codec.h"
#include "smpp/print.h"
#include "tests/client/capture_bytes.h"
#include "tests/support/vectors.h"

namespace tact::client {
namespace {

using test::Flow;
using test::kSyn;
using test::Pcap;

struct Said {
  std::string text;
  bool fault = false;
};

Said read(const std::string& input, PduReportOptions options = {},
          std::set<std::uint16_t> ports = {2775}) {
  std::istringstream in(input);
  std::ostringstream out;
  PduReport report(out, options);
  read_input(in, ports, report);
  return {out.str(), report.seen_fault()};
}

Said read(const Pcap& pcap) { return read(pcap.bytes()); }

// A PDU as octets.
std::string pdu(const std::string& line) {
  std::vector<std::uint8_t> octets;
  EXPECT_EQ(smpp::parse(line, octets), "") << line;
  return std::string(octets.begin(), octets.end());
}

std::string enquire_link(int number) { return pdu("enquire_link seq=" + std::to_string(number)); }

const std::string kSubmit =
    pdu("submit_sm seq=7 destination_addr=\"8613800138000\" short_message=\"hello\"");

// The lines, without what a capture has in front.
std::string lines_of(const Said& said) {
  std::istringstream in(said.text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const std::size_t bar = line.find(" | ");
    out += (bar == line.npos ? line : line.substr(bar + 3)) + '\n';
  }
  return out;
}

// ---- text

TEST(PduText, DamagedPdusAreNamedWithTheirOffset) {
  // twitter-archive/cloudhopper-smpp#64: sm_length is one too short.
  const Said said = read(
      "00000026000000040000000000000008"
      "0000003100000032000000000000000000000004616263646566\n");
  EXPECT_TRUE(said.fault);
  EXPECT_TRUE(said.text.starts_with("fault: submit_sm seq=8: ESME_RINVMSGLEN at ")) << said.text;
}

TEST(PduText, WhatIsCutShortIsToldAndTheNextLinesAreRead) {
  const Said said = read("00000010000000150000\n\n00000010000000150000000000000002\n");
  EXPECT_TRUE(said.fault);
  EXPECT_EQ(said.text,
            "fault: cut short: 10 of 16 octets; 10 octets passed over, at 0 of the stream: "
            "hex:00000010000000150000\n"
            "enquire_link seq=2\n");
}

TEST(PduText, NoSmppIsToldAndWhatFollowsIsFound) {
  const Said said = read("48545450 2f312e31\n00000010000000150000000000000002\n");
  EXPECT_TRUE(said.fault);
  EXPECT_EQ(said.text,
            "fault: command_length is above the limit (\"HTTP\"); 8 octets passed over, at 0 of "
            "the stream: hex:485454502f312e31\n"
            "enquire_link seq=2\n");
}

TEST(PduText, ALengthThatIsTooLargeDoesNotHideWhatFollows) {
  const Said said = read("00000080000000150000000000000001\n00000010000000150000000000000002\n");
  EXPECT_TRUE(said.fault);
  EXPECT_EQ(lines_of(said),
            "fault: cut short: 32 of 128 octets; 16 octets passed over, at 0 of the stream: "
            "hex:00000080000000150000000000000001\n"
            "enquire_link seq=2\n");
}

TEST(PduText, AParameterThatIsCutShortIsAFaultAlthoughTheRestCounts) {
  const Said said = read("00000016800000040000000000000001 3100 0424 00ff\n");
  EXPECT_TRUE(said.fault);
  EXPECT_EQ(said.text,
            "submit_sm_resp seq=1 message_id=\"1\"  # not_read={\"offset\":18,\"octets\":4}\n");
}

TEST(PduText, WhatWasToldOfACaptureMakesItsOctets) {
  const Said said = read(
      "2026-03-01T01:00:00.004000Z 10.0.0.2:2775 > 10.0.0.1:40000 | note: whatever\n"
      "2026-03-01T01:00:00.004000Z 10.0.0.2:2775 > 10.0.0.1:40000 | enquire_link seq=1\n"
      "submit_sm_resp seq=1 message_id=\"a | b\"  # text=\"|\"\n");
  EXPECT_FALSE(said.fault);
  EXPECT_EQ(said.text,
            "00000010000000150000000000000001\n"
            "0000001680000004000000000000000161207c206200\n");
}

TEST(PduText, BadLinesAreToldByTheirNumber) {
  const Said said = read("# comment\nsubmit_sm seq=x\n123\nnonsense here\nenquire_link seq=1\n");
  EXPECT_TRUE(said.fault);
  EXPECT_EQ(said.text,
            "fault: line 2: bad value of seq\n"
            "fault: line 3: half an octet at its end\n"
            "fault: line 4: unknown command: nonsense\n"
            "00000010000000150000000000000001\n");
}

TEST(PduText, NothingIsNoFault) {
  for (const char* input : {"", "\n", "# nothing\n"}) {
    EXPECT_EQ(read(input).text, "");
    EXPECT_FALSE(read(input).fault);
  }
}

TEST(PduText, HexMayBeDividedAnywhere) {
  const Said said = read(
      "0000 0010\r\n0000 0015\n0000 0000 0000 0001 00000010 000000\n"
      "15 00000000 00000002");
  EXPECT_FALSE(said.fault);
  EXPECT_EQ(said.text, "enquire_link seq=1\nenquire_link seq=2\n");
}

TEST(PduText, OctetsAreReadAsTheyAre) {
  EXPECT_EQ(read(enquire_link(1) + enquire_link(2)).text,
            "enquire_link seq=1\nenquire_link seq=2\n");
}

// ---- contents

std::string line_of(const std::string& line, PduReportOptions options = {}) {
  std::ostringstream out;
  PduReport report(out, options);
  const std::string octets = pdu(line);
  report.tell({Found::Kind::pdu, 0, {octets.begin(), octets.end()}, {}});
  std::string text = out.str();
  text.pop_back();
  return text;
}

TEST(PduContents, ADamagedHeaderInFrontOfATextIsTold) {
  EXPECT_EQ(line_of("submit_sm seq=1 esm_class=64 short_message=hex:0700"),
            "submit_sm seq=1 esm_class=64 short_message=hex:0700  "
            "# udh=\"longer than the text\" coding=\"gsm7\" text=\"ì@\"");
  EXPECT_EQ(line_of("submit_sm seq=1 esm_class=64 data_coding=4 short_message=hex:040005a1a2ff"),
            "submit_sm seq=1 esm_class=64 data_coding=4 short_message=hex:040005a1a2ff  "
            "# udh=[{\"cut_short\":\"0005a1a2\"}]");
}

TEST(PduContents, WhatATerminalWouldObeyIsEscaped) {
  EXPECT_EQ(line_of("submit_sm seq=1 data_coding=3 short_message=hex:1b5b9b7f80ffff"),
            "submit_sm seq=1 data_coding=3 short_message=hex:1b5b9b7f80ffff  # coding=\"latin1\" "
            "text=\"\\u001b[\\u009b\\u007f\\u0080\xC3\xBF\xC3\xBF\"");
}

TEST(PduContents, APartItsHeaderAndItsText) {
  EXPECT_EQ(line_of("submit_sm seq=1 esm_class=64 data_coding=8 "
                    "short_message=hex:0b0003070201050415810000"
                    "4f60597d"),
            "submit_sm seq=1 esm_class=64 data_coding=8 "
            "short_message=hex:0b00030702010504158100004f60597d  "
            "# part={\"reference\":7,\"index\":1,\"total\":2} "
            "udh=[{\"id\":\"0x00\",\"data\":\"070201\"},{\"id\":\"0x05\",\"data\":\"15810000\"}] "
            "coding=\"ucs2\" text=\"你好\"");
}

TEST(PduContents, AReceiptInTextAndParameters) {
  EXPECT_EQ(
      line_of("deliver_sm seq=2 esm_class=4 short_message=\"id:12 stat:UNDELIV err:012\" "
              "tlv.receipted_message_id=\"c\""),
      "deliver_sm seq=2 esm_class=4 short_message=\"id:12 stat:UNDELIV err:012\" "
      "tlv.receipted_message_id=\"c\"  "
      "# receipt={\"id\":\"12\",\"state\":\"UNDELIV\",\"receipted_id\":\"c\",\"err\":\"012\"}");
}

TEST(PduContents, WhatDataCoding0MeansIsSaidByTheCaller) {
  const std::string line = "submit_sm seq=1 short_message=hex:e9e8";
  EXPECT_EQ(line_of(line, {.dialect = {.zero = smpp::Coding::latin1}}),
            line + "  # coding=\"latin1\" text=\"éè\"");
}

TEST(PduContents, PackedSeptetsAndGbkAreReadWhereTheCarrierMeansThem) {
  const std::string packed = "submit_sm seq=1 short_message=hex:e8329bfd06";
  EXPECT_EQ(line_of(packed, {.dialect = {.packed = true}}),
            packed + "  # coding=\"gsm7\" text=\"hello\"");
  const std::string receipt =
      "deliver_sm seq=1 esm_class=4 short_message=hex:69b22e2603cde961ba8e586426ad5222";
  EXPECT_EQ(line_of(receipt).find("receipt="), std::string::npos);
  EXPECT_TRUE(line_of(receipt, {.dialect = {.packed = true}})
                  .ends_with("receipt={\"id\":\"12\",\"state\":\"DELIVRD\"}"));
  const std::string gbk = "submit_sm seq=1 data_coding=15 short_message=hex:c4e3bac3ff";
  EXPECT_EQ(line_of(gbk), gbk);
  EXPECT_EQ(line_of(gbk, {.dialect = {.gbk = 15}}), gbk + "  # coding=\"gbk\" text=\"你好\uFFFD\"");
}

TEST(PduContents, MaskedLinesHaveNeitherNumbersNorTextsNorOctets) {
  PduReportOptions mask;
  mask.mask = true;
  EXPECT_EQ(line_of("submit_sm seq=7 destination_addr=\"8613800138000\" data_coding=8 "
                    "short_message=hex:4f60597d",
                    mask),
            "submit_sm seq=7 destination_addr=\"*************\" data_coding=8 "
            "short_message=<4 octets>");
  EXPECT_EQ(read("0000001100000015", mask).text.find("hex"), std::string::npos);
}

TEST(PduContents, MaskedLinesHaveOnlyTheParametersThatAreKnownToBeHarmless) {
  EXPECT_EQ(line_of("deliver_sm seq=7 esm_class=68 short_message=hex:05220380130068 "
                    "tlv.0x1400=\"8613800138000\" tlv.additional_status_info_text=\"to Bob\" "
                    "tlv.receipted_message_id=\"ab\" tlv.message_state=2",
                    {.mask = true}),
            "deliver_sm seq=7 esm_class=68 short_message=<7 octets> tlv.0x1400=<13 octets> "
            "tlv.additional_status_info_text=<7 octets> tlv.receipted_message_id=\"ab\" "
            "tlv.message_state=2");
  EXPECT_EQ(line_of("bind_receiver seq=1 system_id=\"bank\" password=\"x\" address_range=\"^1068\"",
                    {.mask = true}),
            "bind_receiver seq=1 system_id=\"bank\" password=<hidden> address_range=\"*****\"");
}

TEST(PduContents, ColourIsOnlyAddedAndOnlyWhereItIsAsked) {
  const std::string line = "submit_sm seq=1 data_coding=8 short_message=hex:9a8c8bc1";
  PduReportOptions colour;
  colour.colour = true;
  EXPECT_EQ(line_of(line, colour), line + "\x1b[2m  # coding=\"ucs2\" text=\"验证\"\x1b[0m");
  EXPECT_EQ(line_of(line).find('\x1b'), std::string::npos);
  EXPECT_TRUE(read("48545450", colour).text.starts_with("\x1b[31mfault: "));
}

TEST(PduContents, JsonHasEveryField) {
  PduReportOptions json;
  json.json = true;
  EXPECT_EQ(line_of("submit_multi_resp seq=7 message_id=\"a\" "
                    "unsuccess_sme=1/1/\"1068\"/ESME_RINVDSTADR tlv.0x1400=hex:31",
                    json),
            R"({"command":"submit_multi_resp","status":"ESME_ROK","sequence_number":7,)"
            R"("message_id":"a","unsuccess_sme":[{"dest_addr_ton":1,"dest_addr_npi":1,)"
            R"("destination_addr":"1068","error_status_code":"ESME_RINVDSTADR"}],)"
            R"("tlvs":[{"tag":"0x1400","value":"31"}],)"
            R"("hex":"00000023800000210000000000000007610001010131303638000000000b1400000131"})");
  const Said damaged = read("00000011000000040000000000000008ff", json);
  EXPECT_TRUE(damaged.fault);
  EXPECT_NE(damaged.text.find(R"("fault":{"status":"ESME_RINVSERTYP","offset":16,)"
                              R"("field":"service_type"})"),
            std::string::npos)
      << damaged.text;
}

TEST(PduContents, JsonTellsAValueThatIsNotOfItsKindAsHex) {
  PduReportOptions json;
  json.json = true;
  const std::string told = line_of(
      "deliver_sm seq=7 tlv.receipted_message_id=hex:3132 tlv.message_state=hex:3132 "
      "tlv.receipted_message_id=\"3132\" tlv.message_state=2 tlv.0x1400=hex:3132",
      json);
  EXPECT_NE(told.find(R"("tlvs":[{"tag":"receipted_message_id","value":{"hex":"3132"}},)"
                      R"({"tag":"message_state","value":{"hex":"3132"}},)"
                      R"({"tag":"receipted_message_id","value":"3132"},)"
                      R"({"tag":"message_state","value":2},{"tag":"0x1400","value":"3132"}])"),
            std::string::npos)
      << told;
}

TEST(PduContents, JsonIsReadAgainByItsHex) {
  PduReportOptions json;
  json.json = true;
  const std::string hex = pdu("submit_sm seq=1 short_message=\"a | b\"");
  const std::string first =
      read(smpp::to_hex({reinterpret_cast<const std::uint8_t*>(hex.data()), hex.size()}) +
               "\n\n0000001100000015",
           json)
          .text;
  EXPECT_EQ(read(first, json).text, first);
  EXPECT_EQ(read(R"({"note":{"reason":"x","stream_offset":0},"hex":"00"})", json).text, "");
  for (const std::string bad :
       {"{}", "{\"hex\":1}", "{\"hex\":\"0\"}", "{\"hex\":\"00\"", "{", "{\"a\":[]} x"}) {
    const Said said = read(bad);
    EXPECT_TRUE(said.fault) << bad;
    EXPECT_EQ(said.text, "fault: line 1: no JSON with the hex of a PDU\n") << bad;
  }
  EXPECT_TRUE(is_line("{}"));
}

// What is told of a PDU makes the same PDU again.
TEST(PduLine, MakesTheSameOctetsForEveryVectorThatDecodes) {
  int exact = 0, tolerated = 0;
  vectors::run("smpp/pdu.txt", [&](const vectors::Case& c) -> std::string {
    if (c.command != "decode" || c.value("reveal") == "no") return c.expected;
    std::vector<std::uint8_t> octets;
    EXPECT_TRUE(smpp::from_hex(c.input, octets));
    for (smpp::Octets rest = octets; !rest.empty();) {
      const smpp::Frame frame = smpp::frame(rest);
      if (frame.kind != smpp::Frame::Kind::pdu) break;
      const smpp::Octets whole = rest.first(frame.length);
      rest = rest.subspan(frame.length);
      smpp::Pdu decoded;
      if (!smpp::decode(whole, decoded).ok()) continue;
      std::ostringstream told, again;
      PduReport first(told, {}), second(again, {});
      first.tell({Found::Kind::pdu, 0, {whole.begin(), whole.end()}, {}});
      read_text(told.str(), second);
      std::vector<std::uint8_t> encoded;
      const smpp::CodecResult result = smpp::encode(decoded, encoded, smpp::Rules::limits);
      EXPECT_EQ(second.seen_fault(), !result.ok()) << told.str() << again.str();
      // What is over its limit is not taken back.
      if (result.ok()) {
        EXPECT_EQ(again.str(), smpp::to_hex(encoded) + '\n') << told.str();
      }
      if (c.has("exact")) {
        EXPECT_EQ(again.str(), smpp::to_hex(whole) + '\n') << told.str();
      }
      ++(again.str() == smpp::to_hex(whole) + '\n' ? exact : tolerated);
    }
    return c.expected;
  });
  EXPECT_GT(exact, tolerated);
}

// ---- captures

TEST(PduCapture, CutShortAnywhereItIsAFaultAndWhatWasThereIsTold) {
  const Flow flow;
  Pcap pcap;
  pcap.segment(flow, 1000, "", kSyn);
  const std::size_t begun = pcap.bytes().size();
  pcap.segment(flow, 1001, enquire_link(1));
  const std::size_t whole = pcap.bytes().size();
  pcap.segment(flow, 1017, enquire_link(2));
  for (std::size_t size = 4; size < pcap.bytes().size(); ++size) {
    const Said said = read(pcap.bytes().substr(0, size));
    EXPECT_EQ(said.fault, size != begun && size != whole) << size;
    EXPECT_EQ(said.text.find("enquire_link seq=1") != std::string::npos, size >= whole) << size;
  }
}

TEST(PduCapture, NoOctetOfItMakesMoreThanFaults) {
  const Flow flow;
  Pcap pcap;
  pcap.segment(flow, 1000, "", kSyn);
  pcap.segment(flow, 1001, enquire_link(1) + kSubmit);
  for (std::size_t at = 0; at < pcap.bytes().size(); ++at) {
    for (const char value : {'\0', '\x7F', '\xFF'}) {
      std::string damaged = pcap.bytes();
      damaged[at] = value;
      EXPECT_LT(read(damaged).text.size(), 10'000u) << at;
    }
  }
}

TEST(PduCapture, APacketOfAbsurdLengthIsNotWaitedFor) {
  Pcap pcap;
  std::string bytes = pcap.bytes() + std::string(8, '\0') + "\xFF\xFF\xFF\x7F" + "\xFF\xFF\xFF\x7F";
  const Said said = read(bytes);
  EXPECT_TRUE(said.fault);
  EXPECT_TRUE(said.text.starts_with("fault: a packet of 2147483647 octets, at 40 of the capture"))
      << said.text;
}

TEST(PduCapture, WhatCannotBeReadIsCounted) {
  const Flow flow;
  Pcap pcap;
  pcap.segment(flow, 1000, enquire_link(1));
  pcap.packet(test::ethernet(test::ipv4(flow, test::tcp(flow, 1016, "x"), 0x2000)));
  std::string cut = test::ethernet(test::ipv4(flow, test::tcp(flow, 1016, "x")));
  cut.resize(40);
  pcap.packet(cut);
  pcap.packet(test::ethernet("who has", 0x0806));
  const Said said = read(pcap);
  EXPECT_TRUE(said.fault);
  EXPECT_EQ(lines_of(said),
            "enquire_link seq=1\n"
            "fault: 1 packet not read: IP fragments\n"
            "fault: 1 packet not read: a TCP header is cut short\n");
}

TEST(PduCapture, OtherPortsAreNamed) {
  Flow flow;
  flow.to_port = 2776;
  Pcap pcap;
  pcap.segment(flow, 1000, enquire_link(1));
  const Said said = read(pcap);
  EXPECT_TRUE(said.fault);
  EXPECT_EQ(said.text, "fault: nothing of the ports that --port tells; the capture has 2776\n");
  EXPECT_FALSE(read(pcap.bytes(), {}, {2776}).fault);
}

TEST(PduCapture, AHoleIsToldAndTheNextPduFound) {
  const Flow flow;
  Pcap pcap;
  pcap.segment(flow, 1000, "", kSyn);
  pcap.segment(flow, 1001, enquire_link(1) + kSubmit.substr(0, 20));
  const auto behind = static_cast<std::uint32_t>(1001 + 16 + kSubmit.size() - 4);
  pcap.segment(flow, behind, kSubmit.substr(kSubmit.size() - 4) + enquire_link(2));
  const Said said = read(pcap);
  EXPECT_TRUE(said.fault);
  const std::string missing = std::to_string(kSubmit.size() - 24);
  const std::string lines = lines_of(said);
  EXPECT_TRUE(lines.starts_with("enquire_link seq=1\nfault: cut short: 20 of ")) << lines;
  EXPECT_NE(lines.find("fault: " + missing + " octets are missing; 4 octets passed over, at "),
            std::string::npos)
      << lines;
  EXPECT_TRUE(lines.ends_with("\nenquire_link seq=2\n")) << lines;
}

TEST(PduCapture, ACaptureThatBeginsInsideOfAConnectionSaysSo) {
  const Flow flow;
  for (std::size_t cut = 0; cut < kSubmit.size(); ++cut) {
    Pcap pcap;
    pcap.segment(flow, 1000, kSubmit.substr(cut) + enquire_link(2));
    pcap.segment(flow, static_cast<std::uint32_t>(1000 + kSubmit.size() - cut + 16), kSubmit);
    const Said said = read(pcap);
    EXPECT_FALSE(said.fault);
    const std::string lines = lines_of(said);
    EXPECT_EQ(lines.starts_with("note: the capture begins inside of a connection; "), cut > 0)
        << cut << lines;
    EXPECT_NE(lines.find("enquire_link seq=2\nsubmit_sm seq=7 "), std::string::npos) << lines;
  }
}

TEST(PduCapture, RetransmittedAndEarlySegmentsAndWrappedNumbersMakeOneStream) {
  const Flow flow;
  std::string stream;
  for (int i = 1; i <= 40; ++i) stream += i % 3 ? enquire_link(i) : kSubmit;
  constexpr std::uint32_t kFirst = 0xFFFFFF00;  // wraps inside
  Pcap pcap;
  pcap.segment(flow, kFirst - 1, "", kSyn);
  pcap.segment(flow, kFirst - 1, "", kSyn);
  for (std::size_t at = 0; at < stream.size(); at += 14) {
    // Each pair swapped, each segment twice, the second time with more on either side.
    const std::size_t swapped = at / 14 % 2 ? at - 14 : at + 14;
    if (swapped >= stream.size()) continue;
    pcap.segment(flow, kFirst + static_cast<std::uint32_t>(swapped), stream.substr(swapped, 14));
    const std::size_t before = swapped - std::min<std::size_t>(swapped, 5);
    pcap.segment(flow, kFirst + static_cast<std::uint32_t>(before), stream.substr(before, 22));
  }
  pcap.segment(flow, kFirst + static_cast<std::uint32_t>(stream.size() - 20),
               stream.substr(stream.size() - 20));
  const Said said = read(pcap);
  EXPECT_FALSE(said.fault) << said.text;
  EXPECT_EQ(lines_of(said), read(stream).text);
}

TEST(PduCapture, DirectionsAreStreamsOfTheirOwnAndASynIsANewConnection) {
  const Flow there;
  const Flow back{there.to, there.from, there.to_port, there.from_port};
  Pcap pcap;
  pcap.segment(there, 1000, "", kSyn).segment(back, 5000, "", kSyn | test::kAck);
  pcap.segment(there, 1001, enquire_link(1).substr(0, 9));
  pcap.segment(back, 5001, pdu("enquire_link_resp seq=9"));
  pcap.segment(there, 1010, enquire_link(1).substr(9));
  pcap.segment(there, 9000, "", kSyn).segment(there, 9001, enquire_link(3));
  EXPECT_EQ(read(pcap).text,
            "2026-03-01T01:00:00.004000Z 10.0.0.2:2775 > 10.0.0.1:40000 | enquire_link_resp seq=9\n"
            "2026-03-01T01:00:00.005000Z 10.0.0.1:40000 > 10.0.0.2:2775 | enquire_link seq=1\n"
            "2026-03-01T01:00:00.007000Z 10.0.0.1:40000 > 10.0.0.2:2775 | enquire_link seq=3\n");
}

TEST(PduCapture, LinkLayersByteOrdersAndClocks) {
  const Flow flow;
  const std::string ip = test::ipv4(flow, test::tcp(flow, 1000, enquire_link(1)));
  const std::string offloaded = test::ipv4(flow, test::tcp(flow, 1000, enquire_link(1)), 0, true);
  std::string ipv6("\x60\0\0\0", 4);
  test::put(ipv6, 8 + 36, 2);
  ipv6 += std::string("\x00\x40", 2) + std::string(15, '\0') + '\1' + std::string(15, '\0') + '\2';
  ipv6 += std::string("\x06\0\1\4\0\0\0\0", 8) + test::tcp(flow, 1000, enquire_link(1));
  const std::string vlan("\x81\x00\x00\x07", 4);
  const std::pair<Pcap, std::string> captures[] = {
      {Pcap(1, true).packet(test::ethernet(ip)), "10.0.0.1:40000"},
      {Pcap(1, false, true).packet(test::ethernet(ip)), "10.0.0.1:40000"},
      {Pcap(1).packet(test::ethernet(ip, 0x0800, vlan)), "10.0.0.1:40000"},
      {Pcap(1).packet(test::ethernet(offloaded)), "10.0.0.1:40000"},
      {Pcap(1).packet(test::ethernet(ipv6, 0x86DD)), "[::1]:40000"},
      {Pcap(101).packet(ip), "10.0.0.1:40000"},
      {Pcap(113).packet(std::string(16, '\0') + ip), "10.0.0.1:40000"},
      {Pcap(276).packet(std::string(20, '\0') + ip), "10.0.0.1:40000"},
      {Pcap(0).packet(std::string("\2\0\0\0", 4) + ipv6), "[::1]:40000"},
  };
  for (const auto& [pcap, from] : captures) {
    const Said said = read(pcap);
    EXPECT_FALSE(said.fault);
    EXPECT_TRUE(said.text.starts_with("2026-03-01T01:00:00.001000Z " + from + " > ")) << said.text;
    EXPECT_TRUE(said.text.ends_with(" | enquire_link seq=1\n")) << said.text;
  }
}

// ---- pcapng

std::string block(std::uint32_t type, std::string body) {
  body.resize((body.size() + 3) / 4 * 4);
  std::string out;
  test::put(out, type, 4, false);
  test::put(out, body.size() + 12, 4, false);
  out += body;
  test::put(out, body.size() + 12, 4, false);
  return out;
}

std::string pcapng(std::string_view packet) {
  std::string section, interface, body;
  test::put(section, 0x1A2B3C4D, 4, false);
  test::put(section, 1, 4, false);
  section += std::string(8, '\xFF');
  test::put(interface, 1, 4, false);
  test::put(interface, 0, 4, false);
  test::put(interface, 9 | 1 << 16, 4, false);  // if_tsresol: milliseconds
  test::put(interface, 3, 4, false);
  const std::uint64_t milliseconds = 1772326800'007;
  test::put(body, 0, 4, false);
  test::put(body, milliseconds >> 32, 4, false);
  test::put(body, milliseconds, 4, false);
  test::put(body, packet.size(), 4, false);
  test::put(body, packet.size(), 4, false);
  body += packet;
  return block(0x0A0D0D0A, section) + block(1, interface) + block(4, "names") + block(6, body);
}

TEST(PduCapture, PcapngCutShortAnywhereIsAFault) {
  const Flow flow;
  const std::string bytes =
      pcapng(test::ethernet(test::ipv4(flow, test::tcp(flow, 1000, enquire_link(1)))));
  for (std::size_t size = 4; size < bytes.size(); ++size) {
    const Said said = read(bytes.substr(0, size));
    EXPECT_TRUE(said.fault) << size;
    EXPECT_EQ(said.text.find("enquire_link"), std::string::npos) << size;
  }
  EXPECT_EQ(read(bytes).text,
            "2026-03-01T01:00:00.007000Z 10.0.0.1:40000 > 10.0.0.2:2775 | enquire_link seq=1\n");
}

TEST(PduCapture, PcapngThatContradictsItselfIsAFault) {
  const Flow flow;
  const std::string bytes =
      pcapng(test::ethernet(test::ipv4(flow, test::tcp(flow, 1000, enquire_link(1)))));
  for (std::size_t at = 4; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = '\xFF';
    EXPECT_LT(read(damaged).text.size(), 2000u) << at;
  }
}

}  // namespace
}  // namespace tact::client
