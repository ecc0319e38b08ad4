// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace tact::bench {

// One line of JSON for each whole message that was accepted:
//   {"time_ns":…,"steady_ns":…,"to":"…","from":"…","text":"…","parts":1,"message_id":"…","link":1,
//    "tlvs":"…"}
// with the TLVs of its last part as hex, where there are any.
// Written when flush() is called or a buffer is full.
class MessageLog {
 public:
  struct Entry {
    int64_t time_ns = 0;    // Unix
    int64_t steady_ns = 0;  // by the machine's steady clock
    std::string_view to, from, text, message_id;
    int parts = 1;
    uint64_t link = 0;
    std::string tlvs;  // hex
  };

  // Empty path: nothing is logged. Throws std::runtime_error when the file cannot be opened.
  MessageLog(const std::string& path, uint32_t every);

  bool enabled() const { return file_ != nullptr; }
  void add(const Entry& entry);
  void flush();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::unique_ptr<std::FILE, Close> file_;
  const uint32_t every_;
  uint64_t count_ = 0;
};

}  // namespace tact::bench
