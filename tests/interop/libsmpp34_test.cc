// SPDX-License-Identifier: Apache-2.0
// Our codec beside libsmpp34, in both directions: random PDUs of every command that both know.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "smpp/codec.h"
#include "tests/smpp/sample.h"

extern "C" {
#include <libsmpp34/smpp34_structs.h>
}

namespace tact::smpp::test {
namespace {

// ---- Which field of ours is which of theirs. SMPP's names are the same in both.

template <class Op>
void each_address(auto& a, auto& b, Op op) {
  op("source_addr_ton", a.source_addr_ton, b.source_addr_ton);
  op("source_addr_npi", a.source_addr_npi, b.source_addr_npi);
  op("source_addr", a.source_addr, b.source_addr);
  op("dest_addr_ton", a.dest_addr_ton, b.dest_addr_ton);
  op("dest_addr_npi", a.dest_addr_npi, b.dest_addr_npi);
  op("destination_addr", a.destination_addr, b.destination_addr);
}
template <class Op>
void each(ShortMessage& a, auto& b, Op op) {
  op("service_type", a.service_type, b.service_type);
  each_address(a, b, op);
  op("esm_class", a.esm_class, b.esm_class);
  op("protocol_id", a.protocol_id, b.protocol_id);
  op("priority_flag", a.priority_flag, b.priority_flag);
  op("schedule_delivery_time", a.schedule_delivery_time, b.schedule_delivery_time);
  op("validity_period", a.validity_period, b.validity_period);
  op("registered_delivery", a.registered_delivery, b.registered_delivery);
  op("replace_if_present_flag", a.replace_if_present_flag, b.replace_if_present_flag);
  op("data_coding", a.data_coding, b.data_coding);
  op("sm_default_msg_id", a.sm_default_msg_id, b.sm_default_msg_id);
  op.text(a.short_message, b.sm_length, b.short_message);
}
template <class Op>
void each(Bind& a, auto& b, Op op) {
  op("system_id", a.system_id, b.system_id);
  op("password", a.password, b.password);
  op("system_type", a.system_type, b.system_type);
  op("interface_version", a.interface_version, b.interface_version);
  op("addr_ton", a.addr_ton, b.addr_ton);
  op("addr_npi", a.addr_npi, b.addr_npi);
  op("address_range", a.address_range, b.address_range);
}
template <class Op>
void each(SubmitSmResp& a, submit_sm_resp_t& b, Op op) {
  op("message_id", a.message_id, b.message_id);
}
template <class Op>
void each(DeliverSmResp& a, deliver_sm_resp_t& b, Op op) {
  op("message_id", a.message_id, b.message_id);
}
template <class Op>
void each(QuerySm& a, query_sm_t& b, Op op) {
  op("message_id", a.message_id, b.message_id);
  op("source_addr_ton", a.source_addr_ton, b.source_addr_ton);
  op("source_addr_npi", a.source_addr_npi, b.source_addr_npi);
  op("source_addr", a.source_addr, b.source_addr);
}
template <class Op>
void each(CancelSm& a, cancel_sm_t& b, Op op) {
  op("service_type", a.service_type, b.service_type);
  op("message_id", a.message_id, b.message_id);
  each_address(a, b, op);
}

struct Same {
  template <class Enum>
  void operator()(const char* name, Enum ours, uint8_t theirs) const {
    EXPECT_EQ(static_cast<unsigned>(ours), theirs) << name;
  }
  template <size_t N>
  void operator()(const char* name, std::string_view ours, const uint8_t (&theirs)[N]) const {
    EXPECT_EQ(ours, reinterpret_cast<const char*>(theirs)) << name;
  }
  void text(Octets ours, uint8_t size, const uint8_t* theirs) const {
    ASSERT_EQ(ours.size(), size);
    EXPECT_EQ(std::memcmp(ours.data(), theirs, size), 0);
  }
};

struct Copy {
  template <class Enum>
  void operator()(const char*, Enum ours, uint8_t& theirs) const {
    theirs = static_cast<uint8_t>(ours);
  }
  template <size_t N>
  void operator()(const char*, std::string_view ours, uint8_t (&theirs)[N]) const {
    ASSERT_LT(ours.size(), N);
    std::memcpy(theirs, ours.data(), ours.size());
  }
  void text(Octets ours, uint8_t& size, uint8_t* theirs) const {
    size = static_cast<uint8_t>(ours.size());
    std::memcpy(theirs, ours.data(), ours.size());
  }
};

// What libsmpp34 insists on: types of number, plans and the version that v3.4 lists, the fields
// that are empty in deliver_sm and deliver_sm_resp, and one octet less of text than the 254 there
// may be.
struct Listed {
  static constexpr Npi kPlans[] = {Npi{0}, Npi{1}, Npi{3},  Npi{4},  Npi{6},
                                   Npi{8}, Npi{9}, Npi{10}, Npi{14}, Npi{18}};
  void operator()(const char*, Ton& ours, uint8_t) const {
    ours = static_cast<Ton>(static_cast<unsigned>(ours) % 7);
  }
  void operator()(const char*, Npi& ours, uint8_t) const {
    ours = kPlans[static_cast<unsigned>(ours) % std::size(kPlans)];
  }
  void operator()(const char* name, uint8_t& ours, uint8_t) const {
    if (std::string_view(name) == "interface_version") ours = 0x34;
  }
  template <class Ours, class Theirs>
  void operator()(const char*, Ours&, Theirs&) const {}
  void text(Octets, uint8_t, const uint8_t*) const {}
};

template <class P>
auto listed(Generator& generator) {
  auto pdu = generator.make<typename P::Mine>();
  pdu.tlvs = {};
  typename P::Other unused{};
  each(pdu, unused, Listed());
  if constexpr (requires { pdu.short_message; }) {
    pdu.short_message = pdu.short_message.first(std::min<size_t>(pdu.short_message.size(), 253));
  }
  if constexpr (std::is_same_v<typename P::Mine, DeliverSm>) {
    pdu.schedule_delivery_time = pdu.validity_period = {};
  }
  if constexpr (std::is_same_v<typename P::Mine, DeliverSmResp>) pdu.message_id = {};
  return pdu;
}

template <class Ours, class Theirs>
struct Pair {
  using Mine = Ours;
  using Other = Theirs;
};

template <class P>
class Libsmpp34 : public testing::Test {};
using Both =
    testing::Types<Pair<SubmitSm, submit_sm_t>, Pair<DeliverSm, deliver_sm_t>,
                   Pair<SubmitSmResp, submit_sm_resp_t>, Pair<DeliverSmResp, deliver_sm_resp_t>,
                   Pair<BindTransceiver, bind_transceiver_t>, Pair<BindReceiver, bind_receiver_t>,
                   Pair<BindTransmitter, bind_transmitter_t>, Pair<QuerySm, query_sm_t>,
                   Pair<CancelSm, cancel_sm_t>>;
TYPED_TEST_SUITE(Libsmpp34, Both);

constexpr int kRounds = 2'000;

TYPED_TEST(Libsmpp34, ReadsWhatWeEncode) {
  Generator generator(1);
  for (int round = 0; round < kRounds; ++round) {
    auto ours = listed<TypeParam>(generator);
    Bytes octets = encoded(ours, static_cast<uint32_t>(round) + 1);
    typename TypeParam::Other theirs{};
    ASSERT_EQ(smpp34_unpack2(&theirs, octets.data(), static_cast<int>(octets.size())), 0)
        << smpp34_strerror;
    EXPECT_EQ(theirs.command_length, octets.size());
    EXPECT_EQ(theirs.sequence_number, static_cast<uint32_t>(round) + 1);
    each(ours, theirs, Same());
    if (this->HasFailure()) return;
  }
}

TYPED_TEST(Libsmpp34, PacksWhatWeDecode) {
  Generator generator(2);
  for (int round = 0; round < kRounds; ++round) {
    auto meant = listed<TypeParam>(generator);
    typename TypeParam::Other theirs{};
    theirs.command_id = static_cast<uint32_t>(TypeParam::Mine::kCommand);
    theirs.sequence_number = static_cast<uint32_t>(round) + 1;
    each(meant, theirs, Copy());
    uint8_t octets[1024];
    int size = 0;
    ASSERT_EQ(smpp34_pack2(octets, sizeof octets, &size, &theirs), 0) << smpp34_strerror;
    Pdu pdu;
    const Octets frame(octets, static_cast<size_t>(size));
    const CodecResult result = decode(frame, pdu);
    ASSERT_TRUE(result.ok()) << result.field << " at " << result.offset;
    EXPECT_EQ(pdu.header.sequence_number, static_cast<uint32_t>(round) + 1);
    auto* ours = std::get_if<typename TypeParam::Mine>(&pdu.body);
    ASSERT_NE(ours, nullptr);
    each(*ours, theirs, Same());
    if (this->HasFailure()) return;
  }
}

}  // namespace
}  // namespace tact::smpp::test
