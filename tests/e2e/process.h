// SPDX-License-Identifier: Apache-2.0
// A program of the build, run as a child with its output in files. Known and signalled by its pid.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tact::e2e {

using Millis = std::chrono::milliseconds;

// Asks every 10 ms; false when it was still so at the end of `limit`.
bool wait_until(Millis limit, const std::function<bool()>& condition);

// Empty when there is no such file.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content, bool secret = false);

class Process {
 public:
  // `program` is a binary of the build or an absolute path. The child dies with the thread that
  // made it, so that no test leaves anything behind. Output is appended.
  Process(const std::string& program, const std::vector<std::string>& arguments,
          const std::string& out, const std::string& err,
          const std::vector<std::string>& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number);
  // Its exit code, or 128 + the signal that ended it; nothing when it still runs after `limit`.
  std::optional<int> wait(Millis limit);
  bool running() { return !wait(Millis(0)).has_value(); }

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
};

struct Finished {
  int code = -1;  // -1: did not end in time, and was killed
  std::string out, err;
};

// Runs it to its end; its output goes through files in `folder`.
Finished run(const std::string& folder, const std::string& program,
             const std::vector<std::string>& arguments, Millis limit = Millis(30'000),
             const std::vector<std::string>& environment = {});

}  // namespace tact::e2e
