// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/history.h"

#include <cstdio>

namespace tact::sim {

std::string History::tell(std::optional<size_t> message, size_t most) const {
  std::vector<const Line*> chosen;
  for (auto line = lines_.rbegin(); line != lines_.rend() && chosen.size() < most; ++line) {
    if (!message || !line->message || line->message == message) chosen.push_back(&*line);
  }
  std::string out;
  for (auto line = chosen.rbegin(); line != chosen.rend(); ++line) {
    char time[32];
    std::snprintf(time, sizeof time, "%14.6f  ",
                  std::chrono::duration<double>((*line)->at).count() - 1'000);
    out += time + (*line)->text + '\n';
  }
  return out;
}

}  // namespace tact::sim
