// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace tact::bench {

// One line of JSON for each message that was acknowledged:
//   {"to":"…","sent_ns":…,"acknowledged_ns":…}
// Times are those of the machine's steady clock, as in the log of tact-smsc: what lies between a
// message sent here and seen there on one machine is their difference.
class SubmissionLog {
 public:
  struct Entry {
    std::string_view to;
    int64_t sent_ns = 0;  // handed to the connection
    int64_t acknowledged_ns = 0;
  };

  // Empty path: nothing is logged. Throws std::runtime_error when the file cannot be opened.
  explicit SubmissionLog(const std::string& path);

  bool enabled() const { return file_ != nullptr; }
  void add(const Entry& entry);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace tact::bench
