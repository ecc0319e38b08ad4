// SPDX-License-Identifier: Apache-2.0
#include "smpp/codec.h"

#include <bit>
#include <cstring>
#include <tuple>

namespace tact::smpp {
namespace {

std::uint32_t read_u32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
         std::uint32_t{at[3]};
}

/// A table as data: the functions below then find their constants in it when they are compiled.
template <class P>
constexpr auto kFields = P::fields();

/// Walks one body. Where it may end, what is missing keeps its default; in any size, limits are not
/// looked at.
template <bool kMayEnd, bool kAnySize>
struct Reader {
  const std::uint8_t* begin;
  const std::uint8_t* at;
  const std::uint8_t* end;
  CodecResult result{};

  std::size_t left() const { return static_cast<std::size_t>(end - at); }

  bool fail(Status status, const std::uint8_t* where, std::string_view field) {
    result = {status, static_cast<std::uint32_t>(where - begin), field};
    return false;
  }

  template <class P, class T>
  bool read(T& value, const Integer<P, T>& field) {
    if (left() < sizeof(T)) {
      at = end;
      return kMayEnd || fail(Status::ESME_RINVCMDLEN, at, field.name);
    }
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) number = number << 8 | at[i];
    value = static_cast<T>(number);
    at += sizeof(T);
    return true;
  }

  template <class P>
  bool read(std::string_view& value, const CString<P>& field) {
    const auto* nul =
        static_cast<const std::uint8_t*>(left() ? std::memchr(at, 0, left()) : nullptr);
    if (!nul && !kMayEnd) return fail(field.error, at, field.name);
    const std::uint8_t* stop = nul ? nul : end;
    const auto size = static_cast<std::size_t>(stop - at);
    if (!kAnySize && size >= field.limit) return fail(field.error, at, field.name);
    value = std::string_view(reinterpret_cast<const char*>(at), size);
    at = nul ? nul + 1 : end;
    return true;
  }

  template <class P>
  bool read(std::string_view& value, const Time<P>& field) {
    const std::uint8_t* start = at;
    if (!read(value, static_cast<const CString<P>&>(field))) return false;
    if (kAnySize || field.harmless == Harmless::ignored || is_time_size(value.size())) return true;
    return fail(field.error, start, field.name);
  }

  template <class P>
  bool read(Octets& value, const Counted<P>& field) {
    if (left() < 1 || left() - 1 < *at) return fail(field.error, at, field.name);
    const std::uint8_t* start = at;
    value = Octets(at + 1, *at);
    at += 1 + std::size_t{*at};
    if (field.trailing == Harmless::refused && left() > 0 && left() < 4) {
      return fail(field.error, start, field.name);
    }
    return true;
  }

  /// The octet that counts, and as many whole items.
  template <class P, class Item>
  bool read(List<Item>& value, const Listed<P, Item>& field) {
    if (left() < 1) return kMayEnd || fail(field.error, at, field.name);
    const std::uint8_t* const counter = at;
    Reader<false, kAnySize> items{begin, at + 1, end};
    const std::uint8_t* whole = items.at;
    bool good = true;
    Item item;
    for (int i = *counter; i > 0 && good; --i) {
      good =
          items.left() > 0 ? items.read_item(item) : items.fail(field.error, counter, field.name);
      if (good) whole = items.at;
    }
    value = List<Item>(Octets(counter + 1, whole));
    at = good ? whole : end;
    if (good || kMayEnd) return true;
    result = items.result;
    return false;
  }

  template <class P>
  bool read(Tlvs& value, const Optionals<P>&) {
    const Octets rest(at, left());
    value = Tlvs(rest.first(Tlvs(rest).whole_size()));
    at = end;
    return true;
  }

  template <class P>
  bool read_table(P& out) {
    return std::apply([&](const auto&... field) { return (read(out.*field.member, field) && ...); },
                      kFields<P>);
  }

  template <class Item>
  bool read_item(Item& out) {
    return read_table(out);
  }

  /// dest_flag says which of the choices follows.
  template <class... Choice>
  bool read_item(std::variant<Choice...>& out) {
    const std::uint8_t* const flag = at++;
    bool known = false, whole = false;
    const auto choose = [&]<class C>(C*) {
      known = true;
      whole = read_table(out.template emplace<C>());
    };
    ((Choice::kFlag == *flag ? choose(static_cast<Choice*>(nullptr)) : void()), ...);
    return known ? whole : fail(Status::ESME_RINVDESTFLAG, flag, "dest_flag");
  }
};

template <class P>
CodecResult read_body(Octets frame, P& pdu) {
  constexpr bool kLenient = is_response(P::kCommand);
  Reader<kLenient, kLenient> reader{frame.data(), frame.data() + kHeaderSize,
                                    frame.data() + frame.size()};
  reader.read_table(pdu);
  return reader.result;
}

/// Size, limits and rules of the fields: what stands between a PDU and its encoding.
struct Measure {
  std::size_t size = kHeaderSize;
  bool strict = false;
  bool has_payload = false;  // of the TLVs seen
  bool has_sar = false;
  CodecResult result{};

  bool fail(Status status, std::string_view field) {
    result = {status, static_cast<std::uint32_t>(size), field};
    return false;
  }

  template <class P, class T>
  bool add(T, const Integer<P, T>&) {
    size += sizeof(T);
    return true;
  }

  template <class P>
  bool add(std::string_view value, const CString<P>& field) {
    if (value.size() >= field.limit || value.find('\0') != value.npos) {
      return fail(field.error, field.name);
    }
    size += value.size() + 1;
    return true;
  }

  template <class P>
  bool add(std::string_view value, const Time<P>& field) {
    if (strict && !is_time_size(value.size())) return fail(field.error, field.name);
    return add(value, static_cast<const CString<P>&>(field));
  }

  template <class P>
  bool add(Octets value, const Counted<P>& field) {
    if (value.size() > field.limit) return fail(field.error, field.name);
    size += 1 + value.size();
    return true;
  }

  template <class P, class Item>
  bool add(const List<Item>& value, const Listed<P, Item>& field) {
    const std::size_t start = size;
    std::size_t count = 0;
    ++size;
    for (const Item& item : value) {
      if (!add_item(item)) return false;
      ++count;
    }
    if (count <= field.limit && (!strict || count >= field.least)) return true;
    size = start;
    return fail(field.error, field.name);
  }

  template <class P>
  bool add(Tlvs value, const Optionals<P>&) {
    for (const Tlv& tlv : value) {
      if (strict && !is_whole(tlv)) return fail(Status::ESME_RINVPARLEN, tlv_info(tlv.tag)->name);
      has_payload |= tlv.tag == Tag::message_payload;
      has_sar |= tlv.tag == Tag::sar_msg_ref_num || tlv.tag == Tag::sar_total_segments ||
                 tlv.tag == Tag::sar_segment_seqnum;
      size += 4 + tlv.value.size();
    }
    return true;
  }

  /// A text is in one place, and so is what says which part it is (v3.4 §5.3.2.32, §5.3.2.22).
  template <class P>
  bool agree(const P& pdu) {
    if constexpr (requires { pdu.short_message; }) {
      if (has_payload && !pdu.short_message.empty()) {
        return fail(Status::ESME_ROPTPARNOTALLWD, "message_payload");
      }
    }
    if constexpr (requires { pdu.esm_class; }) {
      if (has_sar && has_udh(pdu.esm_class)) {
        return fail(Status::ESME_ROPTPARNOTALLWD, "sar_msg_ref_num");
      }
    }
    return true;
  }

  template <class P>
  bool add_table(const P& pdu) {
    return std::apply([&](const auto&... field) { return (add(pdu.*field.member, field) && ...); },
                      kFields<P>);
  }

  template <class Item>
  bool add_item(const Item& item) {
    return add_table(item);
  }

  template <class... Choice>
  bool add_item(const std::variant<Choice...>& item) {
    ++size;
    return std::visit([&](const auto& choice) { return add_table(choice); }, item);
  }
};

struct Writer {
  std::uint8_t* at;

  void u32(std::uint32_t value) {
    if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap32(value);
    copy(&value, sizeof value);
  }

  void copy(const void* from, std::size_t size) {
    if (size) std::memcpy(at, from, size);
    at += size;
  }

  template <class P, class T>
  void write(T value, const Integer<P, T>&) {
    const auto number = static_cast<std::uint32_t>(value);
    for (std::size_t i = sizeof(T); i-- > 0;) *at++ = static_cast<std::uint8_t>(number >> (8 * i));
  }

  template <class P>
  void write(std::string_view value, const CString<P>&) {
    copy(value.data(), value.size());
    *at++ = 0;
  }

  template <class P>
  void write(Octets value, const Counted<P>&) {
    *at++ = static_cast<std::uint8_t>(value.size());
    copy(value.data(), value.size());
  }

  template <class P, class Item>
  void write(const List<Item>& value, const Listed<P, Item>&) {
    *at++ = static_cast<std::uint8_t>(value.count());
    copy(value.encoded().data(), value.whole().size());
  }

  template <class P>
  void write(Tlvs value, const Optionals<P>&) {
    copy(value.encoded().data(), value.whole_size());
  }

  template <class P>
  void write_table(const P& pdu) {
    std::apply([&](const auto&... field) { (write(pdu.*field.member, field), ...); }, kFields<P>);
  }

  template <class Item>
  void write_item(const Item& item) {
    write_table(item);
  }

  template <class... Choice>
  void write_item(const std::variant<Choice...>& item) {
    std::visit(
        [&](const auto& choice) {
          *at++ = choice.kFlag;
          write_table(choice);
        },
        item);
  }
};

Writer begin_pdu(std::size_t size, CommandId command, Status status, std::uint32_t sequence_number,
                 std::vector<std::uint8_t>& append_to) {
  const std::size_t start = append_to.size();
  append_to.resize(start + size);
  Writer writer{append_to.data() + start};
  writer.u32(static_cast<std::uint32_t>(size));
  writer.u32(static_cast<std::uint32_t>(command));
  writer.u32(static_cast<std::uint32_t>(status));
  writer.u32(sequence_number);
  return writer;
}

}  // namespace

template <class Item>
bool read_item(Octets& rest, Item& out) {
  if (rest.empty()) return false;
  Reader<false, true> reader{rest.data(), rest.data(), rest.data() + rest.size()};
  if (!reader.read_item(out)) return false;
  rest = rest.last(reader.left());
  return true;
}

Frame frame(Octets in, std::size_t limit) {
  if (in.size() < 4) return {};
  const std::uint32_t length = read_u32(in.data());
  if (length < kHeaderSize) {
    return {Frame::Kind::lost, length, "command_length is below 16"};
  }
  if (length > limit) {
    return {Frame::Kind::lost, length, "command_length is above the limit"};
  }
  return {in.size() < length ? Frame::Kind::more : Frame::Kind::pdu, length, {}};
}

Header read_header(Octets frame) {
  return {read_u32(frame.data()), static_cast<CommandId>(read_u32(frame.data() + 4)),
          static_cast<Status>(read_u32(frame.data() + 8)), read_u32(frame.data() + 12)};
}

// Flat, as encode() is: what the fields of a table need is one piece of code, however many tables
// share it. It takes a third less instructions.
[[gnu::flatten]] CodecResult decode(Octets frame, Pdu& out) {
  out.header = read_header(frame);
  const CommandId id = out.header.command_id;
  CodecResult result{Status::ESME_RINVCMDID, 4, "command_id"};
  const bool known =
      for_command(id, [&]<class P>() { result = read_body(frame, out.body.emplace<P>()); });
  if (!known) out.body.emplace<GenericNack>();
  return result;
}

template <class P>
[[gnu::flatten]] CodecResult encode(const P& pdu, Status status, std::uint32_t sequence_number,
                                    std::vector<std::uint8_t>& append_to, Rules rules) {
  Measure measure{.strict = rules == Rules::kept};
  if (!measure.add_table(pdu) || (measure.strict && !measure.agree(pdu))) return measure.result;
  begin_pdu(measure.size, P::kCommand, status, sequence_number, append_to).write_table(pdu);
  return {};
}

CodecResult encode(const Body& body, Status status, std::uint32_t sequence_number,
                   std::vector<std::uint8_t>& append_to, Rules rules) {
  return std::visit(
      [&](const auto& pdu) { return encode(pdu, status, sequence_number, append_to, rules); },
      body);
}

template <class Item>
CodecResult encode_item(const Item& item, std::vector<std::uint8_t>& append_to) {
  Measure measure{.size = 0};
  if (!measure.add_item(item)) return measure.result;
  const std::size_t start = append_to.size();
  append_to.resize(start + measure.size);
  Writer{append_to.data() + start}.write_item(item);
  return {};
}

void encode_header(CommandId command, Status status, std::uint32_t sequence_number,
                   std::vector<std::uint8_t>& append_to) {
  begin_pdu(kHeaderSize, command, status, sequence_number, append_to);
}

// One instance for each alternative of Body.
#define TACT_SMPP_ENCODE(P) \
  template CodecResult encode(const P&, Status, std::uint32_t, std::vector<std::uint8_t>&, Rules);
TACT_SMPP_ENCODE(GenericNack)
TACT_SMPP_ENCODE(BindReceiver)
TACT_SMPP_ENCODE(BindReceiverResp)
TACT_SMPP_ENCODE(BindTransmitter)
TACT_SMPP_ENCODE(BindTransmitterResp)
TACT_SMPP_ENCODE(BindTransceiver)
TACT_SMPP_ENCODE(BindTransceiverResp)
TACT_SMPP_ENCODE(Outbind)
TACT_SMPP_ENCODE(Unbind)
TACT_SMPP_ENCODE(UnbindResp)
TACT_SMPP_ENCODE(EnquireLink)
TACT_SMPP_ENCODE(EnquireLinkResp)
TACT_SMPP_ENCODE(SubmitSm)
TACT_SMPP_ENCODE(SubmitSmResp)
TACT_SMPP_ENCODE(DeliverSm)
TACT_SMPP_ENCODE(DeliverSmResp)
TACT_SMPP_ENCODE(DataSm)
TACT_SMPP_ENCODE(DataSmResp)
TACT_SMPP_ENCODE(QuerySm)
TACT_SMPP_ENCODE(QuerySmResp)
TACT_SMPP_ENCODE(CancelSm)
TACT_SMPP_ENCODE(CancelSmResp)
TACT_SMPP_ENCODE(ReplaceSm)
TACT_SMPP_ENCODE(ReplaceSmResp)
TACT_SMPP_ENCODE(SubmitMulti)
TACT_SMPP_ENCODE(SubmitMultiResp)
TACT_SMPP_ENCODE(AlertNotification)
TACT_SMPP_ENCODE(BroadcastSm)
TACT_SMPP_ENCODE(BroadcastSmResp)
TACT_SMPP_ENCODE(QueryBroadcastSm)
TACT_SMPP_ENCODE(QueryBroadcastSmResp)
TACT_SMPP_ENCODE(CancelBroadcastSm)
TACT_SMPP_ENCODE(CancelBroadcastSmResp)
#undef TACT_SMPP_ENCODE

template CodecResult encode_item(const DestAddress&, std::vector<std::uint8_t>&);
template CodecResult encode_item(const UnsuccessSme&, std::vector<std::uint8_t>&);
template bool read_item(Octets&, DestAddress&);
template bool read_item(Octets&, UnsuccessSme&);

}  // namespace tact::smpp
