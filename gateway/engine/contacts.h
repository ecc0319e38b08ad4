// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "gateway/engine/context.h"
#include "policy/contact.h"

namespace tact::gateway {

// The contact book of one tenant, made durable: every change is logged in the commit that causes
// it; now and then the next part of the book is written whole, so that a start replays a bounded
// tail (DESIGN 17.12).
//
//   contacts 'L' tenant · ms · seq -> batch of changes, 40 or 48 octets each
//   contacts 'P' tenant · part     -> ms u64 (little endian), then the part as
//   ContactBook::snapshot wrote it
//
// A start restores the parts, then replays the changes logged at or after the oldest part's ms. A
// change that the part already holds is harmless: what counts is the last change of a slot, and
// that is replayed last.
class Contacts {
 public:
  Contacts(ShardContext& context, TenantId tenant)
      : context_(context), tenant_(tenant), book_(raw(tenant)) {}

  void start(StoreReader& reader);
  policy::Contact find(NumberHash number) const { return book_.find(number); }
  void reserve(const Message& message, Civil planned, policy::Likeness like = {});
  void settle(NumberHash number, MessageId id, BrandId brand, Class cls, uint8_t advertised,
              Civil at);
  void release(NumberHash number, MessageId id);
  void answer(NumberHash number, BrandId brand);
  // Writes a part when enough has changed.
  void turn();
  size_t size() const { return book_.size(); }

 private:
  void log(const policy::ContactChange& change);

  ShardContext& context_;
  const TenantId tenant_;
  policy::ContactBook book_;
  std::array<uint64_t, policy::ContactBook::kParts> written_ms_{};  // 0: never
  size_t next_part_ = 0;
  uint64_t changes_ = 0;  // since the last part was written
};

}  // namespace tact::gateway
