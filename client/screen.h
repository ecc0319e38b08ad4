// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>

namespace tact::client {

// Text that is drawn again in place on a terminal. On anything else show() does nothing.
class Screen {
 public:
  // REQUIRES: `stream` outlives this object.
  explicit Screen(std::FILE* stream);

  bool is_terminal() const { return terminal_; }
  // Whether so many lines can be drawn again; what has scrolled away cannot.
  bool fits(std::size_t lines) const;

  // Replaces what the last show() drew by `text`, lines each ended.
  void show(const std::string& text);
  // Removes what the last show() drew.
  void clear() { show(""); }

 private:
  std::FILE* const stream_;
  const bool terminal_;
  std::size_t lines_ = 0;
};

}  // namespace tact::client
