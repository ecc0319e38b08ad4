// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tact::bench {

// Who gets how many of the messages.
struct RecipientMix {
  enum Kind : uint8_t {
    kEach,    // `messages_each` in a row to each person; 1: nobody twice
    kPeople,  // one of `people`, evenly
    kZipf,    // one of `people`, the k-th with a probability in proportion to k ^ -exponent
  };
  Kind kind = kEach;
  uint64_t messages_each = 1;
  uint64_t people = 0;
  double exponent = 0;
};

// "unique", "each:N", "people:N" or "zipf:EXPONENT:N". Empty, or what is wrong.
std::string read_recipients(std::string_view text, RecipientMix& mix);

// Numbers of China by person, each determined by the seed: up to a thousand million, none twice.
class Recipients {
 public:
  Recipients(uint64_t seed, const RecipientMix& mix);

  uint64_t person_of(uint64_t index) const;                    // of the index-th message
  void append_number(uint64_t person, std::string& to) const;  // as +86...

 private:
  uint64_t zipf(uint64_t index) const;
  double integral(double x) const;  // of x ^ -exponent
  double integral_inverse(double y) const;

  const uint64_t seed_;
  const RecipientMix mix_;
  uint64_t factor_ = 0;  // of the permutation of numbers
  uint64_t offset_ = 0;
};

}  // namespace tact::bench
