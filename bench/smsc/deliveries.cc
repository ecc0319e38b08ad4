// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/deliveries.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tact::bench {
namespace {

constexpr uint8_t kAttemptsMax = 20;

}  // namespace

uint32_t Deliveries::account(std::string_view system_id) {
  const auto found =
      std::find_if(accounts_.begin(), accounts_.end(),
                   [system_id](const Account& account) { return account.system_id == system_id; });
  if (found == accounts_.end()) {
    accounts_.emplace_back().system_id = system_id;
    return static_cast<uint32_t>(accounts_.size() - 1);
  }
  return static_cast<uint32_t>(found - accounts_.begin());
}

void Deliveries::add_receiver(uint32_t index, Receiver& receiver, smpp::Mono now) {
  Account& account = accounts_[index];
  account.receivers.push_back(&receiver);
  std::move(account.parked.begin(), account.parked.end(), std::back_inserter(account.waiting));
  statistics_.waiting += account.parked.size();
  account.parked.clear();
  pump(index, now);
}

void Deliveries::remove_receiver(uint32_t index, Receiver& receiver) {
  std::erase(accounts_[index].receivers, &receiver);
}

void Deliveries::add(Delivery delivery, smpp::Mono now) {
  const uint32_t account = delivery.account;
  accounts_[account].waiting.push_back(std::move(delivery));
  ++statistics_.waiting;
  pump(account, now);
}

void Deliveries::pump(uint32_t index, smpp::Mono now) {
  Account& account = accounts_[index];
  std::size_t full = 0;  // receivers in a row without room
  while (!account.waiting.empty() && full < account.receivers.size()) {
    if (free_.empty()) {
      free_.push_back(outstanding_.size());
      outstanding_.emplace_back();
    }
    const uint64_t cookie = free_.back();
    Receiver& receiver = *account.receivers[account.turn++ % account.receivers.size()];
    Delivery& delivery = account.waiting.front();
    if (!receiver.deliver(delivery, cookie, now)) {
      ++full;
      continue;
    }
    full = 0;
    free_.pop_back();
    ++counts(delivery).sent;
    if (delivery.attempts++ > 0) ++counts(delivery).redelivered;
    outstanding_[cookie] = std::move(delivery);
    account.waiting.pop_front();
    --statistics_.waiting;
  }
}

Delivery Deliveries::take_outstanding(uint64_t cookie) {
  free_.push_back(cookie);
  return std::move(outstanding_[cookie]);
}

void Deliveries::on_answer(uint64_t cookie, smpp::Status status, smpp::Mono now) {
  Delivery delivery = take_outstanding(cookie);
  if (status == smpp::Status::ESME_ROK) {
    ++counts(delivery).answered;
    if (delivery.reply && delivery.reply->optout) {
      statistics_.optouts.try_emplace(std::string(delivery.handset.view()),
                                      OptOut{.answered = now});
    }
    return;
  }
  ++counts(delivery).refused;
  using enum smpp::StatusClass;
  const smpp::StatusClass kind = smpp::classify(status);
  const bool temporary = kind != permanent && kind != permanent_destination && kind != bind;
  if (temporary && worth_another(delivery)) {
    const uint32_t account = delivery.account;
    accounts_[account].refused.push_back(std::move(delivery));
  }
}

void Deliveries::retry_refused(smpp::Mono now) {
  for (uint32_t index = 0; index < accounts_.size(); ++index) {
    Account& account = accounts_[index];
    statistics_.waiting += account.refused.size();
    std::move(account.refused.begin(), account.refused.end(), std::back_inserter(account.waiting));
    account.refused.clear();
    pump(index, now);
  }
}

void Deliveries::on_silence(uint64_t cookie, bool lost) {
  Delivery delivery = take_outstanding(cookie);
  ++counts(delivery).timed_out;
  if (!worth_another(delivery)) return;
  Account& account = accounts_[delivery.account];
  if (lost) {
    account.waiting.push_back(std::move(delivery));
    ++statistics_.waiting;
  } else {
    account.parked.push_back(std::move(delivery));
  }
}

bool Deliveries::worth_another(Delivery& delivery) {
  if (delivery.attempts < kAttemptsMax) return true;
  ++counts(delivery).given_up;
  return false;
}

}  // namespace tact::bench
