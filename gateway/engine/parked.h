// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <string>

#include "gateway/engine/context.h"
#include "smpp/receipt.h"

namespace tact::gateway {

// Receipts that came before the response of their message (SMPP 1, theme "receipt race"), or for
// messages that nobody here knows. Durable, answered, matched when their partner appears, forgotten
// after an hour.
//
// On disk, table `parked` (little endian):
//   number u64 | at_ms i64 | state u8 | two strings u8: id, error
class Parked {
 public:
  struct Receipt {
    std::string id, error;
    smpp::MessageState state{};
    NumberHash number = 0;
    Civil at{};
  };

  Parked(ShardContext& context, const RouteSettings& settings)
      : context_(context), settings_(settings) {}

  void start(StoreReader& reader);
  // False: full, the receipt was dropped and only counted.
  bool park(const Receipt& receipt);
  // The newest receipt for an id as a response gave it, if one waits; it is taken out.
  std::optional<Receipt> claim(std::string_view response_id, NumberHash number);
  void expire();
  size_t size() const { return held_.size(); }

 private:
  struct Held {
    Receipt receipt;
    uint64_t seq;
  };

  void insert(Held held);
  void index(const Held& held, bool add);
  void erase(uint64_t seq);

  ShardContext& context_;
  const RouteSettings& settings_;
  boost::unordered_flat_map<uint64_t, Held> held_;       // by seq
  boost::unordered_flat_map<uint64_t, uint64_t> by_id_;  // alias hash -> seq, the newest
  std::deque<uint64_t> order_;                           // seqs by age
  uint64_t next_seq_ = 1;
};

}  // namespace tact::gateway
