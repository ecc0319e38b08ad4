// SPDX-License-Identifier: Apache-2.0
// Parts of long messages as a carrier might deliver them, beside a naive book of what came. Each
// step is eight octets and a text: a deliver_sm with a UDH or sar_* TLVs, which may contradict
// itself, or time that passes. No part may be lost, told twice or told in another message.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smpp/joiner.h"
#include "smpp/segment.h"
#include "smpp/text.h"

using namespace tact::smpp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class Book {
 public:
  void deliver(const ShortMessage& message, std::uint8_t sender) {
    const PartInfo part = part_info(message);
    if (!part.is_part()) {
      std::string text;
      read_text(part, message.data_coding, kDialect, text);
      return require(is_valid_utf8(text));
    }
    PartText text = part_text(part, message.data_coding, kDialect);
    const Joiner::Origin origin{std::string(1, static_cast<char>('a' + sender)), "1069",
                                part.reference, part.total, part.wide_reference};
    auto& known = book_[origin];
    require(joiner_.missing(origin) == origin.total - known.size());
    const bool fresh = !known.contains(part.index);
    require(joiner_.add(origin, part.index, std::move(text), next_tag_, now_ms_) == fresh);
    if (fresh) known[part.index] = next_tag_++;
    if (known.size() == origin.total) close(joiner_.take(origin));
  }

  void wait(std::uint8_t ms) {
    now_ms_ += ms;
    require(joiner_.size() == book_.size());
    require(joiner_.oldest_ms().has_value() == !book_.empty());
    if (ms % 4 == 0) close(joiner_.take_oldest());
  }

  void close_all() {
    while (joiner_.size() > 0) close(joiner_.take_oldest());
    require(book_.empty() && joiner_.octets() == 0);
    require(!joiner_.take_oldest() && !joiner_.oldest_ms());
  }

 private:
  void close(std::optional<Joiner::Joined> joined) {
    if (!joined) return;
    require(is_valid_utf8(joined->text));
    require(joined->since_ms <= now_ms_);
    const auto known = book_.extract(joined->origin);
    require(!known.empty());
    std::vector<std::uint64_t> tags;
    for (const auto& [index, tag] : known.mapped()) tags.push_back(tag);
    require(joined->tags == tags);
    require(!joiner_.take(joined->origin));
  }

  static constexpr Dialect kDialect{.packed = true, .gbk = 15};

  Joiner joiner_;
  std::map<Joiner::Origin, std::map<std::uint8_t, std::uint64_t>> book_;  // tags
  std::uint64_t next_tag_ = 1;
  std::int64_t now_ms_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Book book;
  while (size >= 8) {
    const Octets head(data, 8);
    const std::size_t text_size = std::min<std::size_t>(head[7] % 16, size - 8);
    std::vector<std::uint8_t> text(data + 8, data + 8 + text_size);
    data += 8 + text_size;
    size -= 8 + text_size;
    if (head[0] % 8 == 0) {
      book.wait(head[1]);
      continue;
    }
    constexpr DataCoding kCodings[] = {DataCoding::smsc_default, DataCoding::ucs2,
                                       DataCoding::latin1, static_cast<DataCoding>(15)};
    ShortMessage message;
    message.data_coding = kCodings[head[1] % 4];
    const std::uint8_t reference = head[2] % 3, total = head[3] % 6, index = head[4] % 6;
    TlvWriter tlvs;
    if (head[0] % 8 == 1) {
      tlvs.u16(Tag::sar_msg_ref_num, reference);
      tlvs.u8(Tag::sar_total_segments, total);
      tlvs.u8(Tag::sar_segment_seqnum, index);
      message.tlvs = tlvs.tlvs();
    } else if (head[0] % 8 < 5) {
      text.insert(text.begin(), {5, 0, 3, reference, total, index});
      message.esm_class = kUdhi;
    } else if (head[0] % 8 < 7) {
      text.insert(text.begin(), {6, 8, 4, 0, reference, total, index});
      message.esm_class = kUdhi;
    } else {
      message.esm_class = head[5];  // whatever the text says
    }
    message.short_message = text;
    book.deliver(message, head[6] % 2);
  }
  book.close_all();
  return 0;
}
