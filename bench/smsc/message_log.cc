// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/message_log.h"

#include <boost/json.hpp>
#include <stdexcept>

namespace tact::bench {

MessageLog::MessageLog(const std::string& path, uint32_t every) : every_(every) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "ae"));
  if (!file_) throw std::runtime_error("cannot open " + path);
}

void MessageLog::add(const Entry& entry) {
  if (!file_ || count_++ % every_ != 0) return;
  boost::json::object line{{"time_ns", entry.time_ns},
                           {"steady_ns", entry.steady_ns},
                           {"to", entry.to},
                           {"from", entry.from},
                           {"text", entry.text},
                           {"parts", entry.parts},
                           {"message_id", entry.message_id},
                           {"link", entry.link}};
  if (!entry.tlvs.empty()) line["tlvs"] = entry.tlvs;
  const std::string text = boost::json::serialize(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), file_.get());
}

void MessageLog::flush() {
  if (file_) std::fflush(file_.get());
}

}  // namespace tact::bench
