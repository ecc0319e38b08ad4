// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "policy/rule_set.h"

namespace tact::bench {

// A bank with one brand under the data files that are shipped, and a lexicon of at least
// `terms_min` terms: what the shipped one lacks is made up of Han characters.
std::shared_ptr<const policy::RuleSet> rules(size_t terms_min);

// The n-th recipient: E.164 digits of a Chinese mobile number, and a hash as the gateway's keyed
// one would be.
std::string recipient(uint64_t n);
uint64_t number_hash(uint64_t n);

}  // namespace tact::bench
