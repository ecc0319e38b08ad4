// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "gateway/engine/ids.h"

// How the fields of jobs and controls are read.
namespace tact::gateway {

// Names, references and proofs: octets.
inline constexpr size_t kStringMax = 64;

inline constexpr int kSpecialDatesMax = 8;

// Nobody means a time beyond this; two digits of the year are all that SMPP has for it.
inline constexpr std::chrono::days kFarthest{366};

// Of a proto::MessageClass, which is open: a value that is no class of ours stays none, whatever
// its low octet is.
inline Class class_of(int told) {
  return told < 0 || told > 0xff ? static_cast<Class>(0xff) : static_cast<Class>(told);
}

}  // namespace tact::gateway
