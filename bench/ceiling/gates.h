// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hs/hs.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "bench/micro/rules.h"
#include "policy/contact.h"
#include "policy/gate.h"
#include "policy/suppression.h"
#include "smpp/segment.h"

namespace tact::bench {

struct Message {
  uint64_t id = 0;
  std::string reference;  // the producer's
  std::string key;        // idempotency_key
  std::string to;         // digits
  std::string text;
  policy::NumberHash number = 0;
  policy::Class cls{};
  bool consent = false;
  uint16_t brand = 0;
  policy::KeywordMask advertised = 0;
  policy::Instant accepted{};
};

class Gate {
 public:
  virtual ~Gate() = default;
  // May change the text, and counts the message. False: not to be sent.
  virtual bool admit(Message&, policy::Instant now) = 0;
  // The last look. False: not to be sent any more.
  virtual bool release(const Message&, policy::Instant now) = 0;
};

// Numbers that are blocked, messages of a number, keys, a thousand forbidden terms: the least that
// anybody would call a gate.
class BareGate final : public Gate {
 public:
  BareGate() {
    std::vector<const char*> texts;
    std::vector<size_t> sizes;
    const auto rows = lexicon(1'000);
    for (const auto& row : rows) {
      texts.push_back(row.term.data());
      sizes.push_back(row.term.size());
    }
    const std::vector<unsigned> flags(rows.size(), HS_FLAG_SINGLEMATCH), ids(rows.size());
    hs_compile_error_t* error = nullptr;
    if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(),
                             static_cast<unsigned>(rows.size()), HS_MODE_BLOCK, nullptr, &terms_,
                             &error) != HS_SUCCESS ||
        hs_alloc_scratch(terms_, &scratch_) != HS_SUCCESS) {
      throw std::runtime_error("the terms cannot be compiled");
    }
  }

  bool admit(Message& m, policy::Instant now) override {
    m.brand = 1;
    if (!m.key.empty() && !keys_.insert(std::move(m.key)).second) return false;
    if (!release(m, now) || ++counts_[m.number] > kMessagesOfANumber) return false;
    bool found = false;
    const auto on_match = [](unsigned, unsigned long long, unsigned long long, unsigned,
                             void* it) -> int { return *static_cast<bool*>(it) = true; };
    hs_scan(terms_, m.text.data(), static_cast<unsigned>(m.text.size()), 0, scratch_, on_match,
            &found);
    return !found;
  }
  bool release(const Message& m, policy::Instant now) override {
    return blocked_.blocks(m.brand, m.number, m.cls, now) == 0;
  }

 private:
  static constexpr uint32_t kMessagesOfANumber = 50;

  hs_database_t* terms_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
  policy::Suppression blocked_;
  boost::unordered_flat_map<policy::NumberHash, uint32_t> counts_;
  boost::unordered_flat_set<std::string> keys_;
};

// All rules of policy/, under bench/gateway.yaml.in's configuration, and the contacts they count.
class FullGate final : public Gate {
 public:
  bool admit(Message& m, policy::Instant now) override {
    auto verdict = gate_.admit(submission(m, now), book_.find(m.number), suppression_);
    if (verdict.action >= policy::Action::defer) return false;
    m.brand = verdict.brand;
    m.advertised = verdict.advertised;
    if (verdict.action == policy::Action::rewrite) m.text = std::move(verdict.text);
    book_.reserve(m.number, m.id, m.brand, m.cls, now, now);
    return true;
  }
  bool release(const Message& m, policy::Instant now) override {
    const auto verdict = gate_.release(submission(m, now), suppression_);
    if (verdict.action >= policy::Action::defer) return false;
    book_.settle(m.number, m.id, m.brand, m.cls, m.advertised, now, now);
    return true;
  }

 private:
  static policy::Submission submission(const Message& m, policy::Instant now) {
    return {.account = 1,
            .brand = m.brand,
            .cls = m.cls,
            .to = m.to,
            .text = m.text,
            .number = m.number,
            .id = m.id,
            .consent = m.consent,
            .expires_at = m.accepted + std::chrono::hours(24),
            .accepted = m.accepted,
            .now = now};
  }
  static int segments(std::string_view text, const policy::Submission&, const policy::Verdict&) {
    return smpp::plan(text, smpp::Concat::udh16).parts;
  }

  policy::Gate gate_{rules(0, "测试"), &segments};
  policy::ContactBook book_{1};
  policy::Suppression suppression_;
};

}  // namespace tact::bench
