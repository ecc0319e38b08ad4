// SPDX-License-Identifier: Apache-2.0
#include "bench/load/submission_log.h"

#include <cinttypes>
#include <stdexcept>

namespace tact::bench {

SubmissionLog::SubmissionLog(const std::string& path) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "we"));
  if (!file_) throw std::runtime_error("cannot open " + path);
}

// REQUIRES: the number holds nothing that JSON would escape, which is so for a Workload's.
void SubmissionLog::add(const Entry& entry) {
  std::fprintf(
      file_.get(), "{\"to\":\"%.*s\",\"sent_ns\":%" PRId64 ",\"acknowledged_ns\":%" PRId64 "}\n",
      static_cast<int>(entry.to.size()), entry.to.data(), entry.sent_ns, entry.acknowledged_ns);
}

}  // namespace tact::bench
