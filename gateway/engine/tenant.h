// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <set>

#include "gateway/engine/breaker.h"
#include "gateway/engine/contacts.h"
#include "gateway/engine/idempotency.h"
#include "gateway/engine/inquiries.h"
#include "gateway/engine/later.h"
#include "gateway/engine/suspects.h"
#include "gateway/engine/upstream.h"
#include "policy/answer.h"
#include "proto/job.pb.h"

namespace tact::gateway {

// One customer: its upstreams, brands and contacts. Everything about a recipient is decided here,
// on one shard, so that two messages cannot both pass a cap of one (DESIGN 6).
class Tenant {
 public:
  Tenant(ShardContext& context, const TenantSettings& settings);

  void start(StoreReader& reader);

  // ---- From upstreams: everything they cause joins this turn's commit.
  void admit(const proto::Job& job, const UpstreamSettings& upstream, proto::JobAck& ack);
  // False: the answer comes later, through Upstream::conclude.
  bool control(const proto::Control& control, Upstream& upstream, ConnectionId connection,
               proto::JobAck& ack);

  // ---- From routes, by mail or as a call when they share the shard.
  void reply(const ReplyArrived& reply);
  void fate(const Fate& fate);
  void said(const CarrierSaid& said);
  void looked_for(const LookedFor& answer) { inquiries_.looked_for(answer); }

  // ---- From storage.
  void waiting(const LaterKey& key);
  bool loaded(const Loaded& loaded);

  // Promotes what is due, admits what upstreams pushed.
  void turn(uint32_t& budget);
  Mono deadline() const;
  // What upstreams left over, or due messages that the turn's budget did not allow.
  bool more() const;

  const TenantSettings& settings() const { return settings_; }
  std::deque<Upstream>& upstreams() { return upstreams_; }

 private:
  struct Judged {
    policy::Verdict verdict;
    const RouteSettings* route = nullptr;
  };
  // A message as it was read, and why it cannot be judged at all; null: it can.
  struct Told {
    Message message;
    const char* wrong = nullptr;
    std::string text;           // rendered from a template
    std::string misfits;        // why it could not be; empty: it could
    std::string special_dates;  // what the message's view is of
  };

  // What a message asked for, before the gate rewrote it and its class gave it a validity.
  struct Asked {
    std::string_view text;
    Civil not_before{}, expires{};
  };

  // Admission (admission.cc).
  void admit_one(const proto::Message& message, Told& read, const UpstreamSettings& upstream,
                 proto::Result& result);
  // Fills `out` (views into `message`) or says why it cannot be judged at all.
  const char* read(const proto::Message& message, const UpstreamSettings& upstream, Message& out);
  void render(const proto::Message& message, Told& told) const;
  // Likewise what few messages have.
  static const char* read_dates(const proto::Message& message, Told& out);
  Judged judge(Message& message, Civil not_before);
  // Queues, defers or rejects what was judged; also what was judged again at its due time.
  proto::Outcome place(Message& message, const Judged& judged, Civil not_before);
  void reject(const Message& message, const policy::Verdict& verdict);
  void escalate(const Message& message);
  void note(const Message& message, const Asked& asked, const policy::Verdict& verdict,
            AuditRecord::Kind kind, proto::Outcome outcome);

  // Due messages are judged anew (DESIGN 17.2).
  void rejudge(const Message& stored);

  // The digits of a number that a producer wrote; empty if it is none. A national form is refused,
  // never guessed at.
  std::string_view recipient(std::string_view to) const;

  // Controls (controls.cc).
  void suppression(const proto::Suppression& entry, bool on, const UpstreamSettings& upstream,
                   proto::Result& result);
  void review(const proto::Decision& decision, const UpstreamSettings& upstream,
              proto::Result& result);
  void release(const Suspect& suspect, std::string_view by);
  void ask(const proto::Control& control, Upstream& upstream, ConnectionId connection,
           proto::JobAck& ack);
  // Empty, or the rule and field why it cannot be asked for.
  std::optional<policy::Fired> read_subject(const proto::Subject& told, bool cancel,
                                            UpstreamId upstream, Inquiry::Subject& out,
                                            proto::Result& result) const;
  void conclude(Inquiry&& inquiry);
  void withdraw(uint64_t key, MessageId before);
  // In force until it is taken back, or for as long as a message may live.
  void take_back_withdrawal(uint64_t key);
  void resume(const proto::Subject& subject, UpstreamId upstream, proto::Result& result);
  void opted_out_of(uint32_t campaign);
  void start_withdrawals(StoreReader& reader);
  void end_withdrawals();

  // Replies (replies.cc).
  policy::Reply decide(const ReplyArrived& arrived, BrandId brand, const policy::Contact& contact,
                       const std::optional<policy::Slot>& last) const;
  std::string handset(const ReplyArrived& arrived) const;  // in E.164, if it is such a number
  // Queues an answer of our own, in the commit of the reply.
  void answer(const ReplyArrived& arrived, BrandId brand, const policy::Answer& answer,
              MessageId reply, MessageId id);
  void effect(const ReplyArrived& arrived, const policy::Reply& reply, BrandId brand,
              const std::optional<policy::Slot>& last, MessageId id);
  void tell_reply(const ReplyArrived& arrived, const policy::Reply& reply, BrandId brand,
                  const std::optional<policy::Slot>& last, MessageId id, MessageId answer);
  // Holds it for a person, if it is one for a person.
  void hold(const ReplyArrived& arrived, const policy::Reply& reply, BrandId brand, Class last,
            MessageId id);
  // Does an opt-out block what was not blocked?
  bool is_fresh(const std::vector<BrandId>& brands, NumberHash number,
                policy::ClassMask blocked) const;
  std::vector<BrandId> brands_of(BrandId brand) const;
  policy::SuppressionEntry suppression_of(BrandId brand, NumberHash number) const;
  // Changes one reason of one number; the entry joins the commit and is published with it (I8). A
  // request with a reference of its own is history even where it changes nothing. False: nothing.
  bool block(BrandId brand, NumberHash number, policy::ClassMask classes, policy::Block reason,
             bool on, uint64_t proof, Civil since, Civil until = {},
             std::string_view reference = "");
  void tell_opt_out(BrandId brand, NumberHash number, policy::ClassMask classes, bool ended,
                    const UpstreamSettings& upstream);
  Upstream& upstream(UpstreamId id);  // REQUIRES: it is of this tenant
  const UpstreamSettings& upstream_for(AccountId account) const;

  // Constant after construction.
  ShardContext& context_;
  const TenantSettings& settings_;

  Contacts contacts_;
  IdempotencyKeys keys_;
  Breaker breaker_;
  std::vector<Told> told_;  // of the job that is being admitted
  Later later_;
  Inquiries inquiries_;
  Suspects suspects_;
  std::map<uint64_t, Class> loads_;  // outstanding loads of due messages
  std::deque<Upstream> upstreams_;
  // Entries on their way to the shared set: a second change of a number must build on the first.
  struct Pending {
    policy::SuppressionEntry entry;
    uint64_t turn;
  };
  std::map<std::pair<uint16_t, NumberHash>, Pending> pending_blocks_;
  uint64_t keys_reclaimed_ms_ = 0;
  // What was taken back and may still be alive.
  struct Withdrawal {
    MessageId before{};
    Civil until{};
  };
  std::map<uint64_t, Withdrawal> withdrawals_;            // by key
  std::set<std::pair<Civil, uint64_t>> withdrawal_ends_;  // when each is forgotten
};

}  // namespace tact::gateway
