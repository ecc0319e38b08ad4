// SPDX-License-Identifier: Apache-2.0
#include "client/replay/texts.h"

#include <fstream>
#include <stdexcept>

#include "client/judge/sheet.h"

namespace tact::client {

KeptTexts read_texts(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  Sheet sheet(file);
  KeptTexts texts;
  while (const auto row = sheet.next()) {
    if (!row->errors.empty()) throw std::runtime_error(describe(path, row->errors.front()));
    const SheetCell* id = row->find("id");
    const SheetCell* to = row->find("to");
    const SheetCell* text = row->find("text");
    if (id == nullptr || to == nullptr || text == nullptr) {
      throw std::runtime_error(describe(path, {row->line, 1, "expected id, to and text"}));
    }
    texts[id->value] = {to->value, text->value};
  }
  return texts;
}

}  // namespace tact::client
