// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/admin.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "gateway/engine/suspects.h"
#include "gateway/io/log.h"
#include "gateway/io/metrics.h"

namespace tact::gateway {
namespace asio = boost::asio;

namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kJsonLines = "application/jsonl";
constexpr uint64_t kTimeMost = 253'402'300'799'999;  // Unix ms of the last year with four digits

HttpAnswer plain(unsigned status, std::string body) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}
// The work that has nothing to read.
auto answer_of(HttpAnswer answer) {
  return [answer = std::move(answer)]() -> std::optional<HttpAnswer> { return answer; };
}
HttpAnswer typed(const char* type, std::string body) {
  HttpAnswer answer;
  answer.type = type;
  answer.body = std::move(body);
  return answer;
}

template <typename T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Civil> parse_time(std::string_view text) {
  const auto ms = parse_number<uint64_t>(text);
  if (!ms || *ms > kTimeMost) return std::nullopt;
  return from_ms(static_cast<int64_t>(*ms));
}

uint32_t hour_of(Civil at) { return static_cast<uint32_t>(to_ms(at) / 3'600'000); }

// RFC 3986 percent-encoding; a plus sign is a plus sign.
std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto octet =
        text[i] == '%' ? parse_number<uint8_t>(text.substr(i + 1, 2), 16) : std::nullopt;
    out += octet ? static_cast<char>(*octet) : text[i];
    if (octet) i += 2;
  }
  return out;
}

std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.substr(0, pair.find('=')) != name) continue;
    return pair.size() > name.size() ? unescape(pair.substr(name.size() + 1)) : std::string();
  }
  return std::nullopt;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string link_json(const LinkStats& link) {
  return fmt::format(R"({{"link":{},"up":{},"window":{},"window_used":{}}})",
                     json_string(link.name), link.up.get() != 0, link.window.get(),
                     link.window_used.get());
}

int64_t oldest_age_ms(const LaneStats& lane, Civil now) {
  const auto oldest = static_cast<int64_t>(lane.oldest_accepted_ms.get());
  return oldest == 0 ? 0 : std::max<int64_t>(0, to_ms(now) - oldest);
}

std::string lane_json(Class cls, const LaneStats& lane, Civil now) {
  return fmt::format(R"({{"class":"{}","queued":{},"open":{},"oldest_age_ms":{}}})",
                     policy::name(cls), lane.queued.get(), lane.open.get(),
                     oldest_age_ms(lane, now));
}

template <typename Range, typename Print>
std::string joined(const Range& range, Print print) {
  std::string out;
  for (const auto& one : range) {
    if (!out.empty()) out += ',';
    out += print(one);
  }
  return out;
}

std::string route_json(const RouteStats& route, Civil now) {
  return fmt::format(
      R"({{"route":{},"rate_pdus":{},"awaiting":{},"unknown":{},"links":[{}],"lanes":[{}]}})",
      json_string(route.name), route.rate_pdus.get(), route.awaiting.get(), route.unknown.get(),
      joined(route.links, link_json),
      joined(kClassOrder, [&](Class cls) { return lane_json(cls, route.lanes[raw(cls)], now); }));
}

constexpr policy::Block kOtherBlocks[] = {policy::Block::wrong_party, policy::Block::dead_number,
                                          policy::Block::carrier, policy::Block::pause,
                                          policy::Block::escalated};

std::string suspect_line(const std::optional<Suspect>& suspect, std::string_view key,
                         const AdminSources& from) {
  if (!suspect) {
    return fmt::format(R"({{"reply_id":"{}","unreadable":true}})"
                       "\n",
                       key_u64(key, 3));
  }
  constexpr std::pair<Suspect::Reason, const char*> kReasons[] = {
      {Suspect::kUnclear, R"("UNCLEAR")"},
      {Suspect::kDispute, R"("DISPUTE")"},
      {Suspect::kWrongParty, R"("WRONG_PARTY")"}};
  std::string reasons;
  for (const auto& [reason, name] : kReasons) {
    if ((suspect->reasons & reason) == 0) continue;
    reasons += (reasons.empty() ? "" : ",") + std::string(name);
  }
  const auto* account = from.directory->account(suspect->account);
  const bool known = policy::known(suspect->last);
  return fmt::format(
      R"({{"reply_id":"{}","at":"{}","account":{},"brand":{},"number":{},"number_hash":"{}",)"
      R"("after":{},"reasons":[{}],"held_until":"{}","text":{}}})"
      "\n",
      raw(suspect->id), iso_time(suspect->at), json_string(account ? account->name : ""),
      json_string(raw(suspect->brand) ? from.brand_name(raw(suspect->brand)) : ""),
      json_string(suspect->handset), hex(suspect->number),
      known ? json_string(policy::name(suspect->last)) : "null", reasons,
      iso_time(suspect->at + kSuspectHold), json_string(suspect->text));
}
}  // namespace

Admin::Admin(asio::io_context& io, AdminSources from) : io_(io), from_(std::move(from)) {}

asio::awaitable<HttpAnswer> Admin::answer(HttpRequest request) {
  bool found = false;
  HttpAnswer page = open_page(request.path, found);
  if (found) co_return page;
  Work work;
  if (request.path == "/routes") {
    work = [this] { return routes(); };
  } else if (request.path == "/suppressions") {
    work = suppressions(request.query);
  } else if (request.path == "/suspects") {
    work = suspects(request.query);
  } else if (request.path == "/trace") {
    work = trace(request.query);
  } else if (request.path == "/audit") {
    work = audit(request.query);
  } else if (request.path == "/audit/check") {
    work = audit_check(request.query);
  } else {
    co_return plain(404, "no such page; / lists them\n");
  }
  if (!request.trusted) {
    co_return plain(401, "ask through the Unix socket, or with \"Authorization: Bearer\"\n");
  }
  page = co_await on_reader(std::move(work));
  co_return page;
}

HttpAnswer Admin::open_page(const std::string& path, bool& found) const {
  found = true;
  if (path == "/") return index();
  if (path == "/metrics") return typed(Metrics::kType, from_.metrics());
  if (path == "/livez") return plain(200, "alive\n");
  if (path == "/readyz") return ready();
  found = false;
  return {};
}

HttpAnswer Admin::ready() const {
  const std::string reason = from_.not_ready();
  return reason.empty() ? plain(200, "ready\n") : plain(503, reason + "\n");
}

// Parked on a timer that never expires, until the reader thread posts what it has.
asio::awaitable<HttpAnswer> Admin::on_reader(Work work) {
  struct Pending {
    explicit Pending(asio::io_context& io) : done(io) {}
    asio::steady_timer done;
    std::optional<HttpAnswer> answer;
  };
  const auto pending = std::make_shared<Pending>(io_);
  const auto shared = std::make_shared<Work>(std::move(work));
  while (!pending->answer) {
    pending->done.expires_at(asio::steady_timer::time_point::max());
    from_.storage->read([this, pending, shared] {
      auto answer = (*shared)();
      asio::post(io_, [pending, answer = std::move(answer)]() mutable {
        pending->answer = std::move(answer);
        pending->done.cancel();
      });
    });
    boost::system::error_code woken;
    co_await pending->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  co_return std::move(*pending->answer);
}

HttpAnswer Admin::routes() const {
  const Civil now = from_.now();
  std::string body;
  for (const ShardStats* shard : from_.shards) {
    const auto print = [now](const RouteStats& route) { return route_json(route, now); };
    const std::string routes = joined(shard->routes, print);
    if (!body.empty() && !routes.empty()) body += ',';
    body += routes;
  }
  return typed(kJson, "{\"routes\":[" + body + "]}\n");
}

HttpAnswer Admin::index() const {
  const HttpAnswer state = ready();
  std::string rows;
  for (const ShardStats* shard : from_.shards) {
    for (const RouteStats& route : shard->routes) {
      uint64_t up = 0, queued = 0;
      for (const LinkStats& link : route.links) up += link.up.get();
      for (const LaneStats& lane : route.lanes) queued += lane.queued.get() + lane.open.get();
      rows += fmt::format("<tr><td>{}<td>{} of {}<td>{}<td>{}<td>{}\n", escape_html(route.name), up,
                          route.links.size(), queued, route.awaiting.get(), route.rate_pdus.get());
    }
  }
  return typed(
      "text/html; charset=utf-8",
      fmt::format(
          "<!doctype html><title>Tact</title>\n"
          "<h1>Tact {}</h1>\n<p>{}\n"
          "<table border=1 cellpadding=4>\n"
          "<tr><th>route<th>links up<th>queued<th>awaiting receipt<th>PDU/s\n{}"
          "</table>\n"
          "<p><a href=/metrics>/metrics</a> <a href=/livez>/livez</a> "
          "<a href=/readyz>/readyz</a>\n"
          "<p>Through the Unix socket, or with a token: /routes, "
          "/suppressions?brand=&amp;cursor=&amp;limit=, "
          "/suspects?cursor=&amp;limit=, /trace?number=, /trace?id=, both with "
          "&amp;since=&amp;last=&amp;cursor=, /audit?since=&amp;until=&amp;texts=&amp;cursor=, "
          "/audit/check?since=&amp;until=&amp;cursor=\n",
          TACT_VERSION, escape_html(state.body), rows));
}

Admin::Work Admin::suppressions(const std::string& query) const {
  const auto brand = parameter(query, "brand"), cursor = parameter(query, "cursor");
  const auto limit =
      parse_number<size_t>(parameter(query, "limit").value_or(std::to_string(kPage)));
  std::optional<uint16_t> scope;
  if (brand && !brand->empty()) {
    scope = from_.brand_scope(*brand);
    if (!scope) return answer_of(plain(404, "no such brand\n"));
  }
  std::string begin = suppressed_key(scope.value_or(0), 0);
  const std::string end = scope ? prefix_end(std::string_view(begin).substr(0, 2)) : std::string();
  if (cursor && !cursor->empty()) {
    const auto at_scope = parse_number<uint16_t>(std::string_view(*cursor).substr(0, 4), 16);
    const auto at = parse_number<uint64_t>(
        std::string_view(*cursor).substr(std::min<size_t>(4, cursor->size())), 16);
    if (cursor->size() != 20 || !at_scope || !at) {
      return answer_of(plain(400, "no cursor of ours\n"));
    }
    begin = std::max(begin, suppressed_key(*at_scope, *at));
  }
  if (!limit || *limit == 0 || *limit > kPageMost) {
    return answer_of(plain(400, "limit is 1 to " + std::to_string(kPageMost) + "\n"));
  }
  return [this, begin, end, most = *limit]() -> std::optional<HttpAnswer> {
    std::string body;
    size_t lines = 0;
    from_.rocks->scan(Table::suppressed, begin, end, [&](std::string_view key, std::string_view) {
      const uint16_t in = key_u16(key, 0);
      const NumberHash number = key_u64(key, 2);
      const bool room = lines++ < most;
      body += room ? suppression_line(in, number)
                   : fmt::format("{{\"cursor\":\"{:04x}{:016x}\"}}\n", in, number);
      return room;
    });
    return typed(kJsonLines, std::move(body));
  };
}

std::string Admin::suppression_line(uint16_t scope, NumberHash number) const {
  const policy::SuppressionEntry entry = from_.suppression->get(scope, number);
  // Opt-outs are the list; other reasons are told beside it, because an import of the list must not
  // turn a pause of three days into an opt-out for ever.
  std::string classes, others;
  policy::BlockMask other = 0;
  for (Class cls : kClassOrder) {
    other |= from_.suppression->blocks(scope, number, cls, from_.now());
    if (!from_.suppression->blocked(scope, number, cls)) continue;
    classes += fmt::format("{}\"{}\"", classes.empty() ? "" : ",", policy::name(cls));
  }
  for (const policy::Block block : kOtherBlocks) {
    if (!policy::contains(other, block)) continue;
    others += fmt::format("{}\"{}\"", others.empty() ? "" : ",", block_name(block));
  }
  return fmt::format(
      R"({{"brand":{},"number_hash":"{}","classes":[{}],"since":"{}","proof":"{}","blocked":{},)"
      R"("other":[{}]}})"
      "\n",
      json_string(from_.brand_name(scope)), hex(number), classes, iso_time(entry.since),
      entry.proof, !classes.empty(), others);
}

Admin::Work Admin::suspects(const std::string& query) const {
  const auto cursor = parameter(query, "cursor");
  const auto limit =
      parse_number<size_t>(parameter(query, "limit").value_or(std::to_string(kPage)));
  if (!limit || *limit == 0 || *limit > kPageMost) {
    return answer_of(plain(400, "limit is 1 to " + std::to_string(kPageMost) + "\n"));
  }
  uint16_t tenant = 0;
  uint64_t id = 0;
  if (cursor && !cursor->empty()) {
    const std::string_view text = *cursor;
    const auto of = parse_number<uint16_t>(text.substr(0, 4), 16);
    const auto from = parse_number<uint64_t>(text.substr(std::min<size_t>(4, text.size())), 16);
    if (text.size() != 20 || !of || !from) return answer_of(plain(400, "no cursor of ours\n"));
    tenant = *of;
    id = *from;
  }
  return [this, tenant, id, most = *limit]() -> std::optional<HttpAnswer> {
    std::string body;
    size_t lines = 0;
    for (const TenantId t : from_.tenants) {
      if (raw(t) < tenant || lines > most) continue;
      const std::string begin = fact_key(t, kSuspectFact, raw(t) == tenant ? id : 0);
      const std::string end = prefix_end(std::string_view(begin).substr(0, 3));
      from_.rocks->scan(
          Table::facts, begin, end, [&](std::string_view key, std::string_view value) {
            const bool room = lines++ < most;
            body +=
                room ? suspect_line(decode_suspect(key, value, *from_.sealer), key, from_)
                     : fmt::format("{{\"cursor\":\"{:04x}{:016x}\"}}\n", raw(t), key_u64(key, 3));
            return room;
          });
    }
    return typed(kJsonLines, std::move(body));
  };
}

// `since`, or `last` before now; `wrong` says what is.
std::optional<Civil> Admin::begin_of(const std::string& query, std::string& wrong) const {
  std::optional<Civil> begin;
  if (const auto since = parameter(query, "since")) {
    begin = parse_time(*since);
    if (!begin) wrong = "since: Unix milliseconds\n";
  }
  if (const auto last = parameter(query, "last")) {
    const auto seconds = parse_number<uint32_t>(*last);
    if (!seconds) wrong = "last: seconds\n";
    if (seconds) begin = std::max(Civil{}, from_.now() - Seconds(*seconds));
  }
  return begin;
}

// Whole hours that hold what was asked for.
AuditRange Admin::audit_range(const std::string& query, std::string& wrong) const {
  AuditRange range;
  if (const auto since = begin_of(query, wrong)) range.begin.hour = hour_of(*since);
  if (const auto until = parameter(query, "until")) {
    const auto time = parse_time(*until);
    if (!time) wrong = "until: Unix milliseconds\n";
    if (time) range.end_hour = hour_of(*time + std::chrono::milliseconds(3'599'999));
  }
  return range;
}

Admin::Work Admin::audit(const std::string& query) const {
  std::string wrong;
  AuditRange range = audit_range(query, wrong);
  if (const auto cursor = parameter(query, "cursor")) {
    const auto place = parse_trace_cursor(*cursor);
    if (place) range.begin = *place;
    if (!place) wrong = "no cursor of ours\n";
  }
  if (!wrong.empty()) return answer_of(plain(400, wrong));
  const auto detail = parameter(query, "texts") == "1" ? AuditDetail::texts : AuditDetail::facts;
  const auto page =
      std::make_shared<AuditExport>(*from_.rocks, *from_.sealer, *from_.directory, range, detail);
  return [page]() -> std::optional<HttpAnswer> {
    if (page->step()) return std::nullopt;
    return typed(kJsonLines, page->lines());
  };
}

Admin::Work Admin::audit_check(const std::string& query) const {
  std::string wrong;
  const AuditRange range = audit_range(query, wrong);
  AuditCheckPoint from;
  from.next = range.begin;
  if (const auto cursor = parameter(query, "cursor")) {
    const auto point = parse_audit_check_cursor(*cursor);
    if (point) from = *point;
    if (!point) wrong = "no cursor of ours\n";
  }
  if (!wrong.empty()) return answer_of(plain(400, wrong));
  const auto page =
      std::make_shared<AuditCheck>(*from_.rocks, *from_.sealer, from, range.end_hour, from_.now());
  return [page]() -> std::optional<HttpAnswer> {
    if (page->step()) return std::nullopt;
    return typed(kJsonLines, page->lines());
  };
}

Admin::Work Admin::trace(const std::string& query) const {
  const auto number = parameter(query, "number"), id = parameter(query, "id");
  const auto cursor = parameter(query, "cursor");
  TraceQuery wanted;
  if (number && !id) {
    std::string_view digits = *number;
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    if (digits.size() < 5 || digits.size() > 20 ||
        digits.find_first_not_of("0123456789") != std::string_view::npos) {
      return answer_of(plain(400, "number: country code and digits, such as 8613800138000\n"));
    }
    wanted.number = from_.hasher->hash(digits);
  } else if (id && !number) {
    const auto value = parse_number<uint64_t>(*id);
    if (!value) return answer_of(plain(400, "id: the decimal id of a message\n"));
    wanted.id = MessageId{*value};
  } else {
    return answer_of(plain(400, "either number= or id=\n"));
  }
  std::string wrong;
  if (const auto since = begin_of(query, wrong)) wanted.since = *since;
  if (!wrong.empty()) return answer_of(plain(400, wrong));
  if (cursor) {
    wanted.before = parse_trace_cursor(*cursor);
    if (!wanted.before) return answer_of(plain(400, "no cursor of ours\n"));
  }
  const auto trace =
      std::make_shared<Trace>(*from_.rocks, *from_.sealer, *from_.directory, wanted, from_.now());
  return [trace]() -> std::optional<HttpAnswer> {
    if (trace->step()) return std::nullopt;
    return typed(kJsonLines, trace->lines());
  };
}

}  // namespace tact::gateway
