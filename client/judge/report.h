// SPDX-License-Identifier: Apache-2.0
// What was judged, as a table, as JSON lines, or as counts.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "client/judge/outgoing.h"
#include "client/judge/reply.h"
#include "client/judge/trial.h"
#include "client/table.h"

namespace tact::client {

class Report {
 public:
  struct Format {
    bool json = false;
    bool summary = false;  // counts in the place of rows
    bool colour = false;
  };

  // REQUIRES: `out` outlives this object.
  Report(std::ostream& out, Format format) : out_(out), format_(format) {}

  // `mismatch`: what the row expected and did not get; empty: nothing.
  void add(const Outgoing&, const Judged&, const std::string& mismatch);
  void add(const ReplyCase&, const policy::Reply&, const std::string& mismatch);
  // Writes what add() did not.
  void finish();

 private:
  enum class Colour : uint8_t { none, red, yellow, cyan, bold };

  void line(std::vector<std::string> cells, Colour);
  void count(const std::string& cls, const std::string& verdict, const std::string& mismatch);
  void write_summary();

  std::ostream& out_;
  const Format format_;
  std::vector<std::vector<std::string>> lines_;
  std::vector<Colour> colours_;
  std::vector<std::string> header_;
  std::map<std::string, std::map<std::string, uint64_t>> verdicts_;  // by class, by verdict
  std::map<std::string, uint64_t> rules_;
  uint64_t rows_ = 0, mismatches_ = 0;
};

// The text with each span that a rule names between ⟦ and ⟧.
std::string marked(const std::string& text, const policy::Verdict&);

}  // namespace tact::client
