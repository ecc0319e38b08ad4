// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "gateway/config/context.h"

// TLS of a link: what a start would stumble over is told here, with its place.
namespace tact::gateway::config {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

BioPtr reading(const std::string& pem) {
  ERR_clear_error();
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// The certificates of a PEM file, in its order. Empty, and a problem, if there is none, or one that
// is damaged.
std::vector<CertificatePtr> certificates(const std::string& pem, const std::string& path,
                                         const std::string& name, Context& context) {
  std::vector<CertificatePtr> found;
  if (pem.empty() && context.is_told(path)) return found;
  const BioPtr in = reading(pem);
  while (X509* next = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) {
    found.emplace_back(next);
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (ended && !found.empty()) return found;
  const std::string file = context.resolved(name);
  context.problem(path, ended ? file + " holds no certificate in PEM"
                              : "certificate " + std::to_string(found.size() + 1) + " of " + file +
                                    " is damaged");
  return {};
}

int has_no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

KeyPtr private_key(const std::string& pem, const std::string& path, const std::string& name,
                   Context& context) {
  if (pem.empty() && context.is_told(path)) return nullptr;
  bool is_encrypted = false;
  KeyPtr key(
      PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, has_no_passphrase, &is_encrypted));
  ERR_clear_error();
  if (!key) {
    context.problem(
        path, context.resolved(name) + (is_encrypted ? " is encrypted; it must need no passphrase"
                                                     : " holds no private key in PEM"));
  }
  return key;
}

Civil expiry(const X509& certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &parts) != 1) return Civil{};
  using namespace std::chrono;
  const year_month_day date(year(parts.tm_year + 1900),
                            month(static_cast<unsigned>(parts.tm_mon + 1)),
                            day(static_cast<unsigned>(parts.tm_mday)));
  return Civil(sys_days(date).time_since_epoch() + hours(parts.tm_hour) + minutes(parts.tm_min) +
               seconds(parts.tm_sec));
}

// Certificate and key of ours: both or none, and one pair.
void read_own(const proto::LinkTls& tls, const std::string& path, Context& context,
              TlsSettings& out) {
  const std::string certificate_path = path + ".certificate_file", key_path = path + ".key_file";
  const bool has_certificate = context.has(certificate_path);
  if (has_certificate != context.has(key_path)) {
    context.problem(has_certificate ? certificate_path : key_path,
                    "certificate_file and key_file: both must be given, or none");
    return;
  }
  if (!has_certificate || !context.reads_secrets()) return;
  out.certificate = context.read(certificate_path, tls.certificate_file());
  out.key = context.read(key_path, tls.key_file());
  const auto chain =
      certificates(out.certificate, certificate_path, tls.certificate_file(), context);
  const KeyPtr key = private_key(out.key, key_path, tls.key_file(), context);
  if (chain.empty() || !key) return;
  out.certificate_expires = expiry(*chain.front());
  if (X509_check_private_key(chain.front().get(), key.get()) == 1) return;
  ERR_clear_error();
  context.problem(key_path, context.resolved(tls.key_file()) + " is not the key of " +
                                context.resolved(tls.certificate_file()));
}

}  // namespace

std::optional<TlsSettings> read_tls(const proto::Link& link, const std::string& path,
                                    Context& context) {
  if (!link.has_tls()) return std::nullopt;
  const proto::LinkTls& tls = link.tls();
  TlsSettings out;
  if (context.has(path + ".ca_file") && context.reads_secrets()) {
    out.ca = context.read(path + ".ca_file", tls.ca_file());
    certificates(out.ca, path + ".ca_file", tls.ca_file(), context);
  }
  context.check_not_empty(path + ".server_name", tls.server_name());
  context.check_ascii(path + ".server_name", tls.server_name(), 253);
  out.server_name = tls.server_name();
  read_own(tls, path, context, out);
  if (tls.version_min() == "1.3") {
    out.version_min = TlsSettings::Version::tls13;
  } else if (tls.version_min() != "1.2") {
    context.problem(path + ".version_min",
                    path + ".version_min must be 1.2 or 1.3, got " + tls.version_min());
  }
  return out;
}

}  // namespace tact::gateway::config
