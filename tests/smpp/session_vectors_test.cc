// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "smpp/print.h"
#include "tests/smpp/session_pair.h"
#include "tests/support/vectors.h"

namespace tact::smpp {
namespace {

using test::Bytes;
using vectors::Case;

struct Place {
  std::string_view name;
  SessionState state;
  BindMode mode;
};

constexpr Place kPlaces[] = {
    {"open", SessionState::open, BindMode::transceiver},
    {"binding", SessionState::binding, BindMode::transceiver},
    {"bound_tx", SessionState::bound_tx, BindMode::transmitter},
    {"bound_rx", SessionState::bound_rx, BindMode::receiver},
    {"bound_trx", SessionState::bound_trx, BindMode::transceiver},
    {"unbinding", SessionState::unbinding, BindMode::transceiver},
};

Role role_of(const Case& c) { return c.has("smsc") ? Role::smsc : Role::esme; }

/// v5 or v33: both sides speak it.
std::uint8_t version_of(const Case& c) {
  return c.has("v5") ? kVersion50 : c.has("v33") ? std::uint8_t{0x33} : kVersion34;
}

SessionConfig config_of(const Case& c, BindMode mode) {
  SessionConfig config = role_of(c) == Role::esme ? test::esme_config(mode) : test::smsc_config();
  config.interface_version = version_of(c);
  return config;
}

std::string event_text(const Event& event) {
  struct Text {
    std::string operator()(const Bound& e) { return "bound system_id=" + std::string(e.system_id); }
    std::string operator()(const BindFailed& e) {
      return "bind_failed " + std::string(name(e.status));
    }
    std::string operator()(const Response& e) {
      return "response cookie=" + std::to_string(e.cookie) + " " + std::string(name(e.status)) +
             " message_id=" + std::string(e.message_id);
    }
    std::string operator()(const Congestion& e) { return "congestion " + std::to_string(e.state); }
    std::string operator()(const Request& e) { return "request " + print(e.pdu, {.reveal = true}); }
    std::string operator()(const TimedOut& e) {
      return "timed_out cookie=" + std::to_string(e.cookie);
    }
    std::string operator()(const Unanswered& e) {
      return "unanswered cookie=" + std::to_string(e.cookie);
    }
    std::string operator()(const Unbound& e) {
      return e.by_peer ? "unbound by the peer" : "unbound";
    }
    std::string operator()(const Lost& e) { return "lost: " + e.reason; }
  };
  return std::visit(Text{}, event);
}

/// Each line is a PDU, `hex ...` or `submit COOKIE`; what the session says and writes comes back.
std::string stream_case(const Case& c) {
  const Role role = role_of(c);
  std::string out;
  for (const Place& place : kPlaces) {
    if (!c.has(place.name)) continue;
    Session session(config_of(c, place.mode));
    const Mono now = test::seconds(1);
    test::drive(session, role, place.state, place.mode, now, version_of(c));
    std::istringstream lines(c.input);
    for (std::string line; std::getline(lines, line);) {
      Bytes octets, written;
      Events events;
      if (line.starts_with("submit ")) {
        const auto sent = session.submit(test::sample_submit(), std::stoull(line.substr(7)), now);
        out += "sent seq=" + std::to_string(sent.sequence_number) + "\n";
        session.take_output(written);
        continue;
      }
      if (line.starts_with("hex ")) {
        EXPECT_TRUE(from_hex(line.substr(4), octets)) << line;
      } else {
        EXPECT_EQ(parse(line, octets), "") << line;
      }
      session.receive(octets, now, events);
      for (const Event& event : events) out += "* " + event_text(event) + "\n";
      for (const Pdu& pdu : test::take_pdus(session, written)) {
        out += "> " + print(pdu, {.reveal = true}) + "\n";
      }
    }
    out += std::string(name(session.state()));
  }
  return out;
}

/// One word for what a session makes of a request.
template <class P>
std::string reaction(const Case& c, const Place& place) {
  Session session(config_of(c, place.mode));
  const Mono now = test::seconds(1);
  test::drive(session, role_of(c), place.state, place.mode, now, version_of(c));
  Events events;
  Bytes written;
  session.receive(test::encoded(P{}, 1000), now, events);
  std::string word;
  for (const Pdu& pdu : test::take_pdus(session, written)) {
    EXPECT_EQ(pdu.header.sequence_number, 1000u);
    const bool nack = command_of(pdu.body) == CommandId::generic_nack;
    EXPECT_TRUE(nack || command_of(pdu.body) == response_to(P::kCommand));
    EXPECT_TRUE(has_response(P::kCommand));
    word += nack ? "nack:" : "";
    word += name(pdu.header.command_status).substr(5);
  }
  for (const Event& event : events) {
    if (std::get_if<Request>(&event)) word += "event";
    if (std::get_if<Unbound>(&event)) word += "+unbound";
  }
  return word.empty() ? "-" : word;
}

std::string matrix_case(const Case& c) {
  std::string out;
  test::for_every_pdu([&]<class P>() {
    if (is_response(P::kCommand)) return;
    out += std::string(name(P::kCommand)) + ":";
    for (const Place& place : kPlaces) {
      out += " " + std::string(place.name) + "=" + reaction<P>(c, place);
    }
    out += "\n";
  });
  out.pop_back();
  return out;
}

TEST(Vectors, Sessions) {
  vectors::run("smpp/session.txt", [](const Case& c) -> std::string {
    if (c.command == "stream") return stream_case(c);
    if (c.command == "matrix") return matrix_case(c);
    return "unknown command";
  });
}

}  // namespace
}  // namespace tact::smpp
