// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/data.h"
#include "policy/normalise.h"

struct hs_database;
struct hs_scratch;

namespace tact::policy {

struct LexiconMatch {
  uint32_t pattern;
  uint32_t end;  // in bytes of the squeezed text
};

// Room for scans: one per thread, made by Lexicon::scratch(), usable with any lexicon it was fitted
// to.
class LexiconScratch {
 public:
  LexiconScratch() = default;
  ~LexiconScratch();
  LexiconScratch(const LexiconScratch&) = delete;
  LexiconScratch& operator=(const LexiconScratch&) = delete;

 private:
  friend class Lexicon;
  hs_scratch* scratch_ = nullptr;
  std::vector<LexiconMatch> matches_;
};

// All terms of a rule set in one automaton over squeezed text, immutable. Of overlapping finds the
// longest stands; a find inside one of the exceptions, or behind a negation where the row allows,
// is none. Terms that begin or end with a Latin letter match whole words only.
class Lexicon {
 public:
  struct Hit {
    uint32_t row;    // index into rows()
    uint32_t begin;  // bytes of Folded::squeezed
    uint32_t end;
  };

  // Null and a reason if the rows cannot be compiled.
  static std::unique_ptr<const Lexicon> compile(std::vector<LexiconRow> rows, std::string& why);
  ~Lexicon();
  Lexicon(const Lexicon&) = delete;
  Lexicon& operator=(const Lexicon&) = delete;

  // Makes `s` fit this lexicon too.
  void fit(LexiconScratch& s) const;
  // Appends the hits in order of position.
  void scan(const Folded&, LexiconScratch&, std::vector<Hit>& out) const;
  const std::vector<LexiconRow>& rows() const { return rows_; }

 private:
  Lexicon() = default;
  bool whole_word(const Folded&, const Hit&) const;
  bool negated(const Folded&, const Hit&) const;

  struct Pattern {
    uint32_t row;
    uint32_t bytes;
    bool exception;
  };
  std::vector<LexiconRow> rows_;
  std::vector<Pattern> patterns_;
  std::vector<std::string> advertising_;  // squeezed ADV terms: "不承诺保本保收益" negates both
  hs_database* database_ = nullptr;
};

}  // namespace tact::policy
