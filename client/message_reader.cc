// SPDX-License-Identifier: Apache-2.0
#include "client/message_reader.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "client/message_fields.h"

namespace tact::client {
namespace {

namespace json = boost::json;

void set(Row& row, std::string_view name, std::string_view value) {
  std::string error = set_field(row.message, name, value);
  if (!error.empty()) row.errors.push_back({row.line, std::string(name), std::move(error)});
}

void require(Row& row) {
  if (!row.errors.empty()) return;
  if (row.message.to().empty()) row.errors.push_back({row.line, "to", "missing"});
  if (row.message.text().empty() && row.message.template_id().empty()) {
    row.errors.push_back({row.line, "text", "missing"});
  }
}

// Numbers and booleans as they are written; an object (consent, variables) by its members.
void set_value(Row& row, const std::string& name, const json::value& value) {
  if (value.is_null()) return;
  if (const json::string* text = value.if_string()) return set(row, name, *text);
  if (value.is_int64() || value.is_uint64() || value.is_bool()) {
    return set(row, name, json::serialize(value));
  }
  const bool by_members = name == "consent" || name == "variables";
  if (const json::object* members = value.if_object(); members != nullptr && by_members) {
    for (const auto& [key, member] : *members) {
      set_value(row, name + "." + std::string(key), member);
    }
    return;
  }
  row.errors.push_back({row.line, name, "expected a string, a whole number or a boolean"});
}

}  // namespace

std::string describe(std::string_view file, const RowError& error) {
  std::string text(file);
  text += ":" + std::to_string(error.line) + ": ";
  if (!error.field.empty()) text += error.field + ": ";
  return text + error.message;
}

std::optional<Row> MessageReader::next() {
  std::optional<Row> row = next_row();
  if (row || !lines_.failed() || std::exchange(failure_told_, true)) return row;
  row.emplace().line = lines_.number() + 1;
  row->errors.push_back({row->line, "", "cannot be read, nor what follows"});
  return row;
}

std::optional<Row> MessageReader::next_row() {
  if (format_ == Format::undecided) {
    decide();
    if (format_ == Format::csv) {
      Row header = read_header();
      if (!header.errors.empty()) {
        format_ = Format::given_up;
        return header;
      }
    }
  }
  if (format_ == Format::json) return next_json();
  if (format_ == Format::csv) return next_csv();
  return std::nullopt;
}

void MessageReader::decide() {
  std::optional<std::string> line = lines_.next();
  while (line && line->find_first_not_of(" \t") == std::string::npos) line = lines_.next();
  if (!line) {
    format_ = Format::given_up;
    return;
  }
  format_ = (*line)[line->find_first_not_of(" \t")] == '{' ? Format::json : Format::csv;
  lines_.put_back(std::move(*line));
}

Row MessageReader::read_header() {
  constexpr auto npos = std::string::npos;
  const std::optional<CsvRecord> record = next_csv_record(lines_);
  Row header;
  header.line = record->line;
  if (!record->error.empty()) header.errors.push_back({header.line, "", record->error});
  columns_ = record->fields;
  for (auto column = columns_.begin(); column != columns_.end(); ++column) {
    if (!is_field(*column)) {
      const bool other_separator = columns_.size() == 1 && column->find_first_of(";\t|") != npos;
      header.errors.push_back(
          {header.line, *column,
           other_separator ? "no such field; columns are separated by commas" : "no such field"});
    } else if (std::find(columns_.begin(), column, *column) != column) {
      header.errors.push_back({header.line, *column, "named twice"});
    }
  }
  return header;
}

std::optional<Row> MessageReader::next_json() {
  std::optional<std::string> line = lines_.next();
  while (line && line->find_first_not_of(" \t") == std::string::npos) line = lines_.next();
  if (!line) return std::nullopt;
  Row row;
  row.line = lines_.number();
  json::error_code error;
  const json::value parsed = json::parse(*line, error);
  if (error) {
    row.errors.push_back({row.line, "", "not JSON: " + error.message()});
  } else if (!parsed.is_object()) {
    row.errors.push_back({row.line, "", "expected one JSON object a line"});
  } else {
    for (const auto& [name, value] : parsed.get_object()) set_value(row, std::string(name), value);
    require(row);
  }
  return row;
}

std::optional<Row> MessageReader::next_csv() {
  std::optional<CsvRecord> record = next_csv_record(lines_);
  if (!record) return std::nullopt;
  Row row;
  row.line = record->line;
  if (!record->error.empty()) {
    row.errors.push_back({row.line, "", record->error});
  } else if (record->fields.size() != columns_.size()) {
    row.errors.push_back({row.line, "",
                          std::to_string(record->fields.size()) + " fields where the header has " +
                              std::to_string(columns_.size())});
  } else {
    for (std::size_t i = 0; i < columns_.size(); ++i) set(row, columns_[i], record->fields[i]);
    require(row);
  }
  return row;
}

}  // namespace tact::client
