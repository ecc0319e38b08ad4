// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "bench/micro/messages.h"
#include "bench/micro/paths.h"
#include "gateway/io/sealer.h"

namespace tact::bench {
namespace {

using namespace gateway;

std::shared_ptr<Sealer> sealer() {
  return std::make_shared<GcmSealer>(std::vector<DataKey>{{.id = 1, .secret = {}}}, 1);
}

ByteView view(const std::string& stored) {
  return {reinterpret_cast<const uint8_t*>(stored.data()), stored.size()};
}

Path::Step build() {
  return [messages = messages(kBatch)] {
    BatchBuilder builder;
    for (const Message& message : messages) builder.add(message);
    return builder.take(kClass)->size() == kBatch;
  };
}

Path::Step seal() {
  return [batch = batch(), sealer = sealer()] {
    return !seal_batch(raw(kClass), kBatch, batch->body(), *sealer).empty();
  };
}

Path::Step open() {
  auto keys = sealer();
  return [stored = seal_batch(raw(kClass), kBatch, batch()->body(), *keys), keys] {
    return open_batch(view(stored), *keys).has_value();
  };
}

Path::Step parse() {
  const BatchPtr made = batch();
  return [body = Bytes(made->body().begin(), made->body().end())] {
    return Batch::parse(kClass, kBatch, body) != nullptr;
  };
}

Path::Step read() {
  return [batch = batch()] {
    size_t octets = 0;
    for (size_t i = 0; i < batch->size(); ++i) octets += batch->message(i).text.size();
    return octets > 0;
  };
}

}  // namespace

std::vector<Path> batch_paths() {
  return {{"batch-build", kBatch, &build},
          {"batch-seal", kBatch, &seal},
          {"batch-open", kBatch, &open},
          {"batch-parse", kBatch, &parse},
          {"batch-read", kBatch, &read}};
}

}  // namespace tact::bench
