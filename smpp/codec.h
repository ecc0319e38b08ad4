// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "smpp/pdu.h"

/// Octets to PDUs and back. A stream is read in two steps: frame() finds where a PDU ends, decode()
/// reads it. Nothing here allocates but the growth of the caller's output vector.
namespace tact::smpp {

/// The default limit of command_length: room for a message_payload of 64 KiB - 1.
inline constexpr std::size_t kPduLimit = 66 * 1024;

struct Frame {
  enum class Kind : std::uint8_t {
    more,  ///< not all there yet; `length` is the PDU's length if it is known, else 0
    pdu,   ///< the first `length` octets are one PDU
    lost,  ///< the length is absurd: the stream cannot be followed any more
  };
  Kind kind = Kind::more;
  std::uint32_t length = 0;
  std::string_view reason;  ///< of lost; static text
};

/// The first PDU of `in`. Four octets are enough to be lost: a length below 16 or above `limit`.
Frame frame(Octets in, std::size_t limit = kPduLimit);

/// What became of one PDU. `status` is what the sender of a bad one should be told: generic_nack
/// with ESME_RINVCMDID for an unknown command, else the command's own response with the error of
/// the field; `offset` counts from the first octet of the PDU; `field` names the field or the fault
/// (static text).
struct CodecResult {
  Status status = Status::ESME_ROK;
  std::uint32_t offset = 0;
  std::string_view field;

  bool ok() const { return status == Status::ESME_ROK; }
};

/// The header of a frame. REQUIRES: frame.size() >= kHeaderSize.
Header read_header(Octets frame);

/// Reads one whole frame, as frame() delimits it. The views in `out` point into `frame`.
/// `out.header` is always set; after an error the fields before `offset` are set, too. The body of
/// an unknown command is a GenericNack.
///
/// Tolerated, because peers do it and nothing is gained by refusing: a response of any status
/// without body, cut short, or longer than its limits (it can not be answered, and its status is
/// what counts); a TLV that is cut short (it and the rest are dropped); unknown TLVs; octets behind
/// a header that should have no body; stray octets behind the text of a deliver_sm; 255 octets of
/// short_message; fewer unsuccess_sme than a response says (the whole ones count); in a deliver_sm
/// a time that is neither empty nor of 16 characters; whatever Rules::kept asks of lists and TLVs.
CodecResult decode(Octets frame, Pdu& out);

/// What encode() asks of a PDU.
enum class Rules : std::uint8_t {
  /// No field is over its limit or has a NUL inside of a C-octet string. A time is empty or has 16
  /// characters; submit_multi has a destination; a TLV that has a name is_whole(); there is no
  /// short_message beside a message_payload, and no sar_* TLV beside a UDH.
  kept,
  /// The first sentence only: for tools that must write what peers send.
  limits,
};

/// Appends one PDU of type P, or of whatever `body` holds. Where it breaks the rules nothing is
/// appended, and the result names the field.
template <class P>
CodecResult encode(const P& pdu, Status status, std::uint32_t sequence_number,
                   std::vector<std::uint8_t>& append_to, Rules rules = Rules::kept);
CodecResult encode(const Body& body, Status status, std::uint32_t sequence_number,
                   std::vector<std::uint8_t>& append_to, Rules rules = Rules::kept);
inline CodecResult encode(const Pdu& pdu, std::vector<std::uint8_t>& append_to,
                          Rules rules = Rules::kept) {
  return encode(pdu.body, pdu.header.command_status, pdu.header.sequence_number, append_to, rules);
}

/// Appends one item of a list: a DestAddress or an UnsuccessSme. Many of them in one vector are
/// what a List is a view of. A field over its limit: as above.
template <class Item>
CodecResult encode_item(const Item& item, std::vector<std::uint8_t>& append_to);

/// Appends a PDU without body: what a bind_*_resp or submit_sm_resp with an error is (v3.4 p. 67).
void encode_header(CommandId command, Status status, std::uint32_t sequence_number,
                   std::vector<std::uint8_t>& append_to);

}  // namespace tact::smpp
