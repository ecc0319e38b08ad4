// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>

#include "bench/micro/messages.h"
#include "bench/micro/paths.h"
#include "bench/micro/rules.h"
#include "gateway/engine/awaiting.h"
#include "gateway/engine/lane.h"

namespace tact::bench {
namespace {

using namespace gateway;

constexpr uint64_t kWaiting = 10'000;  // messages whose receipts have not come
constexpr Mono kNow{std::chrono::hours(1)};
constexpr Civil kCivil{std::chrono::milliseconds(1'773'800'100'000)};

// A batch joins a lane that has offered all before it; its messages are offered and resolved out of
// order, and a checkpoint says so.
Path::Step lane_life() {
  auto lane = std::make_shared<Lane>(LaneId{RouteId{1}, kClass}, 8u << 20, 8192, 4096);
  lane->restore({}, 0);
  lane->take_checkpoint();
  lane->committed();
  return [lane, batch = batch(), seq = uint64_t{0}]() mutable {
    lane->appended(seq, batch, kNow);
    for (int i = 0; i < kBatch; ++i) {
      if (lane->front() == nullptr) return false;
      lane->offer();
    }
    for (uint64_t i = 0; i < kBatch; ++i) lane->resolve(seq + i * 37 % kBatch);
    seq += kBatch;
    lane->take_checkpoint();
    lane->committed();
    lane->reclaim(false);
    return lane->open() == 0;
  };
}

std::string smsc_id(uint64_t n) { return std::to_string(1'000'000'000 + n); }

Sent sent(uint64_t n, SentPart::Answer answer) {
  Sent made;
  made.id = MessageId{(1ull << 32) + n};
  made.number = number_hash(n);
  made.accepted = made.submitted = kCivil;
  made.tenant = TenantId{1};
  made.account = AccountId{1};
  made.brand = BrandId{1};
  made.upstream = UpstreamId{1};
  made.cls = kClass;
  made.message_reference = static_cast<uint16_t>(n);
  made.reference = "order-2026-03-18-" + std::to_string(n);
  made.parts.resize(1);
  made.parts[0].answer = answer;
  if (answer == SentPart::Answer::accepted) made.parts[0].id = smsc_id(n);
  return made;
}

// One message is sent, and the receipt of the one sent kWaiting before it comes. `late`: its
// response had not come in time, and comes now.
Path::Step awaiting_life(bool late) {
  struct World {
    Awaiting awaiting{std::chrono::seconds(30)};
    std::vector<Awaiting::Entry> entries;
    uint64_t count = 0;
  };
  auto world = std::make_shared<World>();
  const auto add = [world, late] {
    using Answer = SentPart::Answer;
    const Sent message = sent(world->count++, late ? Answer::unanswered : Answer::accepted);
    return world->awaiting.add(message, kNow, kCivil);
  };
  while (world->count < kWaiting) world->entries.push_back(add());
  return [world, add, late] {
    Awaiting& awaiting = world->awaiting;
    Awaiting::Entry& entry = world->entries[world->count % kWaiting];
    const uint64_t old = world->count - kWaiting;
    const std::string id = smsc_id(old);
    if (late && !awaiting.settle(entry, 0, id)) return false;
    const auto match = awaiting.find(id, {}, number_hash(old), std::nullopt);
    if (!match || !(match->entry == entry)) return false;
    const auto progress = awaiting.receipt(*match, id, smpp::MessageState::delivered, "000");
    awaiting.erase(entry);
    entry = add();
    return progress.closed && !awaiting.record(entry).empty();
  };
}

}  // namespace

std::vector<Path> queue_paths() {
  return {{"lane-life", kBatch, &lane_life},
          {"awaiting-life", 1, [] { return awaiting_life(false); }},
          {"awaiting-life-late-response", 1, [] { return awaiting_life(true); }}};
}

}  // namespace tact::bench
