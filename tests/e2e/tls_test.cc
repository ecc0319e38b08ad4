// SPDX-License-Identifier: Apache-2.0
// Links over TLS: a whole life, and what is told when the carrier is not who it should be.
#include <gtest/gtest.h>

#include "tests/e2e/gateway.h"
#include "tests/e2e/load.h"
#include "tests/support/certificates.h"

namespace tact::e2e {
namespace {

class Tls : public ::testing::Test {
 protected:
  Tls() {
    put("ca", ca_);
    put("smsc", certificates::make({.name = "smsc", .hosts = {"IP:127.0.0.1"}}, &ca_));
    put("esme", certificates::make({.name = "tact"}, &ca_));
  }
  void put(const std::string& name, const certificates::Pair& pair) {
    write_file(folder_.path(name + ".pem"), pair.certificate);
    write_file(folder_.path(name + ".key"), pair.key, true);
  }
  std::vector<std::string> smsc(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> options = {"--tls-cert", folder_.path("smsc.pem"), "--tls-key",
                                        folder_.path("smsc.key")};
    options.insert(options.end(), more.begin(), more.end());
    return options;
  }
  void expect_failure(const Gateway& gateway, const std::string& label, const std::string& words) {
    EXPECT_TRUE(wait_until(Millis(10'000), [&] {
      return gateway.metric("tact_link_bind_failures_total", {"reason=\"" + label + "\""}) >= 2;
    })) << gateway.metrics();
    const std::string log = gateway.log();
    EXPECT_NE(log.find(R"("what":"link: TLS failed","route":"carrier","link":"carrier-1")"),
              std::string::npos)
        << log;
    EXPECT_NE(log.find(R"("reason":"TLS: )" + words), std::string::npos) << log;
    EXPECT_EQ(gateway.metric("tact_link_up"), 0);
  }

  Folder folder_;
  const certificates::Pair ca_ = certificates::make({.name = "ca", .is_ca = true});
};

TEST_F(Tls, AWholeLifeWithCertificatesOnBothSides) {
  constexpr size_t kMessages = 300;
  Carrier carrier(folder_, smsc({"--tls-ca", folder_.path("ca.pem"), "--receipt-delay",
                                 "20ms..200ms", "--reset-after", "120", "--receipt-tlvs", "true"}));
  Gateway gateway(
      folder_, carrier.port(),
      {.route = "settle_time: 1s",
       .link = "tls: {ca_file: ca.pem, certificate_file: esme.pem, key_file: esme.key}"});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "stream");
  std::vector<proto::Message> job;
  for (uint64_t n = 0; n < kMessages; ++n) {
    job.push_back(message(proto::NOTIFICATION, number(n), std::to_string(n), n));
  }
  producer.send(std::move(job));
  EXPECT_TRUE(producer.wait_acknowledged(kMessages));
  EXPECT_TRUE(producer.wait_finals(kMessages, Millis(60'000)));
  for (const auto& [reference, life] : producer.ledger().lives) {
    EXPECT_EQ(life.finals, 1) << reference;
    EXPECT_EQ(life.end(), proto::Event::kReceipt) << reference;
  }
  EXPECT_GT(carrier.count("resets"), 0) << "connections broke as well";
  EXPECT_EQ(carrier.count("handshakes_failed"), 0);
  EXPECT_EQ(carrier.count("violations.total"), 0);
  EXPECT_EQ(gateway.stop(), 0);
  EXPECT_GE(carrier.count("unbinds"), 1) << "a drain still has its last words";
  EXPECT_NE(gateway.log().find("the certificate of a link"), std::string::npos)
      << "one that ends tomorrow is warned of";
}

TEST_F(Tls, ACarrierOfAnotherCaIsNotSpokenTo) {
  put("other", certificates::make({.name = "other", .is_ca = true}));
  Carrier carrier(folder_, smsc());
  Gateway gateway(folder_, carrier.port(), {.link = "tls: {ca_file: other.pem}"});
  ASSERT_TRUE(gateway.start());
  expect_failure(gateway, "tls_unknown_ca", "unable to get local issuer certificate");
  EXPECT_EQ(carrier.count("binds_accepted"), 0);
  EXPECT_EQ(carrier.count("pdus_in"), 0) << "no password was told";
  EXPECT_EQ(gateway.stop(), 0);
}

TEST_F(Tls, ACarrierWithoutTlsIsNotSpokenTo) {
  Carrier carrier(folder_, {});
  Gateway gateway(folder_, carrier.port(), {.link = "tls: {ca_file: ca.pem}"});
  ASSERT_TRUE(gateway.start());
  expect_failure(gateway, "tls_other", "");
  EXPECT_EQ(carrier.count("binds_accepted"), 0);
  EXPECT_EQ(gateway.stop(), 0);
}

TEST_F(Tls, ACertificateThatIsMissingIsToldBeforeAnythingOpens) {
  Gateway gateway(folder_, 2775,
                  {.link = "tls:\n  certificate_file: esme.pem\n  key_file: nowhere"});
  const Finished finished =
      run(folder_.root(), "tactd", {"--config", gateway.config_path(), "--check"});
  EXPECT_EQ(finished.code, 78);
  EXPECT_NE(finished.err.find(":30:21: cannot read " + folder_.path("nowhere") +
                              ": No such file or directory"),
            std::string::npos)
      << finished.err;
}

}  // namespace
}  // namespace tact::e2e
