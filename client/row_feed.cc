// SPDX-License-Identifier: Apache-2.0
#include "client/row_feed.h"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace tact::client {

struct RowFeed::State {
  // Constant after construction.
  std::shared_ptr<std::istream> input;
  std::function<void()> ready;

  // Guarded by mutex.
  std::mutex mutex;
  std::condition_variable room;
  boost::asio::io_context* io = nullptr;  // null: nobody listens any more
  std::deque<Row> rows;
  bool told = false;  // ready is on its way
  bool ended = false;

  // REQUIRES: mutex is held
  void tell(const std::shared_ptr<State>& self) {
    if (io == nullptr || std::exchange(told, true)) return;
    boost::asio::post(*io, [self] {
      {
        const std::lock_guard lock(self->mutex);
        self->told = false;
        if (self->io == nullptr) return;
      }
      self->ready();
    });
  }
};

RowFeed::RowFeed(boost::asio::io_context& io, std::shared_ptr<std::istream> input,
                 std::function<void()> ready)
    : state_(std::make_shared<State>()) {
  state_->input = std::move(input);
  state_->ready = std::move(ready);
  state_->io = &io;
  std::thread([state = state_] { read(state); }).detach();
}

RowFeed::~RowFeed() {
  const std::lock_guard lock(state_->mutex);
  state_->io = nullptr;
  state_->room.notify_one();
}

void RowFeed::read(const std::shared_ptr<State>& state) {
  MessageReader reader(*state->input);
  for (;;) {
    std::optional<Row> row = reader.next();
    std::unique_lock lock(state->mutex);
    state->room.wait(lock, [&] { return state->rows.size() < kRowsMax || state->io == nullptr; });
    if (state->io == nullptr) return;
    if (row) {
      state->rows.push_back(std::move(*row));
    } else {
      state->ended = true;
    }
    state->tell(state);
    if (!row) return;
  }
}

std::optional<Row> RowFeed::take() {
  const std::lock_guard lock(state_->mutex);
  if (state_->rows.empty()) return std::nullopt;
  std::optional<Row> row = std::move(state_->rows.front());
  state_->rows.pop_front();
  state_->room.notify_one();
  return row;
}

bool RowFeed::ended() const {
  const std::lock_guard lock(state_->mutex);
  return state_->ended && state_->rows.empty();
}

}  // namespace tact::client
