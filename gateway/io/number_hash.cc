// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/number_hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace {

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// One per thread, keyed anew by each use; the key schedule of SipHash is four words.
EVP_MAC_CTX* thread_context(EVP_MAC* mac) {
  thread_local const std::unique_ptr<EVP_MAC_CTX, FreeContext> context = [mac] {
    std::unique_ptr<EVP_MAC_CTX, FreeContext> made(EVP_MAC_CTX_new(mac));
    CHECK(made != nullptr);
    size_t size = sizeof(NumberHash);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                     OSSL_PARAM_construct_end()};
    CHECK(EVP_MAC_CTX_set_params(made.get(), parameters));
    return made;
  }();
  return context.get();
}

}  // namespace

SipHasher::SipHasher(const Key& key)
    : key_(key), mac_(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_SIPHASH, nullptr)) {
  CHECK(mac_ != nullptr);
}

SipHasher::~SipHasher() {
  OPENSSL_cleanse(key_.data(), key_.size());
  EVP_MAC_free(mac_);
}

NumberHash SipHasher::hash(std::string_view e164) {
  EVP_MAC_CTX* context = thread_context(mac_);
  std::array<uint8_t, sizeof(NumberHash)> out{};
  size_t size = 0;
  CHECK(EVP_MAC_init(context, key_.data(), key_.size(), nullptr));
  CHECK(EVP_MAC_update(context, reinterpret_cast<const uint8_t*>(e164.data()), e164.size()));
  CHECK(EVP_MAC_final(context, out.data(), &size, out.size()));
  CHECK(size == out.size());
  NumberHash value = 0;
  for (size_t i = out.size(); i-- > 0;) value = value << 8 | out[i];
  return value;
}

std::string SipHasher::check_value() {
  const NumberHash value = hash("tact: check value of number_key");
  std::string octets;
  for (int shift = 0; shift < 64; shift += 8) octets += static_cast<char>(value >> shift);
  return octets;
}

}  // namespace tact::gateway
