// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/notice_log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace tact::gateway {
namespace {

using Kind = LinkNotice::Kind;

class NoticeLogTest : public testing::Test {
 protected:
  NoticeLogTest() {
    RouteSettings route;
    route.id = RouteId{1};
    route.name = "carrier";
    engine_.routes.push_back(route);
    directory_ = std::make_unique<Directory>(engine_);
    upstream_.name = "core";
    upstream_.token = "secret too";
    settings_.name = "main-1";
    settings_.hosts = {{"other.example", 1}, {"smsc.example", 2775}};
    settings_.session.system_id = "we";
    settings_.session.password = "secret";
  }
  LinkNotice notice(Kind kind, std::string reason = "") {
    LinkNotice out;
    out.kind = kind;
    out.route = RouteId{1};
    out.link = &settings_;
    out.host = &settings_.hosts[1];
    out.reason = std::move(reason);
    return out;
  }
  // Behind the time, which differs from run to run.
  std::string told(const Notice& notice) {
    const size_t before = out_.str().size();
    tell(log_, *directory_, notice);
    log_.flush();
    const std::string said = out_.str().substr(before);
    return said.empty() ? "" : said.substr(said.find("\"level\""));
  }

  std::string told_of_upstream(proto::Error::Code code, const std::string& reason) {
    return told(UpstreamNotice{&upstream_, code, reason});
  }

  EngineSettings engine_;
  std::unique_ptr<Directory> directory_;
  LinkSettings settings_;
  UpstreamSettings upstream_;
  std::ostringstream out_;
  Log log_{Level::info, Log::Format::json, std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)};
};

constexpr const char* kWho = R"("route":"carrier","link":"main-1","peer":"smsc.example:2775")";

std::string line(std::string_view level, std::string_view what, std::string_view rest) {
  return fmt::format("\"level\":\"{}\",\"what\":\"{}\",{}{}}}\n", level, what, kWho, rest);
}

TEST_F(NoticeLogTest, ARefusedConnectionSaysWhyAndWhenItIsTriedAgain) {
  auto down = notice(Kind::connect_failed, "cannot connect: Connection refused");
  down.failures = 3;
  down.retry_in = Millis(2184);
  EXPECT_EQ(told(down), line("warning", "link: no connection",
                             R"(,"reason":"cannot connect: Connection refused","failures":3,)"
                             R"("retry_in_ms":2184)"));
}

TEST_F(NoticeLogTest, AFailureOfTlsSaysWhatFailed) {
  auto failed = notice(Kind::tls_failed, "TLS: certificate has expired");
  failed.failures = 1;
  EXPECT_EQ(told(failed), line("warning", "link: TLS failed",
                               R"(,"reason":"TLS: certificate has expired","failures":1)"));
}

TEST_F(NoticeLogTest, ARefusedBindSaysItsStatusByNameOrByNumber) {
  auto refused = notice(Kind::bind_refused);
  refused.status = smpp::Status::ESME_RINVPASWD;
  EXPECT_NE(told(refused).find(R"("status":"ESME_RINVPASWD")"), std::string::npos);
  refused.status = static_cast<smpp::Status>(0x412);
  EXPECT_NE(told(refused).find(R"("status":"vendor 0x00000412")"), std::string::npos);
  refused.status = static_cast<smpp::Status>(0x9999);
  EXPECT_NE(told(refused).find(R"("status":"unknown 0x00009999")"), std::string::npos);
}

TEST_F(NoticeLogTest, BoundAndUnboundAreNoWarnings) {
  EXPECT_EQ(told(notice(Kind::bound, "SMSC-7")),
            line("info", "link: bound", R"(,"smsc":"SMSC-7")"));
  EXPECT_EQ(told(notice(Kind::unbound)), line("info", "link: unbound", ""));
}

TEST_F(NoticeLogTest, NothingOfItsCredentialsIsTold) {
  for (const Kind kind : {Kind::binding, Kind::bound, Kind::connect_failed, Kind::tls_failed,
                          Kind::bind_refused, Kind::bind_failed, Kind::lost, Kind::unbound}) {
    const std::string said = told(notice(kind, "reason"));
    EXPECT_EQ(said.find("secret"), std::string::npos);
    EXPECT_NE(said.find(kWho), std::string::npos);
  }
}

TEST_F(NoticeLogTest, AnUpstreamIsToldWithTheErrorThatItsProducerGot) {
  EXPECT_EQ(told_of_upstream(proto::Error::SEQUENCE_GAP, "sequence 9 after 7"),
            "\"level\":\"warning\",\"what\":\"upstream: refused\",\"upstream\":\"core\","
            "\"code\":\"SEQUENCE_GAP\",\"reason\":\"sequence 9 after 7\"}\n");
  const std::string ours = told_of_upstream(proto::Error::DRAINING, "");
  EXPECT_NE(ours.find("\"info\""), std::string::npos);
  EXPECT_EQ(out_.str().find("secret"), std::string::npos);
}

TEST_F(NoticeLogTest, ALinkThatFlapsHidesNoOther) {
  for (uint32_t i = 0; i < 2 * Log::kBurst; ++i) told(notice(Kind::lost, "end of stream"));
  EXPECT_EQ(told(notice(Kind::lost, "end of stream")), "");
  settings_.name = "main-2";
  EXPECT_NE(told(notice(Kind::lost, "end of stream")).find("main-2"), std::string::npos);
}

}  // namespace
}  // namespace tact::gateway
