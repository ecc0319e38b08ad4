// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/contact.h"
#include "policy/gate.h"
#include "policy/suppression.h"

namespace tact::bench {

// Who has had a message lately and who has opted out. The people of both are different ones.
struct People {
  People(uint64_t contacts, uint64_t opted_out);

  uint64_t contacts;
  policy::ContactBook book;
  policy::Suppression suppression;
};

// A message of 60 Chinese characters from its judging to its sending, as the gate and its books see
// it: admission, reservation, last look, settlement; then its slot is taken out again, so that
// every message finds the book alike. Its recipient is drawn from the contacts, evenly.
class GatePath {
 public:
  // marketing or notification; `people` is kept by reference.
  GatePath(policy::Class, People& people);

  // One message. False: the gate refused or deferred what it should let pass.
  bool step();

 private:
  People& people_;
  policy::Gate gate_;
  policy::Submission message_;
  std::vector<std::string> numbers_;
  uint64_t draw_ = 1;
  uint64_t id_ = 1ull << 32;
};

}  // namespace tact::bench
