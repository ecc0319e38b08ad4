// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/link.h"
#include "smpp/receipt.h"
#include "smpp/text.h"

namespace tact::gateway::test {

// The SMSC behind one route, scripted by the test: it binds whoever comes, answers each submit_sm
// as on_submit says, and keeps delivering what was not answered, as real ones do.
class Centre {
 public:
  // One submit_sm that it was given.
  struct Seen {
    size_t number = 0;  // of all that it saw
    Mono at{};
    uint16_t link = 0;
    ConnectionId connection{};
    uint32_t sequence_number = 0;
    std::string to, octets;  // the text behind its UDH
    smpp::DataCoding data_coding{};
    std::string text;  // what the octets say
    uint16_t reference = 0;
    uint8_t part = 1, parts = 1;
    std::optional<uint16_t> user_message_reference;
    std::map<uint16_t, std::string> tlvs;  // all of them
    std::string id;                        // that it gives
  };
  enum class Answer : uint8_t { accept, silence, refuse };
  struct Say {
    Answer answer = Answer::accept;
    smpp::Status status{};  // of a refusal
  };
  struct Delivery {
    std::string from, to;
    uint8_t esm_class = 0;
    std::string octets;
    smpp::DataCoding data_coding{};
    std::optional<uint16_t> user_message_reference;
    std::optional<std::string> receipted_message_id;
    std::optional<uint8_t> message_state;
    std::map<uint16_t, std::string> tlvs;  // besides
    std::optional<uint16_t> link;          // absent: any
    int sent = 0;                          // how often
    bool answered = false;
  };

  // ---- The script.
  std::function<Say(const Seen&)> on_submit;
  std::function<std::string(uint64_t)> name_id;  // how it spells its n-th id
  std::set<uint16_t> refused_links;              // whose connections it does not take
  std::set<std::string> dead_hosts;              // likewise
  TlsFault tls = TlsFault::none;                 // why not, if it is that
  smpp::Dialect dialect;                         // how it reads texts
  bool receipts = false;                         // a receipt "DELIVRD" for each part it accepts
  std::optional<uint8_t> congestion_state;       // told with each submit_sm_resp
  smpp::Status bind_answer = smpp::Status::ESME_ROK;
  uint8_t interface_version = smpp::kVersion34;  // below: its bind_resp does not tell it
  uint16_t window = 64;  // deliver_sm outstanding on a link that binds from now on
  bool silent = false;   // takes connections, and neither hears nor says anything

  void answer(const Seen&, smpp::Status status = smpp::Status::ESME_ROK);  // what was silence
  size_t receipt(const Seen&, smpp::MessageState, std::string id = "");    // id: as it spells it
  size_t deliver(Delivery);                                                // its number
  const Delivery& delivery(size_t number) const { return deliveries_.at(number); }
  void drop(uint16_t link) { dropped_.insert(link); }

  std::vector<Seen> seen;
  uint32_t window_most = 0;  // the most requests that were unanswered on one link
  bool bound(uint16_t link) const;
  size_t unbinds = 0;

  // ---- The world's side.
  bool connects(const LinkConnection& link) const { return !refused_links.contains(link.index); }
  void connected(ConnectionId connection, Mono now);
  void received(ConnectionId connection, ByteView bytes, Mono now);
  void closed(ConnectionId connection, Mono now);
  // Delivers what waits. Bytes for the gateway are appended to `out`.
  void output(ConnectionId connection, Bytes& out, Mono now);
  // The test wants this connection cut.
  bool cut(ConnectionId connection);

 private:
  struct Peer {
    uint16_t link;
    std::unique_ptr<smpp::Session> session;
    std::map<uint64_t, size_t> sent;  // cookie -> delivery
    uint32_t unanswered = 0;
    bool ended = false;
  };

  void take(ConnectionId connection, Peer& peer, const smpp::Event& event, Mono now);
  void submitted(ConnectionId connection, Peer& peer, const smpp::Pdu& pdu, Mono now);
  void deliver_waiting(Peer& peer, Mono now);

  std::map<ConnectionId, Peer> peers_;
  std::deque<Delivery> deliveries_;
  std::set<uint16_t> dropped_;
  uint64_t next_id_ = 0x1001;
  uint64_t next_cookie_ = 1;
};

// What a handset writes, in UCS-2.
Centre::Delivery written(std::string from, std::string to, std::string_view text);

}  // namespace tact::gateway::test
