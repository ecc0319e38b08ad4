// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/run.h"

#include <csignal>
#include <cstdio>

#include "tests/sim/world.h"

namespace tact::sim {
namespace {

constexpr size_t kHistoryLines = 120;

// For a broken CHECK, whose process ends: the history is told on the way out.
const History* g_telling = nullptr;

void tell_on_abort(int) {
  const std::string lines = g_telling ? g_telling->tell(std::nullopt, kHistoryLines) : "";
  std::fputs(lines.c_str(), stderr);
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::green:
      return "green";
    case Verdict::crash:
      return "crash";
    case Verdict::stuck:
      return "no progress";
    case Verdict::wrong:
      return "wrong";
  }
  return "?";
}

Result run_once(uint64_t seed, const Options& options) {
  const Plan plan = plan_of(seed);
  Agenda agenda(seed ^ 0xa9e4da);
  History history;
  history.recording = options.history;
  if (options.history) {
    g_telling = &history;
    std::signal(SIGABRT, tell_on_abort);
  }
  Audit audit(plan, agenda, history);
  World world(plan, agenda, audit, history);
  Result result;
  const auto end = world.run(options.steps_max);
  result.digest = world.digest();
  result.steps = agenda.steps();
  result.counts = audit.counts();
  if (end == World::End::stuck) {
    result.verdict = Verdict::stuck;
    result.what = "no progress:" + audit.unsettled(10);
  } else if (end == World::End::wrong) {
    result.verdict = Verdict::wrong;
    result.what = audit.violation()->invariant + ": " + audit.violation()->what;
  }
  if (options.history) {
    const bool some = audit.violation() && !options.everything;
    const auto about = some ? audit.violation()->message : std::nullopt;
    result.history =
        describe(plan) + "\n" + history.tell(about, options.everything ? SIZE_MAX : kHistoryLines);
    g_telling = nullptr;
  }
  return result;
}

Result run(uint64_t seed, const Options& options) {
  Result first = run_once(seed, options);
  if (first.verdict == Verdict::green) {
    const Result second = run_once(seed, options);
    if (first.digest == second.digest && first.steps == second.steps) return first;
    first.verdict = Verdict::wrong;
    first.what = "determinism: two runs of this seed differ";
    return first;
  }
  if (options.history) return first;
  Options telling = options;
  telling.history = true;
  return run_once(seed, telling);
}

}  // namespace tact::sim
