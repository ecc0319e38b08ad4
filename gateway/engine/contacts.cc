// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/contacts.h"

#include <algorithm>

#include "gateway/engine/check.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
// A part is written after so many changes, or a share of the book: all of it is written once while
// as many changes are logged as it has numbers, so that a start replays no more than these.
constexpr uint64_t kChangesMin = 4'096;
constexpr uint64_t kShare = policy::ContactBook::kParts;
constexpr size_t kReplayedAtOnce = 1u << 18;

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }
}  // namespace

void Contacts::start(StoreReader& reader) {
  const std::string first = contact_part_key(tenant_, 0);
  reader.scan(Table::contacts, first, contact_part_key(tenant_, policy::ContactBook::kParts),
              [&](std::string_view key, std::string_view value) {
                const size_t part = key_u16(key, 3);
                RecordReader r(view(value));
                written_ms_.at(part) = r.integer<uint64_t>();
                CHECK(r.ok() && book_.restore(part, value.substr(8)));
                return true;
              });
  const uint64_t from = *std::min_element(written_ms_.begin(), written_ms_.end());
  std::vector<policy::ContactChange> changes;
  const auto replay = [&] {
    book_.apply(std::span<const policy::ContactChange>(changes));
    changes.clear();
  };
  reader.scan(Table::contacts, contact_log_prefix(tenant_, from),
              prefix_end(contact_log_prefix(tenant_, 0).substr(0, 3)),
              [&](std::string_view, std::string_view value) {
                const auto batch = open_batch(view(value), context_.sealer);
                CHECK(batch);
                std::string_view body(reinterpret_cast<const char*>(batch->body.data()),
                                      batch->body.size());
                for (size_t i = 0; i < batch->count; ++i) {
                  const auto change = policy::ContactChange::read(body);
                  CHECK(change);
                  changes.push_back(*change);
                }
                if (changes.size() >= kReplayedAtOnce) replay();
                return true;
              });
  replay();
}

void Contacts::reserve(const Message& m, Civil planned, policy::Likeness like) {
  log(book_.reserve(m.number, raw(m.id), raw(m.brand), m.cls, planned, context_.now.civil, like));
}

void Contacts::settle(NumberHash number, MessageId id, BrandId brand, Class cls, uint8_t advertised,
                      Civil at) {
  log(book_.settle(number, raw(id), raw(brand), cls, advertised, at, context_.now.civil));
}

void Contacts::release(NumberHash number, MessageId id) {
  log(book_.release(number, raw(id), context_.now.civil));
}

void Contacts::answer(NumberHash number, BrandId brand) {
  log(book_.answer(number, raw(brand), context_.now.civil));
}

void Contacts::log(const policy::ContactChange& change) {
  context_.out.contact(tenant_, change, context_.now.civil);
  ++changes_;
}

void Contacts::turn() {
  if (changes_ < std::max<uint64_t>(kChangesMin, book_.size() / kShare)) return;
  changes_ = 0;
  const auto ms = static_cast<uint64_t>(to_ms(context_.now.civil));
  Bytes header;
  RecordWriter(header).integer(ms);
  std::string value(header.begin(), header.end());
  book_.snapshot(next_part_, context_.now.civil, value);
  context_.out.put(Table::contacts, contact_part_key(tenant_, static_cast<uint16_t>(next_part_)),
                   std::move(value));
  const uint64_t before = *std::min_element(written_ms_.begin(), written_ms_.end());
  written_ms_[next_part_] = ms;
  next_part_ = (next_part_ + 1) % written_ms_.size();
  // Once around: the log below the oldest part is in no start's way any more.
  const uint64_t floor = *std::min_element(written_ms_.begin(), written_ms_.end());
  if (next_part_ == 0 && floor > before) {
    context_.out.erase_range(Table::contacts, contact_log_prefix(tenant_, 0),
                             contact_log_prefix(tenant_, floor));
  }
}

}  // namespace tact::gateway
