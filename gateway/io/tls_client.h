// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <memory>
#include <string>

#include "gateway/engine/settings.h"
#include "gateway/engine/tls_fault.h"

namespace tact::gateway {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

// Our side of TLS on one link: whom it trusts, what it shows, which versions it speaks. The peer
// must have a certificate for the name that was asked for, from one of those CAs, valid now.
class TlsClient {
 public:
  // REQUIRES: gateway/config found nothing wrong with it
  explicit TlsClient(const TlsSettings&);

  // For one connection to this host. The result does not need this object any more.
  std::unique_ptr<TlsStream> over(boost::asio::ip::tcp::socket&, const std::string& host) const;

 private:
  // OpenSSL counts references to it; making a stream changes nothing else.
  mutable boost::asio::ssl::context context_;
  const std::string server_name_;
};

// The peer said that nothing more comes, or its connection just ended: SMPP's PDUs know their
// length, so a stream that is cut off cannot be mistaken for one that is shorter.
bool is_end_of_stream(const boost::system::error_code&);

// Why an operation failed, for logs and counters. `stream` is null for plain TCP.
struct TlsEnd {
  std::string reason;
  TlsFault fault = TlsFault::none;
};
TlsEnd tls_end(TlsStream* stream, const boost::system::error_code&);

}  // namespace tact::gateway
