// SPDX-License-Identifier: Apache-2.0
// Octets as a stream of PDUs: what decodes must encode to something that decodes to the same, and
// must print and parse.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "smpp/codec.h"
#include "smpp/print.h"

using namespace tact::smpp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_whole(const Pdu& pdu) {
  std::vector<std::uint8_t> again, sent;
  // A response may come longer than we would send it, and 255 octets of text are only read.
  const bool good = encode(pdu, sent).ok();
  if (!encode(pdu, again, Rules::limits).ok()) return require(!good);
  require(good ? sent == again : sent.empty());
  Pdu second;
  require(frame(again, again.size()).length == again.size());
  require(decode(again, second).ok());
  require(equal(pdu.body, second.body));
  std::vector<std::uint8_t> parsed;
  require(parse(print(pdu, {.reveal = true}), parsed).empty());
  require(parsed == again);
  require(!print(pdu).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (Octets rest(data, size); !rest.empty();) {
    const Frame next = frame(rest);
    if (next.kind != Frame::Kind::pdu) break;
    Pdu pdu;
    const CodecResult result = decode(rest.first(next.length), pdu);
    require(result.offset <= next.length);
    if (result.ok()) check_whole(pdu);
    rest = rest.subspan(next.length);
  }
  return 0;
}
