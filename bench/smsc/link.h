// SPDX-License-Identifier: Apache-2.0
// One connection of an ESME: socket and smpp::Session. Octets are read in chunks, and all that a
// chunk or a slot of the agenda causes leaves in one write.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "bench/smsc/accounts.h"
#include "bench/smsc/deliveries.h"
#include "bench/smsc/long_messages.h"
#include "bench/smsc/transport.h"
#include "smpp/session.h"

namespace tact::bench {

class Centre;

class Link final : public Receiver, public std::enable_shared_from_this<Link> {
 public:
  // REQUIRES: `centre` outlives this object.
  Link(Transport::Socket socket, uint64_t id, Centre& centre);

  void start(smpp::Mono now);

  uint64_t id() const { return id_; }
  uint32_t account() const { return account_; }
  // REQUIRES: bound.
  Account& limits() { return *limits_; }
  LastPart& last_part() { return last_part_; }

  // Counts a submit_sm with this number, and what is wrong with its coming now. Answers how many
  // this connection has sent.
  uint64_t count_submit(uint32_t sequence_number);

  // The user_message_reference of a submit_sm: true if it is behind the one before (16 bits that
  // wrap around).
  bool steps_back(uint16_t reference);

  // `congestion`: none is told above 100.
  void answer(uint32_t sequence_number, smpp::Status status, std::string_view message_id,
              uint8_t congestion);
  // Takes a submit_sm that will never be answered out of the window's count.
  void withhold() { --unanswered_; }
  bool deliver(const Delivery& delivery, uint64_t cookie, smpp::Mono now) override;

  // Hears and says nothing from now on, until the peer ends the connection.
  void fall_silent();
  // Drops the connection without a word and without what was not yet written.
  void reset();
  // The session's timers, and its counters into the statistics; call ten times a second.
  void tick(smpp::Mono now);

 private:
  void fill_receipt(const Delivery& delivery, smpp::Mono now, smpp::DeliverSm& pdu,
                    smpp::TlvWriter& tlvs);
  void do_read();
  void on_read(boost::system::error_code error, std::size_t size);
  void on_events(smpp::Mono now);
  void on_request(const smpp::Request& request, smpp::Mono now);
  void on_bind(const smpp::Pdu& pdu, smpp::Mono now);
  void on_unbound();
  void stop_receiving();
  void want_write();
  void do_write();
  void on_write(boost::system::error_code error);
  void end(smpp::Mono now);
  void count_violations();

  static smpp::SessionConfig session_config(const Scenario& scenario);

  // Constant after construction.
  const uint64_t id_;
  Centre& centre_;

  // Owned by the thread of the server.
  Transport transport_;
  smpp::Session session_;
  smpp::Events events_;
  std::vector<uint8_t> chunk_;
  std::vector<uint8_t> writing_;
  bool write_wanted_ = false;
  bool read_paused_ = false;
  bool closing_ = false;  // once all is written
  bool ended_ = false;

  bool silent_ = false;

  uint32_t account_ = 0;
  Account* limits_ = nullptr;  // while bound
  bool receives_ = false;
  LastPart last_part_;
  uint64_t submits_ = 0;
  uint16_t reference_ = 0;  // of the last submit_sm that bore one
  int64_t unanswered_ = 0;  // submit_sm whose answer has not been given to the socket
  int64_t answered_ = 0;    // whose answer waits in the session's output
  // The last use of each sequence_number, by its low bits.
  std::array<uint32_t, 65536> sequences_{};
  smpp::SessionCounters counted_;
  std::string text_;  // of a receipt; reused
};

}  // namespace tact::bench
