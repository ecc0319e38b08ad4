// SPDX-License-Identifier: Apache-2.0
#include "policy/suppression.h"

#include <algorithm>
#include <mutex>

#include "policy/hash.h"
#include "policy/likeness.h"

namespace tact::policy {
namespace {

constexpr ClassMask kNeverBlocked = mask(Class::otp) | mask(Class::crisis);

}  // namespace

size_t Suppression::Hash::operator()(const Key& k) const {
  return mix(k.number ^ uint64_t{k.scope} << 48);
}

const Suppression::Stripe& Suppression::stripe(const Key& k) const {
  return stripes_[Hash{}(k) >> 20 & (kStripes - 1)];
}
Suppression::Stripe& Suppression::stripe(const Key& k) {
  return stripes_[Hash{}(k) >> 20 & (kStripes - 1)];
}

BlockMask Suppression::blocks(uint16_t scope, NumberHash number, Class c, Instant now) const {
  if (!known(c) || contains(kNeverBlocked, c)) return 0;
  const Key key{number, scope};
  const Stripe& s = stripe(key);
  const std::shared_lock guard(s.lock);
  const auto it = s.entries.find(key);
  if (it == s.entries.end()) return 0;
  BlockMask found = it->second.blocks[static_cast<size_t>(c) - 1];
  const Instant end = it->second.pause_until;
  if (end != Instant{} && end <= now) found &= static_cast<BlockMask>(~BlockMask(Block::pause));
  return found;
}

bool Suppression::blocked(uint16_t scope, NumberHash number, Class c) const {
  return contains(blocks(scope, number, c, Instant{}), Block::opt_out);
}

Instant Suppression::pause_until(uint16_t scope, NumberHash number) const {
  return get(scope, number).pause_until;
}

bool change(SuppressionEntry& entry, ClassMask classes, Block block, bool on, Instant since,
            uint64_t proof, Instant until) {
  classes &= static_cast<ClassMask>(~kNeverBlocked);
  const SuppressionEntry before = entry;
  for (size_t i = 0; i < entry.blocks.size(); ++i) {
    if ((classes >> i & 1) == 0) continue;
    BlockMask& blocks = entry.blocks[i];
    const auto reason = static_cast<BlockMask>(block);
    blocks = static_cast<BlockMask>(on ? blocks | reason : blocks & ~reason);
  }
  // One time for all classes: lifted for one it stands for the others.
  if (block == Block::pause && classes != 0) {
    const bool left = std::ranges::any_of(
        entry.blocks, [](BlockMask blocks) { return contains(blocks, Block::pause); });
    entry.pause_until = on ? until : left ? entry.pause_until : Instant{};
  }
  if (entry == before) return false;
  entry.since = since;
  entry.proof = proof;
  return true;
}

uint64_t withdrawn_key(uint16_t owner, MessageId message) { return mix(mix(owner + 1u) ^ message); }

uint64_t withdrawn_key(uint16_t owner, std::string_view campaign) {
  Digest digest;
  digest.add(owner);
  digest.add(campaign);
  return mix(digest.value());
}

bool Suppression::withdrawn(uint16_t owner, MessageId message, std::string_view campaign) const {
  if (withdrawals_.load(std::memory_order_relaxed) == 0) return false;
  return withdrawn(withdrawn_key(owner, message), message) ||
         (!campaign.empty() && withdrawn(withdrawn_key(owner, campaign), message));
}

uint64_t halted_key(uint32_t campaign) { return mix(~uint64_t{campaign}); }

bool Suppression::halted(uint16_t owner, std::string_view campaign) const {
  if (campaign.empty() || withdrawals_.load(std::memory_order_relaxed) == 0) return false;
  return withdrawn(halted_key(campaign_digest(owner, campaign)), 0);
}

bool Suppression::withdrawn(uint64_t key, MessageId message) const {
  const Stripe& s = stripe({key, kWithdrawnScope});
  const std::shared_lock guard(s.lock);
  const auto it = s.withdrawn.find(key);
  return it != s.withdrawn.end() && message < it->second;
}

void Suppression::put_withdrawal(const SuppressionEntry& e) {
  Stripe& s = stripe({e.number, kWithdrawnScope});
  const std::unique_lock guard(s.lock);
  const size_t before = s.withdrawn.size();
  if (e.blocks == decltype(e.blocks){}) {
    s.withdrawn.erase(e.number);
  } else {
    s.withdrawn.insert_or_assign(e.number, e.proof);
  }
  withdrawals_.fetch_add(s.withdrawn.size() - before, std::memory_order_relaxed);
}

SuppressionEntry Suppression::set(uint16_t scope, NumberHash number, ClassMask classes, Block block,
                                  bool on, Instant since, uint64_t proof, Instant until) {
  const Key key{number, scope};
  Stripe& s = stripe(key);
  const std::unique_lock guard(s.lock);
  Value& v = s.entries[key];
  SuppressionEntry entry{scope, number, v.blocks, v.since, v.proof, v.pause_until};
  change(entry, classes, block, on, since, proof, until);
  v = {entry.blocks, entry.since, entry.proof, entry.pause_until};
  return entry;
}

void Suppression::put(const SuppressionEntry& e) {
  if (e.scope == kWithdrawnScope) return put_withdrawal(e);
  const Key key{e.number, e.scope};
  Stripe& s = stripe(key);
  const std::unique_lock guard(s.lock);
  s.entries[key] = {e.blocks, e.since, e.proof, e.pause_until};
}

SuppressionEntry Suppression::get(uint16_t scope, NumberHash number) const {
  const Key key{number, scope};
  const Stripe& s = stripe(key);
  const std::shared_lock guard(s.lock);
  const auto it = s.entries.find(key);
  if (it == s.entries.end()) return {scope, number};
  const Value& v = it->second;
  return {scope, number, v.blocks, v.since, v.proof, v.pause_until};
}

void Suppression::each(const std::function<void(const SuppressionEntry&)>& visit) const {
  for (const Stripe& s : stripes_) {
    const std::shared_lock guard(s.lock);
    for (const auto& [key, v] : s.entries) {
      visit({key.scope, key.number, v.blocks, v.since, v.proof, v.pause_until});
    }
  }
}

size_t Suppression::size() const {
  size_t n = 0;
  for (const Stripe& s : stripes_) {
    const std::shared_lock guard(s.lock);
    n += s.entries.size();
  }
  return n;
}

}  // namespace tact::policy
