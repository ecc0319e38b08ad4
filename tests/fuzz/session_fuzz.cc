// SPDX-License-Identifier: Apache-2.0
// A session driven by octets, time and its caller. The first octet chooses role and mode; then come
// steps: one octet of action, one of argument, and for `receive` as many octets as the argument
// says. Whatever happens: each cookie is told exactly once, what is written is good SMPP, and what
// an event points to is there.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "smpp/print.h"
#include "smpp/session.h"

using namespace tact::smpp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class Driver {
 public:
  explicit Driver(std::uint8_t choice) : session_(config(choice)) { session_.connected(now_); }

  void step(std::uint8_t action, std::uint8_t argument, Octets octets) {
    switch (action % 8) {
      case 0:
      case 1:
        session_.receive(octets, now_, events_);
        break;
      case 2:
        now_ += std::chrono::seconds(argument);
        session_.expire(now_, events_);
        break;
      case 3:
        session_.bind(now_);
        session_.accept_bind(last_.sequence_number, "smsc", now_);
        break;
      case 4:
        request();
        break;
      case 5:
        session_.answer(last_.sequence_number, last_.command_id, static_cast<Status>(argument),
                        "id");
        break;
      case 6:
        argument % 2 ? void(session_.unbind(now_))
                     : void(session_.reject_bind(last_.sequence_number, Status::ESME_RBINDFAIL));
        break;
      case 7:
        session_.disconnected(now_, events_);
        session_.connected(now_);
        break;
    }
    settle();
    if (session_.state() == SessionState::closed) session_.connected(now_);
  }

  void finish() {
    session_.disconnected(now_, events_);
    settle();
    require(open_.empty());
  }

 private:
  static SessionConfig config(std::uint8_t choice) {
    SessionConfig config;
    config.role = choice & 1 ? Role::smsc : Role::esme;
    config.mode = static_cast<BindMode>((choice >> 1) % 3);
    config.system_id = "fuzz";
    constexpr std::uint8_t kVersions[] = {kVersion34, 0x33, kVersion50, kVersion50};
    config.interface_version = kVersions[choice >> 6];
    config.window = 3;
    config.pdu_limit = 2048;
    return config;
  }

  void request() {
    const ShortMessage message{.source_addr = "1", .destination_addr = "2"};
    const Sent sent = session_.state() == SessionState::bound_rx || (cookie_ & 1)
                          ? session_.request(DeliverSm{message}, cookie_, now_)
                          : session_.submit(SubmitSm{message}, cookie_, now_);
    if (sent.ok()) open_.insert(cookie_);
    ++cookie_;
  }

  /// Reads every octet that an event's views say is there.
  static void read(const Event& event) {
    if (const auto* request = std::get_if<Request>(&event)) {
      require(!print(request->pdu, {.reveal = true}).empty());
    } else if (const auto* response = std::get_if<Response>(&event)) {
      require(!print({{}, response->body}, {.reveal = true}).empty());
      require(response->message_id == std::string(message_id_of(response->body)));
      for (const Tlv& tlv : response->tlvs) to_hex(tlv.value);
    } else if (const auto* bound = std::get_if<Bound>(&event)) {
      require(std::string(bound->system_id).size() == bound->system_id.size());
    }
  }

  /// Every cookie is told once; a late response may follow a timeout, once.
  void settle() {
    for (const Event& event : events_) {
      read(event);
      if (const auto* response = std::get_if<Response>(&event)) {
        require((response->late ? timed_out_ : open_).erase(response->cookie) == 1);
      } else if (const auto* timed_out = std::get_if<TimedOut>(&event)) {
        require(open_.erase(timed_out->cookie) == 1);
        timed_out_.insert(timed_out->cookie);
      } else if (const auto* unanswered = std::get_if<Unanswered>(&event)) {
        require(open_.erase(unanswered->cookie) == 1);
      } else if (const auto* request = std::get_if<Request>(&event)) {
        last_ = request->pdu.header;
      }
    }
    events_.clear();
    require(session_.window_used() == open_.size());
    written_.clear();
    session_.take_output(written_);
    for (Octets rest = written_; !rest.empty();) {
      const Frame next = frame(rest);
      require(next.kind == Frame::Kind::pdu);
      Pdu pdu;
      require(decode(rest.first(next.length), pdu).ok());
      rest = rest.subspan(next.length);
    }
  }

  Mono now_ = std::chrono::seconds(1);
  Session session_;
  Events events_;
  Header last_;
  std::uint64_t cookie_ = 1;
  std::set<std::uint64_t> open_;
  std::set<std::uint64_t> timed_out_;
  std::vector<std::uint8_t> written_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Driver driver(data[0]);
  Octets rest(data + 1, size - 1);
  while (rest.size() >= 2) {
    const std::uint8_t action = rest[0];
    const std::uint8_t argument = rest[1];
    rest = rest.subspan(2);
    const std::size_t taken = action % 8 < 2 ? std::min<std::size_t>(argument, rest.size()) : 0;
    driver.step(action, argument, rest.first(taken));
    rest = rest.subspan(taken);
  }
  driver.finish();
  return 0;
}
