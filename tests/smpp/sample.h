// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "smpp/codec.h"

/// PDUs and seeds that several tests share.
namespace tact::smpp::test {

using Bytes = std::vector<std::uint8_t>;
using Rng = std::mt19937_64;

inline Octets octets_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline SubmitSm sample_submit() {
  SubmitSm pdu;
  pdu.source_addr = "1068";
  pdu.dest_addr_ton = Ton::international;
  pdu.dest_addr_npi = Npi::isdn;
  pdu.destination_addr = "8613800138000";
  pdu.registered_delivery = kReceiptAlways;
  pdu.short_message = octets_of("hello");
  return pdu;
}

inline DeliverSm sample_receipt() {
  static const std::string text =
      "id:0123456789 sub:001 dlvrd:001 submit date:2301010000 done date:2301010001 stat:DELIVRD "
      "err:000 text:hello";
  DeliverSm pdu;
  pdu.source_addr = "8613800138000";
  pdu.destination_addr = "1068";
  pdu.esm_class = kReceiptType;
  pdu.short_message = octets_of(text);
  return pdu;
}

/// As a peer may send it: within the limits of its fields, and no more.
template <class P>
Bytes encoded(const P& pdu, std::uint32_t sequence_number = 1, Status status = Status::ESME_ROK) {
  Bytes out;
  encode(pdu, status, sequence_number, out, Rules::limits);
  return out;
}

/// Random values for every field of a table, within the rules of encode(). The strings live in the
/// generator.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : rng_(seed) {}

  template <class P>
  P make() {
    storage_.clear();
    lists_.clear();
    P pdu;
    fill_table(pdu);
    agree(pdu);
    return pdu;
  }

  template <class Item>
  Item make_item() {
    Item item;
    fill_item(item);
    return item;
  }

  std::size_t below(std::size_t limit) { return rng_() % limit; }

 private:
  /// A text is in one place, and so is what tells its part.
  template <class P>
  static void agree(P& pdu) {
    if constexpr (requires { pdu.short_message; }) {
      if (pdu.tlvs.find(Tag::message_payload)) pdu.short_message = {};
    }
    if constexpr (requires { pdu.esm_class; }) {
      for (const Tag tag :
           {Tag::sar_msg_ref_num, Tag::sar_total_segments, Tag::sar_segment_seqnum}) {
        if (pdu.tlvs.find(tag)) pdu.esm_class &= static_cast<std::uint8_t>(~kUdhi);
      }
    }
  }

  template <class P>
  void fill_table(P& pdu) {
    std::apply([&](const auto&... field) { (fill(pdu.*field.member, field), ...); }, P::fields());
  }
  template <class Item>
  void fill_item(Item& item) {
    fill_table(item);
  }
  template <class... Choice>
  void fill_item(std::variant<Choice...>& item) {
    std::size_t chosen = below(sizeof...(Choice));
    ((chosen-- == 0 ? fill_table(item.template emplace<Choice>()) : void()), ...);
  }

  template <class P, class T>
  void fill(T& value, const Integer<P, T>&) {
    value = static_cast<T>(rng_());
  }
  template <class P>
  void fill(std::string_view& value, const CString<P>& field) {
    // The ends of the range are where faults live.
    const std::size_t sizes[] = {0, below(field.limit), field.limit - 1u};
    std::string& text = make_octets(sizes[below(3)], 1);
    value = text;
  }
  template <class P>
  void fill(std::string_view& value, const Time<P>&) {
    value = make_octets(16 * below(2), 1);
  }
  template <class P>
  void fill(Octets& value, const Counted<P>& field) {
    const std::size_t sizes[] = {0, below(field.limit + 1u), field.limit};
    value = octets_of(make_octets(sizes[below(3)], 0));
  }
  template <class P, class Item>
  void fill(List<Item>& value, const Listed<P, Item>& field) {
    const std::size_t counts[] = {field.least, 1 + below(4), field.limit};
    Bytes& items = lists_.emplace_back();
    for (std::size_t i = counts[below(3)]; i > 0; --i) encode_item(make_item<Item>(), items);
    value = List<Item>(items);
  }
  template <class P>
  void fill(Tlvs& value, const Optionals<P>&) {
    Bytes& out = lists_.emplace_back();
    for (std::size_t i = below(5); i > 0; --i) {
      const auto tag = static_cast<Tag>(below(2) ? rng_() : below(0x430));
      append_tlv(tag, octets_of(make_value(tlv_info(tag))), out);
    }
    value = Tlvs(out);
  }

  std::string& make_value(const TlvInfo* info) {
    const std::size_t any = below(10) == 0 ? below(3000) : below(9);
    if (!info) return make_octets(any, 0);
    if (info->kind == TlvKind::integer) return make_octets(info->length, 0);
    const std::size_t most = info->length > 0 ? std::min<std::size_t>(any, info->length) : any;
    if (info->kind == TlvKind::octets) return make_octets(most, 0);
    std::string& text = make_octets(std::max<std::size_t>(most, 1), 1);
    text.back() = 0;
    return text;
  }

  std::string& make_octets(std::size_t size, std::uint8_t smallest) {
    std::string& out = storage_.emplace_back();
    for (std::size_t i = 0; i < size; ++i) {
      out += static_cast<char>(smallest + below(256u - smallest));
    }
    return out;
  }

  Rng rng_;
  std::deque<std::string> storage_;  // what is in it does not move
  std::deque<Bytes> lists_;
};

/// Calls fn.operator()<P>() for every PDU there is.
template <class Fn>
void for_every_pdu(Fn&& fn) {
  [&]<class... P>(std::variant<P...>*) {
    (fn.template operator()<P>(), ...);
  }(static_cast<Body*>(nullptr));
}

}  // namespace tact::smpp::test
