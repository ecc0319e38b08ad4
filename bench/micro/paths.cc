// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/paths.h"

namespace tact::bench {

std::vector<Path> all_paths() {
  std::vector<Path> all;
  for (const auto& part :
       {codec_paths(), text_paths(), gate_paths(), batch_paths(), queue_paths()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace tact::bench
