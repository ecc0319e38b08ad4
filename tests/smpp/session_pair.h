// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "smpp/session.h"
#include "tests/smpp/sample.h"

/// An ESME and an SMSC joined by two pipes that deliver in pieces of chosen size.
namespace tact::smpp::test {

using std::chrono::seconds;

inline SessionConfig esme_config(BindMode mode = BindMode::transceiver, std::uint32_t window = 10) {
  SessionConfig config;
  config.mode = mode;
  config.system_id = "esme";
  config.password = "secret";
  config.window = window;
  return config;
}

inline SessionConfig smsc_config(std::uint32_t window = 10) {
  SessionConfig config;
  config.role = Role::smsc;
  config.system_id = "smsc";
  config.window = window;
  return config;
}

inline SessionConfig of_version(std::uint8_t version, SessionConfig config) {
  config.interface_version = version;
  return config;
}

/// All events of one kind, in order.
template <class E>
std::vector<E> all(const Events& events) {
  std::vector<E> found;
  for (const Event& event : events) {
    if (const auto* e = std::get_if<E>(&event)) found.push_back(*e);
  }
  return found;
}

/// The only event, of the given kind.
template <class E>
E only(const Events& events) {
  EXPECT_EQ(events.size(), 1u);
  const auto found = all<E>(events);
  EXPECT_EQ(found.size(), 1u);
  return found.empty() ? E{} : found[0];
}

/// The PDUs in a session's output, taken out; the views in them point into `into`.
inline std::vector<Pdu> take_pdus(Session& session, Bytes& into) {
  into.clear();
  session.take_output(into);
  std::vector<Pdu> pdus;
  for (Octets rest = into; !rest.empty();) {
    const Frame next = frame(rest);
    EXPECT_EQ(next.kind, Frame::Kind::pdu);
    if (next.kind != Frame::Kind::pdu) break;
    EXPECT_TRUE(decode(rest.first(next.length), pdus.emplace_back()).ok());
    rest = rest.subspan(next.length);
  }
  return pdus;
}

/// Brings a session to a state by what a peer of this version sends; its output is thrown away.
inline void drive(Session& session, Role role, SessionState state, BindMode mode, Mono now,
                  std::uint8_t version = kVersion34) {
  Events events;
  Bytes output;
  if (state == SessionState::closed) return;
  session.connected(now);
  if (state == SessionState::open) return;
  const auto receive = [&](const Bytes& octets) { session.receive(octets, now, events); };
  const auto command = [&](CommandId transmitter, CommandId receiver, CommandId transceiver) {
    return mode == BindMode::transmitter ? transmitter
           : mode == BindMode::receiver  ? receiver
                                         : transceiver;
  };
  const CommandId bind =
      command(CommandId::bind_transmitter, CommandId::bind_receiver, CommandId::bind_transceiver);
  for_command(role == Role::esme ? response_to(bind) : bind, [&]<class P>() {
    P pdu;
    TlvWriter tlvs;
    if constexpr (requires { pdu.interface_version; }) pdu.interface_version = version;
    if (role == Role::esme) {
      ASSERT_TRUE(session.bind(now));
      pdu.tlvs = tlvs.u8(Tag::sc_interface_version, version).tlvs();
      if (state != SessionState::binding) receive(encoded(pdu, 1));
    } else {
      receive(encoded(pdu, 1));
      if (state != SessionState::binding) {
        ASSERT_TRUE(session.accept_bind(1, "smsc", now));
      }
    }
  });
  if (state == SessionState::unbinding) {
    ASSERT_TRUE(session.unbind(now));
  }
  session.take_output(output);
  ASSERT_EQ(session.state(), state);
}

struct Pair {
  explicit Pair(const SessionConfig& e = esme_config(), const SessionConfig& s = smsc_config())
      : esme(e), smsc(s) {
    esme.connected(now);
    smsc.connected(now);
  }

  /// Moves one side's output to the other in pieces of at most `chunk` octets. The memory of the
  /// last transfer is kept, because events point into it.
  void move(Session& from, Session& to, Bytes& octets, Events& events) {
    octets.clear();
    from.take_output(octets);
    for (std::size_t at = 0; at < octets.size(); at += chunk) {
      to.receive(Octets(octets).subspan(at, std::min(chunk, octets.size() - at)), now, events);
    }
  }
  void to_smsc() { move(esme, smsc, esme_octets, smsc_events); }
  void to_esme() { move(smsc, esme, smsc_octets, esme_events); }

  void bind() {
    ASSERT_TRUE(esme.bind(now));
    to_smsc();
    const auto request = only<Request>(smsc_events);
    ASSERT_TRUE(smsc.accept_bind(request.pdu.header.sequence_number, "smsc", now));
    to_esme();
    only<Bound>(esme_events);
    smsc_events.clear();
    esme_events.clear();
  }

  Mono now = seconds(100);
  std::size_t chunk = 1 << 20;
  Session esme, smsc;
  Events esme_events, smsc_events;
  Bytes esme_octets, smsc_octets;
};

}  // namespace tact::smpp::test
