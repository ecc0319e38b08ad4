// SPDX-License-Identifier: Apache-2.0
// What only the whole tree can tell: folders nobody explains, files nobody uses.
#pragma once

#include "tests/tidy/source.h"

namespace tact::tidy {

// Every folder that holds files of its own has a README.md, except those below one of `exempt`.
Findings check_readmes(const std::vector<std::string>& exempt, const std::vector<Source>& tree);

// Headers that no file includes, and .cc files that no CMakeLists.txt names. A ${variable} in a
// name stands for any text without a slash.
Findings check_dead_files(const std::vector<Source>& tree);

}  // namespace tact::tidy
