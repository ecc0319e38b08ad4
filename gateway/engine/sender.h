// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <vector>

#include "gateway/engine/awaiting.h"
#include "gateway/engine/carrier_codes.h"
#include "gateway/engine/destinations.h"
#include "gateway/engine/lane.h"
#include "gateway/engine/link.h"
#include "gateway/engine/pacer.h"
#include "gateway/engine/submit_tlvs.h"
#include "smpp/segment.h"

namespace tact::gateway {

// The MT side of one route below its lanes: takes what a lane offers, gives it to a link, looks a
// last time, encodes its parts, gathers their answers and says what became of the message (DESIGN
// 5, steps 9 to 14).
//
// A message's parts leave in a row on one link as window slots come; after a refusal, or when a
// look in a later turn finds that it may not go on, no further part of it leaves. A number keeps
// its link while one of its messages is open, so that they leave in sequence (I9).
class Sender {
 public:
  Sender(ShardContext& context, const RouteSettings& settings, RouteStats& stats,
         std::deque<Link>& links, Awaiting& awaiting, std::vector<Lane>& lanes,
         CarrierCodes& carrier_codes);

  // Takes from the lanes while their messages find room on a link, then lets the links send.
  void dispatch();

  // From links.
  void response(const smpp::Response& response, uint16_t link);
  void congestion(uint8_t state);
  void timed_out(uint64_t cookie);
  void unanswered(uint64_t cookie);
  void link_up(uint16_t link);
  void link_down(uint16_t link);  // after its unanswered() calls

  // What a link does not get whose SMSC takes no TLVs, in words; empty: nothing is missing.
  std::string withheld_tlvs() const;
  // Nothing new is offered; what has begun is finished, what only waits for a slot goes back to
  // disk.
  void drain();
  size_t in_flight() const { return used_; }
  // What tenants are told (backlog.h).
  bool is_down() const { return down_since_ != kNever; }
  bool is_closed(Class cls) const { return closed_[raw(cls)]; }
  // Has a message whose first part left not yet had its last answer?
  bool busy(uint16_t link) const;

  Mono deadline() const { return std::min(paced_until_, stranded_due_); }

  // A message that a crash left open: those of its parts that no earlier attempt brought through
  // are unanswered.
  void recovered(const Message& message);
  // Called with each message that the SMSC has just accepted: its receipt may have come before.
  void on_submitted(std::function<void(Awaiting::Entry)> call) { on_submitted_ = std::move(call); }
  // Its settle time has ended (DESIGN 17.5): sent again or reported, by class.
  void decide_unknown(Awaiting::Entry entry);
  // Appends those of its messages that are looked for.
  void look_for(const LookFor& request, std::vector<LookedFor::Found>& found) const;

 private:
  struct Flight {
    uint32_t generation = 0;
    bool used = false;
    Lane::Item item;
    Message message;  // views into item.batch
    uint16_t link = 0;
    uint8_t parts = 0;  // 0: not split yet, nothing has left
    uint8_t next = 0;   // part to be encoded next
    uint8_t outstanding = 0;
    bool stopped = false;  // a part was refused, lost or withheld: no further one leaves
    smpp::Status refusal = smpp::Status::ESME_ROK;
    std::optional<policy::Verdict> withheld;  // of a look when it had begun to leave
    std::vector<SentPart> answers;
    uint64_t cookie(uint32_t slot, uint8_t part) const {
      return uint64_t{generation} << 32 | uint64_t{part} << 24 | slot;
    }
  };
  // Messages that wait on one link for a window slot and a token: at most a window of each class.
  struct Stage {
    std::array<std::deque<uint32_t>, kClasses + 1> queues;
    std::array<uint64_t, kClasses + 1> pass{};  // stride scheduling: the smallest goes next
    uint64_t served = 0;                        // the pass of the one that went last
    std::optional<uint32_t> current;            // parts of this message are still to leave
    uint64_t turns = 0;                         // messages it got, by its weight
    bool empty(Class cls) const { return queues[static_cast<size_t>(cls)].empty(); }
  };
  struct Sticky {
    uint16_t link;
    uint16_t messages;
  };

  uint32_t take_slot();
  void free_slot(uint32_t slot);
  Flight* flight_of(uint64_t cookie, uint8_t& part);

  void offer_from(Lane& lane);
  uint32_t hold(Lane::Item item, const Message& message);  // the item's, in a slot
  // Where the number is; else the link with the least to do for its weight, in turns.
  std::optional<uint16_t> link_for(NumberHash number) const;
  void stage(uint32_t slot, uint16_t link, bool first);
  void unstick(NumberHash number);
  void pump(uint16_t link);
  std::optional<Class> choose(const Stage& stage, const Link& link) const;
  bool start(uint32_t slot, uint16_t link);
  // It does not leave now: its end has been told, or it is told or deferred here.
  bool ends_unsent(uint32_t slot);
  bool held_back(uint32_t slot);  // for its destination's sake
  bool reference_taken(const Flight& flight) const;
  // Its parts are in segments_ afterwards. False: the text cannot be sent.
  bool split(const Flight& flight);
  uint32_t parts_left(const Flight& flight);
  bool send_parts(uint32_t slot, Link& link);
  void look_again(Flight& flight);
  void fill(const Flight& flight, smpp::SubmitSm& pdu) const;

  void late_response(const smpp::Response& response);

  // While nothing can leave (stranded.cc).
  bool can_leave() const;
  void serve_stranded();
  void leave_stranded();
  bool has_substitute(Class cls) const;
  void expire_staged();
  void expire_queued(Lane& lane);
  Mono due_at(Civil expires) const;
  void fail_over();
  // Each says whether something stays behind that may move as soon as there is room.
  bool move_staged(Class cls, int& budget);
  bool move_queued(Lane& lane, int& budget);
  std::optional<RouteId> other_route(const Message& message) const;
  bool has_room(RouteId route, Class cls) const;
  void move(Message message, RouteId to);

  // Ends of a flight.
  void look_said(uint32_t slot, const policy::Verdict& verdict);
  void finish(uint32_t slot);
  // The SMSC may or may not have taken it: after a crash, or when its answer did not come.
  void settle_later(const Message& message, std::vector<SentPart> parts);
  void submitted(const Flight& flight);
  void refused(const Flight& flight);
  void fail(const Message& message, smpp::Status status, int accepted);
  void forget_earlier(const Message& message);
  void report_unknown(Awaiting::Entry entry, const Sent& sent);
  // An earlier attempt at it has been settled for good, and told.
  bool has_ended(const Message& message) const;
  Message rest_of(const Flight& flight);
  // waits: for its destination, and is counted there.
  void retry(const Flight& flight, Civil due, bool waits);
  // To the route's `later`, no longer than its validity: then it has its end.
  void defer(const Message& message, Civil due);
  void stage_again(uint32_t slot);
  void put_back(uint32_t slot);
  void resolve(uint32_t slot);
  void give_back(std::vector<SentPart>& earlier, uint16_t answered,
                 std::vector<SentPart>& parts) const;
  void merge(std::vector<SentPart>& earlier, uint16_t answered, std::vector<SentPart> parts) const;
  Awaiting::Entry await(const Message& message, const std::vector<SentPart>& parts,
                        bool keep_message);
  void tell_fate(const Message& message, bool sent);

  // Constant after construction.
  ShardContext& context_;
  const RouteSettings& settings_;
  RouteStats& stats_;
  std::deque<Link>& links_;
  Awaiting& awaiting_;
  std::vector<Lane>& lanes_;
  CarrierCodes& carrier_codes_;

  const SubmitTlvs submit_tlvs_;

  Pacer pacer_;
  Destinations destinations_;
  Mono paced_until_ = kNever;
  Mono down_since_;            // no link can take anything; kNever: one can
  Mono up_since_{};            // else
  bool failing_over_ = false;  // down for so long that other routes take over
  ByClass<Mono> emptied_{};    // since when nothing is left to move; kNever: something is
  ByClass<bool> closed_{};     // tenants are asked to send nothing more
  ByClass<std::vector<RouteId>> beside_;  // who may take over
  int moved_ = 0;                         // in this turn
  Mono stranded_due_ = kNever;            // when to look again at what waits meanwhile
  Mono staged_due_ = kNever;              // of the staged ones
  std::vector<Stage> stages_;
  std::deque<Flight> flights_;
  std::vector<uint32_t> free_;
  size_t used_ = 0;
  uint32_t generation_ = 0;
  boost::unordered_flat_map<NumberHash, Sticky> sticky_;
  struct Late {
    Awaiting::Entry entry;
    uint8_t part;
  };
  boost::unordered_flat_map<uint64_t, Late> late_;  // by cookie: requests that timed out
  std::deque<std::pair<Mono, uint64_t>> late_order_;
  std::function<void(Awaiting::Entry)> on_submitted_;
  smpp::Segments segments_;
  uint32_t split_for_ = 0;  // generation of the flight whose parts segments_ holds
  bool draining_ = false;
};

}  // namespace tact::gateway
