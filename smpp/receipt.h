// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smpp/pdu.h"
#include "smpp/text.h"

/// Delivery receipts: v3.4 Appendix B p. 167 calls their text "vendor specific", so every field is
/// optional but the id and the state, keys come in any order and any case, and TLVs may say it
/// instead of or beside the text.
namespace tact::smpp {

/// Views point into the deliver_sm, or into `narrowed`: not copyable, because a copy's views would
/// point into the original.
struct Receipt {
  std::string_view id;            ///< raw: from the text, else from the TLV; at most kReceiptIdMax
  std::string_view receipted_id;  ///< receipted_message_id TLV, empty if absent; base may differ
  MessageState state = MessageState::unknown;
  std::string_view stat;  ///< the state's word as it came; empty if only the TLV told it
  std::string_view err;   ///< any shape: "000", "0000", "E12", empty; cut at kReceiptErrMax
  std::string_view sub;
  std::string_view dlvrd;
  std::string_view submit_date;  ///< raw: YYMMDDhhmm or with seconds
  std::string_view done_date;
  std::string_view text;
  std::optional<std::uint16_t> user_message_reference;
  Octets network_error_code;  ///< three octets; some vendors send three digits

  Receipt() = default;
  Receipt(const Receipt&) = delete;
  Receipt& operator=(const Receipt&) = delete;

  std::array<char, 320> narrowed;  ///< the text of a receipt that came in another coding
};
/// What is longer is no message_id (v3.4 §5.2.23 p. 128): it could not be that of a response.
inline constexpr std::size_t kReceiptIdMax = 64;
inline constexpr std::size_t kReceiptErrMax = 32;

/// How a carrier that does not write Appendix B's text writes its own. What stands before a value
/// is found in any case behind anything but a letter or digit; the value ends at a blank, comma,
/// semicolon, `|` or `&`. What is not found so is looked for in the common form.
struct ReceiptForm {
  std::vector<std::string> id;    ///< before the message id, with its separator: "MsgID="
  std::vector<std::string> stat;  ///< likewise before the state
  std::vector<std::string> err;
  std::vector<std::pair<std::string, MessageState>> states;  ///< its words for them, in any case

  bool empty() const { return id.empty() && stat.empty() && err.empty() && states.empty(); }
  bool operator==(const ReceiptForm&) const = default;
};
inline const ReceiptForm kCommonReceiptForm;

/// Is it a receipt or an intermediate notification, and what does it say? False if esm_class says
/// neither, or if no id or no state can be found. `out` is overwritten. Where text and TLV tell
/// different states the TLV wins: it has no spelling to get wrong. `dialect`: as read_text(); where
/// septets are packed, a receipt is read as it came too, since not all who pack texts pack
/// receipts.
bool parse_receipt(const ShortMessage& pdu, Receipt& out,
                   const ReceiptForm& form = kCommonReceiptForm, const Dialect& dialect = {});
bool parse_receipt(const DataSm& pdu, Receipt& out, const ReceiptForm& form = kCommonReceiptForm,
                   const Dialect& dialect = {});

/// The state of a word such as DELIVRD or delivered; nothing for a word that is none.
std::optional<MessageState> state_of(std::string_view word);

struct ReceiptText {
  std::string_view id;
  std::string_view submit_date;  ///< YYMMDDhhmm, formed by the caller
  std::string_view done_date;
  MessageState state = MessageState::delivered;
  std::string_view err = "000";
  std::string_view text;  ///< the first 20 octets are taken
};

/// Appends the line of Appendix B; what a simulator sends.
void format_receipt(const ReceiptText& receipt, std::string& append_to);

/// In which base a carrier writes message ids; opaque where they are no numbers.
enum class IdBase : std::uint8_t { opaque, decimal, hex };

struct IdRule {
  IdBase from = IdBase::opaque;  ///< how this id is written
  IdBase to = IdBase::opaque;    ///< how the other side of the match is written
};

/// At most four spellings of an id, the most trustworthy first and none twice.
class Aliases {
 public:
  Aliases(std::string_view id, IdRule rule);
  Aliases(const Aliases&) = delete;
  Aliases& operator=(const Aliases&) = delete;

  const std::string_view* begin() const { return views_.data(); }
  const std::string_view* end() const { return views_.data() + count_; }

 private:
  void add(std::string_view spelling);

  static constexpr std::size_t kLongest = 72;
  std::array<char, kLongest> lower_;
  std::array<char, 24> converted_;
  std::array<std::string_view, 4> views_;
  std::size_t count_ = 0;
};

/// Calls fn(std::string_view) for the spellings of an id, in this order: converted to the other
/// base (if the bases are known and differ, and the id is a number of 64 bits unsigned), as it
/// came, in lower case, in lower case without leading zeros. A converted number is in lower case
/// without leading zeros. An id longer than 64 octets has only the spelling it came in.
///
/// Use: keep an entry under the spellings of the response's id with {response_base, opaque}; look a
/// receipt up with {receipt_base, response_base} and take the first match. So a response `10` in
/// hex is not mistaken for a receipt's decimal `10` when 0xa is there as well.
template <class Fn>
void aliases(std::string_view id, IdRule rule, Fn&& fn) {
  for (const std::string_view spelling : Aliases(id, rule)) fn(spelling);
}

}  // namespace tact::smpp
