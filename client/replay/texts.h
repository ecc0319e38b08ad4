// SPDX-License-Identifier: Apache-2.0
// Numbers and texts of messages by their id, as their producer kept them: for an audit that does
// not hold them.
#pragma once

#include <string>
#include <unordered_map>

namespace tact::client {

struct KeptText {
  std::string to, text;  // as submitted
};
using KeptTexts = std::unordered_map<std::string, KeptText>;  // by id

// TSV with a header line or JSON lines, with id, to and text; other columns are left alone. Throws
// std::runtime_error with "file:line:column: what is wrong".
KeptTexts read_texts(const std::string& path);

}  // namespace tact::client
