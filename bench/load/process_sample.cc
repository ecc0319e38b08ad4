// SPDX-License-Identifier: Apache-2.0
#include "bench/load/process_sample.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace tact::bench {
namespace {

std::string file_of(int pid, const char* name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<uint64_t> written_bytes_of(const std::string& io) {
  constexpr std::string_view kKey = "\nwrite_bytes: ";
  const std::size_t at = io.find(kKey);
  if (at == std::string::npos) return std::nullopt;
  return std::stoull(io.substr(at + kKey.size()));
}

}  // namespace

std::optional<ProcessSample> sample_process(int pid) {
  // proc(5): the second field is the program's name, in parentheses and with whatever it holds;
  // fields 14, 15 and 24 are utime and stime in ticks and rss in pages.
  const std::string stat = file_of(pid, "stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  uint64_t user = 0, system = 0, pages = 0;
  fields >> user >> system;
  for (int field = 16; field < 24; ++field) fields >> skipped;
  fields >> pages;
  if (!fields) return std::nullopt;
  ProcessSample sample;
  sample.cpu_seconds =
      static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  sample.resident_bytes = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  sample.written_bytes = written_bytes_of(file_of(pid, "io"));
  return sample;
}

}  // namespace tact::bench
