// SPDX-License-Identifier: Apache-2.0
#include "client/judge/report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>
#include <utility>

namespace tact::client {
namespace {

namespace json = boost::json;
using policy::Action;

constexpr std::string_view kOpen = "⟦", kClose = "⟧";

std::string_view coding_of(const smpp::SegmentPlan& plan) {
  return plan.coding == smpp::Coding::ucs2 ? "UCS-2" : "GSM-7";
}

std::string class_of(const Outgoing& row, const policy::Verdict& v) {
  return policy::known(v.cls) ? std::string(policy::name(v.cls)) : row.cls;
}

// What a rule found, as the text has it.
std::string_view found(const std::string& text, const policy::Fired& fired) {
  if (fired.where.empty()) return {};
  const policy::Span span = policy::source_span(text, fired.where);
  return std::string_view(text).substr(span.begin, span.end - span.begin);
}

// `LEX_INSULT 老赖`; a warning in brackets.
std::string told(const std::string& text, const policy::Fired& fired) {
  std::string out(policy::name(fired.rule));
  const std::string_view what = found(text, fired);
  if (!what.empty()) {
    out += ' ' + std::string(what);
  } else if (!fired.detail.empty()) {
    out += ' ' + fired.detail;
  }
  return fired.action == Action::pass ? '(' + out + ')' : out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

std::string blocked(const ReplyCase& row, const policy::Reply& reply) {
  std::vector<std::string> names;
  const policy::ClassMask classes = policy::blocked_classes(reply, row.after);
  for (int c = 1; c <= policy::kClassCount; ++c) {
    const auto cls = static_cast<policy::Class>(c);
    if (policy::contains(classes, cls)) names.emplace_back(policy::name(cls));
  }
  return joined(names);
}

json::array rules_of(const std::string& text, const policy::Verdict& v) {
  json::array rules;
  for (const policy::Fired& fired : v.fired) {
    json::object rule{{"rule", policy::name(fired.rule)},
                      {"action", policy::name(fired.action)},
                      {"detail", fired.detail}};
    if (!fired.where.empty()) {
      const policy::Span span = policy::source_span(text, fired.where);
      const std::string_view before = std::string_view(text).substr(0, span.begin);
      const std::string_view what = found(text, fired);
      rule["found"] = what;
      rule["begin"] = policy::code_points(before);
      rule["end"] = policy::code_points(before) + policy::code_points(what);
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

std::string marked(const std::string& text, const policy::Verdict& v) {
  std::vector<policy::Span> spans;
  for (const policy::Fired& fired : v.fired) {
    if (!fired.where.empty()) spans.push_back(policy::source_span(text, fired.where));
  }
  std::sort(spans.begin(), spans.end(),
            [](const policy::Span& a, const policy::Span& b) { return a.begin < b.begin; });
  std::string out;
  size_t at = 0;
  for (const policy::Span& span : spans) {
    if (span.begin < at) continue;  // within one that is marked
    out.append(text, at, span.begin - at).append(kOpen);
    out.append(text, span.begin, span.end - span.begin).append(kClose);
    at = span.end;
  }
  return out.append(text, at);
}

void Report::count(const std::string& cls, const std::string& verdict, const std::string& wrong) {
  ++rows_;
  ++verdicts_[cls][verdict];
  mismatches_ += !wrong.empty();
}

void Report::line(std::vector<std::string> cells, Colour colour) {
  lines_.push_back(std::move(cells));
  colours_.push_back(colour);
}

void Report::add(const Outgoing& row, const Judged& judged, const std::string& wrong) {
  const policy::Verdict& v = judged.verdict;
  const std::string cls = class_of(row, v);
  const std::string verdict(policy::name(v.action));
  count(cls, verdict, wrong);
  for (const policy::Fired& fired : v.fired) ++rules_[label(fired)];
  if (format_.summary) return;
  const std::string until = v.action == Action::defer ? time_of(row, v.until) : "";
  if (format_.json) {
    json::object object{{"line", row.line},
                        {"class", cls},
                        {"verdict", verdict},
                        {"rules", rules_of(row.text, v)},
                        {"text", row.text},
                        {"coding", coding_of(judged.plan)},
                        {"segments", judged.plan.parts}};
    if (!until.empty()) object["until"] = until;
    if (!v.text.empty()) object["rewritten"] = v.text;
    if (!wrong.empty()) object["mismatch"] = wrong;
    out_ << json::serialize(object) << '\n';
    return;
  }
  header_ = {"LINE", "CLASS", "VERDICT", "SEGMENTS", "RULES", "TEXT"};
  std::vector<std::string> rules;
  for (const policy::Fired& fired : v.fired) rules.push_back(told(row.text, fired));
  constexpr std::array kColours = {Colour::none, Colour::cyan, Colour::yellow, Colour::red};
  line({std::to_string(row.line), cls, until.empty() ? verdict : verdict + " " + until,
        std::to_string(judged.plan.parts) + " " + std::string(coding_of(judged.plan)),
        joined(rules), marked(row.text, v)},
       kColours[static_cast<size_t>(v.action)]);
  if (!v.text.empty()) line({"", "", "", "", "to be sent as", v.text}, Colour::cyan);
  if (!wrong.empty()) line({"", "", "", "", "MISMATCH", wrong}, Colour::bold);
}

void Report::add(const ReplyCase& row, const policy::Reply& reply, const std::string& wrong) {
  const std::string kind = policy::label(reply);
  count("reply", kind, wrong);
  const std::string flags = flags_of(reply);
  if (format_.summary) return;
  if (format_.json) {
    json::object object{{"line", row.line}, {"kind", kind},
                        {"flags", flags},   {"blocks", blocked(row, reply)},
                        {"text", row.text}, {"keyword", reply.keyword}};
    if (!wrong.empty()) object["mismatch"] = wrong;
    out_ << json::serialize(object) << '\n';
    return;
  }
  header_ = {"LINE", "REPLY", "FLAGS", "BLOCKS", "TEXT"};
  const bool stops = reply.kind == policy::Reply::Kind::opt_out;
  line({std::to_string(row.line), kind, flags, blocked(row, reply), row.text},
       stops           ? Colour::red
       : flags.empty() ? Colour::none
                       : Colour::yellow);
  if (!wrong.empty()) line({"", "", "", "MISMATCH", wrong}, Colour::bold);
}

void Report::finish() {
  if (format_.summary) return write_summary();
  if (format_.json || lines_.empty()) return;
  Table table(header_);
  for (const auto& cells : lines_) table.add(cells);
  const std::string text = table.render();
  if (!format_.colour) {
    out_ << text;
    return;
  }
  constexpr std::array<std::string_view, 5> kStart = {"", "\x1b[31m", "\x1b[33m", "\x1b[36m",
                                                      "\x1b[1m"};
  size_t at = text.find('\n') + 1;
  out_ << text.substr(0, at);
  for (const Colour colour : colours_) {
    const size_t end = text.find('\n', at);
    const std::string_view start = kStart[static_cast<size_t>(colour)];
    out_ << start << text.substr(at, end - at) << (start.empty() ? "" : "\x1b[0m") << '\n';
    at = end + 1;
  }
}

void Report::write_summary() {
  if (format_.json) {
    json::object classes, rules;
    for (const auto& [cls, verdicts] : verdicts_) {
      json::object& counts = classes[cls].emplace_object();
      for (const auto& [verdict, n] : verdicts) counts[verdict] = n;
    }
    for (const auto& [rule, n] : rules_) rules[rule] = n;
    out_ << json::serialize(json::object{{"rows", rows_},
                                         {"mismatches", mismatches_},
                                         {"verdicts", classes},
                                         {"rules", rules}})
         << '\n';
    return;
  }
  Table verdicts({"CLASS", "VERDICT", "ROWS"});
  for (const auto& [cls, counts] : verdicts_) {
    for (const auto& [verdict, n] : counts) verdicts.add({cls, verdict, grouped(n)});
  }
  Table rules({"RULE", "FIRED"});
  for (const auto& [rule, n] : rules_) rules.add({rule, grouped(n)});
  out_ << verdicts.render();
  if (!rules_.empty()) out_ << '\n' << rules.render();
  out_ << '\n'
       << counted(rows_, "row", "rows") << ", " << counted(mismatches_, "mismatch", "mismatches")
       << '\n';
}

}  // namespace tact::client
