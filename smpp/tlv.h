// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "smpp/types.h"

/// Optional parameters (v3.4 §3.2.4 p. 39, §5.3): read from and written to their encoded form, so
/// that nothing is allocated and unknown tags pass through as octets.
///
///     +--------+--------+--------------- - -
///     |tag u16 | len u16| value: len octets         big endian
///     +--------+--------+--------------- - -
namespace tact::smpp {

/// All of v3.4 §5.3.2 p. 133-161 and v5.0 §4.8.4. A tag without a name here is kept all
/// the same. A name is v3.4's where the versions differ: v5.0 calls 0x020B dest_port, and 0x0606 in
/// a broadcast_sm_resp failed_broadcast_area_identifier.
enum class Tag : std::uint16_t {
  dest_addr_subunit = 0x0005,
  dest_network_type = 0x0006,
  dest_bearer_type = 0x0007,
  dest_telematics_id = 0x0008,
  source_addr_subunit = 0x000D,
  source_network_type = 0x000E,
  source_bearer_type = 0x000F,
  source_telematics_id = 0x0010,
  qos_time_to_live = 0x0017,
  payload_type = 0x0019,
  additional_status_info_text = 0x001D,
  receipted_message_id = 0x001E,
  ms_msg_wait_facilities = 0x0030,
  privacy_indicator = 0x0201,
  source_subaddress = 0x0202,
  dest_subaddress = 0x0203,
  user_message_reference = 0x0204,
  user_response_code = 0x0205,
  source_port = 0x020A,
  destination_port = 0x020B,
  sar_msg_ref_num = 0x020C,
  language_indicator = 0x020D,
  sar_total_segments = 0x020E,
  sar_segment_seqnum = 0x020F,
  sc_interface_version = 0x0210,
  callback_num_pres_ind = 0x0302,
  callback_num_atag = 0x0303,
  number_of_messages = 0x0304,
  callback_num = 0x0381,
  dpf_result = 0x0420,
  set_dpf = 0x0421,
  ms_availability_status = 0x0422,
  network_error_code = 0x0423,
  message_payload = 0x0424,
  delivery_failure_reason = 0x0425,
  more_messages_to_send = 0x0426,
  message_state = 0x0427,
  congestion_state = 0x0428,
  ussd_service_op = 0x0501,
  broadcast_channel_indicator = 0x0600,
  broadcast_content_type = 0x0601,
  broadcast_content_type_info = 0x0602,
  broadcast_message_class = 0x0603,
  broadcast_rep_num = 0x0604,
  broadcast_frequency_interval = 0x0605,
  broadcast_area_identifier = 0x0606,
  broadcast_error_status = 0x0607,
  broadcast_area_success = 0x0608,
  broadcast_end_time = 0x0609,
  broadcast_service_group = 0x060A,
  billing_identification = 0x060B,
  source_network_id = 0x060D,
  dest_network_id = 0x060E,
  source_node_id = 0x060F,
  dest_node_id = 0x0610,
  dest_addr_np_resolution = 0x0611,
  dest_addr_np_information = 0x0612,
  dest_addr_np_country = 0x0613,
  display_time = 0x1201,
  sms_signal = 0x1203,
  ms_validity = 0x1204,
  alert_on_message_delivery = 0x130C,
  its_reply_type = 0x1380,
  its_session_info = 0x1383,
};

enum class TlvKind : std::uint8_t { integer, c_string, octets };

struct TlvInfo {
  Tag tag;
  std::string_view name;
  TlvKind kind;
  std::uint16_t length;  ///< octets of an integer; the limit of the others, 0 for none
};

/// Every tag that has a name, in the order of the tags.
std::span<const TlvInfo> tlv_infos();

/// What is known of a tag, or null.
const TlvInfo* tlv_info(Tag tag);
const TlvInfo* tlv_info(std::string_view name);

struct Tlv {
  Tag tag{};
  Octets value;
};

/// Is the value one that the tag may have: an integer of its length, a C-octet string with its NUL
/// within its limit, octets within theirs? Of a tag without a name any is. ms_validity has four
/// octets in v5.0 where it is relative.
bool is_whole(const Tlv& tlv);

/// A view of encoded TLVs. Reading stops at the first one that is cut short: the parsed part counts
/// (a truncated TLV must not cost the session: opentelecoms-org/jsmpp#214). A tag that occurs twice
/// is found at its first place.
class Tlvs {
 public:
  class Iterator {
   public:
    using value_type = Tlv;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(Octets rest) : rest_(rest) { read(); }
    const Tlv& operator*() const { return tlv_; }
    const Tlv* operator->() const { return &tlv_; }
    Iterator& operator++() {
      rest_ = rest_.subspan(4 + tlv_.value.size());
      read();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return end_; }

   private:
    void read() {
      end_ = true;
      if (rest_.size() < 4) return;
      const std::size_t length = std::size_t{rest_[2]} << 8 | rest_[3];
      if (rest_.size() - 4 < length) return;
      tlv_ = {static_cast<Tag>(rest_[0] << 8 | rest_[1]), rest_.subspan(4, length)};
      end_ = false;
    }

    Octets rest_;
    Tlv tlv_;
    bool end_ = true;
  };

  Tlvs() = default;
  explicit Tlvs(Octets encoded) : encoded_(encoded) {}

  Iterator begin() const { return Iterator(encoded_); }
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return begin() == end(); }
  Octets encoded() const { return encoded_; }

  /// The octets of the whole TLVs in front; less than encoded() where the last one is cut short.
  std::size_t whole_size() const {
    std::size_t size = 0;
    for (const Tlv& tlv : *this) size += 4 + tlv.value.size();
    return size;
  }

  std::optional<Octets> find(Tag tag) const {
    for (const Tlv& tlv : *this) {
      if (tlv.tag == tag) return tlv.value;
    }
    return std::nullopt;
  }

  /// Integers: nothing if the tag is absent or its length is not the integer's.
  std::optional<std::uint8_t> u8(Tag tag) const { return integer<std::uint8_t>(tag); }
  std::optional<std::uint16_t> u16(Tag tag) const { return integer<std::uint16_t>(tag); }
  std::optional<std::uint32_t> u32(Tag tag) const { return integer<std::uint32_t>(tag); }

  /// The octets up to the first NUL, or all of them: some peers leave the NUL out.
  std::optional<std::string_view> c_string(Tag tag) const;

 private:
  template <class T>
  std::optional<T> integer(Tag tag) const {
    const auto value = find(tag);
    if (!value || value->size() != sizeof(T)) return std::nullopt;
    std::uint32_t number = 0;
    for (const std::uint8_t octet : *value) number = number << 8 | octet;
    return static_cast<T>(number);
  }

  Octets encoded_;
};

/// Appends one TLV to a buffer that grows. REQUIRES: value.size() <= 0xFFFF.
void append_tlv(Tag tag, Octets value, std::vector<std::uint8_t>& append_to);

/// Writes TLVs into a buffer of its own; nothing is allocated. `tlvs()` is a view of the writer:
/// keep the writer until the PDU is encoded. What does not fit is not written, and ok() turns
/// false.
class TlvWriter {
 public:
  static constexpr std::size_t kCapacity = 512;

  TlvWriter& u8(Tag tag, std::uint8_t value);
  TlvWriter& u16(Tag tag, std::uint16_t value);
  TlvWriter& u32(Tag tag, std::uint32_t value);
  TlvWriter& c_string(Tag tag, std::string_view value);  ///< the NUL is added
  TlvWriter& octets(Tag tag, Octets value);
  TlvWriter& append(Tlvs tlvs);  ///< only the whole ones
  void clear() {
    size_ = 0;
    ok_ = true;
  }

  bool ok() const { return ok_; }
  Tlvs tlvs() const { return Tlvs(Octets(buffer_.data(), size_)); }

 private:
  std::uint8_t* room(Tag tag, std::size_t length);

  std::array<std::uint8_t, kCapacity> buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace tact::smpp
