// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/stream.pb.h"
#include "smpp/status.h"
#include "smpp/types.h"
#include "tests/sim/counts.h"
#include "tests/sim/history.h"
#include "tests/sim/plan.h"

namespace tact::sim {

// What is wrong, by the invariant's number (gateway/engine/README.md) where it has one.
struct Violation {
  std::string invariant;
  std::string what;
  std::optional<size_t> message;
};

// One message as its producer knows it. It is known by its index, which its reference and its text
// carry.
struct Composed {
  size_t upstream = 0, tenant = 0;
  Class cls{};
  std::string to, text, key;
  std::optional<Civil> not_before, expires;
  bool rewritten = false;  // the gate may complete the text
};

// One submit_sm as a carrier reads it.
struct Submitted {
  size_t message = 0;
  size_t route = 0;
  uint16_t link = 0;
  uint64_t serial = 0;  // of the connection
  Stamp stamp;          // when the engine handed it over
  std::string to, text;
  uint16_t reference = 0;
  int part = 1, parts = 1;
};

// The oracle: its own book of every message and number, kept from what producers and carriers see
// and from nothing else. It judges what it can at once, the rest in finish(). The first violation
// stands.
class Audit {
 public:
  Audit(const Plan& plan, const Agenda& agenda, History& history)
      : plan_(plan), agenda_(agenda), history_(history), budget_(plan.settings.routes.size()) {
    for (size_t k = 0; k < plan.producers.size(); ++k) upstreams_.emplace_back();
  }

  const std::optional<Violation>& violation() const { return violation_; }
  void wrong(std::string_view invariant, std::optional<size_t> message, std::string what);

  // ---- Producers. A stream is known by its index among all streams.
  size_t compose(Composed message);
  void set_text(size_t message, std::string text) { book(message).text = std::move(text); }
  void pushed(size_t stream, uint64_t sequence, std::vector<size_t> messages);
  // MARKETING to a number of a tenant is blocked or freed by a control.
  void controlled(size_t stream, uint64_t sequence, size_t tenant, const std::string& to, bool on);
  void acknowledged(size_t stream, const proto::JobAck& ack, Stamp stamp);
  void welcomed(size_t stream, uint64_t last_sequence, Stamp stamp);
  void subscribed(size_t upstream, uint64_t mark, uint64_t next_event);
  void event(size_t upstream, const proto::Event& event);

  // ---- Carriers. A submission is known by its index.
  std::optional<size_t> message_in(std::string_view text) const;
  // Of a part too short to carry the message's index: a part before it had the same reference.
  std::optional<size_t> message_of(size_t route, const std::string& to, uint16_t reference) const;
  size_t submitted(Submitted submission);
  void answer_sent(size_t route, Stamp stamp);       // by the gateway itself, to a reply
  void accepted(size_t submission, std::string id);  // the carrier has it, told or not
  void answered(size_t submission, smpp::Status status);
  void receipt_sent(size_t submission, smpp::MessageState state);
  void receipt_taken(size_t submission, smpp::MessageState state, Stamp stamp);
  size_t reply_sent(std::string from, std::string to, std::string text, int effect);
  // The carrier will tell it again later, as if it were the person's second word.
  void reply_doubled(size_t reply);
  void reply_taken(size_t reply, Stamp stamp);

  // ---- The world.
  void session_ended(uint64_t serial) { ended_.try_emplace(serial, epoch_); }
  void stopped(bool clean);        // the engine's process
  void started(uint64_t unknown);  // as its metrics count what may have left before
  // Everything that was promised has come: acknowledgements, ends, answers.
  bool settled() const { return unsettled_ == 0 && replies_open_ == 0 && answers_open_ == 0; }
  std::string unsettled(size_t most) const;
  void finish();

  const Counts& counts() const { return counts_; }

 private:
  struct Submission : Submitted {
    uint32_t epoch = 0;
    bool accepted = false;
    std::string id;
    std::optional<smpp::Status> status;  // as answered
    Mono answered_at{};
    std::set<smpp::MessageState> sent;          // receipts
    std::map<smpp::MessageState, Civil> taken;  // when the engine answered first
  };
  struct Book : Composed {
    bool pushed = false, known = false, settled = false;
    std::optional<proto::Outcome> outcome;
    uint64_t id = 0;
    std::string sent_text;  // as the gate rewrote it
    Mono known_at{};
    uint32_t known_epoch = 0;
    int finals = 0;
    Mono final_at{};
    bool deferred = false;
    std::string final;             // its kind
    Civil final_made{};            // by the engine; it may have been told long after
    std::vector<std::string> ids;  // of the last `submitted` event
    std::vector<size_t> submissions;
    std::map<int, std::string> parts;
  };
  struct Job {
    std::vector<size_t> messages;
    size_t tenant = 0;  // of a control
    std::string to;
    std::optional<bool> control;
    bool known = false;
  };
  struct Stream {
    std::map<uint64_t, Job> jobs;
    uint64_t known = 0;
  };
  struct UpstreamBook {
    uint64_t next = 1;                     // event to come
    std::map<uint64_t, uint64_t> digests;  // of events seen, by sequence
    std::map<std::string, size_t> keys;    // first of each key that was sent
    std::map<std::string, std::vector<size_t>> keyed;
  };
  // Whether MARKETING to a number may be sent; what frees it is in force from when it is sent.
  struct Consent {
    std::optional<Mono> blocked_at;  // the engine's answer
    Mono block_sent{};
    int lifts_pending = 0;
    Mono lifted_at{};
  };
  struct ReplyBook {
    std::string from, to, text;
    int effect = 0;  // 1 blocks MARKETING, -1 frees it
    Mono sent{};
    bool taken = false;
  };

  Book& book(size_t message) { return books_.at(message); }
  Stream& stream(size_t index) {
    if (streams_.size() <= index) streams_.resize(index + 1);
    return streams_[index];
  }
  void know(Job& job, Stamp stamp);
  void settle(size_t message);
  void settle_if_kept(size_t message);
  void result(size_t message, const proto::Result& result);
  void replied(const proto::Reply& reply);
  void answer_told(const proto::Event& event);
  void told(size_t message, const proto::Event& event);
  void told_final(size_t message, const proto::Event& event);
  void told_receipt(size_t message, const proto::Receipt& receipt);
  std::optional<size_t> referenced(const std::string& reference) const;
  void claim_id(size_t message, uint64_t id);

  void check_time(const Submission& s);
  void check_consent(const Submission& s);
  void check_again(const Submission& s);
  void check_row(const Submission& s);
  void check_route(const Submission& s);
  void check_window(const Submission& s);
  void check_text(const Submission& s);
  void check_key(const Submission& s);
  bool part_accepted(const Book& book, int part) const;
  const Submission* last_of(const Book& book, int part) const;
  bool disturbed(const Submission& before, const Submission& now) const;

  void block(size_t tenant, const std::string& to, Mono sent, Mono at);
  void lift(size_t tenant, const std::string& to, bool taken);

  void finish_message(size_t message);
  void finish_keys();
  const gateway::RoutingRule* rule_of(const Book& book) const;
  bool links_may_fail() const;
  void finish_order();
  void finish_routes();
  void finish_budget();
  uint32_t open_max(size_t route) const;

  const Plan& plan_;
  const Agenda& agenda_;
  History& history_;
  std::optional<Violation> violation_;
  Counts counts_;

  std::vector<Book> books_;
  std::vector<Stream> streams_;
  std::vector<UpstreamBook> upstreams_;
  std::vector<Submission> submissions_;
  std::vector<ReplyBook> replies_;
  std::map<uint64_t, size_t> ids_;  // MessageId -> message
  std::map<std::pair<size_t, std::string>, Consent> consents_;
  using Words = std::tuple<std::string, std::string, std::string>;  // from, to, text
  std::set<Words> reply_events_;
  // Answers that the gateway gave by itself; how often the same was asked, and answered.
  struct Answer {
    bool named = false;  // by the event of its reply, for which a gap may stand
    int finals = 0;
  };
  std::map<uint64_t, Answer> answers_;
  std::map<Words, size_t> asked_, answered_;
  uint64_t missed_ = 0;                         // replies and opt-outs that gaps stand for
  std::map<uint64_t, std::vector<size_t>> on_;  // connection -> submissions
  std::map<std::tuple<size_t, std::string, uint16_t>, size_t> references_;
  std::map<uint64_t, uint32_t> ended_;  // connections, and in which epoch
  struct Moment {
    uint32_t epoch;
    Mono at;
    auto operator<=>(const Moment&) const = default;
  };
  struct Budget {
    std::vector<Moment> moments;
    size_t longest = 1;  // parts of a message
  };
  std::vector<Budget> budget_;  // per route
  std::map<std::tuple<uint32_t, size_t, Class>, std::set<size_t>> crash_doubles_;
  size_t unsettled_ = 0, replies_open_ = 0, answers_open_ = 0;
  uint32_t epoch_ = 0;
  struct Stop {
    Mono at;
    bool clean;
  };
  std::vector<Stop> stops_;  // ends of epochs
};

// The text that carries a message's index, to be repeated so that each part of it has one.
std::string token_of(size_t message);

}  // namespace tact::sim
