// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace tact::certificates {
namespace {

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

BioPtr memory(const std::string& text = {}) {
  BioPtr bio(BIO_new(BIO_s_mem()), BIO_free);
  BIO_write(bio.get(), text.data(), static_cast<int>(text.size()));
  return bio;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

KeyPtr read_key(const std::string& pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  check(key != nullptr, "no key");
  return key;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr, "no extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string pem_of(X509* certificate) {
  const BioPtr out = memory();
  PEM_write_bio_X509(out.get(), certificate);
  return text_of(out.get());
}

}  // namespace

Pair make(const Wish& wish, const Pair* issuer) {
  static long serial = 1;
  const KeyPtr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const CertificatePtr made(X509_new(), X509_free);
  X509* certificate = made.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_time_adj_ex(X509_getm_notBefore(certificate), wish.from_days, 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate), wish.to_days, 0, nullptr);
  X509_set_pubkey(certificate, key.get());
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  const CertificatePtr above(
      issuer == nullptr
          ? nullptr
          : PEM_read_bio_X509(memory(issuer->certificate).get(), nullptr, nullptr, nullptr),
      X509_free);
  X509* by = issuer == nullptr ? certificate : above.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(by));
  extend(certificate, by, NID_basic_constraints, wish.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
  std::string hosts;
  for (const std::string& host : wish.hosts) hosts += (hosts.empty() ? "" : ",") + host;
  if (!hosts.empty()) extend(certificate, by, NID_subject_alt_name, hosts);
  const KeyPtr theirs = issuer == nullptr ? KeyPtr(nullptr, EVP_PKEY_free) : read_key(issuer->key);
  check(X509_sign(certificate, theirs ? theirs.get() : key.get(), EVP_sha256()) > 0,
        "no signature");
  const BioPtr key_text = memory();
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {pem_of(certificate), text_of(key_text.get())};
}

std::string encrypted(const std::string& key, const std::string& passphrase) {
  const BioPtr out = memory();
  PEM_write_bio_PrivateKey(out.get(), read_key(key).get(), EVP_aes_128_cbc(),
                           reinterpret_cast<const unsigned char*>(passphrase.data()),
                           static_cast<int>(passphrase.size()), nullptr, nullptr);
  return text_of(out.get());
}

}  // namespace tact::certificates
