// SPDX-License-Identifier: Apache-2.0
// Our codec beside libsmpp34, in both directions: random PDUs of every command that both know, with
// lists, and with TLVs where its structures have them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

#include "smpp/codec.h"
#include "tests/smpp/sample.h"

extern "C" {
#include <libsmpp34/smpp34_structs.h>
// Behind the structures.
#include <libsmpp34/smpp34_params.h>
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
  op.tlvs(a.tlvs, b.tlv, Tag::user_message_reference);
}
template <class Op>
void each(SubmitMulti& a, submit_multi_t& b, Op op) {
  op("service_type", a.service_type, b.service_type);
  op("source_addr_ton", a.source_addr_ton, b.source_addr_ton);
  op("source_addr_npi", a.source_addr_npi, b.source_addr_npi);
  op("source_addr", a.source_addr, b.source_addr);
  op.destinations(a.dest_address, b.number_of_dests, b.dest_addr_def);
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
  op.tlvs(a.tlvs, b.tlv, Tag::user_message_reference);
}
template <class Op>
void each(DataSm& a, data_sm_t& b, Op op) {
  op("service_type", a.service_type, b.service_type);
  each_address(a, b, op);
  op("esm_class", a.esm_class, b.esm_class);
  op("registered_delivery", a.registered_delivery, b.registered_delivery);
  op("data_coding", a.data_coding, b.data_coding);
  op.tlvs(a.tlvs, b.tlv, Tag::qos_time_to_live);
}
template <class Op>
void each(ReplaceSm& a, replace_sm_t& b, Op op) {
  op("message_id", a.message_id, b.message_id);
  op("source_addr_ton", a.source_addr_ton, b.source_addr_ton);
  op("source_addr_npi", a.source_addr_npi, b.source_addr_npi);
  op("source_addr", a.source_addr, b.source_addr);
  op("schedule_delivery_time", a.schedule_delivery_time, b.schedule_delivery_time);
  op("validity_period", a.validity_period, b.validity_period);
  op("registered_delivery", a.registered_delivery, b.registered_delivery);
  op("sm_default_msg_id", a.sm_default_msg_id, b.sm_default_msg_id);
  op.text(a.short_message, b.sm_length, b.short_message);
}
template <class Op>
void each(AlertNotification& a, alert_notification_t& b, Op op) {
  op("source_addr_ton", a.source_addr_ton, b.source_addr_ton);
  op("source_addr_npi", a.source_addr_npi, b.source_addr_npi);
  op("source_addr", a.source_addr, b.source_addr);
  op("esme_addr_ton", a.esme_addr_ton, b.esme_addr_ton);
  op("esme_addr_npi", a.esme_addr_npi, b.esme_addr_npi);
  op("esme_addr", a.esme_addr, b.esme_addr);
  op.tlvs(a.tlvs, b.tlv, Tag::ms_availability_status);
}
template <class Op>
void each(HeaderOnly&, auto&, Op) {}
template <class Op>
void each(Outbind& a, outbind_t& b, Op op) {
  op("system_id", a.system_id, b.system_id);
  op("password", a.password, b.password);
}
template <class Op>
void each(BindResponse& a, auto& b, Op op) {
  op("system_id", a.system_id, b.system_id);
  op.tlvs(a.tlvs, b.tlv, Tag::sc_interface_version);
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
void each(MessageResponse& a, auto& b, Op op) {
  op("message_id", a.message_id, b.message_id);
}
template <class Op>
void each(SubmitMultiResp& a, submit_multi_resp_t& b, Op op) {
  op("message_id", a.message_id, b.message_id);
  op.failures(a.unsuccess_sme, b.no_unsuccess, b.unsuccess_smes);
}
template <class Op>
void each(QuerySmResp& a, query_sm_resp_t& b, Op op) {
  op("message_id", a.message_id, b.message_id);
  op("final_date", a.final_date, b.final_date);
  op("message_state", a.message_state, b.message_state);
  op("error_code", a.error_code, b.error_code);
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

// An integer in a value of theirs, which is in the order of the machine.
uint32_t integer(const tlv_t& tlv) {
  if (tlv.length == 1) return tlv.value.val08;
  return tlv.length == 2 ? tlv.value.val16 : tlv.value.val32;
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
  // `known` is an integer to them, the others are octets.
  void tlvs(Tlvs ours, const tlv_t* theirs, Tag known) const {
    for (const Tlv& tlv : ours) {
      ASSERT_NE(theirs, nullptr);
      EXPECT_EQ(static_cast<unsigned>(tlv.tag), theirs->tag);
      ASSERT_EQ(tlv.value.size(), theirs->length);
      if (tlv.tag == known) {
        uint32_t number = 0;
        for (const uint8_t octet : tlv.value) number = number << 8 | octet;
        EXPECT_EQ(number, integer(*theirs));
      } else {
        EXPECT_EQ(std::memcmp(tlv.value.data(), theirs->value.octet, theirs->length), 0);
      }
      theirs = theirs->next;
    }
    EXPECT_EQ(theirs, nullptr);
  }
  void destinations(const List<DestAddress>& ours, uint8_t count, const dad_t* theirs) const {
    ASSERT_EQ(ours.count(), count);
    for (const DestAddress& item : ours) {
      ASSERT_NE(theirs, nullptr);
      if (const auto* sme = std::get_if<SmeAddress>(&item)) {
        EXPECT_EQ(theirs->dest_flag, 1);
        (*this)("dest_addr_ton", sme->dest_addr_ton, theirs->value.sme.dest_addr_ton);
        (*this)("dest_addr_npi", sme->dest_addr_npi, theirs->value.sme.dest_addr_npi);
        (*this)("destination_addr", sme->destination_addr, theirs->value.sme.destination_addr);
      } else {
        EXPECT_EQ(theirs->dest_flag, 2);
        (*this)("dl_name", std::get<DistributionList>(item).dl_name, theirs->value.dl_name);
      }
      theirs = theirs->next;
    }
    EXPECT_EQ(theirs, nullptr);
  }
  void failures(const List<UnsuccessSme>& ours, uint8_t count, const udad_t* theirs) const {
    ASSERT_EQ(ours.count(), count);
    for (const UnsuccessSme& item : ours) {
      ASSERT_NE(theirs, nullptr);
      (*this)("dest_addr_ton", item.dest_addr_ton, theirs->dest_addr_ton);
      (*this)("dest_addr_npi", item.dest_addr_npi, theirs->dest_addr_npi);
      (*this)("destination_addr", item.destination_addr, theirs->destination_addr);
      EXPECT_EQ(static_cast<uint32_t>(item.error_status_code), theirs->error_status_code);
      theirs = theirs->next;
    }
    EXPECT_EQ(theirs, nullptr);
  }
};

// The nodes of lists that are made for them; what is in a deque does not move.
struct Nodes {
  std::deque<tlv_t> tlvs;
  std::deque<dad_t> destinations;
  std::deque<udad_t> failures;
};

// Adds a node at the end of a list.
template <class Node>
Node& add_node(std::deque<Node>& nodes, Node*& first) {
  Node& node = nodes.emplace_back();
  Node** end = &first;
  while (*end) end = &(*end)->next;
  return *(*end = &node);
}

struct Copy {
  Nodes& nodes;

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
  void tlvs(Tlvs ours, tlv_t*& theirs, Tag known) const {
    for (const Tlv& tlv : ours) {
      tlv_t& node = add_node(nodes.tlvs, theirs);
      node.tag = static_cast<uint16_t>(tlv.tag);
      node.length = static_cast<uint16_t>(tlv.value.size());
      if (tlv.tag != known) {
        std::memcpy(node.value.octet, tlv.value.data(), tlv.value.size());
      } else if (node.length == 1) {
        node.value.val08 = ours.u8(known).value();
      } else if (node.length == 2) {
        node.value.val16 = ours.u16(known).value();
      } else {
        node.value.val32 = ours.u32(known).value();
      }
    }
  }
  void destinations(const List<DestAddress>& ours, uint8_t& count, dad_t*& theirs) const {
    count = static_cast<uint8_t>(ours.count());
    for (const DestAddress& item : ours) {
      dad_t& node = add_node(nodes.destinations, theirs);
      if (const auto* sme = std::get_if<SmeAddress>(&item)) {
        node.dest_flag = 1;
        (*this)("dest_addr_ton", sme->dest_addr_ton, node.value.sme.dest_addr_ton);
        (*this)("dest_addr_npi", sme->dest_addr_npi, node.value.sme.dest_addr_npi);
        (*this)("destination_addr", sme->destination_addr, node.value.sme.destination_addr);
      } else {
        node.dest_flag = 2;
        (*this)("dl_name", std::get<DistributionList>(item).dl_name, node.value.dl_name);
      }
    }
  }
  void failures(const List<UnsuccessSme>& ours, uint8_t& count, udad_t*& theirs) const {
    count = static_cast<uint8_t>(ours.count());
    for (const UnsuccessSme& item : ours) {
      udad_t& node = add_node(nodes.failures, theirs);
      (*this)("dest_addr_ton", item.dest_addr_ton, node.dest_addr_ton);
      (*this)("dest_addr_npi", item.dest_addr_npi, node.dest_addr_npi);
      (*this)("destination_addr", item.destination_addr, node.destination_addr);
      node.error_status_code = static_cast<uint32_t>(item.error_status_code);
    }
  }
};

// What libsmpp34 insists on: types of number, plans and the version that v3.4 lists, the fields
// that are empty in deliver_sm and deliver_sm_resp, and one octet less of text than the 254 there
// may be. Of TLVs one that is an integer to it, and some that it passes on; of lists a few
// items: it notes each one in 2,048 octets and does not look where they end.
struct Known {
  Generator& generator;
  std::deque<Bytes>& storage;
  static constexpr int kItems = 5;

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
  void tlvs(Tlvs& ours, tlv_t*, Tag known) const {
    Bytes& out = storage.emplace_back();
    const auto add = [&](Tag tag, size_t size) {
      Bytes value(size);
      for (uint8_t& octet : value) octet = static_cast<uint8_t>(generator.below(256));
      append_tlv(tag, value, out);
    };
    if (generator.below(2) == 0) add(known, tlv_info(known)->length);
    for (size_t i = generator.below(4); i > 0; --i) {
      add(static_cast<Tag>(0x1400 + generator.below(0x2C00)), generator.below(100));
    }
    ours = Tlvs(out);
  }
  void destinations(List<DestAddress>& ours, uint8_t, const dad_t*) const {
    Bytes& out = storage.emplace_back();
    int left = kItems;
    for (DestAddress item : ours) {
      if (left-- == 0) break;
      if (auto* sme = std::get_if<SmeAddress>(&item)) number(*sme);
      encode_item(item, out);
    }
    ours = List<DestAddress>(out);
  }
  void failures(List<UnsuccessSme>& ours, uint8_t, const udad_t*) const {
    Bytes& out = storage.emplace_back();
    int left = kItems;
    for (UnsuccessSme item : ours) {
      if (left-- == 0) break;
      number(item);
      encode_item(item, out);
    }
    ours = List<UnsuccessSme>(out);
  }
  void number(auto& item) const {
    (*this)("dest_addr_ton", item.dest_addr_ton, 0);
    (*this)("dest_addr_npi", item.dest_addr_npi, 0);
  }
};

template <class P>
auto known(Generator& generator, std::deque<Bytes>& storage) {
  auto pdu = generator.make<typename P::Mine>();
  pdu.tlvs = {};
  storage.clear();
  typename P::Other unused{};
  each(pdu, unused, Known{generator, storage});
  if constexpr (requires { pdu.short_message; }) {
    pdu.short_message = pdu.short_message.first(std::min<size_t>(pdu.short_message.size(), 253));
  }
  if constexpr (std::is_same_v<typename P::Mine, DeliverSm>) {
    pdu.schedule_delivery_time = pdu.validity_period = {};
  }
  if constexpr (std::is_same_v<typename P::Mine, DeliverSmResp>) pdu.message_id = {};
  if constexpr (std::is_same_v<typename P::Mine, DataSm>) {
    pdu.source_addr = pdu.source_addr.substr(0, 20);
  }
  return pdu;
}

template <class Ours, class Theirs>
struct Pair {
  using Mine = Ours;
  using Other = Theirs;
};

template <class P>
class Libsmpp34 : public testing::Test {};
using Both = testing::Types<
    Pair<SubmitSm, submit_sm_t>, Pair<DeliverSm, deliver_sm_t>,
    Pair<SubmitSmResp, submit_sm_resp_t>, Pair<DeliverSmResp, deliver_sm_resp_t>,
    Pair<BindTransceiver, bind_transceiver_t>, Pair<BindReceiver, bind_receiver_t>,
    Pair<BindTransmitter, bind_transmitter_t>, Pair<QuerySm, query_sm_t>,
    Pair<CancelSm, cancel_sm_t>, Pair<BindTransceiverResp, bind_transceiver_resp_t>,
    Pair<BindReceiverResp, bind_receiver_resp_t>,
    Pair<BindTransmitterResp, bind_transmitter_resp_t>, Pair<Outbind, outbind_t>,
    Pair<Unbind, unbind_t>, Pair<UnbindResp, unbind_resp_t>, Pair<EnquireLink, enquire_link_t>,
    Pair<EnquireLinkResp, enquire_link_resp_t>, Pair<GenericNack, generic_nack_t>,
    Pair<SubmitMulti, submit_multi_t>, Pair<SubmitMultiResp, submit_multi_resp_t>,
    Pair<DataSm, data_sm_t>, Pair<DataSmResp, data_sm_resp_t>, Pair<QuerySmResp, query_sm_resp_t>,
    Pair<CancelSmResp, cancel_sm_resp_t>, Pair<ReplaceSm, replace_sm_t>,
    Pair<ReplaceSmResp, replace_sm_resp_t>, Pair<AlertNotification, alert_notification_t>>;
TYPED_TEST_SUITE(Libsmpp34, Both);

constexpr int kRounds = 2'000;

template <class Node>
void reverse(Node*& first) {
  Node* done = nullptr;
  while (first) {
    Node* rest = std::exchange(first->next, done);
    done = std::exchange(first, rest);
  }
  first = done;
}

// TLVs that it reads are in a list the last of which is the first.
template <class Other>
void put_in_order(Other& theirs) {
  if constexpr (requires { theirs.tlv; }) reverse(theirs.tlv);
  if constexpr (requires { theirs.dest_addr_def; }) reverse(theirs.dest_addr_def);
  if constexpr (requires { theirs.unsuccess_smes; }) reverse(theirs.unsuccess_smes);
}

// The lists that it made.
template <class Other>
void release(Other& theirs) {
  if constexpr (requires { theirs.tlv; }) destroy_tlv(theirs.tlv);
  if constexpr (requires { theirs.dest_addr_def; }) destroy_dad(theirs.dest_addr_def);
  if constexpr (requires { theirs.unsuccess_smes; }) destroy_udad(theirs.unsuccess_smes);
}

TYPED_TEST(Libsmpp34, ReadsWhatWeEncode) {
  Generator generator(1);
  std::deque<Bytes> storage;
  for (int round = 0; round < kRounds; ++round) {
    auto ours = known<TypeParam>(generator, storage);
    Bytes octets = encoded(ours, static_cast<uint32_t>(round) + 1);
    typename TypeParam::Other theirs{};
    ASSERT_EQ(smpp34_unpack2(&theirs, octets.data(), static_cast<int>(octets.size())), 0)
        << smpp34_strerror;
    EXPECT_EQ(theirs.command_length, octets.size());
    EXPECT_EQ(theirs.sequence_number, static_cast<uint32_t>(round) + 1);
    put_in_order(theirs);
    each(ours, theirs, Same());
    release(theirs);
    if (this->HasFailure()) return;
  }
}

TYPED_TEST(Libsmpp34, PacksWhatWeDecode) {
  Generator generator(2);
  std::deque<Bytes> storage;
  for (int round = 0; round < kRounds; ++round) {
    auto meant = known<TypeParam>(generator, storage);
    Nodes nodes;
    typename TypeParam::Other theirs{};
    theirs.command_id = static_cast<uint32_t>(TypeParam::Mine::kCommand);
    theirs.sequence_number = static_cast<uint32_t>(round) + 1;
    each(meant, theirs, Copy{nodes});
    uint8_t octets[16 * 1024];
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
