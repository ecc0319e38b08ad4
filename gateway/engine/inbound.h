// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <map>

#include "gateway/engine/awaiting.h"
#include "gateway/engine/carrier_codes.h"
#include "gateway/engine/link.h"
#include "gateway/engine/long_reply.h"
#include "gateway/engine/parked.h"
#include "gateway/engine/remembered.h"

namespace tact::gateway {

// What a carrier delivers on one route: receipts find their message, replies find their tenant, and
// each deliver_sm is answered once its effect is durable (I5). Nothing inbound waits for another
// PDU, and what a carrier tells again has no second effect (DESIGN 17.7; remembered.h).
class Inbound {
 public:
  Inbound(ShardContext& context, const RouteSettings& settings, RouteStats& stats,
          std::deque<Link>& links, Awaiting& awaiting, CarrierCodes& carrier_codes);

  void start(StoreReader& reader);
  // deliver_sm or data_sm.
  void request(const smpp::Pdu& pdu, uint16_t link);
  // The effect of the deliver_sm that got this number is durable: answer it, if its session still
  // lives.
  void settled(uint64_t answer);
  // False: somebody else's load.
  bool loaded(const Loaded& loaded);
  // Lets go of what memory is not meant to hold.
  void spill();
  // A message has just been accepted, or may have been: its receipt may have come before (SMPP 1,
  // theme "receipt race").
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
    uint64_t digest;       // of a reply; 0: a receipt
    uint16_t effects = 1;  // commits that have to be durable before it is answered
    uint64_t next = 0;     // the repeat that is answered with it
    uint64_t last = 0;     // of these repeats; of the first only
    // Its effects lie in several commits: it is remembered when the last of them is durable.
    std::optional<RememberedRecord> remember;
  };
  // A reply that was answered: does its session live on?
  struct Watched {
    Mono due;
    uint64_t digest;
    uint16_t link;
    uint32_t attempt;
  };

  // A receipt, as it was read.
  struct Told {
    std::string id, receipted_id, error;
    smpp::MessageState state{};
    std::array<NumberHash, 2> numbers{};  // of both addresses
    std::optional<uint16_t> message_reference;
    Bytes tlvs;  // those that are captured, encoded
    uint64_t answer = 0;
  };

  uint64_t note(const smpp::Pdu& pdu, uint16_t link, uint64_t digest);
  void answer_with_commit(uint64_t answer) {
    context_.effects.answers.push_back({settings_.id, answer});
  }
  void take_receipt(const smpp::ShortMessage& pdu, const smpp::Receipt& receipt, uint64_t answer);
  // To its message, or to what waits for one. search_disk: unless that has been done.
  void file(Told told, bool search_disk);
  bool file_by(const Told& told, std::string_view id, NumberHash number,
               std::optional<uint16_t> message_reference, bool search_disk);
  void load(uint64_t begin, uint64_t end, uint64_t wanted);
  void load_aged(Civil limit);
  bool closed_before(std::string_view id, NumberHash number) const;
  void apply(Awaiting::Match match, std::string_view id, smpp::MessageState state,
             std::string_view error, ByteView tlvs);
  void apply_parked(const Parked::Receipt& receipt);
  void tell_receipt(const Sent& sent, smpp::MessageState state, std::string_view error,
                    std::string_view id, ByteView tlvs, bool final);
  void end(Awaiting::Entry entry, const Sent& sent, const Awaiting::Progress& progress,
           std::string_view id, ByteView tlvs);
  void age();
  void take_reply(const smpp::ShortMessage& message, const smpp::Pdu& pdu, uint16_t link);
  // It was told before: answered, and no more.
  bool answer_after(uint64_t pending, uint64_t answer);
  void hand_over(LongReplies::Whole whole, uint64_t answer, const RememberedRecord& told,
                 bool again = false);
  void remember_with(ReplyArrived& reply, const std::vector<TenantId>& tenants,
                     const RememberedRecord& told);
  void answered(const Answer& answer);
  void forget_settled();
  const AccountSettings* account_of(std::string_view to) const;
  NumberHash number_of(std::string_view address) const;  // as the carrier writes it

  // Constant after construction.
  ShardContext& context_;
  const RouteSettings& settings_;
  RouteStats& stats_;
  std::deque<Link>& links_;
  Awaiting& awaiting_;
  CarrierCodes& carrier_codes_;

  Parked parked_;
  LongReplies long_replies_;
  uint64_t next_answer_ = 1;
  boost::unordered_flat_map<uint64_t, Answer> answers_;
  Remembered remembered_;
  std::deque<Watched> watched_;

  // Spilled messages on their way back into memory, and the receipts that wait for them.
  struct Load {
    uint64_t wanted = 0;  // key of the message; 0: those whose time is over, up to `end`
    uint64_t end = 0;
    uint64_t sees = 0;  // the turn up to which it certainly sees what was written
  };
  std::map<uint64_t, Load> loads_;                                  // by load, so the oldest first
  boost::unordered_flat_map<uint64_t, std::vector<Told>> waiting_;  // by `sent`
  bool loading_aged_ = false;
  Mono next_age_{};  // when what was passed over is looked at again
  Mono next_aged_{};
};

}  // namespace tact::gateway
