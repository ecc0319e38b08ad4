// SPDX-License-Identifier: Apache-2.0
// tact-sim: the engine in virtual time under seeded faults. README.md tells what it checks.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <vector>

#include "tests/sim/run.h"

namespace {

using tact::sim::Options;
using tact::sim::Result;
using tact::sim::Verdict;

struct Totals {
  uint64_t seeds = 0, steps = 0;
  tact::sim::Counts counts;

  void add(const Result& result) {
    ++seeds;
    steps += result.steps;
    counts += result.counts;
  }
};

void tell(uint64_t seed, const Result& result) {
  std::printf("seed %llu: %s: %s\n%s  repeat: tact-sim --seed %llu --history\n",
              static_cast<unsigned long long>(seed), std::string(name(result.verdict)).c_str(),
              result.what.c_str(), result.history.c_str(), static_cast<unsigned long long>(seed));
  std::fflush(stdout);
}

void tell(const Totals& totals) {
  const auto n = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu seeds, each twice: %llu messages, %llu submit_sm (%llu again), %llu events, "
      "%llu receipts, %llu replies, %llu answers sent to them, %llu steps\n",
      n(totals.seeds), n(totals.counts.messages), n(totals.counts.submissions),
      n(totals.counts.doubled), n(totals.counts.events), n(totals.counts.receipts),
      n(totals.counts.replies), n(totals.counts.answers), n(totals.steps));
}

// What a worker writes after each seed, in one piece: pipes keep small writes whole.
struct Line {
  int worker = 0;
  uint64_t seed = 0;
  bool begun = false;  // else ended
  Verdict verdict{};
  uint64_t steps = 0;
  tact::sim::Counts counts;
};

struct Job {
  uint64_t first = 1, seeds = 1;
  int jobs = 1;
  bool keep_going = false;
  Options options;
};

[[noreturn]] void work(int worker, const Job& job, uint64_t from, int out) {
  const auto step = static_cast<uint64_t>(job.jobs);
  for (uint64_t seed = from; seed < job.first + job.seeds; seed += step) {
    Line line{worker, seed, true, {}, 0, {}};
    if (write(out, &line, sizeof line) != sizeof line) _exit(1);
    const Result result = run(seed, job.options);
    if (result.verdict != Verdict::green) tell(seed, result);
    line = {worker, seed, false, result.verdict, result.steps, result.counts};
    if (write(out, &line, sizeof line) != sizeof line) _exit(1);
    if (result.verdict != Verdict::green && !job.keep_going) break;
  }
  _exit(0);
}

struct Worker {
  pid_t pid = 0;
  int in = -1;
  uint64_t seed = 0;
  bool busy = false;
};

Worker begin(int k, const Job& job, uint64_t from) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    work(k, job, from, ends[1]);
  }
  close(ends[1]);
  return {pid, ends[0], 0, false};
}

// A worker's process is the fence around a broken CHECK: it ends alone, and its seed is known.
int run_many(const Job& job) {
  Totals totals;
  int worst = 0;
  std::vector<Worker> workers;
  for (int k = 0; k < job.jobs; ++k) {
    workers.push_back(begin(k, job, job.first + static_cast<uint64_t>(k)));
  }
  size_t living = workers.size();
  for (size_t k = 0; living > 0; k = (k + 1) % workers.size()) {
    Worker& worker = workers[k];
    if (worker.in < 0) continue;
    Line line;
    if (read(worker.in, &line, sizeof line) == sizeof line) {
      worker.seed = line.seed;
      worker.busy = line.begun;
      if (line.begun) continue;
      Result result;
      result.verdict = line.verdict;
      result.steps = line.steps;
      result.counts = line.counts;
      totals.add(result);
      if (line.verdict != Verdict::green) worst = std::max(worst, static_cast<int>(line.verdict));
      if (totals.seeds % 100 == 0) {
        std::fprintf(stderr, "%llu seeds\n", static_cast<unsigned long long>(totals.seeds));
      }
      continue;
    }
    close(worker.in);
    worker.in = -1;
    --living;
    waitpid(worker.pid, nullptr, 0);
    if (!worker.busy) continue;
    worst = std::max(worst, static_cast<int>(Verdict::crash));
    Result result;
    result.verdict = Verdict::crash;
    result.what = "the process ended (a CHECK above tells why)";
    tell(worker.seed, result);
    if (job.keep_going) {
      worker = begin(static_cast<int>(k), job, worker.seed + static_cast<uint64_t>(job.jobs));
      ++living;
    }
  }
  tell(totals);
  return worst;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "The engine in virtual time under seeded faults. Exit code: 0 green, 127 crash, "
      "128 no progress, 129 wrong."};
  Job job;
  app.add_option("--seed", job.first, "the first seed")->capture_default_str();
  app.add_option("--seeds", job.seeds, "how many")->capture_default_str();
  app.add_option("--jobs", job.jobs, "processes")->capture_default_str()->check(CLI::Range(1, 64));
  app.add_option("--steps", job.options.steps_max, "events of one run, at most")
      ->capture_default_str();
  app.add_flag("--history", job.options.history, "tell all that happened, also of a green seed");
  app.add_flag("--keep-going", job.keep_going, "past seeds that are not green");
  CLI11_PARSE(app, argc, argv);
  job.options.everything = job.options.history;
  if (job.seeds > 1) return run_many(job);
  const Result result = run(job.first, job.options);
  if (result.verdict != Verdict::green) {
    tell(job.first, result);
  } else {
    std::printf("%s", result.history.c_str());
    Totals totals;
    totals.add(result);
    tell(totals);
  }
  return static_cast<int>(result.verdict);
}
