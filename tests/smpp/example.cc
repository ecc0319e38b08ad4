// SPDX-License-Identifier: Apache-2.0
// An ESME sends a long text, an SMSC delivers it: both in this program, which carries the octets
// that two programs would write to a socket.
#include <iostream>

#include "smpp/receipt.h"
#include "smpp/segment.h"
#include "smpp/session.h"

using namespace tact::smpp;

void serve(Session& smsc, const Pdu& pdu, Mono now) {
  const std::uint32_t number = pdu.header.sequence_number;
  if (std::holds_alternative<BindTransceiver>(pdu.body)) {
    smsc.accept_bind(number, "carrier", now);
  } else if (const auto* submit = std::get_if<SubmitSm>(&pdu.body)) {
    const std::string id = "id-" + std::to_string(number);
    smsc.answer(number, CommandId::submit_sm, Status::ESME_ROK, id);
    std::string text;
    format_receipt({.id = id}, text);
    DeliverSm receipt;
    receipt.source_addr = submit->destination_addr;
    receipt.esm_class = kReceiptType;
    receipt.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    smsc.request(receipt, 0, now);
  }
}

int main() {
  const Mono now = std::chrono::seconds(1);
  Session esme({.system_id = "tact", .password = "secret"}), smsc({.role = Role::smsc});
  esme.connected(now), smsc.connected(now), esme.bind(now);
  int delivered = 0;
  for (int round = 0; round < 10; ++round) {
    Events asked, told;
    std::vector<std::uint8_t> out, in;  // live as long as the events do
    esme.take_output(out), smsc.receive(out, now, asked);
    for (const Event& e : asked) {
      if (const auto* request = std::get_if<Request>(&e)) serve(smsc, request->pdu, now);
    }
    smsc.take_output(in), esme.receive(in, now, told);
    for (const Event& e : told) {
      Segments parts;
      if (std::holds_alternative<Bound>(e)) parts.split(std::string(200, 'x'), {});
      for (int k = 0; k < parts.size(); ++k) {
        SubmitSm submit;
        submit.destination_addr = "8613800138000", submit.registered_delivery = kReceiptAlways;
        parts.part(k).apply_to(submit);
        esme.submit(submit, static_cast<std::uint64_t>(k), now);
      }
      if (const auto* request = std::get_if<Request>(&e)) {
        Receipt receipt;
        delivered += parse_receipt(std::get<DeliverSm>(request->pdu.body), receipt);
        std::cout << receipt.id << " is delivered\n";
        esme.answer(request->pdu.header.sequence_number, CommandId::deliver_sm, Status::ESME_ROK);
      }
    }
  }
  return delivered == 2 ? 0 : 1;  // each of the parts, of 153 characters and of 47
}
