// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <vector>

#include "gateway/engine/audit.h"
#include "gateway/engine/keys.h"
#include "gateway/io/rocks.h"
#include "gateway/io/sealer.h"

namespace tact::gateway {

inline AuditRecord audit_record(NumberHash number, uint64_t id, Civil at,
                                AuditRecord::Kind kind = AuditRecord::Kind::submitted) {
  AuditRecord record;
  record.kind = kind;
  record.cls = Class::otp;
  record.at = at;
  record.id = MessageId{id};
  record.number = number;
  return record;
}

// Puts audit batches where storage would.
class AuditFiles {
 public:
  explicit AuditFiles(Rocks& rocks) : rocks_(rocks) {}

  void add(const std::vector<AuditRecord>& records) {
    Bytes body;
    for (const AuditRecord& record : records) append_audit(record, body);
    PlainSealer plain;
    const auto count = static_cast<uint16_t>(records.size());
    put(records.front().at, seal_batch(0, count, body, plain));
  }
  void put(Civil at, const std::string& stored) {
    std::string key = audit_prefix(static_cast<uint32_t>(to_ms(at) / 3'600'000));
    next_ += 3;  // other logs share the counter
    for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(next_ >> shift));
    ASSERT_TRUE(rocks_.db().Put({}, rocks_.table(Table::audit), key, stored).ok());
  }

 private:
  Rocks& rocks_;
  uint64_t next_ = 0;
};

}  // namespace tact::gateway
