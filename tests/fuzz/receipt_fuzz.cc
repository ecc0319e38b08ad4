// SPDX-License-Identifier: Apache-2.0
// A deliver_sm from octets: the carrier's form of receipts, esm_class, data_coding, length of the
// text, text, TLVs. Everything that reads a received message must stay inside it and give valid
// UTF-8.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>

#include "smpp/receipt.h"
#include "smpp/segment.h"
#include "smpp/septets.h"
#include "smpp/text.h"
#include "smpp/utf8.h"

using namespace tact::smpp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// The common form, and forms of carriers: in words, in digits, with words that are everywhere.
const ReceiptForm kForms[] = {
    {},
    {{"MsgID=", "mid|"},
     {"Status="},
     {"Reason="},
     {{"0", MessageState::delivered}, {"GONE", MessageState::deleted}}},
    {{}, {}, {}, {{"1", MessageState::undeliverable}, {"DELIVRD", MessageState::expired}}},
    {{"i", "d:"}, {"s"}, {"e", "=", ":"}, {{"x", MessageState::rejected}}},
};

/// What a receipt says lies in its message, or in what was made narrow of it.
void check(const Receipt& receipt, const DeliverSm& pdu) {
  require(!receipt.id.empty());
  const auto lies_in = [](std::string_view value, const void* begin, std::size_t size) {
    const auto* first = static_cast<const char*>(begin);
    return std::greater_equal<>()(value.data(), first) &&
           std::less_equal<>()(value.data() + value.size(), first + size);
  };
  const Octets tlvs = pdu.tlvs.encoded();
  for (const std::string_view value :
       {receipt.id, receipt.receipted_id, receipt.stat, receipt.err, receipt.sub, receipt.dlvrd,
        receipt.submit_date, receipt.done_date, receipt.text}) {
    require(value.empty() || lies_in(value, pdu.short_message.data(), pdu.short_message.size()) ||
            lies_in(value, tlvs.data(), tlvs.size()) ||
            lies_in(value, receipt.narrowed.data(), receipt.narrowed.size()));
  }
}

/// What has been read is split and read once more: the parts fit, are as many as planned, and
/// together say the same. Packed septets may lose what looks like the filling of an octet, UCS-2
/// what looks like a byte order mark.
void split_again(const std::string& text, const SplitOptions& options) {
  Segments segments;
  if (segments.split(text, options) != TextError::none) return;
  const SegmentPlan planned = plan(text, options.concat, options.dialect);
  require(segments.size() == (options.concat == Concat::payload ? 1 : planned.parts));
  std::string joined;
  for (int k = 0; k < segments.size(); ++k) {
    ShortMessage message;
    segments.part(k).apply_to(message);
    require(message.short_message.size() <= 254);
    const PartInfo info = part_info(message);
    require(info.index == (options.concat == Concat::payload ? 1 : k + 1));
    read_text(info, message.data_coding, options.dialect, joined);
  }
  const bool filled = options.dialect.packed && planned.coding == Coding::gsm7;
  const bool marked = text.find("\uFEFF") != text.npos || text.find("\uFFFE") != text.npos;
  if (!filled && !marked) require(joined == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const ReceiptForm& form = kForms[data[0] % std::size(kForms)];
  ++data;
  --size;
  const Octets input(data + 3, size - 3);
  const std::size_t text_size = std::min<std::size_t>(data[2], input.size());
  DeliverSm pdu;
  pdu.esm_class = data[0];
  pdu.data_coding = static_cast<DataCoding>(data[1]);
  pdu.short_message = input.first(text_size);
  pdu.tlvs = Tlvs(input.subspan(text_size));

  const Dialect dialect{.zero = static_cast<Coding>(data[1] >> 4 & 3),
                        .packed = (data[0] & 8) != 0,
                        .gbk = static_cast<std::uint8_t>(data[0] & 16 ? 15 : 0),
                        .languages = data[0] & 4 ? Languages::all() : Languages()};
  Receipt receipt;
  if (parse_receipt(pdu, receipt, form, dialect)) {
    check(receipt, pdu);
    for (const IdRule rule :
         {IdRule{}, IdRule{IdBase::hex, IdBase::decimal}, IdRule{IdBase::decimal, IdBase::hex}}) {
      int count = 0;
      aliases(receipt.id, rule, [&count](std::string_view spelling) {
        require(!spelling.empty());
        ++count;
      });
      require(count >= 1 && count <= 4);
    }
  }
  const PartInfo info = part_info(pdu);
  require(info.index >= 1 && info.index <= info.total);
  std::string text;
  read_text(info, pdu.data_coding, dialect, text);
  if (info.is_part()) utf8::join_halves(text);
  require(is_valid_utf8(text));
  split_again(text, {.concat = static_cast<Concat>(data[0] % 4), .dialect = dialect});
  const unsigned fill = data[0] % 7;
  std::vector<std::uint8_t> septets, packed;
  unpack_septets(info.text, fill, septets);
  require(septets.size() <= info.text.size() * 8 / 7);
  pack_septets(septets, fill, packed);
  require(packed.size() <= info.text.size());
  return 0;
}
