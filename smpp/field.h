// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "smpp/list.h"
#include "smpp/status.h"
#include "smpp/tlv.h"
#include "smpp/types.h"

/// The kinds of fields that tables are made of: one line of a table is one of these.
namespace tact::smpp {

/// How much of a field a log may show.
enum class Privacy : std::uint8_t { shown, number, text, secret };

/// An unsigned integer or enumeration of 1, 2 or 4 octets, big endian.
template <class P, class T>
struct Integer {
  std::string_view name;
  T P::*member;
};

/// A C-octet string; the limit includes the NUL. A longer one in a request is answered with
/// `error`.
template <class P>
struct CString {
  std::string_view name;
  std::string_view P::*member;
  std::uint16_t limit;
  Status error;
  Privacy privacy = Privacy::shown;
};

/// What becomes of a fault that hurts nobody: one to three octets behind the text, which are no TLV
/// and mean that sm_length was wrong; a time of another length than it may have.
enum class Harmless : std::uint8_t { ignored, refused };

/// A C-octet string that is empty or a time of 16 characters, v3.4 §7.1.1 p. 164.
template <class P>
struct Time : CString<P> {
  Harmless harmless = Harmless::refused;
};
constexpr bool is_time_size(std::size_t size) { return size == 0 || size == 16; }

/// One octet of length, then as many octets (sm_length and short_message). The limit is for
/// sending; whatever the length octet can say is accepted.
template <class P>
struct Counted {
  std::string_view name;
  Octets P::*member;
  std::uint16_t limit;
  Status error;
  Harmless trailing;
};

/// One octet that counts, then as many items, each with a table of its own. What is the least and
/// the limit is for sending; whatever the octet can say is accepted. Fewer items than it says in a
/// request are answered with `error`, a fault inside of an item with the error of the item's field.
template <class P, class Item>
struct Listed {
  std::string_view name;
  List<Item> P::*member;
  std::uint16_t least;
  std::uint16_t limit;
  Status error;
};

/// The optional parameters: all that is left.
template <class P>
struct Optionals {
  Tlvs P::*member;
};

template <class P, class T>
Integer(const char*, T P::*) -> Integer<P, T>;
template <class P, class Item>
Listed(const char*, List<Item> P::*, std::uint16_t, std::uint16_t, Status) -> Listed<P, Item>;
template <class P>
Optionals(Tlvs P::*) -> Optionals<P>;

// ---- what many tables have in common
// -------------------------------------------------------------------------------------

/// Where a message comes from.
template <class S>
constexpr auto source_fields(std::uint16_t limit = 21) {
  return std::tuple{
      Integer{"source_addr_ton", &S::source_addr_ton},
      Integer{"source_addr_npi", &S::source_addr_npi},
      CString<S>{"source_addr", &S::source_addr, limit, Status::ESME_RINVSRCADR, Privacy::number}};
}

/// Where it goes to.
template <class S>
constexpr auto destination_fields(std::uint16_t limit = 21) {
  return std::tuple{Integer{"dest_addr_ton", &S::dest_addr_ton},
                    Integer{"dest_addr_npi", &S::dest_addr_npi},
                    CString<S>{"destination_addr", &S::destination_addr, limit,
                               Status::ESME_RINVDSTADR, Privacy::number}};
}

template <class S>
constexpr auto service_type_field() {
  return CString<S>{"service_type", &S::service_type, 6, Status::ESME_RINVSERTYP};
}

template <class S>
constexpr auto message_id_field() {
  return CString<S>{"message_id", &S::message_id, 65, Status::ESME_RINVMSGID};
}

/// When to deliver, and until when.
template <class S>
constexpr auto time_fields(Harmless harmless = Harmless::refused) {
  return std::tuple{
      Time<S>{{"schedule_delivery_time", &S::schedule_delivery_time, 17, Status::ESME_RINVSCHED},
              harmless},
      Time<S>{{"validity_period", &S::validity_period, 17, Status::ESME_RINVEXPIRY}, harmless}};
}

/// From esm_class to the end: submit_sm, deliver_sm and submit_multi.
template <class S>
constexpr auto message_fields(Harmless harmless) {
  return std::tuple_cat(
      std::tuple{Integer{"esm_class", &S::esm_class}, Integer{"protocol_id", &S::protocol_id},
                 Integer{"priority_flag", &S::priority_flag}},
      time_fields<S>(harmless),
      std::tuple{
          Integer{"registered_delivery", &S::registered_delivery},
          Integer{"replace_if_present_flag", &S::replace_if_present_flag},
          Integer{"data_coding", &S::data_coding},
          Integer{"sm_default_msg_id", &S::sm_default_msg_id},
          Counted<S>{"short_message", &S::short_message, 254, Status::ESME_RINVMSGLEN, harmless},
          Optionals{&S::tlvs}});
}

}  // namespace tact::smpp
