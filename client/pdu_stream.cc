// SPDX-License-Identifier: Apache-2.0
#include "client/pdu_stream.h"

#include <algorithm>

#include "client/table.h"
#include "smpp/codec.h"

namespace tact::client {
namespace {

using smpp::Octets;

// Statuses above are neither SMPP's nor of those it leaves to vendors.
constexpr std::uint32_t kStatusMax = 0xFFFF;

std::string octet_count(std::uint64_t octets) { return counted(octets, "octet", "octets"); }

// Sixteen octets that could be the header of a PDU of this library.
bool plausible_header(Octets octets) {
  if (smpp::frame(octets).kind == smpp::Frame::Kind::lost) return false;
  const smpp::Header header = smpp::read_header(octets);
  if (!smpp::for_command(header.command_id, []<class P>() {})) return false;
  const auto status = static_cast<std::uint32_t>(header.command_status);
  if (status > (smpp::is_response(header.command_id) ? kStatusMax : 0)) return false;
  return header.sequence_number >= smpp::kSequenceMin &&
         header.sequence_number <= smpp::kSequenceMax;
}

enum class Begins : std::uint8_t { no, perhaps, yes };

// Does a PDU begin here? It must be whole, and what follows it must look like one, too.
Begins begins_pdu(Octets octets) {
  if (octets.size() < smpp::kHeaderSize) return Begins::perhaps;
  if (!plausible_header(octets)) return Begins::no;
  const smpp::Frame frame = smpp::frame(octets);
  if (frame.kind == smpp::Frame::Kind::more) return Begins::perhaps;
  smpp::Pdu pdu;
  if (!smpp::decode(octets.first(frame.length), pdu).ok()) return Begins::no;
  const Octets next = octets.subspan(frame.length);
  if (next.size() >= smpp::kHeaderSize && !plausible_header(next)) return Begins::no;
  return Begins::yes;
}

std::string first_as_text(Octets octets) {
  std::string text;
  for (const std::uint8_t octet : octets.first(std::min<std::size_t>(4, octets.size()))) {
    if (octet < 0x20 || octet >= 0x7F) return {};
    text += static_cast<char>(octet);
  }
  return " (\"" + text + "\")";
}

}  // namespace

PduStream::PduStream(bool at_boundary) {
  if (!at_boundary) lose(Found::Kind::note, "the capture begins inside of a connection");
}

void PduStream::add(Octets octets, std::vector<Found>& out) {
  rest_.insert(rest_.end(), octets.begin(), octets.end());
  if (!searching_ || search(out, false)) follow(out);
}

void PduStream::missing(std::uint64_t size, std::vector<Found>& out) {
  finish(out);
  offset_ += size;
  lose(Found::Kind::fault, octet_count(size) + " are missing");
}

void PduStream::finish(std::vector<Found>& out) {
  for (;;) {
    if (!searching_) {
      if (rest_.empty()) return;
      const std::uint32_t length = smpp::frame(rest_).length;
      lose(Found::Kind::fault, "cut short: " + std::to_string(rest_.size()) + " of " +
                                   (length > 0 ? octet_count(length) : "a PDU's length"));
      pass_over(1);
    }
    if (!search(out, true)) break;
    follow(out);
  }
  tell_passed(out);
}

// PDU after PDU, up to one that is not all there.
void PduStream::follow(std::vector<Found>& out) {
  Octets rest(rest_);
  while (!rest.empty()) {
    const smpp::Frame frame = smpp::frame(rest);
    if (frame.kind == smpp::Frame::Kind::more) break;
    const std::uint64_t offset = offset_ + (rest_.size() - rest.size());
    if (frame.kind == smpp::Frame::Kind::lost) {
      const std::string reason = std::string(frame.reason) + first_as_text(rest);
      rest_.erase(rest_.begin(), rest_.end() - static_cast<std::ptrdiff_t>(rest.size()));
      offset_ = offset;
      lose(Found::Kind::fault, reason);
      pass_over(1);
      if (!search(out, false)) return;
      rest = rest_;
      continue;
    }
    const Octets whole = rest.first(frame.length);
    out.push_back({Found::Kind::pdu, offset, {whole.begin(), whole.end()}, {}});
    rest = rest.subspan(frame.length);
  }
  offset_ += rest_.size() - rest.size();
  rest_.erase(rest_.begin(), rest_.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

// True where a beginning was found: the rest then begins there. `finished`: no more octets come.
bool PduStream::search(std::vector<Found>& out, bool finished) {
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    const Begins begins = begins_pdu(Octets(rest_).subspan(at));
    if (begins == Begins::no || (begins == Begins::perhaps && finished)) continue;
    pass_over(at);
    if (begins == Begins::perhaps) return false;
    tell_passed(out);
    return true;
  }
  pass_over(rest_.size());
  return false;
}

void PduStream::lose(Found::Kind kind, std::string reason) {
  searching_ = true;
  passed_ = {kind, offset_, {}, std::move(reason)};
  passed_octets_ = 0;
}

void PduStream::pass_over(std::size_t size) {
  const auto end = rest_.begin() + static_cast<std::ptrdiff_t>(size);
  const std::size_t shown = std::min(size, kShownMax - passed_.octets.size());
  passed_.octets.insert(passed_.octets.end(), rest_.begin(),
                        rest_.begin() + static_cast<std::ptrdiff_t>(shown));
  rest_.erase(rest_.begin(), end);
  passed_octets_ += size;
  offset_ += size;
}

// A connection that was joined between two PDUs is not worth a word.
void PduStream::tell_passed(std::vector<Found>& out) {
  searching_ = false;
  if (passed_.kind == Found::Kind::note && passed_octets_ == 0) return;
  if (passed_octets_ > 0) passed_.reason += "; " + octet_count(passed_octets_) + " passed over";
  out.push_back(std::move(passed_));
}

}  // namespace tact::client
