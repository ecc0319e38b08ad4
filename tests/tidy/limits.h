// SPDX-License-Identifier: Apache-2.0
// How long, how wide, how clean a file may be. Pure functions of one file.
#pragma once

#include "tests/tidy/source.h"

namespace tact::tidy {

inline constexpr int kFileLines = 600;
inline constexpr int kFunctionLines = 70;
inline constexpr int kColumns = 100;  // code points, not octets

// Files that people write line by line; data, documents, lists and what
// is copied from others (vendor/) are not judged by these limits.
bool is_handwritten(std::string_view path);

// Length, width, tabs, trailing blanks, final newline; of C++ also the licence line and #pragma
// once.
Findings check_layout(const Source& source);

// Function definitions at namespace or class scope, from the first line of the signature to the
// closing brace. A heuristic by braces that holds for code formatted by clang-format; lambdas and
// local classes count as lines of the function around them.
Findings check_functions(const Source& source);

}  // namespace tact::tidy
