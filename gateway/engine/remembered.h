// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>

#include "gateway/engine/divided_map.h"
#include "gateway/engine/ids.h"
#include "gateway/engine/message.h"
#include "gateway/engine/stats.h"
#include "gateway/engine/store.h"

namespace tact::gateway {

class CommitBuilder;
class Sealer;

// On disk, in batches of table `remembered` (little endian): kind u8 | digest u64 | sender u64.
struct RememberedRecord {
  // DO NOT CHANGE: on disk.
  enum class Kind : uint8_t {
    closed = 1,     // a receipt's id has had its effect
    told = 2,       // a deliver_sm of a handset has had its effect
    forgotten = 3,  // the carrier knows that we know: `told` ends
  };
  Kind kind{};
  uint64_t digest = 0;
  uint64_t sender = 0;  // told: who wrote to whom; 0 for a part of a long reply
};
inline constexpr size_t kRememberedBytes = 17;
void append_remembered(const RememberedRecord&, Bytes& out);
bool read_remembered(ByteView in, size_t& offset, RememberedRecord& out);

// What a carrier has told on one route and may tell again, because our answer did not reach it or
// because it doubles things: the repeat is answered and has no second effect (DESIGN 17.7).
//
// A receipt is known by id and destination for 24 hours after its message has got its final event.
//
// A reply is harder: a person may send the same word twice. So a reply is remembered only while the
// carrier may not have our answer. It is forgotten once the answer was written promptly and the
// session has lived on for a minute; else after 24 hours. Until then equal octets from the same
// handset are a repeat. A different reply of the same handset also ends the memory of those that
// were answered before: of T, START, T the last must count, since losing an opt-out is worse than
// telling one twice. Parts of long replies do not end each other.
//
// Both are bounded by count, the oldest is forgotten first. Digests are keyed: those on disk tell
// nobody who wrote what.
class Remembered {
 public:
  Remembered(RouteId route, size_t limit) : route_(route), limit_(limit) {}

  void start(StoreReader& reader, Sealer& sealer, Counter& unreadable, Civil now);

  // ---- Receipts.
  // Nothing happens when it was told before.
  void close(uint64_t digest, CommitBuilder& out, Civil now);
  bool closed(uint64_t digest) const { return closed_.held.contains(digest); }

  // ---- Replies.
  struct Reply {
    Civil at{};
    uint64_t sender = 0;
    uint64_t pending = 0;  // the answer that waits for its effect; 0: its effect is durable
    bool answered = false;
  };
  // Null: it is new. Valid until the next call that changes something.
  Reply* reply(uint64_t digest);
  // Of a new one, in memory. Its record joins the commit of its effect: CommitBuilder::remember.
  void tell(uint64_t digest, uint64_t sender, uint64_t pending, CommitBuilder& out, Civil now);
  // The carrier has our answer; also on disk.
  void forget(uint64_t digest, CommitBuilder& out, Civil now);

  // Forgets what is too old, and deletes its records now and then.
  void expire(CommitBuilder& out, Civil now);

  size_t receipts() const { return closed_.held.size(); }
  size_t replies() const { return replies_.held.size(); }

 private:
  // Both by digest, and in the order of time.
  struct Closed {
    DividedSet<uint64_t> held;
    std::deque<std::pair<Civil, uint64_t>> order;

    bool add(uint64_t digest, Civil at);
    void expire(Civil until, size_t limit);
  };
  struct Replies {
    DividedMap<uint64_t, Reply> held;
    std::deque<std::pair<Civil, uint64_t>> order;  // one that was forgotten leaves its place

    void add(uint64_t digest, const Reply& reply);
    void expire(Civil until, size_t limit);
  };

  void remember(uint64_t digest, const Reply& entry);

  const RouteId route_;
  const size_t limit_;
  Closed closed_;
  Replies replies_;
  boost::unordered_flat_map<uint64_t, uint64_t> last_;  // sender -> digest of its newest reply
  Civil reclaimed_{};                                   // nothing older is on disk
  bool stored_ = false;                                 // something may be on disk
};

}  // namespace tact::gateway
