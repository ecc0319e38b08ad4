// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/streams.h"

#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
// Also the time that producers have to come back after a start, however long ago their last job
// was.
constexpr Mono kForgetEvery = std::chrono::hours(1);
constexpr uint8_t kMayForget = 1;

std::string encode(const Streams::Stream& stream) {
  Bytes out;
  RecordWriter w(out);
  w.integer(stream.last);
  w.integer(to_ms(stream.seen));
  w.integer(stream.may_forget ? kMayForget : uint8_t{0});
  return {out.begin(), out.end()};
}

Streams::Stream decode(std::string_view value) {
  RecordReader r({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
  Streams::Stream stream;
  stream.last = r.integer<uint64_t>();
  stream.seen = from_ms(r.integer<int64_t>());
  stream.may_forget = (r.integer<uint8_t>() & kMayForget) != 0;
  return stream;
}
}  // namespace

void Streams::start(StoreReader& reader) {
  const std::string prefix = stream_key(upstream_, "");
  reader.scan(Table::meta, prefix, prefix_end(prefix),
              [&](std::string_view key, std::string_view value) {
                streams_[std::string(key.substr(prefix.size()))] = decode(value);
                return true;
              });
  forget_at_ = context_.now.mono + kForgetEvery;
}

Streams::Stream* Streams::open(const proto::Hello& hello) {
  auto at = streams_.find(hello.stream());
  if (at == streams_.end()) {
    if (hello.pending()) return nullptr;
    at = streams_.emplace(hello.stream(), Stream{}).first;
  }
  Stream& stream = at->second;
  stream.dirty |= hello.has_pending() || stream.may_forget;
  stream.may_forget = hello.has_pending();
  return &stream;
}

void Streams::closed(Stream& stream) {
  stream.connection = {};
  stream.seen = context_.now.civil;
}

void Streams::turn() {
  for (auto& [name, stream] : streams_) {
    if (!stream.dirty) continue;
    stream.dirty = false;
    stream.seen = context_.now.civil;
    context_.out.put(Table::meta, stream_key(upstream_, name), encode(stream));
  }
  if (context_.now.mono >= forget_at_) forget();
}

// In a commit deletes win over puts: what this turn has stored was seen in it and stays.
void Streams::forget() {
  forget_at_ = context_.now.mono + kForgetEvery;
  const Civil horizon = context_.now.civil - context_.settings.idempotency_time;
  for (auto at = streams_.begin(); at != streams_.end();) {
    const auto& [name, stream] = *at;
    if (raw(stream.connection) != 0 || !stream.may_forget || stream.seen >= horizon) {
      ++at;
      continue;
    }
    context_.out.erase(Table::meta, stream_key(upstream_, name));
    at = streams_.erase(at);
  }
}

}  // namespace tact::gateway
