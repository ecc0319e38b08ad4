// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/gate_path.h"

#include <algorithm>

#include "bench/micro/paths.h"
#include "bench/micro/rules.h"
#include "bench/micro/samples.h"
#include "smpp/segment.h"

namespace tact::bench {
namespace {

using namespace std::chrono_literals;
using policy::Class;

constexpr size_t kTerms = 1'000;
constexpr uint16_t kTenant = 1;
constexpr uint16_t kBrand = 1;
// 2026-03-18 10:15 in Shanghai, a working day within all windows.
constexpr policy::Instant kNow{std::chrono::milliseconds(1'773'800'100'000)};

int segments(std::string_view text, const policy::Submission&, const policy::Verdict&) {
  return smpp::plan(text, smpp::Concat::udh16).parts;
}

}  // namespace

People::People(uint64_t contacts_count, uint64_t opted_out)
    : contacts(std::max<uint64_t>(1, contacts_count)), book(kTenant) {
  for (uint64_t n = 0; n < contacts; ++n) {
    book.settle(number_hash(2 * n), n + 1, kBrand, Class::collection, 0, kNow - 240h, kNow);
  }
  for (uint64_t n = 0; n < opted_out; ++n) {
    suppression.set(kBrand, number_hash(2 * n + 1), policy::kOptionalClasses,
                    policy::Block::opt_out, true, kNow - 24h, n + 1);
  }
}

GatePath::GatePath(Class cls, People& people) : people_(people), gate_(rules(kTerms), &segments) {
  message_.account = 1;
  message_.cls = cls;
  message_.consent = true;
  message_.text = cls == Class::marketing ? kMarketingText : kNoticeText;
  message_.now = kNow;
  message_.accepted = kNow;
  message_.expires_at = kNow + 24h;
  for (uint64_t n = 0; n < 1'024; ++n) numbers_.push_back(recipient(n));
}

bool GatePath::step() {
  draw_ = draw_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
  auto& book = people_.book;
  auto& s = message_;
  s.to = numbers_[draw_ >> 54];
  s.number = number_hash(2 * ((draw_ >> 16) % people_.contacts));
  s.id = ++id_;
  s.brand = 0;
  const auto admitted = gate_.admit(s, book.find(s.number), people_.suppression);
  if (admitted.action >= policy::Action::defer) return false;
  book.reserve(s.number, s.id, admitted.brand, s.cls, s.now, s.now, admitted.like);
  s.brand = admitted.brand;
  const auto released = gate_.release(s, people_.suppression);
  book.settle(s.number, s.id, s.brand, s.cls, admitted.advertised, s.now, s.now);
  book.release(s.number, s.id, s.now);
  return released.action < policy::Action::defer;
}

std::vector<Path> gate_paths() {
  const auto judging = [](Class cls) {
    return [cls]() -> Path::Step {
      struct World {
        explicit World(Class c) : path(c, people) {}
        People people{10'000, 10'000};
        GatePath path;
      };
      return [world = std::make_shared<World>(cls)] { return world->path.step(); };
    };
  };
  return {{"gate-marketing", 1, judging(Class::marketing)},
          {"gate-notification", 1, judging(Class::notification)}};
}

}  // namespace tact::bench
