// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "smpp/types.h"

namespace tact::client {

// A PDU of a stream, or octets of it that are none.
struct Found {
  enum class Kind : std::uint8_t {
    pdu,
    note,   // why octets were passed over, and nothing is wrong
    fault,  // likewise, and something is
  };
  Kind kind = Kind::pdu;
  std::uint64_t offset = 0;          // of the first octet, from the beginning of the stream
  std::vector<std::uint8_t> octets;  // of a PDU; else the first of those that were passed over
  std::string reason;                // of a note or a fault, in words
};

// PDUs in a stream of octets whose beginning may be missing, that may have holes, and that may not
// be SMPP at all: where a PDU's end is not known, the next plausible beginning is looked for.
class PduStream {
 public:
  static constexpr std::size_t kShownMax = 64;  // of octets that were passed over

  // Whether a PDU begins with the first octet.
  explicit PduStream(bool at_boundary);

  void add(smpp::Octets octets, std::vector<Found>& out);
  // So many octets are missing here.
  void missing(std::uint64_t size, std::vector<Found>& out);
  void finish(std::vector<Found>& out);

 private:
  void follow(std::vector<Found>& out);
  bool search(std::vector<Found>& out, bool finished);
  void lose(Found::Kind kind, std::string reason);
  void pass_over(std::size_t size);
  void tell_passed(std::vector<Found>& out);

  bool searching_ = false;
  Found passed_;                     // while searching: what is to be told of it
  std::uint64_t passed_octets_ = 0;  // while searching
  std::uint64_t offset_ = 0;         // of rest_
  std::vector<std::uint8_t> rest_;
};

}  // namespace tact::client
