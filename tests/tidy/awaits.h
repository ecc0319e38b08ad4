// SPDX-License-Identifier: Apache-2.0
// Expressions with co_await that g++ 12 miscompiles: it destroys a lambda with captures or a braced
// temporary twice, or copies it bitwise (equeim/tremotesf2 pull 551; chriskohlhoff/asio issues 858
// and 1027). Name the lambda or the value in a statement of its own.
#pragma once

#include "tests/tidy/source.h"

namespace tact::tidy {

Findings check_awaits(const Source& source);

}  // namespace tact::tidy
