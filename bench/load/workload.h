// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/recipients.h"
#include "proto/job.pb.h"

namespace tact::bench {

struct ClassShare {
  double share = 0;  // of all messages
  proto::MessageClass message_class{};
};

enum class Alphabet : uint8_t {
  kChinese,
  kLatin,  // but for the signature
  kEmoji,  // Chinese, and characters of two UTF-16 units
};

struct TextShare {
  double share = 0;
  Alphabet alphabet = Alphabet::kChinese;
  uint32_t characters = 60;  // with the signature
};

struct WorkloadOptions {
  uint64_t seed = 1;
  std::string signature = "测试";                             // without its brackets
  std::vector<ClassShare> classes{{1, proto::NOTIFICATION}};  // add up to 1, as do the texts
  std::vector<TextShare> texts{TextShare{.share = 1}};
  RecipientMix recipients;
  double later = 0;  // share of messages that are not to be sent at once, but after
  std::chrono::microseconds later_min{0};
  std::chrono::microseconds later_max{0};
  double night = 0;    // share of recipients in a zone where it is night when the run begins
  double opt_out = 0;  // share of texts with kOptOutMark, for the simulator to reply to
};

// In a text that a handset shall reply to with an opt-out.
inline constexpr std::string_view kOptOutMark = "邀您试用";

// The messages of a run, each determined by the seed and its index, with what its class needs
// (consent, role).
class Workload {
 public:
  explicit Workload(WorkloadOptions options);

  // Overwrites `message`. Its reference is "<run>-<index>", by which index_of() knows it again.
  void fill(uint64_t index, proto::Message& message) const;
  proto::MessageClass class_of(uint64_t index) const;
  // How long after its submission it is to be sent; the caller knows the time.
  std::chrono::microseconds delay_of(uint64_t index) const;
  // Nothing for a message of another run.
  std::optional<uint64_t> index_of(std::string_view reference) const;

  const WorkloadOptions& options() const { return options_; }

 private:
  // A text but for the six digits that tell it from others of its kind.
  struct Text {
    std::string head, tail;
  };

  uint64_t draw(uint64_t index) const;  // what chance says of this message
  bool happens(uint64_t index, uint64_t salt, double share) const;
  std::size_t text_of(uint64_t index, proto::MessageClass message_class) const;

  const WorkloadOptions options_;
  const Recipients recipients_;
  const std::string run_;  // tells this run from an earlier one whose events still come
  const std::string night_zone_;
  std::vector<Text> texts_;  // by class, form and opt-out
};

// "OTP" or "OTP=0.3,NOTIFICATION=0.7"; empty, or what is wrong.
std::string read_classes(std::string_view text, std::vector<ClassShare>& classes);
// "chinese:60" or "chinese:60=0.8,latin:140=0.2".
std::string read_texts(std::string_view text, std::vector<TextShare>& texts);

// The IANA zone where it is two in the morning when UTC says that hour.
std::string night_zone(int utc_hour);

}  // namespace tact::bench
