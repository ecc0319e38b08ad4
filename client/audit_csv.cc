// SPDX-License-Identifier: Apache-2.0
#include "client/audit_csv.h"

namespace tact::client {
namespace {

namespace json = boost::json;

constexpr std::string_view kColumns[] = {
    "time",      "what",     "id",       "number_hash", "tenant",  "upstream", "account",
    "brand",     "class",    "campaign", "route",       "result",  "action",   "fired",
    "until",     "expires",  "from",     "zone",        "role",    "urgent",   "consent",
    "emergency", "segments", "note",     "text_digest", "rule_set"};
constexpr std::string_view kTexts[] = {"to", "text"};

std::string fired_cell(const json::value& fired) {
  std::string cell;
  for (const json::value& one : fired.as_array()) {
    const json::object& rule = one.as_object();
    if (!cell.empty()) cell += ' ';
    cell += rule.at("rule").as_string();
    if (const auto* detail = rule.if_contains("detail")) {
      cell.append("(").append(detail->as_string()).append(")");
    }
  }
  return cell;
}

std::string cell_of(const json::object& record, std::string_view column) {
  const json::value* value = record.if_contains(column);
  if (value == nullptr) return "";
  if (column == "fired") return csv_cell(fired_cell(*value));
  return csv_cell(value->is_string() ? std::string(value->get_string()) : json::serialize(*value));
}

template <typename Print>
std::string row(bool texts, Print print) {
  std::string out;
  for (const std::string_view column : kColumns) out.append(print(column)).append(",");
  for (const std::string_view column : kTexts) {
    if (texts) out.append(print(column)).append(",");
  }
  out.pop_back();
  return out;
}

}  // namespace

std::string audit_csv_header(bool texts) {
  return row(texts, [](std::string_view column) { return std::string(column); });
}

std::string audit_csv(const json::object& record, bool texts) {
  return row(texts, [&](std::string_view column) { return cell_of(record, column); });
}

std::string csv_cell(std::string_view text) {
  std::string cell;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != text.npos) cell += '\'';
  cell += text;
  if (cell.find_first_of(",\"\r\n") == cell.npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace tact::client
