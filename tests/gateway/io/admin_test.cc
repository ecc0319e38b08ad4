// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/admin.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

#include "gateway/engine/suspects.h"
#include "gateway/io/log.h"
#include "gateway/io/metrics.h"
#include "gateway/io/number_hash.h"
#include "tests/gateway/io/audit_files.h"
#include "tests/gateway/io/peer.h"
#include "tests/gateway/io/temp_folder.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNumber = "8613800138000";

struct Answer {
  int status = 0;
  std::string head, body;
};

// The server with all that stands behind it, over real sockets.
class AdminTest : public testing::Test {
 protected:
  void SetUp() override {
    RocksSettings rocks;
    rocks.folder = folder_.path("store");
    rocks.number_key_check = hasher_.check_value();
    OpenFailure failure;
    const Fatal fatal = [](const std::string& reason) { ADD_FAILURE() << reason; };
    rocks_ = Rocks::open(rocks, fatal, &failure);
    ASSERT_NE(rocks_, nullptr) << failure.message;
    storage_ = std::make_unique<Storage>(
        *rocks_, suppression_, StorageSettings(), [](ShardId, Delivery&&) {},
        [this](ShardId, Loaded&&) { on_loaded(); }, fatal);
    storage_->start();
    RouteStats& route = stats_.routes.emplace_back();
    route.name = "carrier-a";
    route.links.emplace_back().name = "main-1";
    route.lanes[raw(Class::otp)].queued.set(7);
    admin_ = std::make_unique<Admin>(io_, sources());
    HttpSettings http;
    http.port = 0;
    http.socket = folder_.path("ops.sock");
    http.token = "a long secret";
    http.timeout = 300ms;
    http.connections = 8;
    server_ = std::make_unique<HttpServer>(
        io_, http, [this](HttpRequest request) { return admin_->answer(std::move(request)); });
    ASSERT_EQ(server_->listen(), "");
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    server_->stop();
    thread_.join();
    storage_->stop();
  }

  AdminSources sources() {
    AdminSources from;
    from.metrics = [this] {
      MetricsSources metrics;
      metrics.shards = {&stats_};
      metrics.now = [] { return from_ms(0); };
      return Metrics(metrics).text();
    };
    from.not_ready = [this]() -> std::string { return ready_ ? "" : "draining"; };
    from.now = [] { return from_ms(5'000); };
    from.shards = {&stats_};
    from.suppression = &suppression_;
    from.rocks = rocks_.get();
    from.storage = storage_.get();
    from.hasher = &hasher_;
    from.brand_name = [](uint16_t scope) { return "brand-" + std::to_string(scope); };
    from.brand_scope = [](std::string_view name) -> std::optional<uint16_t> {
      if (name == "brand-1") return uint16_t{1};
      return std::nullopt;
    };
    from.sealer = &sealer_;
    from.directory = &directory_;
    from.tenants = {TenantId{1}, TenantId{2}};
    return from;
  }
  // Loads as a shard does, one after the other, until it is told to stop.
  struct Loads {
    size_t count = 0;
    std::chrono::steady_clock::duration longest{};
  };
  void keep_loading() {
    const std::lock_guard guard(mutex_);
    loading_ = true;
    load();
  }
  Loads stop_loading() {
    std::unique_lock lock(mutex_);
    loading_ = false;
    answered_.wait(lock, [this] { return !outstanding_; });
    return loads_;
  }
  void load() {
    LoadRequest request;
    request.table = Table::lanes;
    request.end = "x";
    asked_at_ = std::chrono::steady_clock::now();
    outstanding_ = true;
    storage_->load(ShardId{0}, request);
  }
  void on_loaded() {
    const std::lock_guard guard(mutex_);
    ++loads_.count;
    loads_.longest = std::max(loads_.longest, std::chrono::steady_clock::now() - asked_at_);
    outstanding_ = false;
    loading_ ? load() : answered_.notify_all();
  }
  void write(Table table, const std::string& key, const std::string& value) {
    ASSERT_TRUE(rocks_->db().Put({}, rocks_->table(table), key, value).ok());
  }
  void suppress(uint16_t scope, NumberHash number, policy::Block why = policy::Block::opt_out) {
    policy::SuppressionEntry entry;
    entry.scope = scope;
    entry.number = number;
    entry.blocks[raw(Class::marketing) - 1] = static_cast<policy::BlockMask>(why);
    entry.since = from_ms(1'234);
    entry.proof = 99;
    suppression_.put(entry);
    write(Table::suppressed, suppressed_key(scope, number), "x");
  }

  static Answer parse(const std::string& text) {
    Answer answer;
    const size_t gap = text.find("\r\n\r\n");
    answer.head = text.substr(0, gap);
    if (gap != std::string::npos) answer.body = text.substr(gap + 4);
    if (text.size() > 12) answer.status = std::atoi(text.c_str() + 9);
    return answer;
  }
  static std::string request(const std::string& target, const std::string& header = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n";
  }
  Answer get(const std::string& target, const std::string& header = "") const {
    const Peer peer = Peer::dial(server_->port());
    EXPECT_TRUE(peer.write(request(target, header)));
    return parse(peer.read_all());
  }
  Answer get_local(const std::string& target) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    folder_.path("ops.sock").copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const Peer peer(descriptor);
    EXPECT_TRUE(peer.write(request(target)));
    return parse(peer.read_all());
  }

  TempFolder folder_;
  SipHasher hasher_{SipHasher::Key{1, 2, 3}};
  policy::Suppression suppression_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<Storage> storage_;
  ShardStats stats_;
  std::atomic<bool> ready_{true};
  PlainSealer sealer_;
  std::mutex mutex_;
  std::condition_variable answered_;
  Loads loads_;                                     // guarded by mutex_
  std::chrono::steady_clock::time_point asked_at_;  // guarded by mutex_
  bool loading_ = false, outstanding_ = false;      // guarded by mutex_
  EngineSettings settings_;
  Directory directory_{settings_};
  boost::asio::io_context io_{1};
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(AdminTest, GarbageIsABadRequest) {
  const Peer peer = Peer::dial(server_->port());
  ASSERT_TRUE(peer.write("\x01\x02\x03 what is this\r\n\r\n"));
  EXPECT_EQ(parse(peer.read_all()).status, 400);
}

TEST_F(AdminTest, HeaderOverTheLimitIsRefused) {
  EXPECT_EQ(get("/livez", "X: " + std::string(9'000, 'x') + "\r\n").status, 431);
}

TEST_F(AdminTest, BodyIsRefused) {
  const Peer peer = Peer::dial(server_->port());
  ASSERT_TRUE(peer.write("GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_EQ(parse(peer.read_all()).status, 413);
}

TEST_F(AdminTest, OtherMethodsAndPagesAreRefused) {
  const Peer peer = Peer::dial(server_->port());
  ASSERT_TRUE(peer.write("DELETE /routes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(parse(peer.read_all()).status, 405);
  EXPECT_EQ(get("/nothing").status, 404);
}

TEST_F(AdminTest, SlowRequestIsCutOff) {
  const Peer peer = Peer::dial(server_->port());
  ASSERT_TRUE(peer.write("GET /livez HT"));
  EXPECT_TRUE(peer.ends());
}

TEST_F(AdminTest, OneConnectionTooManyIsClosed) {
  std::vector<Peer> held;
  for (int i = 0; i < 8; ++i) {
    held.push_back(Peer::dial(server_->port()));
    ASSERT_TRUE(held.back().write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"));
    ASSERT_EQ(held.back().read(12), "HTTP/1.1 200");
  }
  EXPECT_TRUE(Peer::dial(server_->port()).ends());
}

TEST_F(AdminTest, OpenPagesNeedNoToken) {
  EXPECT_EQ(get("/livez").status, 200);
  const Answer metrics = get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.head.find("version=0.0.4"), std::string::npos);
  EXPECT_NE(metrics.body.find("\ntact_lane_queued_messages"), std::string::npos);
  EXPECT_NE(get("/").body.find("carrier-a"), std::string::npos);
}

TEST_F(AdminTest, ReadyTellsWhyNot) {
  EXPECT_EQ(get("/readyz").status, 200);
  ready_ = false;
  const Answer answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "draining\n");
}

TEST_F(AdminTest, OthersNeedTheTokenOrTheSocket) {
  const std::string trace = std::string("/trace?number=") + kNumber;
  for (const std::string& target :
       {std::string("/routes"), std::string("/suppressions"), std::string("/suspects"), trace,
        std::string("/audit"), std::string("/audit/check")}) {
    EXPECT_EQ(get(target).status, 401) << target;
    EXPECT_EQ(get(target, "Authorization: Bearer wrong secrt\r\n").status, 401) << target;
    EXPECT_EQ(get(target, "Authorization: Bearer a long secre\r\n").status, 401) << target;
    EXPECT_EQ(get(target, "Authorization: Bearer a long secret\r\n").status, 200) << target;
    EXPECT_EQ(get_local(target).status, 200) << target;
  }
}

TEST_F(AdminTest, UnixSocketIsForItsOwnerOnly) {
  struct stat found {};
  ASSERT_EQ(::stat(folder_.path("ops.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(AdminTest, RoutesAreJson) {
  EXPECT_EQ(get_local("/routes").body.substr(0, 200),
            "{\"routes\":[{\"route\":\"carrier-a\",\"rate_pdus\":0,\"awaiting\":0,\"unknown\":0,"
            "\"links\":[{\"link\":\"main-1\",\"up\":false,\"window\":0,\"window_used\":0}],"
            "\"lanes\":[{\"class\":\"OTP\",\"queued\":7,\"open\":0,\"oldest_age_ms\":0},");
}

TEST_F(AdminTest, SuppressionsComeInPages) {
  for (NumberHash number = 1; number <= 5; ++number) suppress(1, number);
  suppress(2, 7);
  const std::string first = get_local("/suppressions?brand=brand-1&limit=2").body;
  EXPECT_EQ(
      first,
      "{\"brand\":\"brand-1\",\"number_hash\":\"0000000000000001\",\"classes\":[\"MARKETING\"]"
      ",\"since\":\"1970-01-01T00:00:01.234Z\",\"proof\":\"99\",\"blocked\":true,\"other\":[]}\n"
      "{\"brand\":\"brand-1\",\"number_hash\":\"0000000000000002\",\"classes\":[\"MARKETING\"]"
      ",\"since\":\"1970-01-01T00:00:01.234Z\",\"proof\":\"99\",\"blocked\":true,\"other\":[]}\n"
      "{\"cursor\":\"00010000000000000003\"}\n");
  const std::string rest =
      get_local("/suppressions?brand=brand-1&cursor=00010000000000000003").body;
  EXPECT_EQ(std::count(rest.begin(), rest.end(), '\n'), 3);
  EXPECT_EQ(rest.find("cursor"), std::string::npos);
  const std::string all = get_local("/suppressions").body;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 6);
}

TEST_F(AdminTest, SuspectsAreListedWithTextAndMaskedNumber) {
  Suspect suspect;
  suspect.at = from_ms(1'234);
  suspect.number = 7;
  suspect.brand = BrandId{1};
  suspect.last = Class::marketing;
  suspect.reasons = Suspect::kUnclear | Suspect::kDispute;
  suspect.handset = masked(kNumber);
  suspect.text = "我要\"投诉\"";
  for (const auto& [tenant, id] : {std::pair(1, 5u), {1, 6u}, {2, 3u}, {9, 4u}}) {
    suspect.id = MessageId{id};
    write(Table::facts, fact_key(TenantId(static_cast<uint16_t>(tenant)), kSuspectFact, id),
          encode_suspect(suspect, sealer_));
  }
  write(Table::facts, fact_key(TenantId{2}, kSuspectFact, 9), "damaged");
  const std::string first = get_local("/suspects?limit=2").body;
  EXPECT_EQ(first.substr(0, first.find('\n')),
            "{\"reply_id\":\"5\",\"at\":\"1970-01-01T00:00:01.234Z\",\"account\":\"\",\"brand\":"
            "\"brand-1\",\"number\":\"86138****8000\",\"number_hash\":\"0000000000000007\","
            "\"after\":\"MARKETING\",\"reasons\":[\"UNCLEAR\",\"DISPUTE\"],\"held_until\":"
            "\"1970-01-04T00:00:01.234Z\",\"text\":\"我要\\\"投诉\\\"\"}");
  EXPECT_TRUE(first.ends_with("{\"cursor\":\"00020000000000000003\"}\n")) << first;
  const std::string rest = get_local("/suspects?cursor=00020000000000000003").body;
  EXPECT_EQ(std::count(rest.begin(), rest.end(), '\n'), 2) << "tenant 9 is not configured";
  EXPECT_TRUE(rest.ends_with("{\"reply_id\":\"9\",\"unreadable\":true}\n")) << rest;
  EXPECT_EQ(get_local("/suspects?cursor=zz").status, 400);
  EXPECT_EQ(get_local("/suspects?limit=0").status, 400);
}

// Else an export that is imported again would make an opt-out for ever of a pause of three days.
TEST_F(AdminTest, APauseIsNoOptOutInTheList) {
  suppress(1, 1, policy::Block::pause);
  EXPECT_EQ(get_local("/suppressions?brand=brand-1").body,
            "{\"brand\":\"brand-1\",\"number_hash\":\"0000000000000001\",\"classes\":[],"
            "\"since\":\"1970-01-01T00:00:01.234Z\",\"proof\":\"99\",\"blocked\":false,"
            "\"other\":[\"PAUSE\"]}\n");
}

TEST_F(AdminTest, WrongParametersAreSaidInWords) {
  EXPECT_EQ(get_local("/suppressions?brand=unknown").status, 404);
  EXPECT_EQ(get_local("/suppressions?cursor=zz").status, 400);
  EXPECT_EQ(get_local("/suppressions?limit=0").status, 400);
  EXPECT_EQ(get_local("/suppressions?limit=-1").status, 400);
  EXPECT_EQ(get_local("/trace").status, 400);
  EXPECT_EQ(get_local("/trace?number=12&id=3").status, 400);
  EXPECT_EQ(get_local("/trace?number=138001%3B8000").status, 400);
  EXPECT_EQ(get_local("/trace?id=12x").status, 400);
  EXPECT_EQ(get_local("/trace?id=12&since=-1").status, 400);
  EXPECT_EQ(get_local("/trace?id=12&since=99999999999999999").status, 400);
  EXPECT_EQ(get_local("/trace?id=12&cursor=0").status, 400);
  EXPECT_EQ(get_local("/trace?id=12&last=1h").status, 400);
  for (const std::string page : {"/audit", "/audit/check"}) {
    for (const char* wrong : {"since=-1", "until=x", "last=1h", "cursor=0", "cursor="}) {
      EXPECT_EQ(get_local(page + "?" + wrong).status, 400) << page << ' ' << wrong;
    }
    EXPECT_EQ(get_local(page).status, 200) << page;
  }
}

TEST_F(AdminTest, TraceHashesTheNumberAndNeverRepeatsIt) {
  const NumberHash number = hasher_.hash(kNumber);
  AuditFiles(*rocks_).add(
      {audit_record(number, 4711, from_ms(4'000)), audit_record(number + 1, 12, from_ms(4'000))});
  const Answer answer = get_local(std::string("/trace?number=%2B") + kNumber);
  EXPECT_EQ(answer.body,
            "{\"time\":\"1970-01-01T00:00:04.000Z\",\"what\":\"submitted\",\"id\":\"4711\","
            "\"number_hash\":\"" +
                hex(number) +
                "\",\"class\":\"OTP\"}\n"
                "{\"searched_from\":\"1970-01-01T00:00:00.000Z\"}\n");
  EXPECT_EQ(answer.head.find(kNumber), std::string::npos);
  EXPECT_EQ(get_local("/trace?id=4711").body, answer.body);
  EXPECT_EQ(get_local("/trace?id=4711&since=4001").body,
            "{\"searched_from\":\"1970-01-01T00:00:04.001Z\"}\n");
  EXPECT_EQ(get_local("/trace?id=4711&last=1").body,
            answer.body.substr(0, answer.body.find('\n')) +
                "\n{\"searched_from\":\"1970-01-01T00:00:04.000Z\"}\n");
}

TEST_F(AdminTest, TheAuditIsToldByWholeHoursAndPageByPage) {
  AuditFiles files(*rocks_);
  AuditRecord decision = audit_record(1, 7, from_ms(4'000'000), AuditRecord::Kind::admitted);
  decision.decision = true;
  decision.flags = Message::kUrgent | 1 << Message::kRoleShift;
  decision.campaign = "spring";
  decision.to = kNumber;
  decision.body = "text";
  decision.fired.push_back({policy::Rule::cap_day, policy::Action::reject, "1", {}});
  files.add({audit_record(1, 6, from_ms(3'000))});
  files.add({decision});
  files.put(from_ms(7'200'000), "damaged");
  const std::string all = get_local("/audit").body;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3);
  EXPECT_NE(all.find("{\"records\":2,\"unreadable\":1,\"hash\":\""), std::string::npos) << all;
  const std::string hour = get_local("/audit?since=4000000&until=7200000").body;
  EXPECT_EQ(hour.substr(0, hour.find("\n") + 1),
            "{\"time\":\"1970-01-01T01:06:40.000Z\",\"what\":\"admitted\",\"id\":\"7\","
            "\"number_hash\":\"0000000000000001\",\"class\":\"OTP\","
            "\"result\":\"OUTCOME_UNSPECIFIED\",\"action\":\"PASS\",\"campaign\":\"spring\","
            "\"role\":\"DEBTOR\",\"urgent\":true,\"consent\":false,\"emergency\":false,"
            "\"fired\":[{\"rule\":\"CAP_DAY\",\"action\":\"REJECT\",\"detail\":\"1\"}]}\n");
  EXPECT_NE(hour.find("{\"records\":1,"), std::string::npos) << hour;
  EXPECT_EQ(hour.find(kNumber), std::string::npos);
  EXPECT_NE(get_local("/audit?texts=1").body.find(kNumber), std::string::npos);
  const std::string rest = get_local("/audit?cursor=000000010000000000000000").body;
  EXPECT_EQ(rest.find("\"id\":\"6\""), std::string::npos) << rest;
  EXPECT_NE(get_local("/audit/check").body.find("{\"broken\":\"00000002"), std::string::npos);
}

// Pages of lanes are read by the same thread: a search must not hold up sending.
TEST_F(AdminTest, WhatAShardLoadsIsReadBetweenTheStepsOfATrace) {
  const char* given = std::getenv("TACT_TRACE_RECORDS");
  const size_t records = given != nullptr ? std::strtoull(given, nullptr, 10) : 400'000;
  AuditFiles files(*rocks_);
  std::mt19937_64 random(1);
  std::vector<AuditRecord> batch(500, audit_record(1, 2, from_ms(4'000)));
  for (size_t i = 0; i < records / batch.size(); ++i) {
    for (AuditRecord& record : batch) {
      record.number = record.text = random() | 1;
      record.id = MessageId{random() | 1};
      record.note = "1000000014";
    }
    files.add(batch);
  }
  keep_loading();
  std::string page;
  const auto began = std::chrono::steady_clock::now();
  size_t pages = 0;
  for (std::string cursor; pages == 0 || !cursor.empty(); ++pages) {
    page = get_local("/trace?number=99999" + (cursor.empty() ? "" : "&cursor=" + cursor)).body;
    const size_t at = page.find("\"cursor\":\"");
    cursor = at == std::string::npos ? "" : page.substr(at + 10, 24);
  }
  const auto took = std::chrono::steady_clock::now() - began;
  const Loads loads = stop_loading();
  EXPECT_EQ(page, "{\"searched_from\":\"1970-01-01T00:00:00.000Z\"}\n");
  // Each step is about a MiB; a load may have to wait for one.
  const size_t octets = records * 50;
  EXPECT_GE(loads.count, octets >> 20);
  std::printf(
      "%zu records in %zu pages: %.2f s; %zu loads meanwhile, of which the longest took %.1f ms\n",
      records, pages, std::chrono::duration<double>(took).count(), loads.count,
      std::chrono::duration<double, std::milli>(loads.longest).count());
}

}  // namespace
}  // namespace tact::gateway
