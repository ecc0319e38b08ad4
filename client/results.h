// SPDX-License-Identifier: Apache-2.0
// What became of each message that was submitted: its result in the acknowledgement, then its
// events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proto/event.pb.h"
#include "proto/job.pb.h"

namespace tact::client {

// "OPTED_OUT, WINDOW until tomorrow": rules and their details.
std::string describe(const google::protobuf::RepeatedPtrField<proto::Fired>& fired);
// "delivered", "refused: OPTED_OUT", "failed: ESME_RINVDSTADR", ... in the words of event.proto.
std::string describe(const proto::Event& event);

struct MessageResult {
  std::string reference;
  uint64_t message_id = 0;
  proto::Outcome outcome = proto::OUTCOME_UNSPECIFIED;  // unspecified: not acknowledged yet
  bool replayed = false;                                // acknowledged without a result
  int64_t until_ms = 0;
  std::string rules;
  uint32_t segments = 0;
  std::string fate;
  bool deferred = false;  // waits for its time
  bool final = false;     // nothing more will come

  // The reference, or the id where the producer gave none.
  std::string name() const;
};

struct ResultCounts {
  uint64_t added = 0;
  uint64_t acknowledged = 0;
  uint64_t queued = 0;
  uint64_t deferred = 0;
  uint64_t rejected = 0;
  uint64_t duplicate = 0;
  uint64_t final = 0;
};

class Results {
 public:
  // Index of the message, counted from 0.
  std::size_t add(std::string_view reference);

  // The acknowledgement of the job whose messages are first .. first + count - 1.
  void acknowledge(std::size_t first, std::size_t count, const proto::JobAck& ack);

  // The message that the event belongs to, or null: an event of somebody else's message, of none
  // (a reply, an opt-out), or of one whose acknowledgement has not come yet; the last is kept until
  // it comes.
  const MessageResult* take(const proto::Event& event);

  const std::vector<MessageResult>& all() const { return results_; }
  const ResultCounts& counts() const { return counts_; }
  bool all_final() const { return counts_.final == counts_.added; }
  // Final, or deferred to a time that may be far: nothing more is to be expected soon.
  bool all_settled() const;

  // reference, outcome, rules, segments, until; with `fates` also the fate.
  std::string render(bool fates) const;

 private:
  void apply(MessageResult& result, const proto::Event& event);

  std::vector<MessageResult> results_;
  ResultCounts counts_;
  std::unordered_map<uint64_t, std::size_t> by_id_;
  // Of messages acknowledged as replayed: their ids are not known, their references are.
  std::unordered_map<std::string, std::size_t> by_reference_;
  std::unordered_map<uint64_t, std::vector<proto::Event>> early_;
};

// One line of JSON without its end.
std::string to_json(const MessageResult& result);
std::string to_json(const MessageResult& result, const proto::Event& event);

}  // namespace tact::client
