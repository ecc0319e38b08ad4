// SPDX-License-Identifier: Apache-2.0
#include "smpp/pdu.h"

#include <algorithm>
#include <type_traits>

namespace tact::smpp {
namespace {

template <class V>
bool same(const V& a, const V& b) {
  if constexpr (std::is_same_v<V, Octets>) {
    return std::ranges::equal(a, b);
  } else if constexpr (requires { a.encoded(); }) {
    return std::ranges::equal(a.encoded(), b.encoded());
  } else {
    return a == b;
  }
}

}  // namespace

const Bind* bind_of(const Body& body) {
  return std::visit(
      [](const auto& pdu) -> const Bind* {
        if constexpr (std::is_base_of_v<Bind, std::decay_t<decltype(pdu)>>) return &pdu;
        return nullptr;
      },
      body);
}

const ShortMessage* short_message_of(const Body& body) {
  return std::visit(
      [](const auto& pdu) -> const ShortMessage* {
        if constexpr (std::is_base_of_v<ShortMessage, std::decay_t<decltype(pdu)>>) return &pdu;
        return nullptr;
      },
      body);
}

ShortMessage as_short_message(const DataSm& data) {
  ShortMessage out;
  out.service_type = data.service_type;
  out.source_addr_ton = data.source_addr_ton;
  out.source_addr_npi = data.source_addr_npi;
  out.source_addr = data.source_addr;
  out.dest_addr_ton = data.dest_addr_ton;
  out.dest_addr_npi = data.dest_addr_npi;
  out.destination_addr = data.destination_addr;
  out.esm_class = data.esm_class;
  out.registered_delivery = data.registered_delivery;
  out.data_coding = data.data_coding;
  out.tlvs = data.tlvs;
  return out;
}

std::string_view message_id_of(const Body& body) {
  return std::visit(
      [](const auto& pdu) -> std::string_view {
        if constexpr (requires { pdu.message_id; }) return pdu.message_id;
        return {};
      },
      body);
}

bool equal(const Body& a, const Body& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&b]<class P>(const P& left) {
        const P& right = std::get<P>(b);
        return std::apply(
            [&](const auto&... field) {
              return (same(left.*field.member, right.*field.member) && ...);
            },
            P::fields());
      },
      a);
}

}  // namespace tact::smpp
