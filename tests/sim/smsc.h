// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "smpp/session.h"
#include "tests/sim/audit.h"
#include "tests/sim/net.h"

namespace tact::sim {

// One carrier: it accepts, throttles, refuses and is silent as its plan says; delivers receipts and
// replies until they are answered, as real ones do; loses sessions and ends them.
class Smsc final : public Peer {
 public:
  Smsc(size_t route, const Plan& plan, Agenda& agenda, Net& net, Audit& audit, Chance chance);

  bool takes_connection() {
    if (calm_) return true;
    return agenda_.now() >= out_until_ && !chance_.permille(carrier_.refuses_bind);
  }
  void opened(uint64_t serial, uint16_t link);
  void received(uint64_t serial, ByteView bytes, Stamp stamp) override;
  void ended(uint64_t serial) override;

  // Faults, at their time.
  void go_out();  // for a while; its sessions are for the world to end
  void unbind_one();
  void reply();  // a handset writes
  void calm();   // no further faults
  std::vector<uint64_t> sessions() const;

 private:
  struct Delivery {
    std::string from, to, octets;
    uint8_t esm_class = 0;
    smpp::DataCoding data_coding{};
    std::string receipted_id;  // TLVs, where it brings them
    smpp::MessageState state{};
    bool state_tlv = false;
    std::optional<uint16_t> reference;
    std::optional<size_t> submission, reply;  // whose receipt; which reply
    bool answered = false;
    int copies = 1;  // still to be answered
  };
  struct Session {
    uint16_t link;
    std::unique_ptr<smpp::Session> smpp;
    std::map<uint64_t, size_t> sent;  // cookie -> delivery
  };

  void take(uint64_t serial, Session& session, const smpp::Event& event, Stamp stamp);
  void bind(uint64_t serial, Session& session, const smpp::Pdu& pdu);
  void submit(uint64_t serial, const Session& session, const smpp::Pdu& pdu, Stamp stamp);
  std::optional<smpp::Status> choose_status();
  void answer(uint64_t serial, uint32_t sequence_number, smpp::Status status,
              std::optional<size_t> submission, const std::string& id);
  void answered(size_t delivery, smpp::Status status, Stamp stamp);
  std::string spell_response(uint64_t n);
  std::string spell_receipt(uint64_t n);
  // Without a submission it is of an answer that the gateway gives by itself.
  void plan_receipts(std::optional<size_t> submission, uint64_t n, const std::string& to,
                     const std::string& from, std::optional<uint16_t> reference, Mono answered_at);
  void receipt(std::optional<size_t> submission, uint64_t n, const std::string& to,
               const std::string& from, std::optional<uint16_t> reference, smpp::MessageState state,
               Mono at, int copies);
  void deliver_in(size_t delivery, Mono delay);
  void deliver(size_t delivery);
  void flush(uint64_t serial);

  const size_t route_;
  const Plan& plan_;
  const CarrierPlan& carrier_;
  const gateway::RouteSettings& settings_;
  Agenda& agenda_;
  Net& net_;
  Audit& audit_;
  Chance chance_;

  std::map<uint64_t, Session> sessions_;
  std::deque<Delivery> deliveries_;
  std::map<size_t, int> reply_parts_;  // reply -> parts not answered yet
  uint64_t next_id_;
  uint64_t next_cookie_ = 1;
  uint8_t next_reference_ = 1;
  Mono out_until_{};
  bool calm_ = false;
};

}  // namespace tact::sim
