// SPDX-License-Identifier: Apache-2.0
#include "client/pdu_report.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <ostream>

#include "client/pdu_view.h"
#include "client/time_text.h"
#include "smpp/codec.h"
#include "smpp/print.h"

namespace tact::client {
namespace {

namespace json = boost::json;

constexpr const char* kRed = "\x1b[31m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kPlain = "\x1b[0m";

// To the microsecond: 2026-03-01T01:00:00.000007Z.
std::string time_text(std::int64_t time_us) {
  std::string text = format_time(time_us / 1000);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(time_us % 1'000'000));
  if (text.ends_with('Z')) text.pop_back();
  return text + fraction;
}

void add_where(const Place* where, json::object& out) {
  if (!where) return;
  out["time"] = time_text(where->time_us);
  out["from"] = to_string(where->from);
  out["to"] = to_string(where->to);
}

}  // namespace

void PduReport::tell(const Found& found, const Place* where) {
  if (found.kind == Found::Kind::pdu) return tell_pdu(found, where);
  const bool fault = found.kind == Found::Kind::fault;
  seen_fault_ |= fault;
  const std::string kind = fault ? "fault" : "note";
  if (options_.json) {
    json::object line;
    add_where(where, line);
    line[kind] = {{"reason", found.reason}, {"stream_offset", found.offset}};
    if (!found.octets.empty()) line["hex"] = smpp::to_hex(found.octets);
    out_ << json::serialize(line) << '\n';
    return;
  }
  std::string line =
      kind + ": " + found.reason + ", at " + std::to_string(found.offset) + " of the stream";
  if (!found.octets.empty() && !options_.mask) line += ": hex:" + smpp::to_hex(found.octets);
  put(where, found.kind, line);
}

void PduReport::tell_pdu(const Found& found, const Place* where) {
  smpp::Pdu pdu;
  const smpp::CodecResult result = smpp::decode(found.octets, pdu);
  seen_fault_ |= !result.ok() || octets_not_read(pdu, found.octets) > 0;
  if (options_.json) {
    json::object line;
    add_where(where, line);
    for (auto& [name, value] : json_of(pdu, found.octets, options_.dialect)) line[name] = value;
    if (!result.ok()) {
      line["fault"] = {{"status", std::string(smpp::name(result.status))},
                       {"offset", result.offset},
                       {"field", std::string(result.field)}};
    }
    line["hex"] = smpp::to_hex(found.octets);
    out_ << json::serialize(line) << '\n';
  } else if (result.ok()) {
    put(where, Found::Kind::pdu, line_of(pdu, found.octets, options_.dialect, options_.mask));
  } else {
    std::string line = "fault: " + std::string(smpp::name(pdu.header.command_id)) +
                       " seq=" + std::to_string(pdu.header.sequence_number) + ": " +
                       to_string(result);
    if (!options_.mask) line += ": hex:" + smpp::to_hex(found.octets);
    put(where, Found::Kind::fault, line);
  }
}

void PduReport::fault(const std::string& what) {
  seen_fault_ = true;
  if (options_.json) {
    out_ << json::serialize(json::object{{"fault", {{"reason", what}}}}) << '\n';
  } else {
    put(nullptr, Found::Kind::fault, "fault: " + what);
  }
}

void PduReport::encoded(smpp::Octets octets) {
  const std::string hex = smpp::to_hex(octets);
  out_ << (options_.json ? json::serialize(json::object{{"hex", hex}}) : hex) << '\n';
}

void PduReport::put(const Place* where, Found::Kind kind, const std::string& line) {
  const bool colour = options_.colour;
  if (where) {
    out_ << (colour ? kDim : "") << time_text(where->time_us) << ' ' << to_string(where->from)
         << " > " << to_string(where->to) << " | " << (colour ? kPlain : "");
  }
  if (!colour) {
    out_ << line << '\n';
  } else if (kind == Found::Kind::pdu) {
    const std::size_t comment = std::min(line.rfind("  #"), line.size());
    out_ << line.substr(0, comment) << kDim << line.substr(comment) << kPlain << '\n';
  } else {
    out_ << (kind == Found::Kind::fault ? kRed : kYellow) << line << kPlain << '\n';
  }
}

}  // namespace tact::client
