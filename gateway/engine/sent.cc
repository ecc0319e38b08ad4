// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gateway/engine/awaiting.h"
#include "gateway/engine/check.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {
namespace {

constexpr size_t kChecksum = 4;
constexpr size_t kIdMax = 64;
constexpr size_t kErrorMax = 32;
constexpr size_t kReferenceMax = 64;
constexpr uint8_t kHasMessageReference = 1;
constexpr uint8_t kAgain = 2;

std::string_view cut(std::string_view s, size_t most) { return s.substr(0, most); }

uint32_t checksum(std::string_view record) { return crc32c(record.substr(kChecksum)); }

bool read_part(RecordReader& in, SentPart& part) {
  const auto answer = in.integer<uint8_t>();
  const auto state = in.integer<uint8_t>();
  const std::string_view id = in.string<uint8_t>();
  if (!in.ok() || answer > static_cast<uint8_t>(SentPart::Answer::accepted)) return false;
  if (id.size() > kIdMax) return false;
  part = {static_cast<SentPart::Answer>(answer), static_cast<smpp::MessageState>(state),
          std::string(id)};
  return true;
}

}  // namespace

bool Sent::unknown() const {
  return std::ranges::count(parts, SentPart::Answer::unanswered, &SentPart::answer) > 0;
}

bool Sent::complete() const {
  return std::ranges::count(parts, SentPart::Answer::absent, &SentPart::answer) == 0;
}

std::string encode(const Sent& sent) {
  CHECK(!sent.parts.empty() && sent.parts.size() <= UINT8_MAX);
  CHECK(sent.message.size() <= UINT16_MAX);
  const std::string_view error = cut(sent.error, kErrorMax);
  const std::string_view reference = cut(sent.reference, kReferenceMax);
  std::string record;
  record.reserve(96 + 32 * sent.parts.size() + reference.size() + sent.message.size());
  RecordWriter w(record);
  const auto has = static_cast<uint8_t>((sent.message_reference ? kHasMessageReference : 0) |
                                        (sent.again ? kAgain : 0));
  w.integers(uint32_t{0}, kSentFormat, raw(sent.cls), sent.message_reference.value_or(0),
             raw(sent.id), sent.number, to_ms(sent.accepted), to_ms(sent.submitted),
             raw(sent.tenant), raw(sent.account), raw(sent.brand), raw(sent.upstream), sent.flags,
             static_cast<uint8_t>(sent.parts.size()), static_cast<uint8_t>(error.size()),
             static_cast<uint8_t>(reference.size()), has,
             static_cast<uint16_t>(sent.message.size()));
  for (const SentPart& part : sent.parts) {
    const std::string_view id = cut(part.id, kIdMax);
    w.integers(static_cast<uint8_t>(part.answer), static_cast<uint8_t>(part.state),
               static_cast<uint8_t>(id.size()));
    w.octets(id);
  }
  w.octets(error);
  w.octets(reference);
  w.octets(sent.message);
  w.patch(0, checksum(record));
  return record;
}

std::optional<Sent> decode_sent(std::string_view record) {
  RecordReader r({reinterpret_cast<const uint8_t*>(record.data()), record.size()});
  const auto crc = r.integer<uint32_t>();
  if (!r.ok() || r.integer<uint8_t>() != kSentFormat || checksum(record) != crc) {
    return std::nullopt;
  }
  Sent sent;
  sent.cls = static_cast<Class>(r.integer<uint8_t>());
  const auto message_reference = r.integer<uint16_t>();
  sent.id = MessageId{r.integer<uint64_t>()};
  sent.number = r.integer<uint64_t>();
  sent.accepted = from_ms(r.integer<int64_t>());
  sent.submitted = from_ms(r.integer<int64_t>());
  sent.tenant = TenantId{r.integer<uint16_t>()};
  sent.account = AccountId{r.integer<uint16_t>()};
  sent.brand = BrandId{r.integer<uint16_t>()};
  sent.upstream = UpstreamId{r.integer<uint16_t>()};
  sent.flags = r.integer<uint16_t>();
  const auto parts = r.integer<uint8_t>();
  const auto error_size = r.integer<uint8_t>();
  const auto reference_size = r.integer<uint8_t>();
  const auto has = r.integer<uint8_t>();
  const auto message_size = r.integer<uint16_t>();
  if (!r.ok() || parts == 0 || !policy::known(sent.cls)) return std::nullopt;
  if (has & kHasMessageReference) sent.message_reference = message_reference;
  sent.again = has & kAgain;
  sent.parts.resize(parts);
  for (SentPart& part : sent.parts) {
    if (!read_part(r, part)) return std::nullopt;
  }
  sent.error = r.octets(error_size);
  sent.reference = r.octets(reference_size);
  sent.message = r.octets(message_size);
  if (!r.ok() || r.left() != 0) return std::nullopt;
  return sent;
}

smpp::MessageState worse(smpp::MessageState a, smpp::MessageState b) {
  const auto rank = [](smpp::MessageState state) {
    switch (state) {
      case smpp::MessageState::delivered:
        return 1;
      case smpp::MessageState::skipped:
        return 2;
      case smpp::MessageState::expired:
        return 3;
      case smpp::MessageState::deleted:
        return 4;
      case smpp::MessageState::undeliverable:
        return 5;
      case smpp::MessageState::rejected:
        return 6;
      default:
        return 0;  // not a last state
    }
  };
  return rank(a) >= rank(b) ? a : b;
}

std::string canonical_id(std::string_view id) {
  if (id.empty()) return {};
  // The last spelling is the most reduced one; a very long id has only the one it came in.
  const smpp::Aliases spellings(id, {});
  return std::string(spellings.end()[-1]);
}

// FNV-1a, spread by the finisher of splitmix64. Ids come from the carrier, whom we must trust
// anyway: no key is needed, and a collision is found out by comparing the id.
uint64_t alias_hash(std::string_view canonical, NumberHash number) {
  uint64_t hash = 0xcbf29ce484222325 ^ number;
  for (const char c : canonical) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

uint64_t reference_hash(uint16_t reference, NumberHash number) {
  const char octets[] = {'r', static_cast<char>(reference >> 8), static_cast<char>(reference)};
  return alias_hash({octets, sizeof octets}, number);
}

}  // namespace tact::gateway
