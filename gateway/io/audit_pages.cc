// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/audit_pages.h"

#include <fmt/format.h>

#include <charconv>

#include "gateway/io/trace.h"

namespace tact::gateway {

namespace {
constexpr size_t kLoadBytes = 256u << 10;  // packed: some megabytes of lines
constexpr size_t kSeqAt = 4;

std::string key_at(const History::Place& place) {
  std::string key = audit_prefix(place.hour);
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(place.seq >> shift));
  return key;
}
}  // namespace

bool AuditReader::step(const Visit& visit) {
  if (complete_) return false;
  LoadRequest request;
  request.table = Table::audit;
  request.begin = key_at(range_.begin);
  request.end = audit_prefix(range_.end_hour);
  request.bytes_max = kLoadBytes;
  const Loaded loaded = request.begin < request.end ? rocks_.load(request) : Loaded{};
  for (const auto& [key, value] : loaded.records) {
    bytes_ += key.size() + value.size();
    const History::Place place{key_u32(key, 0), key_u64(key, kSeqAt)};
    visit(place, key, value);
    range_.begin = {place.hour, place.seq + 1};
  }
  complete_ = !loaded.more;
  return !complete_;
}

bool AuditExport::step() {
  const bool more = reader_.step(
      [this](History::Place, std::string_view key, std::string_view value) { visit(key, value); });
  return more && lines_.size() < kPageBytes;
}

void AuditExport::visit(std::string_view key, std::string_view value) {
  hash_ = hasher_.hash(key, value);
  const auto batch = open_batch(split_audit(value).batch, sealer_);
  if (!batch) {
    ++unreadable_;
    return;
  }
  AuditRecord record;
  for (size_t at = 0; read_audit(batch->body, at, record);) {
    lines_ += audit_json(record, directory_, detail_) + '\n';
    ++records_;
  }
}

std::string AuditExport::lines() const {
  std::string end = fmt::format(R"({{"records":{})", records_);
  if (unreadable_ > 0) end += fmt::format(R"(,"unreadable":{})", unreadable_);
  if (hash_) end += fmt::format(R"(,"hash":"{}")", hex(*hash_));
  if (!reader_.complete()) end += fmt::format(R"(,"cursor":"{}")", trace_cursor(reader_.next()));
  return lines_ + end + "}\n";
}

std::string hex(const AuditHash& hash) {
  std::string text;
  for (const uint8_t octet : hash) text += fmt::format("{:02x}", octet);
  return text;
}

std::optional<AuditHash> parse_audit_hash(std::string_view text) {
  AuditHash hash;
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (size_t i = 0; i < hash.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(at, at + 2, hash[i], 16);
    if (error != std::errc() || end != at + 2) return std::nullopt;
  }
  return hash;
}

}  // namespace tact::gateway
