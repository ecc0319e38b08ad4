// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "gateway/engine/ids.h"

namespace tact::gateway {

// The keyed hash under which a number is known everywhere but in its own messages. Injected: its
// key is a secret outside the store, never rotated (DESIGN 17.3). Thread-safe.
class NumberHasher {
 public:
  virtual ~NumberHasher() = default;
  // `e164`: digits without "+".
  virtual NumberHash hash(std::string_view e164) = 0;
};

}  // namespace tact::gateway
