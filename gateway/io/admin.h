// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/number_hasher.h"
#include "gateway/engine/stats.h"
#include "gateway/engine/time.h"
#include "gateway/io/audit_check.h"
#include "gateway/io/http_server.h"
#include "gateway/io/storage.h"
#include "gateway/io/trace.h"
#include "policy/suppression.h"

namespace tact::gateway {

// Where the answers come from. Everything outlives the Admin.
struct AdminSources {
  std::function<std::string()> metrics;    // text/plain; version=0.0.4
  std::function<std::string()> not_ready;  // why not; empty when ready
  std::function<Civil()> now;
  std::vector<const ShardStats*> shards;
  const policy::Suppression* suppression = nullptr;
  Rocks* rocks = nullptr;
  Storage* storage = nullptr;
  NumberHasher* hasher = nullptr;
  std::function<std::string(uint16_t scope)> brand_name;
  std::function<std::optional<uint16_t>(std::string_view name)> brand_scope;
  Sealer* sealer = nullptr;
  const Directory* directory = nullptr;
  std::vector<TenantId> tenants;  // ascending
};

// What operators are served (DESIGN 17.15):
//
//   /              a page for people                                      everybody
//   /metrics       Prometheus text                                        everybody
//   /livez         200 while the loop of shard 0 turns                    everybody
//   /readyz        200, or 503 and the reason                             everybody
//   /routes        JSON: links, lanes, what is outstanding                Unix socket or token
//   /suppressions  JSON lines; ?brand= &cursor= &limit= (1,000; 10,000)   Unix socket or token
//   /suspects      JSON lines; ?cursor= &limit=                           Unix socket or token
//   /trace         JSON lines; ?number= or ?id=; &since= &last= &cursor=  Unix socket or token
//   /audit         JSON lines; ?since= &last= &until= &texts=1 &cursor=   Unix socket or token
//   /audit/check   JSON lines; ?since= &last= &until= &cursor=            Unix socket or token
//
// The functions are called on the thread of the io_context or on the reader thread: they are
// thread-safe. A number arrives as digits, is hashed at once, and stands in no answer or log; of a
// reply that a person has to look at its text is told, and its number masked. What reads the store
// does so on the reader thread, in steps between which others may read. A page of suppressions or
// suspects that is not the last ends with a line {"cursor": ...} for the next one.
class Admin {
 public:
  static constexpr size_t kPage = 1'000, kPageMost = 10'000;

  Admin(boost::asio::io_context&, AdminSources);

  boost::asio::awaitable<HttpAnswer> answer(HttpRequest);

 private:
  // Nothing: call again, behind what others want to read.
  using Work = std::function<std::optional<HttpAnswer>()>;
  boost::asio::awaitable<HttpAnswer> on_reader(Work);
  HttpAnswer open_page(const std::string& path, bool& found) const;
  HttpAnswer ready() const;
  HttpAnswer index() const;
  HttpAnswer routes() const;
  Work suppressions(const std::string& query) const;
  Work suspects(const std::string& query) const;
  Work trace(const std::string& query) const;
  Work audit(const std::string& query) const;
  Work audit_check(const std::string& query) const;
  std::optional<Civil> begin_of(const std::string& query, std::string& wrong) const;
  AuditRange audit_range(const std::string& query, std::string& wrong) const;
  std::string suppression_line(uint16_t scope, NumberHash) const;

  boost::asio::io_context& io_;
  const AdminSources from_;
};

}  // namespace tact::gateway
