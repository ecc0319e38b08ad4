// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policy/rule_set.h"

namespace tact::bench {

// The shipped lexicon, and made-up terms of Han characters up to `terms_min`.
std::vector<policy::LexiconRow> lexicon(size_t terms_min);

// A bank with one brand under the data files that are shipped and such a lexicon.
std::shared_ptr<const policy::RuleSet> rules(size_t terms_min, std::string signature = "XX银行");

// The n-th recipient: E.164 digits of a Chinese mobile number, and a hash as the gateway's keyed
// one would be.
std::string recipient(uint64_t n);
uint64_t number_hash(uint64_t n);

}  // namespace tact::bench
