// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>

#include "gateway/engine/awaiting.h"
#include "gateway/engine/link.h"
#include "gateway/engine/long_reply.h"
#include "gateway/engine/parked.h"

namespace tact::gateway {

// What a carrier delivers on one route: receipts find their message, replies find their tenant, and
// each deliver_sm is answered once its effect is durable (I5). Nothing inbound waits for another
// PDU (DESIGN 17.7).
class Inbound {
 public:
  Inbound(ShardContext& context, const RouteSettings& settings, RouteStats& stats,
          std::deque<Link>& links, Awaiting& awaiting);

  void start(StoreReader& reader);
  // deliver_sm or data_sm.
  void request(const smpp::Pdu& pdu, uint16_t link);
  // The effect of the deliver_sm that got this number is durable: answer it, if its session still
  // lives.
  void settled(uint64_t answer);
  // A message has just been accepted: its receipt may have come before (SMPP 1, theme "receipt
  // race").
  void match_parked(Awaiting::Entry entry);

  // Ages: parts of replies, parked receipts, messages without a receipt.
  void tick();
  Mono deadline() const;

 private:
  struct Answer {
    uint16_t link;
    uint32_t attempt;
    uint32_t sequence_number;
    smpp::CommandId command;
    Mono read;
    bool reply;
    uint16_t effects = 1;  // commits that have to be durable before it is answered
  };

  uint64_t note(const smpp::Pdu& pdu, uint16_t link, bool reply);
  void answer_with_commit(uint64_t answer) {
    context_.effects.answers.push_back({settings_.id, answer});
  }
  void take_receipt(const smpp::ShortMessage& pdu, const smpp::Receipt& receipt, uint64_t answer);
  void apply(const Awaiting::Match& match, std::string_view id, smpp::MessageState state,
             std::string_view error);
  void take_reply(const smpp::ShortMessage& pdu, uint64_t answer);
  void hand_over(LongReplies::Whole whole, uint64_t answer);
  const AccountSettings* account_of(std::string_view to) const;
  NumberHash number_of(std::string_view address) const;  // as the carrier writes it
  bool repeated(uint64_t digest);

  // Constant after construction.
  ShardContext& context_;
  const RouteSettings& settings_;
  RouteStats& stats_;
  std::deque<Link>& links_;
  Awaiting& awaiting_;

  Parked parked_;
  LongReplies long_replies_;
  uint64_t next_answer_ = 1;
  boost::unordered_flat_map<uint64_t, Answer> answers_;
  // Digests of receipts that closed a message: a repeat is answered and has no second effect.
  boost::unordered_flat_map<uint64_t, uint32_t> closed_;
  std::deque<std::pair<Civil, uint64_t>> closed_order_;
};

}  // namespace tact::gateway
