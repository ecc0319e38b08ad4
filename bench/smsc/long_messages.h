// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "bench/smsc/statistics.h"
#include "smpp/segment.h"

namespace tact::bench {

// What one connection sent last: parts of a message must follow each other on one of them.
struct LastPart {
  std::string message;  // empty: no part of a long message
  int index = 0;
};

// Joins the parts of long MTs and judges how they come. A message one of whose parts was refused
// may be completed later and elsewhere: what is missing is sent again.
class LongMessages {
 public:
  explicit LongMessages(Statistics& statistics) : statistics_(statistics) {}

  // One part that was received on `link`, accepted or not; `text` is its own. Answers the whole
  // text when this part completes the message, else null; valid until the next call. REQUIRES:
  // info.is_part().
  const std::string* take(const smpp::SubmitSm& pdu, const smpp::PartInfo& info,
                          const std::string& text, bool accepted, uint64_t link, LastPart& last);

 private:
  struct Message {
    uint64_t link = 0;
    int total = 0;
    bool refused = false;
    std::unordered_map<int, std::string> texts;  // of accepted parts
  };

  void judge(const Message& message, const smpp::PartInfo& info, uint64_t link,
             const LastPart& last, const std::string& key);

  // More than this unfinished: all are forgotten; a simulator may not grow with its peer's faults.
  static constexpr std::size_t kMessagesMax = 100'000;

  Statistics& statistics_;
  std::unordered_map<std::string, Message> messages_;
  std::string whole_;
};

}  // namespace tact::bench
