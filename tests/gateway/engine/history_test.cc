// SPDX-License-Identifier: Apache-2.0
// The audit read backwards, against a naive model of it.
#include "gateway/engine/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "gateway/engine/keys.h"

namespace tact::gateway {
namespace {

using Place = History::Place;
using namespace std::chrono_literals;

constexpr uint32_t kHour = 500'000;
Civil at(uint32_t hour) { return from_ms(int64_t{hour} * 3'600'000 + 1'800'000); }

std::string key_of(const Place& place) {
  std::string key = audit_prefix(place.hour);
  for (int shift = 56; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(place.seq >> shift));
  }
  return key;
}

// What is stored: places and how many octets lie there.
struct Audit {
  std::map<std::string, size_t> records;

  void add(const Place& place, size_t octets) { records[key_of(place)] = octets; }

  // As the store serves it (gateway/io/rocks.cc).
  Loaded load(const LoadRequest& request) const {
    Loaded loaded;
    auto it = records.lower_bound(request.begin);
    if (request.from_before) {
      auto before = records.upper_bound(request.begin);
      if (before != records.begin() && std::prev(before)->first >= request.floor) {
        it = std::prev(before);
      }
    }
    size_t octets = 0;
    for (; it != records.end() && it->first < request.end; ++it) {
      if (!loaded.records.empty() &&
          (octets >= request.bytes_max || loaded.records.size() >= request.records_max)) {
        loaded.more = true;
        break;
      }
      octets += it->first.size() + it->second;
      loaded.records.emplace_back(it->first, std::string(it->second, 'x'));
    }
    return loaded;
  }
};

struct Reading {
  std::vector<Place> seen;  // in the order of loads, each load from its newest on
  size_t loads = 0, pages = 0, most_octets = 0;
};

// Reads one page; adds what it saw.
void read_page(const Audit& audit, History& history, Reading& reading) {
  ++reading.pages;
  while (const auto request = history.next()) {
    const Loaded loaded = audit.load(*request);
    size_t octets = 0;
    for (const auto& record : loaded.records) octets += record.second.size();
    reading.most_octets = std::max(reading.most_octets, octets);
    ++reading.loads;
    std::vector<Place> now;
    history.loaded(loaded, [&](Place place, std::string_view) { now.push_back(place); });
    ASSERT_TRUE(std::is_sorted(now.begin(), now.end()));
    reading.seen.insert(reading.seen.end(), now.rbegin(), now.rend());
    ASSERT_LT(reading.loads, 200'000u) << "it does not end";
  }
}

// All pages from `now` back to `since`.
Reading read_all(const Audit& audit, Civil now, Civil since) {
  Reading reading;
  std::optional<Place> before;
  for (bool complete = false; !complete && reading.pages < 1'000;) {
    History history(now, since, before);
    read_page(audit, history, reading);
    complete = history.complete();
    before = history.place();
  }
  EXPECT_LT(reading.pages, 1'000u);
  return reading;
}

std::vector<Place> newest_first(const Audit& audit, uint32_t from_hour) {
  std::vector<Place> places;
  for (const auto& [key, octets] : audit.records) {
    if (key_u32(key, 0) >= from_hour) places.push_back({key_u32(key, 0), key_u64(key, 4)});
  }
  std::reverse(places.begin(), places.end());
  return places;
}

TEST(History, EmptyHoursCostNothing) {
  Audit audit;
  const Reading nothing = read_all(audit, at(kHour), from_ms(0));
  EXPECT_TRUE(nothing.seen.empty());
  EXPECT_EQ(nothing.loads, 1u);
  audit.add({kHour - 100'000, 7}, 100);
  const Reading one = read_all(audit, at(kHour), from_ms(0));
  EXPECT_EQ(one.seen.size(), 1u);
  EXPECT_LE(one.loads, 4u);
}

TEST(History, EachRecordIsSeenOnceNewestFirst) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    Audit audit;
    uint64_t seq = random() % 1'000;
    for (uint32_t hour = kHour - 5; hour <= kHour; ++hour) {
      if (random() % 4 == 0) continue;
      // Dense and sparse stretches, small and large batches.
      const uint64_t gap = uint64_t{1} << random() % 20;
      const size_t octets = size_t{1} << random() % 18;
      for (uint64_t n = random() % 3'000 / (octets >> 10 | 1); n > 0; --n) {
        audit.add({hour, seq += 1 + random() % gap}, 1 + random() % octets);
      }
    }
    const uint32_t oldest = kHour - static_cast<uint32_t>(random() % 6);
    const Reading reading = read_all(audit, at(kHour), at(oldest));
    EXPECT_EQ(reading.seen, newest_first(audit, oldest)) << "seed " << seed;
  }
}

TEST(History, APageEndsAndTheNextOneGoesOn) {
  Audit audit;
  constexpr size_t kOctets = 200'000;
  for (uint64_t i = 0; i < 1'000; ++i) audit.add({kHour, 7 * i}, kOctets);
  const Reading reading = read_all(audit, at(kHour), at(kHour));
  EXPECT_EQ(reading.seen, newest_first(audit, kHour));
  EXPECT_GE(reading.pages, 1'000 * kOctets / History::kBytesMax);
  EXPECT_LE(reading.most_octets, (1u << 20) + kOctets);
}

TEST(History, ADenseStretchBehindASparseOneIsReadInHalves) {
  Audit audit;
  for (uint64_t i = 0; i < 4'000; ++i) audit.add({kHour, 1'000'000 + i}, 2'000);
  for (uint64_t i = 0; i < 2'000; ++i) audit.add({kHour, 100'000'000 + 100'000 * i}, 100);
  const Reading reading = read_all(audit, at(kHour), at(kHour));
  EXPECT_EQ(reading.seen, newest_first(audit, kHour));
  EXPECT_LE(reading.most_octets, (1u << 20) + 2'000);
}

TEST(History, WhereItEndsIsToldExactly) {
  Audit audit;
  for (uint64_t i = 0; i < 10; ++i) audit.add({kHour - 1, i}, 100);
  History history(at(kHour), at(kHour - 2), std::nullopt);
  Reading reading;
  read_page(audit, history, reading);
  EXPECT_TRUE(history.complete());
  EXPECT_EQ(history.from(), from_ms(int64_t{kHour - 2} * 3'600'000));
  // Whoever asks for a time that was read before gets nothing twice.
  History older(at(kHour), at(kHour), Place{kHour - 1, 5});
  EXPECT_TRUE(older.complete());
  EXPECT_FALSE(older.next());
}

TEST(History, ACursorFromNowhereIsHarmless) {
  Audit audit;
  for (uint64_t i = 0; i < 10; ++i) audit.add({kHour - 1, 10 * i}, 100);
  for (const Place cursor : {Place{kHour + 9, 3}, Place{kHour, 12}, Place{kHour - 1, 45},
                             Place{kHour - 1, 0}, Place{0, 0}}) {
    History history(at(kHour), at(kHour - 1), cursor);
    Reading reading;
    read_page(audit, history, reading);
    for (const Place& place : reading.seen) {
      EXPECT_TRUE(place < cursor || cursor.hour > kHour);
    }
    EXPECT_TRUE(history.complete());
  }
}

}  // namespace
}  // namespace tact::gateway
