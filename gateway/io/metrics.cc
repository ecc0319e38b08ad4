// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/metrics.h"

#include <dirent.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "gateway/io/families.h"
#include "smpp/types.h"

namespace tact::gateway {
namespace {

constexpr const char* kReplyKinds[] = {"NONE", "OPT_OUT", "OPT_IN", "HELP", "MENU"};

double of(const Counter& counter) { return static_cast<double>(counter.get()); }
std::string text_of(std::string_view s) { return std::string(s); }

void add_gate(const ShardStats& stats, const Labels& shard, Families& out) {
  for (Class cls : kClassOrder) {
    for (size_t action = 0; action < 4; ++action) {
      Labels labels = shard;
      labels.push_back({"class", text_of(policy::name(cls))});
      labels.push_back({"action", text_of(policy::name(static_cast<policy::Action>(action)))});
      out.counter("tact_verdicts_total", "Messages judged at admission",
                  of(stats.verdicts[raw(cls)][action]), labels);
    }
  }
  for (size_t rule = 0; rule < stats.rules.size(); ++rule) {
    for (size_t cls = 0; cls < stats.rules[rule].size(); ++cls) {
      const Counter& fired = stats.rules[rule][cls];
      if (fired.get() == 0) continue;
      Labels labels = shard;
      const std::string_view name = policy::name(static_cast<Class>(cls));
      labels.push_back({"rule", text_of(policy::name(static_cast<policy::Rule>(rule)))});
      labels.push_back({"class", cls == 0 ? "UNKNOWN" : text_of(name)});
      out.counter("tact_rules_fired_total", "Rules that fired, at admission or at the last look",
                  of(fired), labels);
    }
  }
  out.counter("tact_messages_invalid_total", "Messages refused before the gate", of(stats.invalid),
              shard);
  out.counter("tact_messages_duplicate_total", "Messages with a known idempotency key",
              of(stats.duplicates), shard);
  for (size_t kind = 0; kind < std::size(kReplyKinds); ++kind) {
    Labels labels = shard;
    labels.push_back({"kind", kReplyKinds[kind]});
    out.counter("tact_replies_total", "Replies of handsets by meaning",
                of(stats.replies_by_kind[kind]), labels);
    out.counter("tact_answers_total", "Answers of the gateway's own, by meaning of the reply",
                of(stats.answers[kind]), labels);
  }
  out.counter("tact_answers_withheld_total", "Answers not given, for want of room for their events",
              of(stats.answers_withheld), shard);
  for (size_t item = 1; item < stats.menu_choices.size(); ++item) {
    if (stats.menu_choices[item].get() == 0) continue;
    Labels labels = shard;
    labels.push_back({"item", std::to_string(item)});
    out.counter("tact_menu_choices_total", "Choices from menus", of(stats.menu_choices[item]),
                labels);
  }
  out.counter("tact_replies_suspect_total", "Replies that a person has to look at",
              of(stats.replies_suspect), shard);
  out.gauge("tact_suspects_waiting", "Replies that wait for a person's decision",
            of(stats.suspects_waiting), shard);
  out.counter("tact_suspects_forgotten_total",
              "Replies that left that list without one: too old, or too many",
              of(stats.suspects_forgotten), shard);
  out.counter("tact_opt_outs_total", "Opt-outs that came into force", of(stats.opt_outs), shard);
  out.counter("tact_campaigns_halted_total", "Campaigns halted by their opt-outs",
              of(stats.campaigns_halted), shard);
  out.counter("tact_opt_ins_total", "Opt-outs lifted by their recipient", of(stats.opt_ins), shard);
  out.latency("tact_opt_out_effect_seconds",
              "From a reply read until its effect, such as an opt-out, is in force",
              stats.opt_out_effect, shard);
}

void add_shard(const ShardStats& stats, const Labels& shard, Families& out) {
  out.counter("tact_unreadable_records_total", "Damaged records left where they are",
              of(stats.unreadable), shard);
  out.latency("tact_commit_seconds", "From a commit handed to storage until it is durable",
              stats.commit, shard);
  out.latency("tact_acknowledgement_seconds", "From a job read until its JobAck is sent",
              stats.acknowledgement, shard);
  out.gauge("tact_clock_disputed", "1 while the wall clock and ours disagree",
            of(stats.clock_disputed), shard);
  out.counter("tact_commits_total", "Commits handed to storage", of(stats.commits), shard);
  out.counter("tact_commit_bytes_total", "Octets handed to storage", of(stats.commit_bytes), shard);
  out.gauge("tact_uncommitted_bytes", "Octets handed to storage and not durable yet",
            of(stats.uncommitted_bytes), shard);
}

void add_lane(const LaneStats& lane, const Labels& labels, Civil now, Families& out) {
  out.gauge("tact_lane_queued_messages",
            "Messages that are durable and were never offered to a link", of(lane.queued), labels);
  out.gauge("tact_lane_open_messages", "Messages offered to a link and not resolved", of(lane.open),
            labels);
  const auto oldest = static_cast<int64_t>(lane.oldest_accepted_ms.get());
  const double age = oldest == 0 ? 0 : static_cast<double>(to_ms(now) - oldest) / 1000;
  out.gauge("tact_lane_oldest_age_seconds", "Age of the message that is sent next",
            std::max(age, 0.0), labels);
  out.latency("tact_lane_accepted_to_wire_seconds", "From acceptance until the first submit_sm",
              lane.accepted_to_wire, labels);
  out.latency("tact_lane_durable_to_wire_seconds",
              "From when it is durable, and acknowledged, until the first submit_sm; without what "
              "was read back from disk",
              lane.durable_to_wire, labels);
  out.latency("tact_lane_round_trip_seconds", "From submit_sm to submit_sm_resp, of those in time",
              lane.round_trip, labels);
  out.latency("tact_lane_receipt_seconds", "From the SMSC's acceptance to the final receipt",
              lane.receipt, labels);
}

void add_link(const LinkStats& link, Labels labels, Families& out) {
  labels.push_back({"link", link.name});
  out.gauge("tact_link_up", "1 while the link is bound", of(link.up), labels);
  out.gauge("tact_link_host", "Which of its hosts is tried, or bound: 0 for the first",
            of(link.host), labels);
  out.gauge("tact_link_window_requests", "Requests that may be outstanding", of(link.window),
            labels);
  out.gauge("tact_link_window_used_requests", "Requests that are outstanding", of(link.window_used),
            labels);
  out.counter("tact_link_binds_total", "Successful binds", of(link.binds), labels);
  const auto tls = [&](TlsFault fault) { return &link.tls_failures[static_cast<size_t>(fault)]; };
  for (const auto& [reason, count] :
       {std::pair("connect", &link.connect_failures),
        std::pair("tls_expired", tls(TlsFault::expired)),
        std::pair("tls_unknown_ca", tls(TlsFault::unknown_ca)),
        std::pair("tls_host_name", tls(TlsFault::host_name)),
        std::pair("tls_timeout", tls(TlsFault::timeout)),
        std::pair("tls_other", tls(TlsFault::other)), std::pair("refused", &link.bind_refusals),
        std::pair("lost", &link.bind_failures)}) {
    Labels with = labels;
    with.push_back({"reason", reason});
    out.counter("tact_link_bind_failures_total",
                "Attempts without a bind: no connection, no TLS, bind refused, lost before its "
                "answer",
                of(*count), with);
  }
  out.counter("tact_link_losses_total", "Bound sessions that were lost", of(link.losses), labels);
  out.counter("tact_link_submitted_total", "submit_sm sent", of(link.submitted), labels);
  out.counter("tact_link_responses_total", "submit_sm_resp in time", of(link.responses), labels);
  out.counter("tact_link_late_responses_total", "submit_sm_resp after their timeout",
              of(link.late_responses), labels);
  out.counter("tact_link_timeouts_total", "submit_sm without an answer in time", of(link.timeouts),
              labels);
  out.latency("tact_link_round_trip_seconds", "From submit_sm to submit_sm_resp", link.round_trip,
              labels);
}

void add_receipts(const RouteStats& route, const Labels& labels, Families& out) {
  for (size_t state = 0; state < route.receipts_by_state.size(); ++state) {
    const Counter& count = route.receipts_by_state[state];
    if (count.get() == 0) continue;
    Labels with = labels;
    with.push_back({"state", text_of(smpp::name(static_cast<smpp::MessageState>(state)))});
    out.counter("tact_receipts_by_state_total", "Receipts by message state", of(count), with);
  }
  out.counter("tact_receipts_total", "Receipts read", of(route.receipts), labels);
  out.counter("tact_receipts_unmatched_total", "Receipts without a message of ours",
              of(route.receipts_unmatched), labels);
  out.counter("tact_receipts_parked_total", "Receipts that came before their response",
              of(route.receipts_parked), labels);
  out.counter("tact_receipts_duplicate_total", "Receipts told again", of(route.receipts_duplicate),
              labels);
  out.counter("tact_receipts_timed_out_total", "Messages whose receipt never came",
              of(route.receipts_timed_out), labels);
}

void add_carrier_codes(const RouteStats& route, const Labels& labels, Families& out) {
  constexpr std::array<const char*, kCarrierSays> kSays = {"nothing", "dead",    "black",
                                                           "often",   "content", "signature"};
  for (size_t i = 0; i < kSays.size(); ++i) {
    const Counter& count = route.carrier_said[i];
    if (count.get() == 0) continue;
    Labels with = labels;
    with.push_back({"says", kSays[i]});
    out.counter("tact_carrier_codes_total",
                "Messages that failed for good, by what their code says", of(count), with);
  }
}

void add_route(const RouteStats& route, Civil now, Families& out) {
  const Labels labels = {{"route", route.name}};
  for (Class cls : kClassOrder) {
    Labels lane = labels;
    lane.push_back({"class", text_of(policy::name(cls))});
    add_lane(route.lanes[raw(cls)], lane, now, out);
  }
  for (const LinkStats& link : route.links) add_link(link, labels, out);
  out.gauge("tact_route_rate_pdus_per_second", "Present rate of the pacer", of(route.rate_pdus),
            labels);
  if (route.congestion_told.get() > 0) {
    out.gauge("tact_route_congestion_state", "What the carrier last said of its load, 0 to 100",
              of(route.congestion_state), labels);
  }
  out.counter("tact_throttled_total", "Refusals that slowed the route down", of(route.throttled),
              labels);
  out.counter("tact_destination_busy_total", "Messages refused for want of room at their number",
              of(route.destination_busy), labels);
  out.counter("tact_route_failovers_total", "Times that the route was down for too long",
              of(route.failovers), labels);
  out.counter("tact_rerouted_total", "Messages that went to another route then", of(route.rerouted),
              labels);
  out.gauge("tact_destinations_parked", "Numbers without room, whose messages wait",
            of(route.destinations_parked), labels);
  out.counter("tact_destination_held_total",
              "Messages that waited because their number had no room", of(route.destination_held),
              labels);
  out.counter("tact_destination_spreads_total",
              "Times that so many numbers had no room that the route slowed down",
              of(route.destination_spreads), labels);
  out.counter("tact_destinations_barred_total", "Numbers to which nothing is tried again for now",
              of(route.destinations_barred), labels);
  out.counter("tact_retried_total", "Messages to be tried again", of(route.retried), labels);
  out.counter("tact_refused_total", "Messages refused for good by the carrier", of(route.refused),
              labels);
  out.gauge("tact_awaiting_messages", "Messages accepted by the SMSC, receipt not yet seen",
            of(route.awaiting), labels);
  out.gauge("tact_awaiting_spilled_messages",
            "Messages accepted by the SMSC, receipt not yet seen, index on disk only",
            of(route.awaiting_spilled), labels);
  out.counter("tact_unknown_total", "Submissions without a known outcome", of(route.unknown),
              labels);
  out.counter("tact_unknown_reported_total",
              "Submissions without a known outcome that were reported as unknown",
              of(route.unknown_reported), labels);
  out.counter("tact_unknown_resent_total",
              "Submissions without a known outcome that were sent again", of(route.unknown_resent),
              labels);
  out.counter("tact_route_replies_unmatched_total",
              "Replies to a number of no account: told to every tenant of the route",
              of(route.replies_unmatched), labels);
  out.counter("tact_route_replies_total", "Messages from handsets", of(route.replies), labels);
  out.counter("tact_replies_duplicate_total", "Messages from handsets that were told again",
              of(route.replies_duplicate), labels);
  add_receipts(route, labels, out);
  add_carrier_codes(route, labels, out);
}

void add_upstream(const UpstreamStats& upstream, Families& out) {
  const Labels labels = {{"upstream", upstream.name}};
  out.gauge("tact_upstream_connections", "Open connections of an upstream",
            of(upstream.connections), labels);
  out.gauge("tact_upstream_streams", "Streams whose last sequence is kept", of(upstream.streams),
            labels);
  out.counter("tact_jobs_total", "Jobs taken", of(upstream.jobs), labels);
  out.counter("tact_jobs_replayed_total", "Jobs known already, acknowledged again",
              of(upstream.jobs_replayed), labels);
  out.counter("tact_messages_total", "Messages in the jobs taken", of(upstream.messages), labels);
  out.counter("tact_controls_total", "Controls taken: opt-outs, cancels, queries",
              of(upstream.controls), labels);
  out.counter("tact_protocol_errors_total", "Connections closed for an error of the peer",
              of(upstream.protocol_errors), labels);
  out.counter("tact_events_total", "Events stored", of(upstream.events), labels);
  out.gauge("tact_events_unacked", "Events stored and not acknowledged",
            of(upstream.events_unacked), labels);
  out.gauge("tact_events_unacked_bytes", "Octets of the events stored and not acknowledged, about",
            of(upstream.events_bytes), labels);
  out.gauge("tact_events_reserved_messages", "Messages whose last event is still to come",
            of(upstream.events_reserved), labels);
  out.counter("tact_events_missed_total", "Replies and opt-outs told as a gap",
              of(upstream.events_missed), labels);
  out.gauge("tact_jobs_held", "1 while jobs are not read, for want of room for their events",
            of(upstream.jobs_held), labels);
}

void add_storage(const StorageStats& stats, Families& out) {
  out.latency("tact_storage_write_seconds", "One group: write and fsync", stats.write);
  std::vector<uint64_t> counts;
  std::vector<double> bounds;
  for (size_t i = 0; i < stats.group_sizes.size(); ++i) {
    counts.push_back(stats.group_sizes[i].get());
    if (i + 1 < stats.group_sizes.size()) bounds.push_back(static_cast<double>(1u << i));
  }
  out.histogram("tact_storage_group_commits", "Commits written together", counts, bounds,
                of(stats.commits));
  out.counter("tact_storage_written_bytes_total", "Octets written", of(stats.bytes));
  out.counter("tact_storage_audit_bytes_total", "Of the octets written, those of the audit",
              of(stats.audit_bytes));
  out.counter("tact_storage_syncs_total", "fsyncs of the log", of(stats.syncs));
}

void add_listener(const ListenerStats& stats, Families& out) {
  out.counter("tact_listener_accepted_total", "Connections of upstreams", of(stats.accepted));
  out.counter("tact_listener_full_total", "Connections of upstreams refused: too many are open",
              of(stats.refused_full));
  out.counter("tact_listener_refused_total", "Connections refused: no Hello of a known upstream",
              of(stats.refused_hello));
  out.counter("tact_listener_timeouts_total", "Connections refused: no Hello in time",
              of(stats.timeouts));
}

void add_rules(const RulesInForce& in_force, Civil now, Families& out) {
  out.gauge("tact_rule_set_info", "1; the digest of the rule set in force is a label", 1,
            {{"digest", in_force.rules->digest_text()}});
  for (const auto& [result, count] :
       {std::pair("applied", in_force.reloads), std::pair("refused", in_force.reloads_refused)}) {
    out.counter("tact_rule_set_reloads_total", "Changed files taken over or refused while running",
                static_cast<double>(count), {{"result", result}});
  }
  for (const std::string& country : in_force.calendars) {
    out.gauge("tact_holidays_known_days",
              "Until the first year without known holidays, in which none defers",
              static_cast<double>(holidays_known_days(*in_force.rules, country, now)),
              {{"country", country}});
  }
}

// Under the names that every Prometheus client uses.
void add_process(Families& out) {
  unsigned long pages = 0, resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  out.gauge("process_resident_memory_bytes", "Resident memory",
            static_cast<double>(resident) * page);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  out.counter("process_cpu_seconds_total", "User and system time",
              seconds(usage.ru_utime) + seconds(usage.ru_stime));
  double open = 0;
  if (DIR* folder = ::opendir("/proc/self/fd")) {
    while (::readdir(folder) != nullptr) ++open;
    ::closedir(folder);
  }
  out.gauge("process_open_fds", "Open file descriptors", std::max(open - 3, 0.0));
}

}  // namespace

int64_t holidays_known_days(const policy::RuleSet& rules, const std::string& country, Civil now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  auto year = std::chrono::year_month_day(today).year();
  const auto first_day = [&] { return year / std::chrono::January / 1; };
  while (rules.calendar_covers(country, first_day())) ++year;
  return std::max<int64_t>(0, (std::chrono::sys_days(first_day()) - today).count());
}

Metrics::Metrics(MetricsSources from) : from_(std::move(from)) {}

std::vector<prometheus::MetricFamily> Metrics::Collect() const {
  Families out;
  out.gauge("tact_build_info", "1; the version is a label", 1, {{"version", TACT_VERSION}});
  const Civil now = from_.now();
  for (size_t i = 0; i < from_.shards.size(); ++i) {
    const Labels shard = {{"shard", std::to_string(i)}};
    add_gate(*from_.shards[i], shard, out);
    add_shard(*from_.shards[i], shard, out);
    if (i < from_.turns.size()) {
      out.latency("tact_turn_seconds", "One turn of a shard; nothing else happens on it meanwhile",
                  *from_.turns[i], shard);
    }
    for (const RouteStats& route : from_.shards[i]->routes) add_route(route, now, out);
    for (const UpstreamStats& upstream : from_.shards[i]->upstreams) add_upstream(upstream, out);
  }
  if (from_.storage != nullptr) add_storage(*from_.storage, out);
  if (from_.listener != nullptr) add_listener(*from_.listener, out);
  if (from_.rocks != nullptr) {
    out.gauge("tact_store_bytes", "Octets of the store on disk",
              static_cast<double>(from_.rocks->disk_bytes()));
  }
  if (from_.clock_steps) {
    out.counter("tact_clock_steps_total", "Times that the wall clock was set while running",
                static_cast<double>(from_.clock_steps()));
  }
  if (from_.rules) add_rules(from_.rules(), now, out);
  add_process(out);
  return out.take();
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(Collect()); }

}  // namespace tact::gateway
