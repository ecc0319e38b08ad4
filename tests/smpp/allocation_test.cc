// SPDX-License-Identifier: Apache-2.0
// The steady state allocates nothing: what makes a gateway slow is rarely seen in a profile,
// because it is spread over everything.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "smpp/receipt.h"
#include "smpp/segment.h"
#include "smpp/septets.h"
#include "tests/smpp/session_pair.h"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tact::smpp {
namespace {

using test::Bytes;
using test::Pair;

/// Runs `work` until it is warm, then counts.
template <class Work>
std::size_t allocations_of(Work&& work) {
  for (int i = 0; i < 10; ++i) work();
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) work();
  return allocations - before;
}

TEST(Allocation, CountingWorks) {
  Bytes kept;
  EXPECT_EQ(allocations_of([&] { Bytes(1000).swap(kept); }), 100u);
}

TEST(Allocation, EncodeAndDecodeTakeNone) {
  const SubmitSm submit = test::sample_submit();
  const DeliverSm receipt = test::sample_receipt();
  const SubmitSmResp response{{"abcdef", {}}};
  Bytes out;
  std::size_t decoded = 0;
  EXPECT_EQ(allocations_of([&] {
              out.clear();
              encode(submit, Status::ESME_ROK, 1, out);
              encode(response, Status::ESME_ROK, 2, out);
              encode(receipt, Status::ESME_ROK, 3, out);
              Pdu pdu;
              for (Octets rest = out; !rest.empty();) {
                const Frame next = frame(rest);
                decoded += decode(rest.first(next.length), pdu).ok() ? 1 : 0;
                rest = rest.subspan(next.length);
              }
            }),
            0u);
  EXPECT_EQ(decoded, 330u);
}

TEST(Allocation, ListsTakeNone) {
  Bytes items, out;
  SubmitMulti pdu;
  std::size_t seen = 0;
  EXPECT_EQ(allocations_of([&] {
              items.clear();
              out.clear();
              for (int i = 0; i < 100; ++i) {
                encode_item(DestAddress(SmeAddress{{}, {}, "8613800138000"}), items);
              }
              pdu.dest_address = List<DestAddress>(items);
              encode(pdu, Status::ESME_ROK, 1, out);
              Pdu read;
              decode(out, read);
              for (const DestAddress& each : std::get<SubmitMulti>(read.body).dest_address) {
                seen += std::get<SmeAddress>(each).destination_addr.size();
              }
            }),
            0u);
  EXPECT_EQ(seen, 110u * 100 * 13);
}

TEST(Allocation, SessionsOfBothRolesTakeNone) {
  Pair pair(test::esme_config(BindMode::transceiver, 100), test::smsc_config(100));
  pair.bind();
  pair.chunk = 1000;
  std::uint64_t answered = 0;
  const SubmitSm submit = test::sample_submit();
  const DeliverSm receipt = test::sample_receipt();
  EXPECT_EQ(allocations_of([&] {
              pair.esme_events.clear();
              pair.smsc_events.clear();
              for (std::uint64_t i = 0; i < 50; ++i) {
                pair.esme.submit(submit, i, pair.now);
                pair.smsc.request(receipt, i, pair.now);
              }
              pair.to_smsc();
              for (const Event& event : pair.smsc_events) {
                const auto& request = std::get<Request>(event).pdu.header;
                pair.smsc.answer(request.sequence_number, request.command_id, Status::ESME_ROK,
                                 "0123456789");
              }
              pair.smsc_events.clear();
              pair.to_esme();
              for (const Event& event : pair.esme_events) {
                if (const auto* request = std::get_if<Request>(&event)) {
                  pair.esme.answer(request->pdu.header.sequence_number, CommandId::deliver_sm,
                                   Status::ESME_ROK);
                } else {
                  answered += std::get<Response>(event).message_id.size() == 10 ? 1 : 0;
                }
              }
              pair.to_smsc();
            }),
            0u);
  EXPECT_EQ(answered, 110u * 50);
}

TEST(Allocation, SplittingReceiptsAndAliasesTakeNone) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "中文";
  Segments segments;
  const DeliverSm pdu = test::sample_receipt();
  std::size_t spellings = 0;
  EXPECT_EQ(
      allocations_of([&] {
        segments.split(text, {.concat = Concat::udh16, .reference = 7});
        Receipt receipt;
        ASSERT_TRUE(parse_receipt(pdu, receipt));
        aliases(receipt.id, {IdBase::decimal, IdBase::hex}, [&](std::string_view) { ++spellings; });
      }),
      0u);
  EXPECT_EQ(segments.size(), 4);
  EXPECT_EQ(spellings, 330u);
}

TEST(Allocation, SplittingByNationalTablesTakesNone) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "अअ०";
  Segments segments;
  Bytes packed;
  EXPECT_EQ(allocations_of([&] {
              segments.split(text, {.dialect = {.packed = true, .languages = Languages::all()}});
              packed.clear();
              pack_septets(segments.part(0).short_message, 1, packed);
            }),
            0u);
  EXPECT_EQ(segments.size(), 3);  // of UCS-2 it would be five
}

}  // namespace
}  // namespace tact::smpp
