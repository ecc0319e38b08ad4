// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/sealer.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <memory>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// One per thread, keyed anew by each use.
EVP_CIPHER_CTX* thread_context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  CHECK(context != nullptr);
  return context.get();
}

}  // namespace

GcmSealer::GcmSealer(std::vector<DataKey> keys, uint16_t current)
    : current_(current), cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)) {
  CHECK(cipher_ != nullptr);
  for (DataKey& key : keys) {
    CHECK(key.id != 0);
    keys_[key.id] = key.secret;
    OPENSSL_cleanse(key.secret.data(), key.secret.size());
  }
  CHECK(keys_.contains(current_));
  uint64_t start = 0;
  CHECK(RAND_bytes(prefix_.data(), static_cast<int>(prefix_.size())) == 1);
  CHECK(RAND_bytes(reinterpret_cast<uint8_t*>(&start), sizeof(start)) == 1);
  counter_.store(start);
}

GcmSealer::~GcmSealer() {
  for (auto& [id, secret] : keys_) OPENSSL_cleanse(secret.data(), secret.size());
  EVP_CIPHER_free(cipher_);
}

uint16_t GcmSealer::seal(std::span<uint8_t> body, std::span<uint8_t, 12> nonce,
                         std::span<uint8_t, 16> tag) {
  CHECK(body.size() <= INT_MAX);
  const uint64_t n = counter_.fetch_add(1, std::memory_order_relaxed);
  std::copy(prefix_.begin(), prefix_.end(), nonce.begin());
  std::memcpy(nonce.data() + prefix_.size(), &n, sizeof(n));
  EVP_CIPHER_CTX* context = thread_context();
  int length = 0;
  CHECK(EVP_EncryptInit_ex2(context, cipher_, keys_.at(current_).data(), nonce.data(), nullptr));
  CHECK(
      EVP_EncryptUpdate(context, body.data(), &length, body.data(), static_cast<int>(body.size())));
  CHECK(EVP_EncryptFinal_ex(context, body.data() + length, &length));
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                            tag.data()));
  return current_;
}

bool GcmSealer::open(uint16_t key_id, std::span<uint8_t> body, std::span<const uint8_t, 12> nonce,
                     std::span<const uint8_t, 16> tag) {
  if (key_id == 0) return true;
  const auto key = keys_.find(key_id);
  if (key == keys_.end() || body.size() > INT_MAX) return false;
  std::array<uint8_t, 16> expected;
  std::copy(tag.begin(), tag.end(), expected.begin());
  EVP_CIPHER_CTX* context = thread_context();
  int length = 0;
  return EVP_DecryptInit_ex2(context, cipher_, key->second.data(), nonce.data(), nullptr) == 1 &&
         EVP_DecryptUpdate(context, body.data(), &length, body.data(),
                           static_cast<int>(body.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                             expected.data()) == 1 &&
         EVP_DecryptFinal_ex(context, body.data() + length, &length) == 1;
}

uint16_t PlainSealer::seal(std::span<uint8_t>, std::span<uint8_t, 12> nonce,
                           std::span<uint8_t, 16> tag) {
  std::ranges::fill(nonce, uint8_t{0});
  std::ranges::fill(tag, uint8_t{0});
  return 0;
}

bool PlainSealer::open(uint16_t key_id, std::span<uint8_t>, std::span<const uint8_t, 12>,
                       std::span<const uint8_t, 16>) {
  return key_id == 0;
}

}  // namespace tact::gateway
