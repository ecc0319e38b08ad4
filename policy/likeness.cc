// SPDX-License-Identifier: Apache-2.0
#include "policy/likeness.h"

#include <bit>
#include <cstring>

#include "policy/hash.h"
#include "policy/normalise.h"

namespace tact::policy {
namespace {

static_assert(std::endian::native == std::endian::little, "words are read as they lie");

// Octets gathered to words of eight, wherever gaps have been. Not for what strangers may choose to
// collide: who makes two of his own texts look alike loses one of them.
class Gathered {
 public:
  void add(char c) {
    word_ |= uint64_t{static_cast<uint8_t>(c)} << bits_;
    bits_ += 8;
    if (bits_ == 64) turn(0, 0);
  }
  void add_eight(uint64_t octets) {
    word_ |= octets << bits_;
    turn(bits_ == 0 ? 0 : octets >> (64 - bits_), bits_);
  }
  uint64_t value() {
    turn(0, 0);
    return mix(state_);
  }

 private:
  void turn(uint64_t rest, uint32_t bits) {
    state_ = (state_ ^ word_) * 0x9e3779b97f4a7c15u;
    state_ ^= state_ >> 32;
    word_ = rest;
    bits_ = bits;
  }

  uint64_t state_ = 1;
  uint64_t word_ = 0;
  uint32_t bits_ = 0;
};

// Is one of the octets an ASCII digit? An octet of the sum has its high bit from '0' or ':' on.
bool any_digit(uint64_t octets) {
  constexpr uint64_t kEach = 0x0101010101010101u;
  const uint64_t low = octets & 0x7f * kEach;
  const uint64_t from_zero = low + (0x80 - '0') * kEach;
  const uint64_t behind_nine = low + (0x80 - '9' - 1) * kEach;
  return (from_zero & ~behind_nine & ~octets & 0x80 * kEach) != 0;
}

constexpr uint32_t kCampaignMax = (1u << 31) - 2;
// Never 0, which says that nothing is known.
uint32_t cut(uint64_t hash, uint32_t max) { return static_cast<uint32_t>(hash % max) + 1; }

}  // namespace

uint32_t text_digest(std::string_view s, bool with_digits) {
  Gathered all;
  const auto add = [&](std::string_view octets) {
    for (const char c : octets) {
      if (with_digits || !ascii_digit(c)) all.add(c);
    }
  };
  for (; s.size() >= 8; s.remove_prefix(8)) {
    uint64_t octets;
    std::memcpy(&octets, s.data(), 8);
    if (with_digits || !any_digit(octets)) {
      all.add_eight(octets);
    } else {
      add(s.substr(0, 8));
    }
  }
  add(s);
  return cut(all.value(), UINT32_MAX - 1);
}

uint32_t campaign_digest(uint16_t owner, std::string_view campaign) {
  if (campaign.empty()) return 0;
  Digest digest;
  digest.add(owner);
  digest.add(campaign);
  return cut(mix(digest.value()), kCampaignMax);
}

}  // namespace tact::policy
