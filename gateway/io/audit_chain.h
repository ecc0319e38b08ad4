// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_st;
struct evp_md_ctx_st;

namespace tact::gateway {

using AuditHash = std::array<uint8_t, 32>;

// SHA-256 of a record of table `audit`, its key and all of its value: what the next one ends with.
class AuditHasher {
 public:
  AuditHasher();
  ~AuditHasher();
  AuditHasher(const AuditHasher&) = delete;
  AuditHasher& operator=(const AuditHasher&) = delete;

  AuditHash hash(std::string_view key, std::string_view value);

 private:
  evp_md_st* const md_;
  evp_md_ctx_st* const context_;
};

// The chain through the audit, written by the storage thread: a record is a batch of a turn, so a
// message costs next to nothing. Each ends with the hash of the one before (engine/audit.h), the
// first of a day with that of the last of the day before. Retention deletes from the front: what is
// left is a chain from its first record on.
//
// The order of the chain is that of the keys, so that it is read and checked in one pass. Two
// shards may see an hour begin in another order, and a clock may be set back: then a record lies
// under the newest hour that there is, not under its own.
class AuditChain {
 public:
  // The newest record of the store; none: a chain begins.
  void begin(std::string_view key, std::string_view value);
  // The hour that the next record's key begins with: `prefix`, or the newest one.
  void keep_order(std::string& prefix);
  // Puts the hash of the one before behind the record that will stand at `key`.
  void add(std::string_view key, std::string& stored);

 private:
  AuditHasher hasher_;
  std::string hour_;
  AuditHash last_{};  // zero: there was none
};

}  // namespace tact::gateway
