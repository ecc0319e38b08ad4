// SPDX-License-Identifier: Apache-2.0
#include "client/pdu_input.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cctype>
#include <iterator>
#include <vector>

#include "client/capture.h"
#include "client/smpp_capture.h"
#include "client/table.h"
#include "smpp/print.h"

namespace tact::client {
namespace {

bool is_json(std::string_view text) { return text.starts_with('{'); }

constexpr std::size_t kChunk = 64 * 1024;

// One stream of octets.
class Stream {
 public:
  explicit Stream(PduReport& report) : report_(report) {}

  void add(smpp::Octets octets) {
    std::vector<Found> found;
    stream_.add(octets, found);
    tell(found);
  }
  void finish() {
    std::vector<Found> found;
    stream_.finish(found);
    tell(found);
    stream_ = PduStream(true);
  }

 private:
  void tell(const std::vector<Found>& found) {
    for (const Found& each : found) report_.tell(each);
  }

  PduReport& report_;
  PduStream stream_{true};
};

void read_octets(std::istream& in, smpp::Octets first, PduReport& report) {
  Stream stream(report);
  stream.add(first);
  for (std::vector<char> chunk(kChunk); in;) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    stream.add({reinterpret_cast<const std::uint8_t*>(chunk.data()),
                static_cast<std::size_t>(in.gcount())});
  }
  stream.finish();
}

void read_capture(std::istream& in, const CaptureReader::Magic& magic,
                  const std::set<std::uint16_t>& ports, PduReport& report) {
  CaptureReader reader(in, magic);
  SmppCapture capture(ports,
                      [&](const Place& where, const Found& found) { report.tell(found, &where); });
  for (Packet packet; reader.next(packet);) capture.add(packet);
  capture.finish();
  if (!reader.fault().empty()) report.fault(reader.fault());
  for (const auto& [why, packets] : capture.unread()) {
    report.fault(counted(packets, "packet", "packets") + " not read: " + why);
  }
  if (capture.seen()) return;
  std::string seen;
  for (const std::uint16_t port : capture.other_ports()) seen += ' ' + std::to_string(port);
  report.fault("nothing of the ports that --port tells" +
               (seen.empty() ? ", and no other TCP" : "; the capture has" + seen));
}

// What --json told of a PDU, or of octets that are none, is read by its hex; notes are passed over.
void read_json(std::string_view line, int number, Stream& stream, PduReport& report) {
  stream.finish();
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse({line.data(), line.size()}, error);
  const auto* object = error ? nullptr : value.if_object();
  if (object && object->contains("note")) return;
  const auto* hex = object ? object->if_contains("hex") : nullptr;
  std::vector<std::uint8_t> octets;
  if (!hex || !hex->is_string() || !smpp::from_hex(std::string_view(hex->get_string()), octets)) {
    return report.fault("line " + std::to_string(number) + ": no JSON with the hex of a PDU");
  }
  stream.add(octets);
  stream.finish();
}

void read_line(std::string_view line, int number, Stream& stream, PduReport& report) {
  if (is_json(line)) return read_json(line, number, stream, report);
  if (is_hex(line)) {
    std::vector<std::uint8_t> octets;
    if (smpp::from_hex(line, octets)) return stream.add(octets);
    stream.finish();
    return report.fault("line " + std::to_string(number) + ": half an octet at its end");
  }
  stream.finish();
  std::vector<std::uint8_t> octets;
  const std::string fault = smpp::parse(line, octets);
  if (fault.empty()) return report.encoded(octets);
  report.fault("line " + std::to_string(number) + ": " + fault);
}

}  // namespace

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return c == ' ' || c == '\t' || c == '\r' || std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
}

bool is_line(std::string_view text) {
  if (is_json(text)) return true;
  std::vector<std::uint8_t> octets;
  return !smpp::parse(text, octets).starts_with("unknown command");
}

void read_text(std::string_view text, PduReport& report) {
  Stream stream(report);
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t bar = line.find(" | ");
    if (!is_json(line) && bar < line.find('=')) line.remove_prefix(bar + 3);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || line.starts_with('#') || line.starts_with("note: ")) {
      stream.finish();
    } else {
      read_line(line, number, stream, report);
    }
  }
  stream.finish();
}

void read_input(std::istream& in, const std::set<std::uint16_t>& ports, PduReport& report) {
  CaptureReader::Magic magic{};
  in.read(reinterpret_cast<char*>(magic.data()), magic.size());
  const auto size = static_cast<std::size_t>(in.gcount());
  if (size == magic.size() && CaptureReader::is_capture(magic)) {
    return read_capture(in, magic, ports, report);
  }
  const smpp::Octets first = smpp::Octets(magic).first(size);
  if (size > 0 && first[0] == 0) return read_octets(in, first, report);
  std::string text(first.begin(), first.end());
  text.append(std::istreambuf_iterator<char>(in), {});
  read_text(text, report);
}

}  // namespace tact::client
