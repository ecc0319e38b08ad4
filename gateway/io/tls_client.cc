// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;

namespace {

TlsFault fault_of(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return TlsFault::expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TlsFault::host_name;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return TlsFault::unknown_ca;
    default:
      return TlsFault::other;
  }
}

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

TlsClient::TlsClient(const TlsSettings& settings)
    : context_(ssl::context::tls_client), server_name_(settings.server_name) {
  SSL_CTX* context = context_.native_handle();
  const bool only13 = settings.version_min == TlsSettings::Version::tls13;
  CHECK(SSL_CTX_set_min_proto_version(context, only13 ? TLS1_3_VERSION : TLS1_2_VERSION) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  error_code error;
  if (settings.ca.empty()) {
    context_.set_default_verify_paths(error);
  } else {
    context_.add_certificate_authority(asio::buffer(settings.ca), error);
  }
  CHECK(!error);
  if (settings.certificate.empty()) return;
  context_.use_certificate_chain(asio::buffer(settings.certificate), error);
  CHECK(!error);
  context_.use_private_key(asio::buffer(settings.key), ssl::context::pem, error);
  CHECK(!error);
}

std::unique_ptr<TlsStream> TlsClient::over(asio::ip::tcp::socket& socket,
                                           const std::string& host) const {
  auto stream = std::make_unique<TlsStream>(socket, context_);
  const std::string& name = server_name_.empty() ? host : server_name_;
  SSL* session = stream->native_handle();
  X509_VERIFY_PARAM* wanted = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(name)) {
    CHECK(X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1);
  } else {
    CHECK(X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) == 1);
    CHECK(SSL_set_tlsext_host_name(session, name.c_str()) == 1);
  }
  return stream;
}

bool is_end_of_stream(const error_code& error) {
  return error == asio::error::eof || error == ssl::error::stream_truncated;
}

TlsEnd tls_end(TlsStream* stream, const error_code& error) {
  if (is_end_of_stream(error)) {
    if (stream == nullptr || SSL_is_init_finished(stream->native_handle())) {
      return {"end of stream", TlsFault::none};
    }
    return {"TLS: end of stream during the handshake", TlsFault::other};
  }
  if (error.category() != asio::error::get_ssl_category()) {
    return {error.message(), TlsFault::none};
  }
  const long verdict = SSL_get_verify_result(stream->native_handle());
  if (verdict != X509_V_OK) {
    return {std::string("TLS: ") + X509_verify_cert_error_string(verdict), fault_of(verdict)};
  }
  const char* reason = ERR_reason_error_string(static_cast<unsigned long>(error.value()));
  return {"TLS: " + (reason != nullptr ? std::string(reason) : error.message()), TlsFault::other};
}

}  // namespace tact::gateway
