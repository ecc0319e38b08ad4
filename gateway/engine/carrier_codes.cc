// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/carrier_codes.h"

#include <algorithm>

#include "gateway/engine/event.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/record_io.h"
#include "gateway/engine/tenant.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;

constexpr char kFailureFact = 'f';
constexpr size_t kFailuresMax = 1'000'000;            // numbers; of more, failures are not counted
constexpr std::chrono::days kFailuresForgotten{180};  // when a start finds them so old
constexpr auto kOftenPause = 24h;
constexpr Mono kQuiet = 10min;

struct Common {
  std::string_view pattern;
  CarrierSays says;
};
using enum CarrierSays;

// POLICY 2.4's table. REJECTD is in none of its groups: it is told for all of them.
constexpr Common kCommon[] = {{"MBBLACK", black},
                              {"SC:0016", black},
                              {"1015", black},
                              {"PUBLOKD", black},
                              {"BLOCKED", black},
                              {"BLACK", black},
                              {"HD:0001", black},
                              {"MA:0001", black},
                              {"MA:0023", black},
                              {"MA:0027", black},
                              {"HIGRISK", black},
                              {"unsubscribe", black},
                              {"MK:*", dead},
                              {"MN:*", dead},
                              {"MI:*", dead},
                              {"LT:*", dead},
                              {"2_*", dead},
                              {"2:*", dead},
                              {"PHONEERR", dead},
                              {"UNDELIV", dead},
                              {"EXPIRED", dead},
                              {"BEYONDM", often},
                              {"BEYONDH", often},
                              {"BEYONDD", often},
                              {"00140", often},
                              {"00141", often},
                              {"00142", often},
                              {"MA:0022", often},
                              {"KEYWORD", content},
                              {"ID:0076", content},
                              {"MA:*", content},
                              {"00143", content},
                              {"HTTPRESP:115", content},
                              {"NOSEND", signature},
                              {"00138", signature},
                              {"00139", signature},
                              {"SIGNBLOCKED", signature},
                              {"SIGFAIL", signature},
                              {"QM_FAIL", signature},
                              {"ESME_RINVDSTADR", dead}};

// How well a pattern fits, in characters; whole codes fit better than any beginning.
size_t fit(std::string_view pattern, std::string_view code) {
  if (pattern == code) return 1 + 2 * code.size();
  if (!pattern.ends_with('*')) return 0;
  pattern.remove_suffix(1);
  return code.starts_with(pattern) ? 1 + pattern.size() : 0;
}

template <typename Rows>
std::optional<CarrierSays> best(const Rows& rows, std::string_view code) {
  size_t best_fit = 0;
  std::optional<CarrierSays> says;
  for (const auto& row : rows) {
    const size_t n = fit(row.pattern, code);
    if (n <= best_fit) continue;
    best_fit = n;
    says = row.says;
  }
  return says;
}

std::string failure_key(RouteId route, NumberHash number) {
  return fact_key(static_cast<TenantId>(raw(route)), kFailureFact, number);
}
}  // namespace

void CarrierCodes::start(StoreReader& reader) {
  const std::string begin = failure_key(settings_.id, 0);
  reader.scan(Table::facts, begin, prefix_end(std::string_view(begin).substr(0, 3)),
              [&](std::string_view key, std::string_view value) {
                RecordReader r({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
                Failures failures;
                failures.count = r.integer<uint8_t>();
                failures.last = from_ms(r.integer<int64_t>());
                if (!r.ok()) {
                  context_.stats.unreadable.add();
                } else if (failures.last + kFailuresForgotten < context_.now.civil) {
                  context_.out.erase(Table::facts, std::string(key));
                } else {
                  failures_[key_u64(key, 3)] = failures;
                }
                return true;
              });
}

CarrierSays CarrierCodes::meaning(std::string_view code) const {
  if (code.empty()) return nothing;
  if (const auto own = best(settings_.carrier_codes, code)) return *own;
  return best(kCommon, code).value_or(nothing);
}

void CarrierCodes::said(CarrierSaid about, CarrierSays says, std::string_view code) {
  stats_.carrier_said[static_cast<size_t>(says)].add();
  switch (says) {
    case nothing:
      return;
    case dead:
      if (!is_dead(about.number)) return;
      about.block = policy::Block::dead_number;
      break;
    case black:
      about.block = policy::Block::carrier;
      break;
    case often:
      about.block = policy::Block::pause;
      about.until = context_.now.civil + kOftenPause;
      break;
    case content:
    case signature:
      return alarm(says, code);
  }
  if (Tenant* here = context_.tenant(about.tenant)) {
    here->said(about);
  } else if (context_.directory.tenant(about.tenant)) {
    context_.out.mail(context_.directory.home(about.tenant), about);
  }
}

bool CarrierCodes::is_dead(NumberHash number) {
  if (failures_.size() >= kFailuresMax && !failures_.contains(number)) return false;
  Failures& failures = failures_[number];
  failures.last = context_.now.civil;
  if (++failures.count >= context_.settings.dead_after) {
    forget(number);
    return true;
  }
  std::string value;
  RecordWriter(value).integers(failures.count, to_ms(failures.last));
  context_.out.put(Table::facts, failure_key(settings_.id, number), std::move(value));
  return false;
}

void CarrierCodes::forget(NumberHash number) {
  if (failures_.erase(number) == 0) return;
  context_.out.erase(Table::facts, failure_key(settings_.id, number));
}

void CarrierCodes::alarm(CarrierSays says, std::string_view code) {
  Mono& quiet = quiet_until_[static_cast<size_t>(says)];
  if (context_.now.mono < quiet) return;
  quiet = context_.now.mono + kQuiet;
  context_.notices.push_back(CarrierNotice{settings_.id, says, readable(code)});
}

}  // namespace tact::gateway
