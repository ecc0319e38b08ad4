// SPDX-License-Identifier: Apache-2.0
#include "bench/load/plan.h"

#include <array>

namespace tact::bench {
namespace {

using Text = std::string_view;
using std::chrono::microseconds;

template <uint32_t kMax, auto kMember>
std::string bounded(Plan& plan, Text text) {
  uint32_t value = 0;
  if (!read_number(text, value).empty() || value < 1 || value > kMax) {
    return "expected 1.." + std::to_string(kMax);
  }
  plan.load.*kMember = value;
  return {};
}

template <auto kMember, auto kRead>
std::string workload(Plan& plan, Text text) {
  return kRead(text, plan.workload.*kMember);
}

std::string add_phase(Plan& plan, Text text) {
  Phase phase;
  std::string error = read_phase(text, phase);
  if (error.empty()) plan.load.phases.push_back(phase);
  return error;
}

// "0.1:2s..30s"
std::string read_later(Plan& plan, Text text) {
  WorkloadOptions& options = plan.workload;
  double share = 0;
  microseconds min{0}, max{0};
  std::string error = read_share(take_before(text, ':'), share);
  const std::size_t dots = text.find("..");
  if (error.empty()) error = read_duration(text.substr(0, dots), min);
  max = min;
  if (error.empty() && dots != Text::npos) error = read_duration(text.substr(dots + 2), max);
  if (error.empty() && max < min) error = "the range ends before it begins";
  if (!error.empty()) return error;
  options.later = share;
  options.later_min = min;
  options.later_max = max;
  return {};
}

std::string add_upstream(Plan& plan, Text text) {
  const Text name = take_before(text, ':');
  if (name.empty() || text.empty()) return "expected NAME:TOKEN_FILE";
  plan.more_upstreams.push_back({std::string(name), std::string(text)});
  return {};
}

std::string set_signature(Plan& plan, Text text) {
  plan.workload.signature = text;
  return {};
}

std::string set_settle(Plan& plan, Text text) {
  microseconds settle{0};
  std::string error = read_duration(text, settle);
  if (error.empty()) plan.load.settle = std::chrono::floor<std::chrono::milliseconds>(settle);
  return error;
}

constexpr std::array kSettings = std::to_array<SettingOf<Plan>>({
    {"rate", "N|A..B|max", "messages a second, or max: as fast as jobs are acknowledged",
     [](Plan& plan, Text text) { return read_rate(text, plan.steady); }},
    {"duration", "TIME", "how long to send",
     [](Plan& plan, Text text) { return read_duration(text, plan.steady.duration); }},
    {"phase", "TIME RATE", "instead of these two: a part of the run; one after the other",
     add_phase},
    {"messages", "N", "the sending ends with so many, however long it takes",
     [](Plan& plan, Text text) { return read_number(text, plan.load.messages); }},
    {"class", "CLASS=SHARE,...", "or CLASS, which is all",
     workload<&WorkloadOptions::classes, read_classes>},
    {"recipients", "FORM", "unique, each:N messages in a row, people:N, zipf:EXPONENT:N",
     workload<&WorkloadOptions::recipients, read_recipients>},
    {"text", "ALPHABET:N=SHARE,...", "of N characters: chinese, latin, emoji",
     workload<&WorkloadOptions::texts, read_texts>},
    {"later", "SHARE:MIN..MAX", "a share is not to be sent before so long after its submission",
     read_later},
    {"night", "SHARE", "a share goes to where it is night: the gate defers what has to wait",
     workload<&WorkloadOptions::night, read_share>},
    {"opt-out", "SHARE", "a share of the texts has a mark for the simulator to opt out by",
     workload<&WorkloadOptions::opt_out, read_share>},
    {"signature", "TEXT", "of the texts, without its brackets", set_signature},
    {"seed", "N", "of all chance",
     [](Plan& plan, Text text) { return read_number(text, plan.workload.seed); }},
    {"also-upstream", "NAME:TOKEN_FILE", "beside --upstream; they take turns", add_upstream},
    {"streams", "N", "connections of each upstream that push jobs",
     bounded<255, &LoadOptions::streams>},
    {"batch", "N", "messages of a job", bounded<1024, &LoadOptions::batch>},
    {"outstanding", "N", "jobs not acknowledged, at most",
     bounded<100'000, &LoadOptions::outstanding_max>},
    {"in-flight", "N", "messages sent whose last event has not come, at most",
     bounded<kNoBound, &LoadOptions::in_flight_max>},
    {"queued", "N", "messages sent that the carrier has not taken yet, at most",
     bounded<kNoBound, &LoadOptions::queued_max>},
    {"settle", "TIME", "give up after so long without any progress", set_settle},
});

}  // namespace

std::span<const SettingOf<Plan>> plan_settings() { return kSettings; }

}  // namespace tact::bench
