// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/agenda.h"

namespace tact::sim {

// What happened, for a person to read once a seed has failed: kept only when asked for, since to
// write it takes longer than to live it.
class History {
 public:
  bool recording = false;

  // `line` is only called when it is wanted. message: whom it is about; none: everybody.
  void note(Mono at, std::optional<size_t> message, const std::function<std::string()>& line) {
    if (recording) lines_.push_back({at, message, line()});
  }
  // The last lines about everybody and this message (none: all), oldest first.
  std::string tell(std::optional<size_t> message, size_t most) const;

 private:
  struct Line {
    Mono at;
    std::optional<size_t> message;
    std::string text;
  };
  std::vector<Line> lines_;
};

}  // namespace tact::sim
