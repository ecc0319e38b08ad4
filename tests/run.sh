#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is needed, builds, runs every test, ends with a count.
#
#   tests/run.sh                  release, then sim, asan, tsan and fuzz
#   tests/run.sh --quick          release only
#   tests/run.sh --only STAGE     one of release, sim, asan, asan-e2e, tsan, fuzz
#
# TACT_JOBS (the number of cores) bounds the compilers, TACT_FUZZ_SECONDS (20) each fuzz target,
# TACT_SIM_SEEDS (1000) the simulator.
# What runs in which stage, and why: tests/README.md.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

readonly JOBS="${TACT_JOBS:-$(nproc)}"
readonly FUZZ_SECONDS="${TACT_FUZZ_SECONDS:-20}"
readonly SIM_SEEDS="${TACT_SIM_SEEDS:-1000}"
readonly TEST_JOBS=2  # end-to-end tests start processes of their own

export CTEST_OUTPUT_ON_FAILURE=1
export GTEST_BRIEF=1  # of a failed binary, only what failed
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
readonly TSAN="halt_on_error=1 second_deadlock_stack=1 suppressions=$PWD/tests/tsan.supp"
export TSAN_OPTIONS="${TSAN_OPTIONS:-$TSAN}"

passed=0
failed=0

usage() {
  sed -n '3,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

heading() {
  printf '\n== %s (%d s)\n' "$*" "$SECONDS"
}

fail() {
  echo "FAILED: $*" >&2
  failed=$((failed + 1))
}

# build PRESET [TARGET...]: without targets everything.
build() {
  local preset=$1
  shift
  local targets=()
  [ $# -eq 0 ] || targets=(--target "$@")
  cmake --build "build/$preset" --parallel "$JOBS" "${targets[@]}"
}

# Configuring is quiet unless it fails.
configure() {
  local log="build/$1.configure.log"
  mkdir -p build
  cmake --preset "$1" -DTACT_TESTS=ON >"$log" 2>&1 && return
  cat "$log"
  return 1
}

# executables PRESET PATTERN: names of programs the preset can build.
executables() {
  ninja -C "build/$1" -t targets all |
    sed -n 's|^bin/\([^/:]*\): CXX_EXECUTABLE_LINKER.*|\1|p' | grep -E "$2"
}

# tests_of PRESET CTEST_OPTION...: names of tests; that of a test program is the name of its target.
tests_of() {
  local preset=$1
  shift
  ctest --test-dir "build/$preset" -N "$@" | sed -n 's/^ *Test *#[0-9]*: *//p'
}

# run_ctest PRESET CTEST_OPTION...: adds ctest's own summary to the count.
run_ctest() {
  local preset=$1
  shift
  local log="build/$preset.ctest.log"
  local launcher=()
  # gcc 12's TSan does not know the address layout of newer kernels; a fixed layout it does.
  if [ "$preset" = tsan ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    launcher=(setarch "$(uname -m)" -R)
  fi
  "${launcher[@]}" ctest --test-dir "build/$preset" -j "$TEST_JOBS" "$@" 2>&1 | tee "$log"
  local summary
  summary=$(sed -n -E 's/^.*tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log")
  if [ -z "$summary" ] || [ "${summary#* }" -eq 0 ]; then
    fail "$preset: no test ran"
    return
  fi
  # A skipped test is none that passed, and says why it did not run.
  local skipped
  skipped=$(grep -c '(Skipped)$' "$log")
  [ "$skipped" -eq 0 ] ||
    sed -n 's/^Not compared: /skipped: /p' "build/$preset/Testing/Temporary/LastTest.log"
  failed=$((failed + ${summary% *}))
  passed=$((passed + ${summary#* } - ${summary% *} - skipped))
}

stage_release() {
  heading "release: build"
  { configure release && build release; } || { fail "release: build"; return; }
  heading "release: all tests"
  run_ctest release
}

# Each seed is a history of the engine under faults, run twice: tests/sim/README.md.
stage_sim() {
  heading "sim: build"
  { configure release && build release tact-sim; } || { fail "sim: build"; return; }
  heading "sim: $SIM_SEEDS seeds"
  if build/release/bin/tact-sim --seed 1 --seeds "$SIM_SEEDS" --jobs "$JOBS"; then
    passed=$((passed + 1))
  else
    fail "sim: the seed above"
  fi
}

# sanitized PRESET LABELS PROGRAMS: builds no more than the tests of these labels and the programs
# they start. Slow tests repeat a quick one many times: once is enough at a tenth of the speed.
sanitized() {
  local preset=$1 labels=$2 programs=$3
  heading "$preset: build"
  configure "$preset" || { fail "$preset: configure"; return; }
  local wanted targets=()
  wanted=$(tests_of "$preset" -L "$labels" -LE '^slow$' | paste -s -d '|')
  mapfile -t targets < <(executables "$preset" "^($wanted|$programs)\$")
  [ "${#targets[@]}" -gt 0 ] || { fail "$preset: no test labelled $labels"; return; }
  build "$preset" "${targets[@]}" || { fail "$preset: build"; return; }
  heading "$preset: tests labelled $labels"
  run_ctest "$preset" -L "$labels" -LE '^slow$'
}

stage_asan() {
  sanitized asan '^(unit|io)$' 'none'
}

# Apart: it builds every program a second time, which doubles the way from nothing.
stage_asan-e2e() {
  sanitized asan '^e2e$' 'tactd|tact|tact-.*'
}

stage_tsan() {
  sanitized tsan '^io$' 'none'
}

# A target's new inputs go below build/, the corpus in the repository is only read.
fuzz() {
  local program=$1
  local found="build/fuzz/corpus/$program" corpus="tests/fuzz/corpus/${program%_fuzz}"
  local log="build/fuzz/$program.log"
  mkdir -p "$found"
  if "build/fuzz/bin/$program" -max_total_time="$FUZZ_SECONDS" -timeout=5 -rss_limit_mb=2048 \
    -artifact_prefix="build/fuzz/$program-" "$found" "$corpus" >"$log" 2>&1; then
    echo "$program: $(tail -n 1 "$log")"
    passed=$((passed + 1))
  else
    tail -n 40 "$log"
    fail "$program: the input is build/fuzz/$program-*"
  fi
}

stage_fuzz() {
  heading "fuzz: build"
  configure fuzz || { fail "fuzz: configure"; return; }
  local programs=()
  mapfile -t programs < <(executables fuzz '_fuzz$')
  [ "${#programs[@]}" -gt 0 ] || { fail "fuzz: no target"; return; }
  build fuzz "${programs[@]}" || { fail "fuzz: build"; return; }
  heading "fuzz: $FUZZ_SECONDS s a target"
  local program
  for program in "${programs[@]}"; do
    fuzz "$program"
  done
}

main() {
  local stages=(release sim asan tsan fuzz)
  case "${1:-}" in
    "") ;;
    --quick) stages=(release) ;;
    --only)
      case "${2:-}" in
        release | sim | asan | asan-e2e | tsan | fuzz) stages=("$2") ;;
        *) usage >&2; exit 64 ;;
      esac
      ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac

  heading "packages"
  deploy/install-packages.sh --tests || exit 1
  local stage
  for stage in "${stages[@]}"; do
    "stage_$stage"
  done
  heading "done"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

main "$@"
