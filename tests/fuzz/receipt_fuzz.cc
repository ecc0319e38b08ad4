// SPDX-License-Identifier: Apache-2.0
// A deliver_sm from octets: esm_class, data_coding, length of the text, text, TLVs. Everything that
// reads a received message must stay inside it and give valid UTF-8.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

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
  if (size < 3) return 0;
  const Octets input(data + 3, size - 3);
  const std::size_t text_size = std::min<std::size_t>(data[2], input.size());
  DeliverSm pdu;
  pdu.esm_class = data[0];
  pdu.data_coding = static_cast<DataCoding>(data[1]);
  pdu.short_message = input.first(text_size);
  pdu.tlvs = Tlvs(input.subspan(text_size));

  Receipt receipt;
  if (parse_receipt(pdu, receipt)) {
    require(!receipt.id.empty());
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
  const Dialect dialect{.zero = static_cast<Coding>(data[1] >> 4 & 3),
                        .packed = (data[0] & 8) != 0,
                        .gbk = static_cast<std::uint8_t>(data[0] & 16 ? 15 : 0),
                        .languages = data[0] & 4 ? Languages::all() : Languages()};
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
