// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Captures made octet by octet.
namespace tact::client::test {

inline void put(std::string& out, std::uint64_t value, std::size_t size, bool big = true) {
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>(value >> 8 * (big ? size - 1 - i : i));
  }
}

struct Flow {
  std::uint32_t from = 0x0A000001, to = 0x0A000002;
  std::uint16_t from_port = 40000, to_port = 2775;
};

enum Flags : std::uint8_t { kFin = 1, kSyn = 2, kRst = 4, kAck = 16 };

inline std::string tcp(const Flow& flow, std::uint32_t sequence, std::string_view payload,
                       std::uint8_t flags = kAck) {
  std::string out;
  put(out, flow.from_port, 2);
  put(out, flow.to_port, 2);
  put(out, sequence, 4);
  put(out, 0, 4);
  put(out, 0x50, 1);
  put(out, flags, 1);
  put(out, 0, 6);
  out += payload;
  return out;
}

inline std::string ipv4(const Flow& flow, std::string_view payload, std::uint16_t fragment = 0,
                        bool offloaded = false) {
  std::string out("\x45\0", 2);
  put(out, offloaded ? 0 : 20 + payload.size(), 2);
  put(out, 0, 2);
  put(out, fragment, 2);
  put(out, 64, 1);
  put(out, 6, 1);
  put(out, 0, 2);
  put(out, flow.from, 4);
  put(out, flow.to, 4);
  out += payload;
  return out;
}

// Padded to the shortest frame, as on the wire.
inline std::string ethernet(std::string_view packet, std::uint16_t type = 0x0800,
                            std::string_view tags = "") {
  std::string out(12, '\x02');
  out += tags;
  put(out, type, 2);
  out += packet;
  if (out.size() < 60) out.resize(60);
  return out;
}

// A pcap file; packets come a millisecond apart.
class Pcap {
 public:
  explicit Pcap(std::uint32_t link_type = 1, bool big = false, bool nano = false)
      : big_(big), nano_(nano) {
    put(bytes_, nano ? 0xA1B23C4D : 0xA1B2C3D4, 4, big_);
    put(bytes_, 2, 2, big_);
    put(bytes_, 4, 2, big_);
    put(bytes_, 0, 8, big_);
    put(bytes_, 262144, 4, big_);
    put(bytes_, link_type, 4, big_);
  }

  Pcap& packet(std::string_view octets) {
    const std::uint32_t milliseconds = ++packets_;
    put(bytes_, 1772326800 + milliseconds / 1000, 4, big_);
    put(bytes_, milliseconds % 1000 * (nano_ ? 1'000'000 : 1000), 4, big_);
    put(bytes_, octets.size(), 4, big_);
    put(bytes_, octets.size(), 4, big_);
    bytes_ += octets;
    return *this;
  }
  Pcap& segment(const Flow& flow, std::uint32_t sequence, std::string_view payload,
                std::uint8_t flags = kAck) {
    return packet(ethernet(ipv4(flow, tcp(flow, sequence, payload, flags))));
  }

  const std::string& bytes() const { return bytes_; }

 private:
  const bool big_, nano_;
  std::string bytes_;
  std::uint32_t packets_ = 0;
};

}  // namespace tact::client::test
