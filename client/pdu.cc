// SPDX-License-Identifier: Apache-2.0
// tact pdu: octets of SMPP as lines or JSON, and lines as octets.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include "client/commands.h"
#include "client/pdu_input.h"

namespace tact::client {
namespace {

constexpr const char* kExamples = R"(Examples:
  tact pdu 00000010 00000015 00000000 00000001       hex to a line
  tact pdu 'enquire_link seq=1'                      a line to hex
  tact pdu --json smpp.pcap | jq .text               the texts of a capture
  tact pdu --port 2776 --mask smpp.pcap              without numbers and texts, for a ticket
  tcpdump -i any -U -w - port 2775 | tact pdu        while it happens
  grep -o 'hex:.*' log | cut -c5- | tact pdu         what a log has)";

struct PduOptions {
  std::vector<std::string> words;
  std::vector<std::uint16_t> ports{2775};
  PduReportOptions report;
};

// All words are hex, or one line of a PDU; else they are files.
void read(const PduOptions& options, PduReport& report) {
  const std::set<std::uint16_t> ports(options.ports.begin(), options.ports.end());
  std::string line;
  for (const std::string& word : options.words) line += word + ' ';
  if (!options.words.empty() && (is_hex(line) || is_line(line))) return read_text(line, report);
  const std::vector<std::string> input{"-"};
  for (const std::string& path : options.words.empty() ? input : options.words) {
    if (path == "-") {
      read_input(std::cin, ports, report);
      continue;
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      throw CLI::ValidationError(path +
                                 ": neither hex, nor a command of SMPP, nor a file that "
                                 "can be read");
    }
    read_input(file, ports, report);
  }
}

int run(PduOptions& options) {
  options.report.colour = !options.report.json && isatty(STDOUT_FILENO) == 1;
  PduReport report(std::cout, options.report);
  read(options, report);
  return report.seen_fault() ? kIncomplete : kDone;
}

}  // namespace

void add_pdu(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "pdu", "Octets of SMPP as lines, and back; exit 1 if something was damaged");
  auto options = std::make_shared<PduOptions>();
  command
      ->add_option("HEX|LINE|FILE", options->words,
                   "hex, a line to make hex of, or files: pcap, pcapng, octets, or lines of hex; "
                   "none or - is the standard input")
      ->type_name("");
  command->add_option("--port", options->ports, "of SMPP in a capture; may be repeated")
      ->allow_extra_args(false)
      ->capture_default_str();
  const std::map<std::string, smpp::Coding> codings{{"gsm7", smpp::Coding::gsm7},
                                                    {"ascii", smpp::Coding::ascii},
                                                    {"latin1", smpp::Coding::latin1},
                                                    {"ucs2", smpp::Coding::ucs2}};
  command
      ->add_option("--default-alphabet", options->report.dialect.zero, "what data_coding 0 means")
      ->default_str("gsm7")
      ->transform(CLI::CheckedTransformer(codings).description(""))
      ->type_name("gsm7|ascii|latin1|ucs2");
  command->add_flag("--packed-septets", options->report.dialect.packed,
                    "texts of GSM 7-bit have eight septets in seven octets");
  command->add_option("--gbk-data-coding", options->report.dialect.gbk, "the data_coding of GBK")
      ->check(CLI::Range(1, 255))
      ->type_name("N");
  CLI::Option* json = command->add_flag("--json", options->report.json, "a JSON object for each");
  command->add_flag("--mask", options->report.mask, "show neither numbers, texts nor passwords")
      ->excludes(json);
  command->footer(kExamples);
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace tact::client
