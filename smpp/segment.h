// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/pdu.h"
#include "smpp/text.h"

/// Long messages: counted, split for sending, recognised when received. An escape pair of the GSM
/// alphabet and a surrogate pair never lie in two parts.
namespace tact::smpp {

/// How the parts of a long message are told from each other.
enum class Concat : std::uint8_t {
  udh8,     ///< UDH element 00, reference of 8 bits (3GPP TS 23.040 §9.2.3.24.1)
  udh16,    ///< UDH element 08, reference of 16 bits (§9.2.3.24.8)
  sar,      ///< sar_* TLVs, reference of 16 bits; the SMSC makes the UDH
  payload,  ///< one PDU with message_payload; the SMSC splits
};

/// Septets or UTF-16 units in a message of one part, and in one part of several.
struct PartLimits {
  std::uint16_t alone;
  std::uint16_t each;
};
/// 160/153 and 70/67; with a reference of 16 bits 160/152 and 70/66. A header that names a national
/// table takes five septets of a message of one part, and four of each of several; one of two
/// tables eight and seven.
PartLimits part_limits(Coding coding, Concat concat, Shift shift = {});

inline constexpr int kPartsMax = 255;

struct SegmentPlan {
  TextError error = TextError::none;
  Coding coding = Coding::gsm7;
  int parts = 0;           ///< segments on the air, also where `payload` sends one PDU; at least 1
  std::size_t length = 0;  ///< septets or units of the whole text
  Shift shift;             ///< national tables of gsm7
};

/// How the text would be split; the empty text is one part. A text that would go as UCS-2 goes by
/// the national tables of one of the dialect's languages instead where it then takes fewer parts:
/// only what the phone knows arrives, and for the same price UCS-2 is safer. This needs a header of
/// ours (udh8, udh16) and a carrier where data_coding 0 is GSM.
SegmentPlan plan(std::string_view utf8, Concat concat = Concat::udh8, const Dialect& dialect = {});

/// Parts of the text as it is commonly charged (udh8, GSM or UCS-2); 0 for invalid UTF-8, and more
/// than kPartsMax for what can not be sent.
int count_segments(std::string_view utf8);

struct SplitOptions {
  Concat concat = Concat::udh8;
  Dialect dialect;
  std::uint16_t reference = 0;  ///< udh8 takes the low 8 bits
  Tlvs tlvs;                    ///< copied into every part (user_message_reference, vendor tags)
};

/// One submit_sm's share of a message. The views point into the Segments that made it.
struct Part {
  Octets short_message;
  Tlvs tlvs;
  std::uint8_t esm_class = 0;  ///< kUdhi or 0: to be or-ed into the message's own
  DataCoding data_coding{};

  void apply_to(ShortMessage& message) const;
};

/// A message split into parts, in buffers that are reused: after the first few messages split()
/// allocates nothing.
class Segments {
 public:
  /// Forgets what was there. After an error size() is 0.
  TextError split(std::string_view utf8, const SplitOptions& options);

  int size() const { return static_cast<int>(parts_.size()); }
  /// REQUIRES: 0 <= k < size(). Valid until the next split().
  Part part(int k) const;

 private:
  struct Place {
    std::uint32_t begin, text, end;  ///< TLVs, then short_message
  };

  void append_part(std::string_view utf8, const SegmentPlan& planned, int k,
                   const SplitOptions& options);
  void append_text(std::string_view utf8, const SegmentPlan& planned, std::size_t header,
                   const Dialect& dialect);

  std::vector<std::uint8_t> buffer_;
  std::vector<std::uint8_t> septets_;  ///< of a part, to be packed
  std::vector<Place> parts_;
  std::uint8_t esm_class_ = 0;
  DataCoding data_coding_{};
};

/// What a received message says about its place in a longer one and about its text.
struct PartInfo {
  std::uint16_t reference = 0;
  std::uint8_t total = 1;
  std::uint8_t index = 1;       ///< counted from 1
  bool wide_reference = false;  ///< 16 bits: not the same reference as the 8-bit one
  std::size_t header = 0;       ///< octets of the UDH
  Octets text;                  ///< without the UDH
  Shift shift;                  ///< by which tables the text is to be read if it is gsm7

  bool is_part() const { return total > 1; }
};

/// Reads UDH (elements 00, 08, 24 and 25; all others are skipped, of doubled ones the last counts)
/// or the sar_* TLVs, in short_message or in message_payload. What contradicts itself (part 0, part
/// 3 of 2, a UDH longer than the text) is no part, and an unknown language none: TS 23.040
/// §9.2.3.24 asks to ignore such an element; a text with a broken UDH is given whole.
PartInfo part_info(const ShortMessage& message);

/// The text of a received message or part before it is read: parts are joined as octets (Joiner),
/// since a character may stand in two of them.
struct PartText {
  std::optional<Coding> coding;      ///< nothing: the octets are UTF-8
  Shift shift;                       ///< of gsm7
  std::vector<std::uint8_t> octets;  ///< of gsm7 one septet each

  static PartText utf8(std::string_view text) { return {{}, {}, {text.begin(), text.end()}}; }
  bool operator==(const PartText&) const = default;
};

/// What is binary is read as Latin-1, so that a person may look at it. Of packed septets the last
/// may be no more than seven bits that filled up an octet: in that place a carriage return is
/// dropped, and an @ at the end of the text.
PartText part_text(const PartInfo& part, DataCoding data_coding, const Dialect& dialect);

/// Appends the text of a message, or of a part as it looks by itself; there the halves of surrogate
/// pairs are kept. Likewise.
void read_text(const PartInfo& part, DataCoding data_coding, const Dialect& dialect,
               std::string& append_to);

}  // namespace tact::smpp
