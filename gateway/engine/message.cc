// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/message.h"

#include <bit>
#include <cstring>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace {

// Messages are copied field by field, once each way per message: on the hot path, so by memcpy and
// not byte by byte.
static_assert(std::endian::native == std::endian::little, "stored records are little endian");

constexpr size_t kLength = 4;
constexpr size_t kFixed = 56;
constexpr size_t kStrings = 7;

template <typename T>
void put(uint8_t*& at, T value) {
  std::memcpy(at, &value, sizeof value);
  at += sizeof value;
}

void put(uint8_t*& at, std::string_view s) {
  put(at, static_cast<uint16_t>(s.size()));
  if (!s.empty()) std::memcpy(at, s.data(), s.size());
  at += s.size();
}

// What few messages have.
enum class Tag : uint8_t { due = 1, special_dates = 2, stage = 3 };
constexpr size_t kTagged = 3;  // tag and length

size_t tagged_size(const Message& m) {
  const auto size = [](std::string_view s) { return s.empty() ? 0 : kTagged + s.size(); };
  return (m.due ? kTagged + sizeof(int32_t) : 0) + size(m.special_dates) + size(m.stage);
}

void put_tagged(uint8_t*& at, const Message& m) {
  if (m.due) {
    put(at, Tag::due);
    put(at, static_cast<uint16_t>(sizeof(int32_t)));
    put(at, static_cast<int32_t>(m.due->time_since_epoch().count()));
  }
  const auto put_string = [&](Tag tag, std::string_view s) {
    if (s.empty()) return;
    put(at, tag);
    put(at, s);
  };
  put_string(Tag::special_dates, m.special_dates);
  put_string(Tag::stage, m.stage);
}

template <typename T>
void get(const uint8_t*& at, T& value) {
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
}

void get(const uint8_t*& at, Civil& value) {
  int64_t ms;
  get(at, ms);
  value = from_ms(ms);
}

bool get(const uint8_t*& at, const uint8_t* end, std::string_view& s) {
  if (end - at < 2) return false;
  uint16_t size;
  get(at, size);
  if (end - at < size) return false;
  s = {reinterpret_cast<const char*>(at), size};
  at += size;
  return true;
}

bool get_tagged(const uint8_t*& at, const uint8_t* end, Message& m) {
  while (at != end) {
    const auto tag = static_cast<Tag>(*at++);
    std::string_view value;
    if (!get(at, end, value)) return false;
    if (tag == Tag::special_dates) {
      m.special_dates = value;
    } else if (tag == Tag::stage) {
      m.stage = value;
    } else if (tag == Tag::due) {
      if (value.size() != sizeof(int32_t)) return false;
      int32_t days;
      std::memcpy(&days, value.data(), sizeof days);
      m.due = std::chrono::sys_days(std::chrono::days(days));
    }
  }
  return true;
}

}  // namespace

size_t encoded_size(const Message& m) {
  return kLength + kFixed + 2 * kStrings + m.from.size() + m.to.size() + m.text.size() +
         m.reference.size() + m.campaign.size() + m.zone.size() + m.consent.size() + tagged_size(m);
}

void append_message(const Message& m, Bytes& out) {
  const size_t size = encoded_size(m);
  const std::string_view strings[kStrings] = {m.from,     m.to,   m.text,   m.reference,
                                              m.campaign, m.zone, m.consent};
  for (const std::string_view s : strings) CHECK(s.size() <= UINT16_MAX);
  const size_t begin = out.size();
  out.resize(begin + size);
  uint8_t* at = out.data() + begin;
  put(at, static_cast<uint32_t>(size - kLength));
  put(at, raw(m.id));
  put(at, to_ms(m.accepted));
  put(at, to_ms(m.expires));
  put(at, m.number);
  put(at, raw(m.route));
  put(at, raw(m.tenant));
  put(at, raw(m.account));
  put(at, raw(m.brand));
  put(at, raw(m.upstream));
  put(at, m.flags);
  put(at, m.sent_parts);
  put(at, m.segments);
  put(at, m.attempts);
  put(at, m.awaiting);
  for (const std::string_view s : strings) put(at, s);
  put_tagged(at, m);
  CHECK(at == out.data() + out.size());
}

bool read_message(ByteView in, size_t& offset, Message& m) {
  if (offset > in.size() || in.size() - offset < kLength) return false;
  const uint8_t* at = in.data() + offset;
  uint32_t size;
  get(at, size);
  if (size < kFixed || size > in.size() - offset - kLength) return false;
  const uint8_t* const end = at + size;
  get(at, m.id);
  get(at, m.accepted);
  get(at, m.expires);
  get(at, m.number);
  get(at, m.route);
  get(at, m.tenant);
  get(at, m.account);
  get(at, m.brand);
  get(at, m.upstream);
  get(at, m.flags);
  get(at, m.sent_parts);
  get(at, m.segments);
  get(at, m.attempts);
  get(at, m.awaiting);
  std::string_view* const strings[kStrings] = {&m.from,     &m.to,   &m.text,   &m.reference,
                                               &m.campaign, &m.zone, &m.consent};
  for (std::string_view* s : strings) {
    if (!get(at, end, *s)) return false;
  }
  if (at != end && !get_tagged(at, end, m)) return false;
  offset += kLength + size;
  return true;
}

}  // namespace tact::gateway
