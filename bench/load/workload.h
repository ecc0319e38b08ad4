// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/job.pb.h"

namespace tact::bench {

struct ClassShare {
  double share = 0;  // of all messages
  proto::MessageClass message_class{};
};

// The messages of a run, each determined by the seed and its index: recipients that never repeat
// (up to a thousand million), Chinese texts of 60 characters with signature, and what a class needs
// (consent, role).
class Workload {
 public:
  // `classes` add up to 1. `signature` without its brackets, at most 20 characters.
  Workload(uint64_t seed, std::string signature, std::vector<ClassShare> classes);

  // Overwrites `message`. Its reference is "<run>-<index>", by which index_of() knows it again.
  void fill(uint64_t index, proto::Message& message) const;
  proto::MessageClass class_of(uint64_t index) const;
  // Nothing for a message of another run.
  std::optional<uint64_t> index_of(std::string_view reference) const;

  const std::vector<ClassShare>& classes() const { return classes_; }
  const std::string& signature() const { return signature_; }

 private:
  uint64_t draw(uint64_t index) const;  // what chance says of this message

  const uint64_t seed_;
  const std::string run_;  // tells this run from an earlier one whose events still come
  const std::string signature_;
  const std::vector<ClassShare> classes_;
  uint64_t factor_ = 0;  // of the permutation of recipients
  uint64_t offset_ = 0;
};

// "OTP" or "OTP=0.3,NOTIFICATION=0.7"; nothing when it is neither or does not add up to 1.
std::optional<std::vector<ClassShare>> parse_classes(std::string_view text);

}  // namespace tact::bench
