// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "gateway/engine/notice.h"
#include "gateway/engine/store.h"
#include "gateway/engine/wire.h"
#include "policy/rule_set.h"

namespace tact::gateway {

// The calls of a shard that its thread needs: one per chunk of bytes, delivery or turn, so a
// virtual call costs nothing that counts. Their meaning is Shard's.
class ShardFace {
 public:
  virtual ~ShardFace() = default;
  virtual void connected(ConnectionId) = 0;
  virtual void received(ConnectionId, ByteView) = 0;
  virtual void closed(ConnectionId, std::string_view reason, TlsFault) = 0;
  virtual void accepted(ConnectionId, ByteView first) = 0;
  virtual void deliver(Delivery&&) = 0;
  virtual void loaded(Loaded&&) = 0;
  virtual void use(std::shared_ptr<const policy::RuleSet>) = 0;
  virtual void turn(Now) = 0;
  virtual Mono deadline() const = 0;
  virtual bool more() const = 0;
  virtual void drain(Now) = 0;
  virtual bool drained() const = 0;
  virtual const std::vector<Notice>& notices() const = 0;
};

// Gives any shard of this shape that face: ShardFaceOf<Shard>.
template <typename S>
class ShardFaceOf final : public ShardFace {
 public:
  explicit ShardFaceOf(S& shard) : shard_(shard) {}
  void connected(ConnectionId id) override { shard_.connected(id); }
  void received(ConnectionId id, ByteView bytes) override { shard_.received(id, bytes); }
  void closed(ConnectionId id, std::string_view reason, TlsFault tls) override {
    shard_.closed(id, reason, tls);
  }
  void accepted(ConnectionId id, ByteView first) override { shard_.accepted(id, first); }
  void deliver(Delivery&& delivery) override { shard_.deliver(std::move(delivery)); }
  void loaded(Loaded&& loaded) override { shard_.loaded(std::move(loaded)); }
  void use(std::shared_ptr<const policy::RuleSet> rules) override { shard_.use(std::move(rules)); }
  void turn(Now now) override { shard_.turn(now); }
  Mono deadline() const override { return shard_.deadline(); }
  bool more() const override { return shard_.more(); }
  void drain(Now now) override { shard_.drain(now); }
  bool drained() const override { return shard_.drained(); }
  const std::vector<Notice>& notices() const override { return shard_.notices(); }

 private:
  S& shard_;
};

}  // namespace tact::gateway
