#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same load on the barest composition and on tactd, in turn, and the ratio of the two.
#
#   bench/ceiling/run.sh [ROUNDS] [tact-bench options]
#   LINKS=4 WINDOW=100 SMSC="--receipt-delay 1s..6s" bench/ceiling/run.sh 5 --duration 60s
#
# ROUNDS (5) come after one that is thrown away; 0 shows that both work, and measures nothing.
# Results stay in OUT (a folder that is printed). CEILING, BIN, SMSC, LINKS, WINDOW: see
# bench/once.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../rounds.sh"
rounds=5
if [[ ${1:-} =~ ^[0-9]+$ ]]; then rounds=$1; shift; fi
[[ " $* " == *" --rate "* ]] || set -- --rate max "$@"
out=${OUT:-$(mktemp -d "${TMPDIR:-/tmp}/tact-ceiling.XXXXXX")}
mkdir -p "$out"

# one CONTENDER RESULT OPTION...
one() {
  local contender=$1 result=$2
  shift 2
  GATEWAY=$contender "$here/../once.sh" "$@" --json "$result" >"$out/last.log" 2>&1 ||
    { cat "$out/last.log" >&2; exit 1; }
}

# figures RESULT: whole lives a second, and microseconds of the gateway's CPU per message.
figures() {
  jq -r '.processes.by_name as $p
    | ($p.tactd.cpu_seconds | (.[-1] - .[0])) as $cpu
    | "\(.sustained_per_second) \($cpu / .final * 1e6)"' "$1"
}

: >"$out/rounds"
for ((round = 0; round <= rounds; ++round)); do
  for contender in ceiling tactd; do one "$contender" "$out/$contender-$round.json" "$@"; done
  ((round > 0)) || continue
  echo "$(figures "$out/ceiling-$round.json") $(figures "$out/tactd-$round.json")" |
    awk '{ print $1, $3, $3 / $1, $2, $4, $2 / $4 }' >>"$out/rounds"
  awk -v round="$round" 'END {
    printf "round %d: ceiling %6.0f/s %5.2f us, tactd %6.0f/s %5.2f us, ratio %.3f\n",
      round, $1, $4, $2, $5, $3 }' "$out/rounds"
done

((rounds > 0)) || exit 0
echo "$rounds rounds: median (least .. greatest); results in $out"
echo "ceiling, whole lives a second   $(spread 1 <"$out/rounds")"
echo "tactd, whole lives a second     $(spread 2 <"$out/rounds")"
echo "ratio tactd / ceiling           $(spread 3 <"$out/rounds")"
echo "ceiling, CPU us a message       $(spread 4 <"$out/rounds")"
echo "tactd, CPU us a message         $(spread 5 <"$out/rounds")"
echo "ratio of CPU, ceiling / tactd   $(spread 6 <"$out/rounds")"
