// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/duration.pb.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/value.h"
#include "gateway/config/yaml.h"

// What the parts of gateway/config share while they turn one file into plain values.
namespace tact::gateway::config {

class Context {
 public:
  Context(std::string path, const ReadFile& read_file, Secrets secrets, Report& report,
          Positions& positions);

  // At the value with this path in the configuration, such as "routes[0].links".
  void problem(const std::string& path, std::string message);
  // Has something been told of that place already?
  bool is_told(const std::string& path) const { return report_.has(positions_.of(path)); }
  bool has(const std::string& path) const { return positions_.has(path); }
  int line_of(const std::string& path) const { return positions_.of(path).line; }

  bool reads_secrets() const { return secrets_ == Secrets::read; }
  // A path as the process can open it.
  std::string resolved(const std::string& name) const;
  // The text of the file that the value at `path` names; empty, and a problem, if it cannot be
  // read.
  std::string read(const std::string& path, const std::string& name);
  // Its first line, without blanks at its end.
  std::string read_line(const std::string& path, const std::string& name);
  // The rows of a data file, read by one of policy's parsers; its problems are told by file and
  // line.
  template <class Parse>
  auto read_rows(const std::string& path, const std::string& name, Parse parse);
  // A problem of a line of that file.
  void problem_of(const std::string& name, int line, std::string message);

  // Tells nothing if the value is missing or wrong in another way: that has been told.
  void check_not_empty(const std::string& path, std::string_view text);
  // A field that is a text of an SMPP PDU: printable ASCII, at most `max` octets.
  void check_ascii(const std::string& path, std::string_view text, std::size_t max);

  // The shard of the index-th route or tenant: as the file says, else spread evenly.
  template <class Section>
  ShardId home(const Section& section, const std::string& path, int index, uint32_t shards);

  const std::vector<Problem>& other_problems() const { return other_problems_; }

 private:
  const std::string folder_;
  const ReadFile& read_file_;
  const Secrets secrets_;
  Report& report_;
  Positions& positions_;
  std::vector<Problem> other_problems_;
};

// The names of one kind of thing, to which other sections refer.
class Names {
 public:
  explicit Names(std::string_view kind) : kind_(kind) {}

  // Takes the next id, which counts from `first`. A name that is there already is a problem.
  uint16_t add(Context& context, const std::string& path, const std::string& name);
  // 0 and a problem with a suggestion, if there is no such name.
  uint16_t find(Context& context, const std::string& path, const std::string& name) const;
  std::size_t size() const { return ids_.size(); }
  void count_from(uint16_t id) { next_ = id; }
  uint16_t next() const { return next_; }

 private:
  const std::string_view kind_;
  uint16_t next_ = 1;
  std::map<std::string, uint16_t, std::less<>> ids_;
  std::map<std::string, std::string, std::less<>> paths_;
};

std::string item(const std::string& path, int index);  // "routes", 0 -> "routes[0]"
std::chrono::milliseconds milliseconds(const google::protobuf::Duration& duration);
policy::Class class_of(int message_class);  // of proto::MessageClass: the same numbers

template <class Parse>
auto Context::read_rows(const std::string& path, const std::string& name, Parse parse) {
  const std::string text = read(path, name);
  auto parsed = parse(text);
  if (text.empty()) parsed.errors.clear();  // told
  for (const policy::DataError& error : parsed.errors) problem_of(name, error.line, error.message);
  return std::move(parsed.rows);
}

template <class Section>
ShardId Context::home(const Section& section, const std::string& path, int index, uint32_t shards) {
  const uint32_t shard =
      section.has_shard() ? section.shard() : static_cast<uint32_t>(index) % shards;
  if (shard >= shards) {
    problem(path + ".shard",
            path + ".shard must be below shards, which is " + std::to_string(shards));
  }
  return ShardId{static_cast<uint16_t>(shard)};
}

// One link's hosts.
std::vector<Endpoint> read_hosts(const proto::Link& link, const std::string& path,
                                 Context& context);
// One link's TLS; nothing if it has none.
std::optional<TlsSettings> read_tls(const proto::Link& link, const std::string& path,
                                    Context& context);
// TLVs of one route, and what its accounts say in them.
std::vector<SubmitTlv> read_submit_tlvs(const proto::Config& source, const proto::Route& route,
                                        const std::string& path, Context& context);
std::vector<smpp::Tag> read_capture_tlvs(const proto::Route& route, const std::string& path,
                                         Context& context);
std::map<std::string, std::string> read_attributes(const proto::Account& account,
                                                   const std::string& path, Context& context);
// One route's retry rules.
smpp::ReceiptForm read_receipt_form(const proto::Route& route, const std::string& path,
                                    Context& context);
std::vector<RetryRule> read_retries(const proto::Route& route, const std::string& path,
                                    Context& context);

std::vector<CarrierCode> read_carrier_codes(const proto::Route& route, const std::string& path,
                                            Context& context);

// What replies to one account's numbers mean.
policy::RepliesSpec read_replies(const proto::Account& account);
// Tells which answers the gate would never let pass. REQUIRES: `config` has its rules.
void try_answers(const proto::Config& source, Context& context, const Config& config);

// The sections. Each reports what is wrong with its own.
void read_routes(const proto::Config& source, Context& context, Names& routes, Config& out);
void read_tenants(const proto::Config& source, Context& context, const Names& routes, Config& out);
void read_policy(const proto::Config& source, Context& context, Config& out);
void read_io(const proto::Config& source, Context& context, IoSettings& out);

}  // namespace tact::gateway::config
