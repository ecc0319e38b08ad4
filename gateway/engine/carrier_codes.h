// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <string_view>

#include "gateway/engine/context.h"

namespace tact::gateway {

// What a carrier's codes say of numbers and texts, and what follows (POLICY 2.4): the route's own
// patterns first, then those that are common. A code is looked for whole, then by the longest
// beginning.
//
//   dead       after settings.dead_after failures in a row the tenant's brands leave the number
//              alone: NUMBER_DEAD
//   black      its brand does: CARRIER_BLACK
//   often      its brand pauses for a day
//   content,   for a person: a notice, at most one in ten minutes of each kind
//   signature
//
// Failures in a row are kept in `facts`: kind 'f', the route in the tenant's place, the number's
// hash; count u8, at_ms i64.
class CarrierCodes {
 public:
  CarrierCodes(ShardContext& context, const RouteSettings& settings, RouteStats& stats)
      : context_(context), settings_(settings), stats_(stats) {}

  void start(StoreReader& reader);

  CarrierSays meaning(std::string_view code) const;
  // A message has failed for good, with this code or, where that means nothing, by this state or
  // status.
  template <typename Facts>  // Message or Sent
  void failed(const Facts& message, std::string_view code, std::string_view otherwise) {
    const CarrierSays says = meaning(code);
    const bool told = says != CarrierSays::nothing;
    said({message.tenant, message.brand, message.number, message.id},
         told ? says : meaning(otherwise), told ? code : otherwise);
  }
  void delivered(NumberHash number) {
    if (!failures_.empty()) forget(number);
  }

 private:
  void said(CarrierSaid about, CarrierSays says, std::string_view code);
  bool is_dead(NumberHash number);  // one failure more
  void forget(NumberHash number);
  void alarm(CarrierSays says, std::string_view code);

  // Constant after construction.
  ShardContext& context_;
  const RouteSettings& settings_;
  RouteStats& stats_;

  struct Failures {
    uint8_t count = 0;
    Civil last{};
  };
  boost::unordered_flat_map<NumberHash, Failures> failures_;
  std::array<Mono, kCarrierSays> quiet_until_{};
};

}  // namespace tact::gateway
