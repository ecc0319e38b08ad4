// SPDX-License-Identifier: Apache-2.0
#include "client/capture.h"

namespace tact::client {
namespace {

using Magic = CaptureReader::Magic;

constexpr Magic kMicroLittle{0xD4, 0xC3, 0xB2, 0xA1}, kMicroBig{0xA1, 0xB2, 0xC3, 0xD4};
constexpr Magic kNanoLittle{0x4D, 0x3C, 0xB2, 0xA1}, kNanoBig{0xA1, 0xB2, 0x3C, 0x4D};
constexpr Magic kBlocks{0x0A, 0x0D, 0x0D, 0x0A};

// No program writes more of a packet than 256 KiB; a block has its options besides.
constexpr std::uint32_t kPacketMax = 1u << 20;

// Blocks of pcapng, and the option of an interface that tells its clock.
constexpr std::uint32_t kSection = 0x0A0D0D0A, kInterface = 1, kSimplePacket = 3, kPacket = 6;
constexpr std::uint32_t kTicksOption = 9;

std::int64_t microseconds(std::uint64_t ticks, std::uint64_t per_second) {
  return static_cast<std::int64_t>(ticks / per_second * 1'000'000 +
                                   ticks % per_second * 1'000'000 / per_second);
}

// if_tsresol: a power of ten, or of two where the top bit is set. What no clock has is the default.
std::uint64_t ticks_of(std::uint8_t resolution) {
  const int power = resolution & 0x7F;
  if (resolution & 0x80) return power <= 40 ? std::uint64_t{1} << power : 1'000'000;
  if (power > 12) return 1'000'000;
  std::uint64_t ticks = 1;
  for (int i = 0; i < power; ++i) ticks *= 10;
  return ticks;
}

}  // namespace

bool CaptureReader::is_capture(const Magic& magic) {
  return magic == kMicroLittle || magic == kMicroBig || magic == kNanoLittle || magic == kNanoBig ||
         magic == kBlocks;
}

CaptureReader::CaptureReader(std::istream& in, const Magic& magic)
    : in_(in), blocks_(magic == kBlocks) {
  if (blocks_) return;
  big_endian_ = magic == kMicroBig || magic == kNanoBig;
  if (!read(20)) {
    fail("the file header is cut short");
    return;
  }
  const bool nano = magic == kNanoLittle || magic == kNanoBig;
  // The upper bits tell the length of a frame check sequence.
  interfaces_.push_back({number(16) & 0x0FFFFFFF, nano ? 1'000'000'000u : 1'000'000u});
}

bool CaptureReader::next(Packet& out) {
  if (!fault_.empty()) return false;
  return blocks_ ? next_of_pcapng(out) : next_of_pcap(out);
}

bool CaptureReader::read(std::size_t size) {
  octets_.resize(size);
  in_.read(reinterpret_cast<char*>(octets_.data()), static_cast<std::streamsize>(size));
  octets_.resize(static_cast<std::size_t>(in_.gcount()));
  position_ += octets_.size();
  return octets_.size() == size;
}

std::uint32_t CaptureReader::number(std::size_t at, std::size_t size) const {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | octets_[at + (big_endian_ ? i : size - 1 - i)];
  }
  return value;
}

bool CaptureReader::fail(const std::string& why) {
  fault_ = why + ", at " + std::to_string(position_) + " of the capture";
  return false;
}

bool CaptureReader::next_of_pcap(Packet& out) {
  if (!read(16)) return octets_.empty() ? false : fail("a packet's header is cut short");
  const std::uint32_t captured = number(8);
  if (captured > kPacketMax) return fail("a packet of " + std::to_string(captured) + " octets");
  const Interface& interface = interfaces_.front();
  out.time_us = std::int64_t{number(0)} * 1'000'000 + microseconds(number(4), interface.ticks);
  out.link_type = interface.link_type;
  if (!read(captured)) return fail("a packet is cut short");
  out.octets = octets_;
  return true;
}

// | type u32 | length u32 | body, a multiple of 4 | length u32 |; `octets_` is then the body.
bool CaptureReader::next_of_pcapng(Packet& out) {
  for (;;) {
    std::uint32_t type = kSection;
    if (first_) {
      if (!read(4)) return fail("the section header is cut short");
    } else {
      if (!read(8)) return octets_.empty() ? false : fail("a block's header is cut short");
      type = number(0);
      octets_.erase(octets_.begin(), octets_.begin() + 4);
    }
    first_ = false;
    if (type == kSection) {
      if (!begin_section()) return false;
      continue;
    }
    const std::uint32_t length = number(0);
    if (length < 12 || length % 4 != 0 || length > kPacketMax) {
      return fail("a block of " + std::to_string(length) + " octets");
    }
    if (!read(length - 8)) return fail("a block is cut short");
    octets_.resize(octets_.size() - 4);
    if (type == kInterface) add_interface();
    if (type == kSimplePacket) return fail("a packet without a time: no program writes such");
    if (type != kPacket) continue;
    return take_packet(out) || fail("a packet's block contradicts itself");
  }
}

// `octets_` is the length of the section header; its byte order comes behind it.
bool CaptureReader::begin_section() {
  const std::vector<std::uint8_t> length = octets_;
  if (!read(4)) return fail("the section header is cut short");
  big_endian_ = octets_[0] == 0x1A;
  if (number(0) != 0x1A2B3C4D) return fail("a section without its byte order");
  octets_ = length;
  const std::uint32_t size = number(0);
  if (size < 28 || size % 4 != 0 || size > kPacketMax) {
    return fail("a section header of " + std::to_string(size) + " octets");
  }
  interfaces_.clear();
  return read(size - 12) || fail("the section header is cut short");
}

// | link type u16 | reserved u16 | snap length u32 | options: code u16, length u16, value |
void CaptureReader::add_interface() {
  Interface interface { 0, 1'000'000 };
  if (octets_.size() >= 8) interface.link_type = number(0, 2);
  for (std::size_t at = 8; at + 4 <= octets_.size();) {
    const std::uint32_t code = number(at, 2), size = number(at + 2, 2);
    if (code == kTicksOption && size >= 1 && at + 4 < octets_.size()) {
      interface.ticks = ticks_of(octets_[at + 4]);
    }
    at += 4 + (size + 3) / 4 * 4;
  }
  interfaces_.push_back(interface);
}

// | interface u32 | time u32 u32 | captured u32 | length u32 | octets
bool CaptureReader::take_packet(Packet& out) const {
  if (octets_.size() < 20 || number(0) >= interfaces_.size()) return false;
  const Interface& interface = interfaces_[number(0)];
  const std::uint32_t captured = number(12);
  if (captured > octets_.size() - 20) return false;
  out.time_us = microseconds(std::uint64_t{number(4)} << 32 | number(8), interface.ticks);
  out.link_type = interface.link_type;
  out.octets.assign(octets_.begin() + 20, octets_.begin() + 20 + captured);
  return true;
}

}  // namespace tact::client
