// SPDX-License-Identifier: Apache-2.0
// Links over TLS: with whom one speaks, and with whom not, and what operators are told of it.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "gateway/io/shard_thread.h"
#include "tests/gateway/io/fake_shard.h"
#include "tests/gateway/io/peer.h"
#include "tests/support/certificates.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;
using certificates::Pair;

// An SMSC's side of TLS upon a Peer, blocking as that is.
class TlsPeer {
 public:
  struct Settings {
    Pair own;
    std::string client_ca;  // empty: no certificate is asked for
    int version_max = 0;    // 0: any
    int version_min = 0;
  };
  explicit TlsPeer(const Settings& settings) : context_(SSL_CTX_new(TLS_server_method())) {
    use(settings.own);
    if (!settings.client_ca.empty()) ask_for(settings.client_ca);
    if (settings.version_max != 0) {
      SSL_CTX_set_security_level(context_, 0);
      SSL_CTX_set_max_proto_version(context_, settings.version_max);
    }
    if (settings.version_min != 0) SSL_CTX_set_min_proto_version(context_, settings.version_min);
  }
  ~TlsPeer() {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }

  // Whether the handshake came to its end.
  bool accept(Peer peer) {
    peer_ = std::move(peer);
    const timeval patience{10, 0};
    ::setsockopt(peer_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    session_ = SSL_new(context_);
    SSL_set_fd(session_, peer_.descriptor());
    return SSL_accept(session_) == 1;
  }
  std::string server_name() const {
    const char* name = SSL_get_servername(session_, TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }
  std::string version() const { return SSL_get_version(session_); }
  bool write(const std::string& text) {
    return SSL_write(session_, text.data(), static_cast<int>(text.size())) ==
           static_cast<int>(text.size());
  }
  // Until `size` octets are there, or the end.
  std::string read(size_t size) {
    std::string text;
    char chunk[4096];
    while (text.size() < size) {
      const size_t most = std::min(sizeof(chunk), size - text.size());
      const int got = SSL_read(session_, chunk, static_cast<int>(most));
      if (got <= 0) break;
      text.append(chunk, static_cast<size_t>(got));
    }
    return text;
  }
  // After read() came to an end: whether it was told so, rather than cut off.
  bool was_told_the_end() const {
    return (SSL_get_shutdown(session_) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  void shutdown() { SSL_shutdown(session_); }
  Peer& peer() { return peer_; }

 private:
  void use(const Pair& own) {
    BIO* certificate = BIO_new_mem_buf(own.certificate.data(), -1);
    BIO* key = BIO_new_mem_buf(own.key.data(), -1);
    X509* mine = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    EVP_PKEY* of_mine = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    EXPECT_EQ(SSL_CTX_use_certificate(context_, mine), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context_, of_mine), 1);
    X509_free(mine);
    EVP_PKEY_free(of_mine);
    BIO_free(certificate);
    BIO_free(key);
  }
  void ask_for(const std::string& ca) {
    BIO* in = BIO_new_mem_buf(ca.data(), -1);
    X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), certificate);
    X509_free(certificate);
    BIO_free(in);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }

  SSL_CTX* context_;
  SSL* session_ = nullptr;
  Peer peer_;
};

// Made once: what differs between tests is which of them is shown and trusted.
struct World {
  Pair ca = certificates::make({.name = "ca", .is_ca = true});
  Pair other_ca = certificates::make({.name = "other", .is_ca = true});
  Pair smsc = certificates::make({.hosts = {"DNS:localhost", "IP:127.0.0.1"}}, &ca);
  Pair elsewhere = certificates::make({.hosts = {"DNS:smsc.example"}}, &ca);
  Pair wild = certificates::make({.hosts = {"DNS:*.carrier.example"}}, &ca);
  Pair expired =
      certificates::make({.hosts = {"DNS:localhost"}, .from_days = -9, .to_days = -1}, &ca);
  Pair early = certificates::make({.hosts = {"DNS:localhost"}, .from_days = 2, .to_days = 9}, &ca);
  Pair self = certificates::make({.hosts = {"DNS:localhost"}});
  Pair esme = certificates::make({.name = "tact"}, &ca);
};
const World& world() {
  static const World kWorld;
  return kWorld;
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() : acceptor_(Peer::listen(to_.port)), thread_(settings(), 0ms, Civil{}) {
    link_.tls.emplace().ca = world().ca.certificate;
    thread_.start(face_);
  }
  ~TlsTest() override { thread_.stop(); }

  static ConnectionSettings settings() {
    ConnectionSettings short_waits;
    short_waits.handshake_timeout = short_waits.write_timeout = short_waits.close_timeout = 400ms;
    return short_waits;
  }
  void connect(uint64_t id = 1) {
    shard_.run(thread_, [&] { thread_.connect(ConnectionId{id}, link_, to_); });
  }
  // The handshake from both sides.
  bool meet(const TlsPeer::Settings& smsc) {
    smsc_ = std::make_unique<TlsPeer>(smsc);
    connect();
    return smsc_->accept(acceptor_.accept());
  }
  void expect_refusal(const TlsPeer::Settings& smsc, const std::string& reason, TlsFault fault) {
    meet(smsc);
    EXPECT_TRUE(shard_.wait_for("closed 1: TLS: " + reason))
        << testing::PrintToString(shard_.notes_);
    EXPECT_EQ(shard_.last_fault_, fault);
    EXPECT_FALSE(shard_.noted("connected 1"));
  }
  void send(const std::string& text) {
    shard_.run(thread_, [&] {
      Bytes bytes(text.begin(), text.end());
      thread_.send(ConnectionId{1}, bytes);
    });
  }

  LinkSettings link_;
  Endpoint to_{"localhost", 0};
  Peer acceptor_;
  FakeShard shard_;
  ShardFaceOf<FakeShard> face_{shard_};
  ShardThread thread_;
  std::unique_ptr<TlsPeer> smsc_;
};

TEST_F(TlsTest, TalksToWhomItAskedFor) {
  ASSERT_TRUE(meet({world().smsc}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  EXPECT_EQ(smsc_->server_name(), "localhost");
  std::string sent;
  for (int i = 0; i < 200; ++i) {
    const std::string text(static_cast<size_t>(1 + i * 37 % 999), static_cast<char>('a' + i % 26));
    sent += text;
    send(text);
  }
  EXPECT_EQ(smsc_->read(sent.size()), sent);
  ASSERT_TRUE(smsc_->write(sent));
  ASSERT_TRUE(shard_.wait([&] { return shard_.bytes_[1].size() == sent.size(); }));
  EXPECT_EQ(shard_.bytes(1), sent);
}

TEST_F(TlsTest, AnAddressIsVerifiedAndNotSentAsAName) {
  to_.host = "127.0.0.1";
  ASSERT_TRUE(meet({world().smsc}));
  EXPECT_TRUE(shard_.wait_for("connected 1"));
  EXPECT_EQ(smsc_->server_name(), "");
}

TEST_F(TlsTest, TheConfiguredNameCountsAndNotTheHost) {
  link_.tls->server_name = "smsc.example";
  ASSERT_TRUE(meet({world().elsewhere}));
  EXPECT_TRUE(shard_.wait_for("connected 1"));
  EXPECT_EQ(smsc_->server_name(), "smsc.example");
}

TEST_F(TlsTest, AWildcardStandsForOneLabel) {
  link_.tls->server_name = "eu.carrier.example";
  ASSERT_TRUE(meet({world().wild}));
  EXPECT_TRUE(shard_.wait_for("connected 1"));
}

TEST_F(TlsTest, AWildcardDoesNotStandForTwoLabels) {
  link_.tls->server_name = "a.eu.carrier.example";
  expect_refusal({world().wild}, "hostname mismatch", TlsFault::host_name);
}

TEST_F(TlsTest, AnotherCaIsUnknown) {
  link_.tls->ca = world().other_ca.certificate;
  expect_refusal({world().smsc}, "unable to get local issuer certificate", TlsFault::unknown_ca);
}

TEST_F(TlsTest, WhoVouchesForHimselfIsUnknown) {
  expect_refusal({world().self}, "self-signed certificate", TlsFault::unknown_ca);
}

TEST_F(TlsTest, TheSystemsCasDoNotKnowOurs) {
  link_.tls->ca.clear();
  expect_refusal({world().smsc}, "unable to get local issuer certificate", TlsFault::unknown_ca);
}

TEST_F(TlsTest, AnotherNameIsRefused) {
  expect_refusal({world().elsewhere}, "hostname mismatch", TlsFault::host_name);
}

TEST_F(TlsTest, AnotherAddressIsRefused) {
  to_.host = "127.0.0.1";
  expect_refusal({world().elsewhere}, "IP address mismatch", TlsFault::host_name);
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  expect_refusal({world().expired}, "certificate has expired", TlsFault::expired);
}

TEST_F(TlsTest, ACertificateOfTomorrowIsRefused) {
  expect_refusal({world().early}, "certificate is not yet valid", TlsFault::expired);
}

TEST_F(TlsTest, Tls11IsTooOld) {
  expect_refusal({.own = world().smsc, .client_ca = "", .version_max = TLS1_1_VERSION},
                 "tlsv1 alert protocol version", TlsFault::other);
}

TEST_F(TlsTest, Tls12IsGoodEnoughUnlessMoreIsAskedFor) {
  ASSERT_TRUE(meet({.own = world().smsc, .client_ca = "", .version_max = TLS1_2_VERSION}));
  EXPECT_TRUE(shard_.wait_for("connected 1"));
  EXPECT_EQ(smsc_->version(), "TLSv1.2");
}

TEST_F(TlsTest, Tls12IsTooOldForALinkThatWants13) {
  link_.tls->version_min = TlsSettings::Version::tls13;
  expect_refusal({.own = world().smsc, .client_ca = "", .version_max = TLS1_2_VERSION},
                 "tlsv1 alert protocol version", TlsFault::other);
}

TEST_F(TlsTest, APeerThatSaysNothingIsAHandshakeTimeout) {
  connect();
  const Peer silent = acceptor_.accept();
  EXPECT_TRUE(shard_.wait_for("closed 1: TLS: handshake timeout"));
  EXPECT_EQ(shard_.last_fault_, TlsFault::timeout);
}

TEST_F(TlsTest, APeerThatHangsUpInTheHandshakeIsTold) {
  connect();
  Peer peer = acceptor_.accept();
  EXPECT_FALSE(peer.read(5).empty());
  peer.close();
  EXPECT_TRUE(shard_.wait_for("closed 1: "));
  EXPECT_FALSE(shard_.noted("connected 1"));
}

TEST_F(TlsTest, APeerWithoutTlsIsNoneOfOurs) {
  connect();
  const Peer plain = acceptor_.accept();
  EXPECT_TRUE(plain.write("SMPP in the clear, of some length"));
  EXPECT_TRUE(shard_.wait_for("closed 1: TLS: "));
  EXPECT_EQ(shard_.last_fault_, TlsFault::other);
}

TEST_F(TlsTest, GarbageAfterTheHandshakeIsALossToldOnce) {
  ASSERT_TRUE(meet({world().smsc}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  EXPECT_TRUE(smsc_->peer().write(std::string(100, 'x')));
  EXPECT_TRUE(shard_.wait_for("closed 1: TLS: "));
  EXPECT_EQ(std::ranges::count_if(shard_.notes_, [](auto& n) { return n.starts_with("closed"); }),
            1);
}

TEST_F(TlsTest, ACertificateOfOursIsShownToWhoAsksForIt) {
  link_.tls->certificate = world().esme.certificate;
  link_.tls->key = world().esme.key;
  ASSERT_TRUE(meet({.own = world().smsc, .client_ca = world().ca.certificate}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  send("hello");
  EXPECT_EQ(smsc_->read(5), "hello");
}

TEST_F(TlsTest, WithoutTheOneThatIsAskedForTheSmscsAlertIsTold) {
  EXPECT_FALSE(meet({.own = world().smsc, .client_ca = world().ca.certificate}));
  EXPECT_TRUE(shard_.wait_for("closed 1: TLS: ")) << testing::PrintToString(shard_.notes_);
  EXPECT_TRUE(shard_.noted("closed 1: TLS: tlsv13 alert certificate required"));
  EXPECT_EQ(shard_.last_fault_, TlsFault::other);
}

TEST_F(TlsTest, TheEndIsALossHoweverItIsTold) {
  ASSERT_TRUE(meet({world().smsc}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  smsc_->shutdown();
  EXPECT_TRUE(shard_.wait_for("closed 1: end of stream"));
  EXPECT_EQ(shard_.last_fault_, TlsFault::none);
}

TEST_F(TlsTest, AnEndThatIsNotToldIsTheSameLoss) {
  ASSERT_TRUE(meet({world().smsc}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  smsc_->peer().close();
  EXPECT_TRUE(shard_.wait_for("closed 1: end of stream"));
  EXPECT_EQ(shard_.last_fault_, TlsFault::none);
}

TEST_F(TlsTest, CloseWritesWhatIsUnsentAndSaysGoodbye) {
  ASSERT_TRUE(meet({world().smsc}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  const std::string text(300'000, 'x');
  shard_.run(thread_, [&] {
    Bytes bytes(text.begin(), text.end());
    thread_.send(ConnectionId{1}, bytes);
    thread_.close(ConnectionId{1});
  });
  EXPECT_EQ(smsc_->read(SIZE_MAX), text);
  EXPECT_TRUE(smsc_->was_told_the_end());
  EXPECT_FALSE(shard_.noted("closed 1"));
}

TEST_F(TlsTest, APeerThatStopsReadingIsAWriteTimeout) {
  ASSERT_TRUE(meet({world().smsc}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  send(std::string(32u << 20, 'x'));
  EXPECT_TRUE(shard_.wait_for("closed 1: "));
  EXPECT_TRUE(shard_.noted("closed 1: write timeout") ||
              shard_.noted("closed 1: Connection timed out"));
}

TEST_F(TlsTest, APausedLinkReceivesNothingUntilResumed) {
  ASSERT_TRUE(meet({world().smsc}));
  ASSERT_TRUE(shard_.wait_for("connected 1"));
  shard_.run(thread_, [&] { thread_.pause(ConnectionId{1}, true); });
  ASSERT_TRUE(smsc_->write("hello"));
  for (int i = 0; i < 20; ++i) shard_.run(thread_, [] {});
  EXPECT_EQ(shard_.bytes(1), "");
  shard_.run(thread_, [&] { thread_.pause(ConnectionId{1}, false); });
  EXPECT_TRUE(shard_.wait([&] { return shard_.bytes_[1] == "hello"; }));
}

TEST_F(TlsTest, CloseInTheHandshakeTellsNobody) {
  connect();
  const Peer silent = acceptor_.accept();
  shard_.run(thread_, [&] { thread_.close(ConnectionId{1}); });
  EXPECT_FALSE(silent.read(5).empty()) << "it had begun";
  EXPECT_TRUE(silent.ends());
  EXPECT_FALSE(shard_.noted("closed 1"));
}

}  // namespace
}  // namespace tact::gateway
