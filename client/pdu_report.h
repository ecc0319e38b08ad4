// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>

#include "client/pdu_stream.h"
#include "client/smpp_capture.h"
#include "smpp/text.h"

namespace tact::client {

struct PduReportOptions {
  smpp::Dialect dialect;  // what the carrier means by a text
  bool json = false;
  bool mask = false;    // neither numbers nor texts; not with json
  bool colour = false;  // not with json
};

// What `tact pdu` says: a line for each PDU, fault and note.
class PduReport {
 public:
  // REQUIRES: `out` outlives this object.
  PduReport(std::ostream& out, const PduReportOptions& options) : out_(out), options_(options) {}

  // `where`: in a capture.
  void tell(const Found& found, const Place* where = nullptr);
  // A fault of what was given, in words.
  void fault(const std::string& what);
  // A PDU that was given as a line.
  void encoded(smpp::Octets octets);

  bool seen_fault() const { return seen_fault_; }

 private:
  void tell_pdu(const Found& found, const Place* where);
  void put(const Place* where, Found::Kind kind, const std::string& line);

  std::ostream& out_;
  const PduReportOptions options_;
  bool seen_fault_ = false;
};

}  // namespace tact::client
