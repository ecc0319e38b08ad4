// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/audit.h"

#include <gtest/gtest.h>

#include "gateway/engine/record_io.h"
#include "tests/gateway/engine/sealers.h"

namespace tact::gateway {
namespace {

AuditRecord decision() {
  AuditRecord record;
  record.kind = AuditRecord::Kind::admitted;
  record.cls = Class::marketing;
  record.at = from_ms(1'773'800'000'000);
  record.id = MessageId{4711};
  record.number = 0xc42e898d649c3007;
  record.rules = 7;
  record.text = 9;
  record.brand = BrandId{2};
  record.segments = 3;
  record.action = policy::Action::defer;
  record.fired.push_back({policy::Rule::window, policy::Action::defer, "09:00", {}});
  record.note = "consent-1";
  record.decision = true;
  record.flags = Message::kUrgent | Message::kConsent;
  record.until = from_ms(1'773'900'000'000);
  record.expires = from_ms(1'774'000'000'000);
  record.from = "1069000055";
  record.campaign = "spring";
  record.zone = "Asia/Urumqi";
  record.to = "8613800138000";
  record.body = "周末刷卡立减20元。";
  return record;
}

void expect_equal(const AuditRecord& got, const AuditRecord& want) {
  EXPECT_EQ(got.kind, want.kind);
  EXPECT_EQ(got.id, want.id);
  EXPECT_EQ(got.number, want.number);
  EXPECT_EQ(got.note, want.note);
  ASSERT_EQ(got.fired.size(), want.fired.size());
  EXPECT_EQ(got.fired[0].detail, want.fired[0].detail);
  EXPECT_EQ(got.decision, want.decision);
  EXPECT_EQ(got.flags, want.flags);
  EXPECT_EQ(got.until, want.until);
  EXPECT_EQ(got.expires, want.expires);
  EXPECT_EQ(got.from, want.from);
  EXPECT_EQ(got.campaign, want.campaign);
  EXPECT_EQ(got.zone, want.zone);
  EXPECT_EQ(got.to, want.to);
  EXPECT_EQ(got.body, want.body);
}

TEST(Audit, ARecordCutAnywhereIsRefused) {
  Bytes whole;
  append_audit(decision(), whole);
  for (size_t size = 0; size < whole.size(); ++size) {
    AuditRecord record;
    size_t at = 0;
    EXPECT_FALSE(read_audit(ByteView(whole).first(size), at, record)) << size;
    EXPECT_EQ(at, 0u) << size;
  }
}

TEST(Audit, ARecordWhoseOwnLengthIsCutIsRefusedOrHasNoDecision) {
  Bytes whole;
  append_audit(decision(), whole);
  for (size_t size = 0; size + 2 < whole.size(); ++size) {
    Bytes cut(whole.begin(), whole.begin() + 2 + static_cast<ptrdiff_t>(size));
    RecordWriter(cut).patch(0, static_cast<uint16_t>(size));
    AuditRecord record;
    size_t at = 0;
    if (read_audit(cut, at, record)) {
      EXPECT_FALSE(record.decision) << size;
      EXPECT_EQ(record.note, "consent-1");
    }
  }
}

TEST(Audit, ADecisionIsReadAsItWasWrittenAndWhatFollowsItToo) {
  Bytes whole;
  append_audit(decision(), whole);
  AuditRecord plain = decision();
  plain.decision = false;
  append_audit(plain, whole);
  AuditRecord record;
  size_t at = 0;
  ASSERT_TRUE(read_audit(whole, at, record));
  expect_equal(record, decision());
  ASSERT_TRUE(read_audit(whole, at, record));
  EXPECT_EQ(at, whole.size());
  EXPECT_FALSE(record.decision);
  EXPECT_EQ(record.campaign, "");
}

TEST(Audit, ABodyThatIsTooLongForARecordIsNotKept) {
  AuditRecord long_one = decision();
  const std::string body(kAuditBody + 1, 'x');
  long_one.body = body;
  Bytes whole;
  append_audit(long_one, whole);
  AuditRecord record;
  size_t at = 0;
  ASSERT_TRUE(read_audit(whole, at, record));
  EXPECT_EQ(record.body, "");
  EXPECT_EQ(record.campaign, "spring");
}

TEST(Audit, TheHashBehindABatchIsToldFromIt) {
  MaskSealer sealer(3);
  Bytes body;
  append_audit(decision(), body);
  const std::string batch = seal_batch(0, 1, body, sealer);
  const std::string link(kAuditLink, '\x5a');
  const std::string chained = batch + link;
  const AuditStored stored = split_audit(chained);
  ASSERT_EQ(stored.link.size(), kAuditLink);
  EXPECT_EQ(stored.link[0], 0x5a);
  EXPECT_TRUE(open_batch(stored.batch, sealer));
  EXPECT_TRUE(split_audit(batch).link.empty());
  for (size_t size = 0; size < chained.size(); ++size) {
    const AuditStored cut = split_audit(std::string_view(chained).substr(0, size));
    EXPECT_TRUE(cut.link.empty()) << size;
    EXPECT_EQ(open_batch(cut.batch, sealer).has_value(), size == batch.size()) << size;
  }
}

}  // namespace
}  // namespace tact::gateway
