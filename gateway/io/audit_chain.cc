// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/audit_chain.h"

#include <openssl/evp.h>

#include "gateway/engine/check.h"

namespace tact::gateway {

namespace {
constexpr size_t kHourOctets = 4;
}

AuditHasher::AuditHasher()
    : md_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  CHECK(md_ != nullptr && context_ != nullptr);
}

AuditHasher::~AuditHasher() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(md_);
}

AuditHash AuditHasher::hash(std::string_view key, std::string_view value) {
  AuditHash out;
  CHECK(EVP_DigestInit_ex2(context_, md_, nullptr) == 1);
  CHECK(EVP_DigestUpdate(context_, key.data(), key.size()) == 1);
  CHECK(EVP_DigestUpdate(context_, value.data(), value.size()) == 1);
  CHECK(EVP_DigestFinal_ex(context_, out.data(), nullptr) == 1);
  return out;
}

void AuditChain::begin(std::string_view key, std::string_view value) {
  hour_ = key.substr(0, kHourOctets);
  last_ = hasher_.hash(key, value);
}

void AuditChain::keep_order(std::string& prefix) {
  if (prefix < hour_) {
    prefix = hour_;
  } else {
    hour_ = prefix;
  }
}

void AuditChain::add(std::string_view key, std::string& stored) {
  stored.append(reinterpret_cast<const char*>(last_.data()), last_.size());
  last_ = hasher_.hash(key, stored);
}

}  // namespace tact::gateway
