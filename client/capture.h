// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace tact::client {

// A packet of a capture, from its link layer on; less than there was where the capture cut it.
struct Packet {
  std::int64_t time_us = 0;  // since 1970
  std::uint32_t link_type = 0;
  std::vector<std::uint8_t> octets;
};

// Packets of a capture file: pcap of either byte order with micro- or nanoseconds, and pcapng.
class CaptureReader {
 public:
  using Magic = std::array<std::uint8_t, 4>;

  // Do these octets begin a capture?
  static bool is_capture(const Magic& magic);

  // `in` stands behind the magic. REQUIRES: is_capture(magic); `in` outlives this object.
  CaptureReader(std::istream& in, const Magic& magic);

  // False at the end, or where the file is damaged: fault() then says how.
  bool next(Packet& out);
  const std::string& fault() const { return fault_; }

 private:
  struct Interface {
    std::uint32_t link_type;
    std::uint64_t ticks;  // per second
  };

  bool read(std::size_t size);
  std::uint32_t number(std::size_t at, std::size_t size = 4) const;
  bool fail(const std::string& why);
  bool next_of_pcap(Packet& out);
  bool next_of_pcapng(Packet& out);
  bool begin_section();
  void add_interface();
  bool take_packet(Packet& out) const;

  // Constant after construction.
  std::istream& in_;
  const bool blocks_;  // pcapng

  bool big_endian_ = false;
  std::uint64_t position_ = 4;
  std::vector<std::uint8_t> octets_;  // what was read last
  std::vector<Interface> interfaces_;
  std::string fault_;
  bool first_ = true;
};

}  // namespace tact::client
