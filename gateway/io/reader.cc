// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/reader.h"

#include <rocksdb/db.h>

#include "gateway/engine/check.h"

namespace tact::gateway {

Reader::Reader(Rocks& rocks, Answer answer, Fatal fatal)
    : rocks_(rocks), answer_(std::move(answer)), fatal_(std::move(fatal)) {}

Reader::~Reader() { stop(); }

void Reader::start() {
  thread_ = std::thread([this] { work(); });
}

void Reader::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Reader::load(ShardId from, LoadRequest request) { push(Load{from, std::move(request)}); }
void Reader::run(std::function<void()> work) { push(std::move(work)); }

void Reader::push(Task task) {
  {
    std::lock_guard lock(mutex_);
    CHECK(!stopping_);
    inbox_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void Reader::work() {
  std::vector<Task> tasks;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !inbox_.empty(); });
      if (inbox_.empty()) return;
      tasks.swap(inbox_);
    }
    for (Task& task : tasks) {
      if (auto* load = std::get_if<Load>(&task)) {
        answer_(load->from, serve(load->request));
      } else {
        std::get<std::function<void()>>(task)();
      }
    }
    tasks.clear();
  }
}

Loaded Reader::serve(const LoadRequest& request) {
  Loaded loaded;
  loaded.id = request.id;
  const rocksdb::Slice upper(request.end);
  // The batch before `begin` must be of the same log: its key differs in the sequence only.
  const size_t log = request.begin.size() < 8 ? 0 : request.begin.size() - 8;
  const rocksdb::Slice lower(request.begin.data(), log);
  rocksdb::ReadOptions options;
  if (!request.end.empty()) options.iterate_upper_bound = &upper;
  if (request.from_before) options.iterate_lower_bound = &lower;
  options.fill_cache = false;  // a page is read once
  std::unique_ptr<rocksdb::Iterator> it(
      rocks_.db().NewIterator(options, rocks_.table(request.table)));
  if (request.from_before) it->SeekForPrev(request.begin);
  if (!request.from_before || (!it->Valid() && it->status().ok())) it->Seek(request.begin);

  size_t bytes = 0;
  for (; it->Valid(); it->Next()) {
    if (!loaded.records.empty() &&
        (bytes >= request.bytes_max || loaded.records.size() >= request.records_max)) {
      loaded.more = true;
      break;
    }
    bytes += it->key().size() + it->value().size();
    loaded.records.emplace_back(it->key().ToString(), it->value().ToString());
  }
  if (!it->status().ok()) fatal_("cannot read the store: " + it->status().ToString());
  return loaded;
}

}  // namespace tact::gateway
