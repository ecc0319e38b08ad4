// SPDX-License-Identifier: Apache-2.0
#include "client/judge/sheet.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "client/utf8.h"
#include "policy/normalise.h"

namespace tact::client {
namespace {

namespace json = boost::json;

int characters(std::string_view text) { return static_cast<int>(policy::code_points(text)); }

// Four hex digits at the front of the text.
std::optional<char32_t> hex4(std::string_view text) {
  uint32_t value = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (error != std::errc() || end != text.data() + 4) return std::nullopt;
  return value;
}

// A \uXXXX, or two that make a character above the basic plane, taken off the front.
std::optional<char32_t> take_escape(std::string_view& text) {
  const auto first = hex4(text.substr(2));
  if (!first) return std::nullopt;
  text.remove_prefix(6);
  if (*first < 0xd800 || *first > 0xdfff) return first;
  if (*first > 0xdbff || !text.starts_with("\\u")) return std::nullopt;
  const auto second = hex4(text.substr(2));
  if (!second || *second < 0xdc00 || *second > 0xdfff) return std::nullopt;
  text.remove_prefix(6);
  return 0x10000 + ((*first - 0xd800) << 10 | (*second - 0xdc00));
}

// \n and \uXXXX; every other backslash is itself. Nothing: a \u that is no character.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("\\n")) {
      out += '\n';
      text.remove_prefix(2);
    } else if (text.starts_with("\\u")) {
      const auto c = take_escape(text);
      if (!c) return std::nullopt;
      policy::append_utf8(*c, out);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

void add(SheetRow& row, SheetCell cell) {
  if (cell.name == "context") return read_pairs(cell.value, row.line, cell.column, row);
  if (const SheetCell* other = row.find(cell.name); other != nullptr && !other->value.empty()) {
    row.errors.push_back({row.line, cell.column, cell.name + " is given twice"});
    return;
  }
  row.cells.push_back(std::move(cell));
}

std::optional<std::string> text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (value.is_bool()) return value.get_bool() ? "1" : "0";
  if (value.is_int64() || value.is_uint64()) return json::serialize(value);
  return std::nullopt;
}

}  // namespace

std::string describe(std::string_view file, const SheetError& error) {
  return std::string(file)
      .append(":" + std::to_string(error.line) + ":" + std::to_string(error.column) + ": ")
      .append(error.message);
}

const SheetCell* SheetRow::find(std::string_view name) const {
  const auto at = std::find_if(cells.begin(), cells.end(),
                               [&](const SheetCell& cell) { return cell.name == name; });
  return at == cells.end() ? nullptr : &*at;
}

void read_pairs(std::string_view text, int line, int column, SheetRow& row) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(';'));
    const size_t equals = pair.find('=');
    if (equals == pair.npos) {
      row.errors.push_back({line, column, "expected key=value, got \"" + std::string(pair) + '"'});
    } else {
      const int at = column + characters(pair.substr(0, equals + 1));
      add(row,
          {std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)), at, true});
    }
    column += characters(pair) + 1;
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
  }
}

Sheet::Sheet(std::istream& input) : lines_(input) {
  const std::optional<std::string> line = next_line();
  if (!line) return;
  json_ = line->starts_with('{');
  if (json_) {
    columns_ = read_json(*line).cells;
    lines_.put_back(*line);
  } else {
    read_header(*line);
  }
}

std::optional<std::string> Sheet::next_line() {
  std::optional<std::string> line = lines_.next();
  while (line && line->empty()) line = lines_.next();
  return line;
}

void Sheet::read_header(const std::string& line) {
  int column = 1;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    std::string name = line.substr(at, end - at);
    const auto problem = [&](std::string message) {
      header_errors_.push_back({lines_.number(), column, std::move(message)});
    };
    if (!is_utf8(name)) {
      problem("not UTF-8");
      name = "?";
    } else if (name.empty()) {
      problem("a column without a name");
    } else if (has_column(name)) {
      problem(name + " is given twice");
    }
    const int begin = std::exchange(column, column + characters(name) + 1);
    columns_.push_back({std::move(name), "", begin});
    at = end + 1;
  }
  if (!has_column("text")) {
    header_errors_.push_back(
        {lines_.number(), 1, "no column \"text\"; columns are parted by tabs"});
  }
}

bool Sheet::has_column(std::string_view name) const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [&](const SheetCell& column) { return column.name == name; });
}

std::optional<SheetRow> Sheet::next() {
  if (std::exchange(over_, over_ || !header_errors_.empty())) return std::nullopt;
  if (!header_errors_.empty()) {
    return SheetRow{header_errors_.front().line, {}, std::move(header_errors_)};
  }
  if (const std::optional<std::string> line = next_line()) {
    return json_ ? read_json(*line) : read_tsv(*line);
  }
  over_ = true;
  if (!lines_.failed()) return std::nullopt;
  const int line = lines_.number() + 1;
  return SheetRow{line, {}, {{line, 1, "cannot be read, nor what follows"}}};
}

SheetRow Sheet::read_tsv(const std::string& line) const {
  SheetRow row{lines_.number(), {}, {}};
  int column = 1;
  size_t index = 0;
  for (size_t at = 0; at <= line.size(); ++index) {
    const size_t end = std::min(line.find('\t', at), line.size());
    const std::string cell = line.substr(at, end - at);
    if (!is_utf8(cell)) {
      row.errors.push_back({row.line, column, "not UTF-8"});
      return row;
    }
    if (index >= columns_.size()) {
      row.errors.push_back(
          {row.line, column,
           "a cell too many: the header has " + std::to_string(columns_.size()) + " columns"});
      return row;
    }
    const std::string& name = columns_[index].name;
    const bool is_text = name == "text";
    if (std::optional<std::string> value = is_text ? unescaped(cell) : cell) {
      add(row, {name, std::move(*value), column, is_text});
    } else {
      row.errors.push_back({row.line, column, "a \\u that is no character"});
    }
    column += characters(cell) + 1;
    at = end + 1;
  }
  return row;
}

SheetRow Sheet::read_json(const std::string& line) const {
  SheetRow row{lines_.number(), {}, {}};
  json::error_code error;
  json::stream_parser parser;
  const size_t read = parser.write_some(line, error);
  if (!error && read == line.size()) parser.finish(error);
  if (error || read < line.size()) {
    const std::string what = error ? error.message() : "more behind its end";
    row.errors.push_back({row.line, characters(line.substr(0, read)) + 1, "not JSON: " + what});
    return row;
  }
  const json::value parsed = parser.release();
  if (!parsed.is_object()) {
    row.errors.push_back({row.line, 1, "expected one JSON object a line"});
    return row;
  }
  if (!parsed.get_object().contains("text")) row.errors.push_back({row.line, 1, "no text"});
  for (const auto& [key, value] : parsed.get_object()) {
    const std::string name(key);
    if (std::optional<std::string> text = text_of(value)) {
      add(row, {name, std::move(*text), 1, true});
    } else {
      row.errors.push_back(
          {row.line, 1, name + ": expected a string, a whole number or a boolean"});
    }
  }
  return row;
}

}  // namespace tact::client
