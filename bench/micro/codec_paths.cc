// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>

#include "bench/micro/paths.h"
#include "bench/micro/samples.h"
#include "smpp/codec.h"
#include "smpp/receipt.h"
#include "smpp/text.h"

namespace tact::bench {
namespace {

using smpp::Status;
using Bytes = std::vector<uint8_t>;

constexpr uint32_t kNumber = 4711;
constexpr std::string_view kSmscId = "0000018F3A2B77C1";

// What the views of the PDUs below point to.
struct Samples {
  Bytes text;
  std::string receipt;
  smpp::TlvWriter reference, receipted;

  Samples() {
    smpp::to_octets(kNoticeText, smpp::Coding::ucs2, text);
    smpp::format_receipt(
        {.id = kSmscId, .submit_date = "2603181015", .done_date = "2603181016", .text = "bank"},
        receipt);
    reference.u16(smpp::Tag::user_message_reference, 0x1234);
    receipted.c_string(smpp::Tag::receipted_message_id, kSmscId);
    receipted.u8(smpp::Tag::message_state, static_cast<uint8_t>(smpp::MessageState::delivered));
  }
};
const Samples& samples() {
  static const Samples made;
  return made;
}

smpp::SubmitSm submit_sm() {
  smpp::SubmitSm pdu;
  pdu.source_addr = "1069000055";
  pdu.dest_addr_ton = smpp::Ton::international;
  pdu.dest_addr_npi = smpp::Npi::isdn;
  pdu.destination_addr = "8613800138000";
  pdu.validity_period = "260319101500000+";
  pdu.registered_delivery = smpp::kReceiptAlways;
  pdu.data_coding = smpp::DataCoding::ucs2;
  pdu.short_message = samples().text;
  pdu.tlvs = samples().reference.tlvs();
  return pdu;
}

smpp::SubmitSmResp submit_sm_resp() {
  smpp::SubmitSmResp pdu;
  pdu.message_id = kSmscId;
  return pdu;
}

smpp::DeliverSm receipt() {
  const std::string& text = samples().receipt;
  smpp::DeliverSm pdu;
  pdu.source_addr_ton = smpp::Ton::international;
  pdu.source_addr_npi = smpp::Npi::isdn;
  pdu.source_addr = "8613800138000";
  pdu.destination_addr = "1069000055";
  pdu.esm_class = smpp::kReceiptType;
  pdu.short_message = {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
  pdu.tlvs = samples().receipted.tlvs();
  return pdu;
}

template <class P>
Path encoding(std::string name, P (*sample)()) {
  return {std::move(name), 1, [sample] {
            return [pdu = sample(), out = Bytes()]() mutable {
              out.clear();
              return smpp::encode(pdu, Status::ESME_ROK, kNumber, out).ok();
            };
          }};
}

template <class P>
Path decoding(std::string name, P (*sample)()) {
  return {std::move(name), 1, [sample] {
            Bytes octets;
            smpp::encode(sample(), Status::ESME_ROK, kNumber, octets);
            return [octets, pdu = smpp::Pdu()]() mutable {
              return smpp::frame(octets).kind == smpp::Frame::Kind::pdu &&
                     smpp::decode(octets, pdu).ok();
            };
          }};
}

Path::Step receipt_parsing() {
  return [out = std::make_shared<smpp::Receipt>(), pdu = receipt()] {
    return smpp::parse_receipt(pdu, *out) && out->id == kSmscId;
  };
}

}  // namespace

std::vector<std::vector<uint8_t>> sample_pdus() {
  std::vector<Bytes> all(3);
  smpp::encode(submit_sm(), Status::ESME_ROK, kNumber, all[0]);
  smpp::encode(submit_sm_resp(), Status::ESME_ROK, kNumber, all[1]);
  smpp::encode(receipt(), Status::ESME_ROK, kNumber, all[2]);
  return all;
}

std::vector<Path> codec_paths() {
  return {encoding("encode-submit_sm", &submit_sm),
          decoding("decode-submit_sm", &submit_sm),
          encoding("encode-submit_sm_resp", &submit_sm_resp),
          decoding("decode-submit_sm_resp", &submit_sm_resp),
          encoding("encode-receipt", &receipt),
          decoding("decode-receipt", &receipt),
          {"parse-receipt", 1, &receipt_parsing}};
}

}  // namespace tact::bench
