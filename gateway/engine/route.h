// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "gateway/engine/inbound.h"
#include "gateway/engine/later.h"
#include "gateway/engine/sender.h"

namespace tact::gateway {

// One carrier account: its lanes, its links, what it has sent and what comes back. All of it on one
// shard, so that window, pacer, receipts and lanes need no lock (DESIGN 6).
class Route {
 public:
  Route(ShardContext& context, const RouteSettings& settings);

  // Recovers lanes, sent messages and retries. What a crash left unknown is moved to `awaiting` in
  // the commit of the first turn (DESIGN 17.5).
  void start(StoreReader& reader);

  // From storage.
  void appended(const Appended& mail);
  void waiting(const LaterKey& key) { later_.waiting(key); }
  bool loaded(const Loaded& loaded);
  void checkpoint_durable(Class cls) { lane(cls).committed(); }
  void settled(uint64_t answer) { inbound_.settled(answer); }

  // From the wire.
  void connected(const LinkConnection& link);
  void received(const LinkConnection& link, ByteView bytes);
  void closed(const LinkConnection& link, std::string_view reason, TlsFault tls);

  // One turn, in this order.
  void turn();                     // time, then what may be sent
  void gather();                   // what of it belongs into the commit
  void progress(bool committing);  // checkpoints that belong into this turn's commit
  void flush();
  void count();  // gauges

  Mono deadline() const;
  void drain();
  // Nothing is outstanding and every link is unbound.
  bool drained() const;
  size_t in_flight() const { return sender_.in_flight(); }
  void look_for(const LookFor& request, LookedFor& answer) const;

  const RouteSettings& settings() const { return settings_; }
  RouteStats& stats() { return stats_; }

 private:
  Lane& lane(Class cls) { return lanes_[static_cast<size_t>(cls)]; }
  void handle(uint16_t link);
  void recover(Lane& lane, StoreReader& reader);
  bool skip_unreadable();
  void load_lanes();
  void load_later();

  // Constant after construction.
  ShardContext& context_;
  const RouteSettings& settings_;
  RouteStats& stats_;

  std::vector<Lane> lanes_;  // by class value; [0] is never used
  std::deque<Link> links_;
  Awaiting awaiting_;
  Later later_;
  CarrierCodes carrier_codes_;
  Sender sender_;
  Inbound inbound_;
  smpp::Events events_;
  struct Load {
    Class cls;
    bool later;
  };
  std::map<uint64_t, Load> loads_;
  Mono reclaimed_at_{};
  bool draining_ = false;
  bool last_checkpoints_ = false;  // of a drain: due even for a lane where nothing happened
};

}  // namespace tact::gateway
