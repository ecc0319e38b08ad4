// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/messages.h"

#include <deque>

#include "bench/micro/rules.h"
#include "bench/micro/samples.h"

namespace tact::bench {

using namespace gateway;

std::vector<Message> messages(size_t count) {
  static std::deque<std::string> numbers, references;
  while (numbers.size() < count) {
    references.push_back("order-2026-03-18-" + std::to_string(1'000'000 + numbers.size()));
    numbers.push_back(recipient(numbers.size()));
  }
  std::vector<Message> made(count);
  for (size_t n = 0; n < count; ++n) {
    Message& m = made[n];
    m.id = MessageId{(1ull << 32) + n};
    m.accepted = from_ms(1'773'800'100'000);
    m.expires = from_ms(1'773'886'500'000);
    m.number = number_hash(n);
    m.route = RouteId{1};
    m.tenant = TenantId{1};
    m.account = AccountId{1};
    m.brand = BrandId{1};
    m.upstream = UpstreamId{1};
    m.cls = kClass;
    m.from = "1069000055";
    m.to = numbers[n];
    m.text = kNoticeText;
    m.reference = references[n];
  }
  return made;
}

BatchPtr batch() {
  BatchBuilder builder;
  for (const Message& message : messages(kBatch)) builder.add(message);
  return builder.take(kClass);
}

}  // namespace tact::bench
