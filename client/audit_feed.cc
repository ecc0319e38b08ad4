// SPDX-License-Identifier: Apache-2.0
#include "client/audit_feed.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "client/lines.h"
#include "client/screen.h"
#include "client/table.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

namespace json = boost::json;

constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t time_of(const char* option, const std::string& text) {
  if (const auto time_ms = parse_time_ms(text)) return *time_ms;
  throw CLI::ValidationError(option, "expected 2026-03-18T00:00:00Z, got \"" + text + '"');
}

// How far it is, on a terminal.
class Progress {
 public:
  ~Progress() { screen_.clear(); }
  void tell(std::uint64_t records, const std::string& last) {
    std::string line = "tact: " + counted(records, "record", "records");
    const std::size_t at = last.find("\"time\":\"");
    if (at != std::string::npos) line += ", up to " + last.substr(at + 8, 19) + 'Z';
    screen_.show(line + '\n');
  }

 private:
  Screen screen_{stderr};
};

}  // namespace

void AuditRange::add_to(CLI::App& app) {
  auto* one = app.add_option("--day", day, "a day of UTC: 2026-03-18");
  app.add_option("--since", since, "how far back: 36h, 30d, or a time with its offset")
      ->excludes(one);
  app.add_option("--until", until, "a time with its offset; absent: now")->excludes(one);
}

std::string AuditRange::query() const {
  if (!day.empty()) {
    const std::int64_t begin = time_of("--day", day.substr(0, 10) + "T00:00:00Z");
    if (day.size() != 10) time_of("--day", "");
    return "&since=" + std::to_string(begin) + "&until=" + std::to_string(begin + kDayMs);
  }
  std::string query;
  if (!since.empty()) query += since_parameter(since);
  if (!until.empty()) query += "&until=" + std::to_string(time_of("--until", until));
  return query;
}

json::object parse_object(const std::string& line) {
  json::error_code error;
  json::value value = json::parse(line, error);
  if (error || !value.is_object()) {
    throw std::runtime_error("no record: " + line.substr(0, 200));
  }
  return std::move(value.get_object());
}

void read_pages(const OpsOptions& ops, const std::string& target, const VisitAuditLine& visit,
                const std::function<void(const json::object&)>& end) {
  for (std::string cursor;;) {
    std::istringstream page(ops_get(ops, target + cursor));
    std::string last;
    bool any = false;
    for (std::string line; std::getline(page, line); any = true) {
      if (any) visit(last);
      last = std::move(line);
    }
    if (!any) throw std::runtime_error("ops endpoint: a page without an end");
    const json::object told = parse_object(last);
    end(told);
    const auto* next = told.if_contains("cursor");
    if (next == nullptr) return;
    cursor = "&cursor=" + std::string(next->as_string());
  }
}

AuditEnd read_audit(const OpsOptions& ops, const AuditRange& range, bool texts,
                    const VisitAuditLine& visit) {
  AuditEnd whole;
  Progress progress;
  std::string last;
  read_pages(
      ops, std::string("/audit?texts=") + (texts ? "1" : "0") + range.query(),
      [&](const std::string& line) {
        visit(line);
        last = line;
      },
      [&](const json::object& end) {
        whole.records += end.at("records").to_number<std::uint64_t>();
        if (const auto* unreadable = end.if_contains("unreadable")) {
          whole.unreadable += unreadable->to_number<std::uint64_t>();
        }
        if (const auto* hash = end.if_contains("hash")) whole.hash = hash->as_string();
        progress.tell(whole.records, last);
      });
  return whole;
}

AuditEnd read_audit_file(const std::string& path, const VisitAuditLine& visit) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (path != "-" && !file) throw std::runtime_error("cannot open " + path);
  Lines lines(path == "-" ? std::cin : file);
  AuditEnd whole;
  Progress progress;
  while (const auto line = lines.next()) {
    if (line->empty()) continue;
    try {
      visit(*line);
    } catch (const std::exception& error) {
      throw std::runtime_error(path + ":" + std::to_string(lines.number()) + ": " + error.what());
    }
    if (++whole.records % 100'000 == 0) progress.tell(whole.records, *line);
  }
  if (lines.failed()) throw std::runtime_error("cannot read " + path);
  return whole;
}

}  // namespace tact::client
