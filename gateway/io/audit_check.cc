// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/audit_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/io/log.h"
#include "gateway/io/trace.h"

namespace tact::gateway {

namespace {
using Before = AuditCheckPoint::Before;

constexpr uint32_t kHoursOfDay = 24;
constexpr int64_t kHourMs = 3'600'000;
constexpr size_t kPlaceDigits = 24, kHashDigits = 64;

const char* reason_of(BatchError error) {
  switch (error) {
    case BatchError::truncated:
      return "damaged: its length is not what it says";
    case BatchError::format:
      return "damaged: no format of ours";
    case BatchError::checksum:
      return "damaged: its checksum does not fit";
    case BatchError::key:
      return "cannot be opened: its data key is not here, or it was changed";
    case BatchError::packing:
      return "damaged: it cannot be unpacked";
  }
  return "damaged";
}
}  // namespace

std::string audit_check_cursor(const AuditCheckPoint& at) {
  return static_cast<char>(at.before) + trace_cursor(at.next) + trace_cursor(at.place) +
         hex(at.hash);
}

std::optional<AuditCheckPoint> parse_audit_check_cursor(std::string_view text) {
  if (text.size() != 1 + 2 * kPlaceDigits + kHashDigits) return std::nullopt;
  if (std::string_view("nucd").find(text[0]) == std::string_view::npos) return std::nullopt;
  const auto next = parse_trace_cursor(text.substr(1, kPlaceDigits));
  const auto place = parse_trace_cursor(text.substr(1 + kPlaceDigits, kPlaceDigits));
  const auto hash = parse_audit_hash(text.substr(1 + 2 * kPlaceDigits));
  if (!next || !place || !hash) return std::nullopt;
  return AuditCheckPoint{*next, static_cast<Before>(text[0]), *hash, *place};
}

AuditCheck::AuditCheck(Rocks& rocks, Sealer& sealer, const AuditCheckPoint& from, uint32_t end_hour,
                       Civil now)
    : reader_(rocks, {from.next, end_hour}),
      sealer_(sealer),
      at_(from),
      today_(static_cast<uint32_t>(to_ms(now) / kHourMs / kHoursOfDay)) {}

bool AuditCheck::step() {
  const bool more = reader_.step([this](History::Place place, std::string_view key,
                                        std::string_view value) { visit(place, key, value); });
  at_.next = reader_.next();
  if (more && reader_.bytes() < kPageBytes && broken_ < kBrokenMax) return true;
  end_day();
  return false;
}

void AuditCheck::visit(const History::Place& place, std::string_view key, std::string_view value) {
  const uint32_t day = place.hour / kHoursOfDay;
  if (day_ && day_->day != day) end_day();
  if (!day_) day_ = Day{day};
  ++day_->batches;

  const AuditStored stored = split_audit(value);
  BatchError error{};
  const auto batch = open_batch(stored.batch, sealer_, &error);
  AuditRecord record;
  std::optional<Civil> time;
  for (size_t at = 0; batch && read_audit(batch->body, at, record); ++day_->records) {
    if (!time) time = record.at;
  }
  const bool follows = stored.link.empty()
                           ? at_.before != Before::chained
                           : at_.before == Before::nothing || at_.before == Before::damaged ||
                                 std::ranges::equal(stored.link, at_.hash);
  if (!batch) {
    broken(place, time, reason_of(error));
  } else if (stored.link.empty() && !follows) {
    broken(place, time, "the hash of the one before is not behind it");
  } else if (!follows) {
    broken(place, time,
           "is not what followed the one before: one of the two was changed, or others between "
           "them were taken out or put in");
  }
  if (stored.link.empty()) ++day_->unchained;
  at_.before = !batch ? Before::damaged : stored.link.empty() ? Before::unchained : Before::chained;
  at_.hash = hasher_.hash(key, value);
  at_.place = place;
}

void AuditCheck::broken(const History::Place& place, std::optional<Civil> time,
                        const char* reason) {
  ++broken_;
  const Civil hour = from_ms(int64_t{place.hour} * kHourMs);
  lines_ += fmt::format(R"({{"broken":"{}")", trace_cursor(place));
  if (at_.before != Before::nothing)
    lines_ += fmt::format(R"(,"after":"{}")", trace_cursor(at_.place));
  lines_ += fmt::format(R"(,"time":"{}","reason":{}}})"
                        "\n",
                        iso_time(time.value_or(hour)), json_string(reason));
}

void AuditCheck::end_day() {
  if (!day_) return;
  const Civil begin = from_ms(int64_t{day_->day} * kHoursOfDay * kHourMs);
  lines_ += fmt::format(
      R"({{"day":"{}","complete":{},"batches":{},"records":{},"unchained":{},"hash":"{}"}})"
      "\n",
      iso_time(begin).substr(0, 10), day_->day < today_, day_->batches, day_->records,
      day_->unchained, hex(at_.hash));
  day_.reset();
}

std::string AuditCheck::lines() const {
  if (reader_.complete()) return lines_ + "{}\n";
  return lines_ + fmt::format(R"({{"cursor":"{}"}})"
                              "\n",
                              audit_check_cursor(at_));
}

}  // namespace tact::gateway
