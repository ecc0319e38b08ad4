// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>

namespace tact::bench {

// Which messages have been submitted before, by fingerprint: some 20 octets each, in 256 maps so
// that no growth of one stops the simulator for long.
class SubmitHistory {
 public:
  struct Seen {
    uint32_t attempts = 0;
    bool accepted = false;  // one of them was taken
  };

  // Of this fingerprint; valid until the next call.
  Seen& at(uint64_t fingerprint) { return maps_[fingerprint >> 56][fingerprint]; }

 private:
  std::array<boost::unordered_flat_map<uint64_t, Seen>, 256> maps_;
};

}  // namespace tact::bench
