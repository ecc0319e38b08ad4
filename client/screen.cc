// SPDX-License-Identifier: Apache-2.0
#include "client/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace tact::client {

Screen::Screen(std::FILE* stream) : stream_(stream), terminal_(isatty(fileno(stream)) == 1) {}

bool Screen::fits(std::size_t lines) const {
  winsize size{};
  return terminal_ && ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && lines < size.ws_row;
}

void Screen::show(const std::string& text) {
  if (!terminal_) return;
  if (lines_ > 0) std::fprintf(stream_, "\x1b[%zuA\r\x1b[J", lines_);
  std::fputs(text.c_str(), stream_);
  std::fflush(stream_);
  lines_ = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace tact::client
