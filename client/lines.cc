// SPDX-License-Identifier: Apache-2.0
#include "client/lines.h"

#include <string_view>
#include <utility>

namespace tact::client {
namespace {

enum class Split { whole, open_quote, after_quote };

// Cuts a record at its commas. `open_quote`: the text ends within quotes.
Split split(std::string_view text, std::vector<std::string>& fields) {
  fields.clear();
  std::size_t at = 0;
  for (;;) {
    std::string& field = fields.emplace_back();
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at == text.size()) return Split::open_quote;
        if (text[at] == '"' && (at + 1 == text.size() || text[at + 1] != '"')) break;
        if (text[at] == '"') ++at;
        field += text[at];
      }
      ++at;
      if (at < text.size() && text[at] != ',') return Split::after_quote;
    } else {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      field = text.substr(at, comma - at);
      at = comma;
    }
    if (at == text.size()) return Split::whole;
    ++at;
  }
}

}  // namespace

std::optional<std::string> Lines::next() {
  std::string line;
  if (!returned_.empty()) {
    line = std::move(returned_.front());
    returned_.pop_front();
  } else {
    if (!std::getline(input_, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    if (number_ == 0 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  }
  ++number_;
  return line;
}

void Lines::put_back(std::string line) {
  returned_.push_front(std::move(line));
  --number_;
}

std::optional<CsvRecord> next_csv_record(Lines& lines) {
  std::optional<std::string> line = lines.next();
  while (line && line->empty()) line = lines.next();
  if (!line) return std::nullopt;

  CsvRecord record;
  record.line = lines.number();
  std::string text = std::move(*line);
  std::vector<std::string> rest;
  Split result = split(text, record.fields);
  while (result == Split::open_quote && rest.size() + 1 < kCsvLinesMax) {
    line = lines.next();
    if (!line) break;
    text += '\n';
    text += *line;
    rest.push_back(std::move(*line));
    result = split(text, record.fields);
  }
  if (result == Split::whole) return record;
  record.error = result == Split::open_quote ? "a quote that is never closed"
                                             : "text between a closing quote and the next comma";
  // A quote that was forgotten ends at the next one, lines below: they are rows of their own.
  while (!rest.empty()) {
    lines.put_back(std::move(rest.back()));
    rest.pop_back();
  }
  return record;
}

}  // namespace tact::client
