// SPDX-License-Identifier: Apache-2.0
#include "bench/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace tact::bench {
namespace {

uint64_t exact_quantile(std::vector<uint64_t> values, double q) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

TEST(Histogram, NothingRecordedIsZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.99), 0u);
  EXPECT_EQ(histogram.max(), 0u);
}

TEST(Histogram, SmallAndExtremeValuesAreExactAtTheTop) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{127}, uint64_t{128},
                               uint64_t{255}, uint64_t{256}, UINT64_MAX}) {
    Histogram histogram;
    histogram.record(value);
    EXPECT_EQ(histogram.quantile(1), value);
  }
}

TEST(Histogram, QuantilesAreAtMostOnePartIn128AboveTheExactOnes) {
  std::mt19937_64 random(7);
  // From nanoseconds to hours, with a heavy tail.
  std::uniform_real_distribution<double> exponent(0, 43);
  std::vector<uint64_t> values;
  Histogram histogram;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(static_cast<uint64_t>(std::exp2(exponent(random))));
    histogram.record(values.back());
  }
  for (const double q : {0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.99999, 1.0}) {
    const uint64_t exact = exact_quantile(values, q);
    const uint64_t told = histogram.quantile(q);
    EXPECT_GE(told, exact) << q;
    EXPECT_LE(static_cast<double>(told), static_cast<double>(exact) * (1 + 1.0 / 128)) << q;
  }
  EXPECT_EQ(histogram.max(), *std::max_element(values.begin(), values.end()));
}

TEST(Histogram, SumOfTwoIsAsIfAllHadBeenRecordedInOne) {
  Histogram low, high, both;
  for (uint64_t value = 0; value < 1000; ++value) {
    (value < 300 ? low : high).record(value * value);
    both.record(value * value);
  }
  low.add(high);
  EXPECT_EQ(low.count(), both.count());
  EXPECT_EQ(low.max(), both.max());
  for (const double q : {0.0, 0.2, 0.5, 0.99, 1.0}) EXPECT_EQ(low.quantile(q), both.quantile(q));
}

TEST(Histogram, ClearedKnowsNothing) {
  Histogram histogram;
  histogram.record(1'000'000);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  histogram.record(3);
  EXPECT_EQ(histogram.quantile(1), 3u);
}

}  // namespace
}  // namespace tact::bench
