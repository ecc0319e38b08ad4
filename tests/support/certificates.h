// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

// Certificates for tests, made on the spot.
namespace tact::certificates {

struct Wish {
  std::string name = "test";        // common name
  std::vector<std::string> hosts;   // "DNS:smsc.example", "IP:127.0.0.1"
  int from_days = -1, to_days = 1;  // from now
  bool is_ca = false;
};

// PEM.
struct Pair {
  std::string certificate, key;
};

// By `issuer`; without one it vouches for itself.
Pair make(const Wish& wish, const Pair* issuer = nullptr);

// The same key, to be read with this passphrase only.
std::string encrypted(const std::string& key, const std::string& passphrase);

}  // namespace tact::certificates
