// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tact::bench {

// Something that happens to every message, by itself: timed by micro_bench, its instructions
// counted by micro_paths. The same run after run: no clock, no I/O, chance from a fixed seed.
struct Path {
  using Step = std::function<bool()>;  // false: it did not do what it should

  std::string name;
  int items = 1;               // messages, PDUs or replies of one step
  std::function<Step()> make;  // sets everything up
};

std::vector<Path> all_paths();

std::vector<Path> codec_paths();
// What they encode and decode, for who stands beside: submit_sm, submit_sm_resp, a receipt.
std::vector<std::vector<uint8_t>> sample_pdus();
std::vector<Path> text_paths();
std::vector<Path> gate_paths();
std::vector<Path> batch_paths();
std::vector<Path> queue_paths();

}  // namespace tact::bench
