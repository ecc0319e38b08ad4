#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts each fault into a scratch copy of the tree and tells within how many seeds tact-sim finds it.
#
#   tests/sim/mutations/run.sh [NAME...]    all of them, or these (without .patch)
#
# TACT_SIM_SEEDS (300) bounds the search, TACT_JOBS (the number of cores) the compilers. The copy
# and its one build folder stay in build/mutations, so that a second run compiles only what changes.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 1

readonly SEEDS="${TACT_SIM_SEEDS:-300}"
readonly JOBS="${TACT_JOBS:-$(nproc)}"
readonly COPY=build/mutations/tree
readonly BUILD=build/mutations/build
readonly PATCHES=tests/sim/mutations

# Only what differs is written, so that times of files tell ninja the truth.
copy_tree() {
  local file
  while IFS= read -r -d '' file; do
    [ -f "$file" ] || continue
    cmp -s "$file" "$COPY/$file" || install -D -m 644 "$file" "$COPY/$file" || return 1
  done < <(git ls-files -z -co --exclude-standard)
}

build() {
  cmake --build "$BUILD" --parallel "$JOBS" --target tact-sim >build/mutations/build.log 2>&1
}

# The first seed that is not green; nothing if there is none.
search() {
  timeout 3600 "$BUILD/bin/tact-sim" --seed 1 --seeds "$SEEDS" 2>/dev/null |
    sed -n 's/^seed \([0-9]*\): \([^:]*: [^:]*\).*/\1|\2/p' | head -n 1
}

main() {
  local names=("$@") name found missed=0
  if [ "${#names[@]}" -eq 0 ]; then
    mapfile -t names < <(basename -a -s .patch "$PATCHES"/*.patch)
  fi
  copy_tree || exit 1
  cmake -S "$COPY" -B "$BUILD" -G Ninja -DCMAKE_BUILD_TYPE=Release >build/mutations/cmake.log ||
    exit 1
  printf '| fault | found in seed | as |\n|---|---|---|\n'
  for name in "${names[@]}"; do
    copy_tree
    if ! patch -s -p1 --no-backup-if-mismatch -d "$COPY" <"$PATCHES/$name.patch" ||
      ! build; then
      echo "| $name | does not build | |"
      missed=$((missed + 1))
      continue
    fi
    found=$(search)
    if [ -n "$found" ]; then
      echo "| $name | ${found%%|*} | ${found#*|} |"
    else
      echo "| $name | not in $SEEDS | |"
      missed=$((missed + 1))
    fi
  done
  copy_tree
  [ "$missed" -eq 0 ]
}

main "$@"
