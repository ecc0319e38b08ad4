// SPDX-License-Identifier: Apache-2.0
// Golden tables: outgoing texts and replies with the decision a compliance officer expects.
#include <sstream>

#include "tests/policy/fixture.h"

namespace tact::policy::test {
namespace {

// The state that a case's context asks for.
struct Case {
  Submission s;
  std::map<std::string, std::string> context;
  std::string text, special;
  ContactBook book{kTenant};
  Suppression suppression;
};

void read_context(const Row& row, Case& c) {
  std::stringstream pairs(row["context"]);
  for (std::string pair; std::getline(pairs, pair, ';');) {
    const size_t eq = pair.find('=');
    c.context[pair.substr(0, eq)] = pair.substr(eq + 1);
  }
}

std::chrono::year_month_day date(const std::string& s) {
  return std::chrono::floor<std::chrono::days>(at(s.substr(0, 10) + "T00:00+00:00"));
}

void set_up(const Row& row, Case& c) {
  read_context(row, c);
  const auto value = [&](const char* key, const char* otherwise) {
    const auto it = c.context.find(key);
    return it == c.context.end() ? std::string(otherwise) : it->second;
  };
  c.text = row["text"];
  c.s.account = static_cast<uint16_t>(std::stoi(value("account", "1")));
  c.s.cls = row["class"].empty() ? Class::unset : parse_class(row["class"]).value_or(Class{99});
  c.s.text = c.text;
  if (!c.context.contains("to")) c.context["to"] = "+8613800138000";
  c.s.to = c.context["to"];
  c.s.from = c.context["from"];
  c.s.zone = c.context["zone"];
  c.s.number = kNumber;
  c.s.now = at(value("at", "2026-03-18T10:15+08:00"));
  c.s.consent = value("consent", "1") == "1";
  c.s.role = parse_role(value("role", "DEBTOR")).value_or(Role::unset);
  c.s.urgent = value("urgent", "1") == "1";
  c.s.emergency = value("emergency", "0") == "1";
  if (const auto special = value("special", ""); !special.empty()) {
    c.special = {static_cast<char>(std::stoi(special.substr(0, 2))),
                 static_cast<char>(std::stoi(special.substr(3)))};
    c.s.special_dates = c.special;
  }
  if (const auto due = value("due", ""); !due.empty()) c.s.due = date(due);
  if (const auto end = value("expires", ""); !end.empty()) c.s.expires_at = at(end);
  if (const auto last = value("last", ""); !last.empty()) {
    c.book.settle(kNumber, 1, 1, Class::collection, 0, at(last), at(last));
  }
  // Messages already sent this month: of yesterday and before, so that only CAP_MONTH sees them.
  const int sent = std::stoi(value("month", "0"));
  for (int i = 0; i < sent; ++i) {
    const Instant then = c.s.now - std::chrono::hours(25) - std::chrono::minutes(i);
    c.book.settle(kNumber, 100 + i, 1, Class::marketing, 0, then, then);
  }
  std::stringstream out(value("optout", ""));
  for (std::string cls; std::getline(out, cls, ',');) {
    const ClassMask which = cls == "ALL" ? kAllClasses : mask(parse_class(cls).value());
    c.suppression.set(1, kNumber, which, Block::opt_out, true, c.s.now, 7);
  }
}

void judge_row(const Row& row, const std::string& file) {
  SCOPED_TRACE(file + ":" + std::to_string(row.line) + " " + row["text"]);
  Case c;
  set_up(row, c);
  Gate gate(rules(), segments);
  const Verdict v = gate.admit(c.s, c.book.find(kNumber), c.suppression);
  const std::string expected = row["expected"];
  const std::string action = expected.substr(0, expected.find(':'));
  EXPECT_EQ(name(v.action), action) << labels(v);
  if (action == "DEFER") {
    EXPECT_EQ(iso(v.until), iso(at(expected.substr(6)))) << labels(v);
  }
  if (!row["rule"].empty()) {
    const std::string all = " " + labels(v) + " ";
    EXPECT_NE(all.find(" " + row["rule"] + " "), all.npos) << "fired:" << all;
  }
  if (action == "PASS") {
    EXPECT_TRUE(v.text.empty());
  }
  const auto text = row.cells.find("rewritten");
  if (text != row.cells.end() && !text->second.empty()) {
    EXPECT_EQ(v.text, text->second);
  }
}

void judge_file(const std::string& file) {
  for (const Row& row : read_tsv("tests/vectors/policy/" + file)) judge_row(row, file);
}

TEST(content_cases, all_decided_as_labelled) { judge_file("content_cases.tsv"); }
TEST(content_cases, more_texts_decided_as_labelled) { judge_file("content_more.tsv"); }

TEST(content_cases, texts_written_without_the_rules_decided_as_labelled) {
  judge_file("content_unseen.tsv");
}

TEST(content_cases, texts_that_try_to_get_by_decided_as_labelled) {
  judge_file("content_hard.tsv");
}

void decide_file(const std::string& file) {
  constexpr auto kMenu = std::to_array<std::string_view>({"查账单", "查额度", "查利率"});
  const ReplyContext context{
      .advertised = static_cast<KeywordMask>(bit(Keyword::r) | bit(Keyword::t)), .menu = kMenu};
  for (const Row& row : read_tsv("tests/vectors/policy/" + file)) {
    SCOPED_TRACE(file + ":" + std::to_string(row.line) + " " + row["text"]);
    const Reply r = decide(row["text"], context);
    EXPECT_EQ(label(r), row["expected"]) << row["why"];
    const auto flags = row.cells.find("flags");
    if (flags == row.cells.end()) continue;
    std::string got;
    if (r.suspect) got += "suspect ";
    if (r.wrong_party) got += "wrong_party ";
    if (r.dispute) got += "dispute ";
    if (r.stop_all) got += "stop_all ";
    if (!got.empty()) got.pop_back();
    EXPECT_EQ(got, flags->second);
  }
}

TEST(replies, all_decided_as_labelled) { decide_file("mo_keywords.tsv"); }
TEST(replies, more_texts_decided_as_labelled) { decide_file("mo_more.tsv"); }
TEST(replies, texts_near_the_border_decided_as_labelled) { decide_file("mo_hard.tsv"); }
TEST(replies, texts_written_without_the_rules_decided_as_labelled) { decide_file("mo_unseen.tsv"); }

}  // namespace
}  // namespace tact::policy::test
