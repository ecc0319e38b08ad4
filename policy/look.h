// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled.h"
#include "policy/contact.h"
#include "policy/content.h"
#include "policy/lexicon.h"
#include "policy/normalise.h"
#include "policy/signature.h"
#include "policy/submission.h"
#include "policy/suppression.h"
#include "policy/verdict.h"

namespace tact::policy {

// Buffers of a gate, reused from message to message.
struct Scratch {
  LexiconScratch lexicon;
  Folded folded;
  std::vector<Lexicon::Hit> hits;
  std::vector<Link> links;
};

// One message before the rules: what they may read, and the verdict they add to.
struct Look {
  const RuleSet::Impl& rules;
  const Submission& s;
  const Contact* contact;  // null at release
  const Suppression& suppression;
  const SegmentCounter& count;
  Scratch& scratch;
  Verdict& verdict;

  Class cls = Class::unset;
  const AccountSpec* account = nullptr;  // null: unknown, or at release
  const Brand* brand = nullptr;          // null: unknown, or at release
  std::string_view digits;               // of the number; empty: not E.164
  const CountryRow* country = nullptr;
  ZoneSpan zones;
  BlockMask blocked = 0;  // in force for this class
  Instant pause_until{};
  Instant planned{};  // when it would leave
  bool utf8 = true;   // the text was well formed
  Signature signature;
  Marker marker;
  PersonalNumbers numbers;

  // The text as it stands after rewriting.
  std::string_view text() const {
    return verdict.text.empty() ? s.text : std::string_view(verdict.text);
  }
  const ClassRules& class_rules() const { return rules.spec.classes[size_t(cls) - 1]; }
  // The first of a category; null: none.
  const Lexicon::Hit* first(LexiconRow::Category c) const {
    for (const auto& h : scratch.hits) {
      if (rules.lexicon->rows()[h.row].category == c) return &h;
    }
    return nullptr;
  }
  bool has(LexiconRow::Category c) const { return first(c) != nullptr; }
  // Where a find lies in the folded text; of a view into it.
  Span place(const Lexicon::Hit& h) const {
    return {scratch.folded.origin(h.begin).offset, scratch.folded.origin(h.end - 1).offset + 1};
  }
  Span place(std::string_view part) const {
    const auto begin = static_cast<uint32_t>(part.data() - scratch.folded.text.data());
    return {begin, begin + static_cast<uint32_t>(part.size())};
  }
  void fire(Rule rule, Action action, std::string detail = {}, Span where = {}) {
    verdict.fired.push_back({rule, action, std::move(detail), where});
  }
  void reject(Rule rule, std::string detail = {}, Span where = {}) {
    fire(rule, Action::reject, std::move(detail), where);
  }
  void rewrite(Rule rule, std::string text, std::string detail) {
    verdict.text = std::move(text);
    fire(rule, Action::rewrite, std::move(detail));
  }
};

}  // namespace tact::policy
