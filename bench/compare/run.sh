#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same messages through Kannel and through tactd, in turn, and the ratio of the two.
#
#   bench/compare/run.sh [ROUNDS] [DURATION]      # 3 rounds of 20 s, after one of 5 s that is
#                                                 # thrown away
#   MODES=redis bench/compare/run.sh 5 60s        # one of the two modes, see README.md
#
# Exits 0 only if tactd lost nothing, doubled nothing and violated nothing, Kannel whatever it did.
# Needs Debian's packages kannel, redis-server, redis-tools and jq. Results stay in OUT (a folder
# that is printed), those of tact-bench as *.run.json. BIN: see bench/world.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../rounds.sh"
. "$here/figures.sh"
rounds=${1:-3} duration=${2:-20s}
out=${OUT:-$(mktemp -d "${TMPDIR:-/tmp}/tact-compare.XXXXXX")}
mkdir -p "$out"

# cpu_of PID...: their seconds of CPU so far, together.
cpu_of() {
  local pid
  for pid in "$@"; do cat "/proc/$pid/stat"; done |
    awk -v tick="$(getconf CLK_TCK)" '{ sum += $14 + $15 } END { print sum / tick }'
}

load_kannel() { # DURATION
  "$bin/tact-sendsms" --port "$sendsms_port" --duration "$1" --in-flight 20000 --settle 15s
}

load_tactd() { # DURATION
  load "${closed_loop[@]}" --duration "$1" --settle 15s --json "$dir/result.json" >&2
  jq -c '.processes.by_name["tact-bench"].cpu_seconds as $cpu
    | {sustained_per_second, seconds, sent, acknowledged, final, lost, doubled,
       cpu_seconds: ($cpu[-1] - $cpu[0])}' "$dir/result.json"
}

# one CONTENDER STORAGE DURATION RESULT: a world of its own, that ends with the subshell. What is
# lost or doubled is counted, and does not end the comparison; of tactd's it is a fault.
one() (
  contender=$1 storage=$2 time=$3 result=$4
  . "$here/../world.sh"
  . "$here/kannel.sh"
  start_smsc --receipt-delay "$receipts" --window "$window" --deliver-window 1000
  if [ "$contender" = kannel ]; then
    start_kannel "$storage"
  else
    configure 100000
    start_gateway
  fi
  # shellcheck disable=SC2086  # gateway is a list
  before=$(cpu_of $gateway) smsc_before=$(cpu_of "$smsc")
  "load_$contender" "$time" >"$dir/load.json" 2>"$dir/progress" || [ -s "$dir/load.json" ]
  # shellcheck disable=SC2086
  after=$(cpu_of $gateway) smsc_after=$(cpu_of "$smsc")
  if [ "$contender" = kannel ]; then stop_kannel; else stop "$gateway"; gateway=""; fi
  stop "$smsc"
  smsc=""
  if [ "$contender" = tactd ]; then cp "$dir/result.json" "${result%.json}.run.json"; fi
  tail -n 1 "$dir/smsc.out" | jq -c --slurpfile load "$dir/load.json" \
    --argjson cpu "$(awk "BEGIN { print $after - $before }")" \
    --argjson smsc_cpu "$(awk "BEGIN { print $smsc_after - $smsc_before }")" \
    '$load[0] + {gateway_cpu: $cpu, smsc_cpu: $smsc_cpu, submitted_twice: .duplicates,
      violations: .violations.total, receipts_answered: .receipts.answered}' >"$result"
)

compare() { # MODE STORAGE
  local mode=$1 round contender table=$out/$1
  echo "$mode: receipts after $receipts, $links binds with a window of $window"
  : >"$table"
  for ((round = 0; round <= rounds; ++round)); do
    for contender in kannel tactd; do
      one "$contender" "$2" "$( ((round)) && echo "$duration" || echo 5s)" \
        "$out/$mode-$contender-$round.json"
    done
    if ! jq -e '.lost == 0 and .doubled == 0 and .violations == 0' \
      "$out/$mode-tactd-$round.json" >/dev/null; then
      echo "$mode, round $round: tactd lost or doubled messages, or violated the protocol" >&2
      faults=$((faults + 1))
    fi
    ((round > 0)) || continue
    row "$out/$mode-kannel-$round.json" "$out/$mode-tactd-$round.json" >>"$table"
    tail -n 1 "$table" | round_text "$round"
  done
  summary "$table"
}

faults=0
for mode in ${MODES:-file redis}; do
  case $mode in
    file) export LINKS=1 WINDOW=1000; storage=internal receipts=0ms ;;
    redis) export LINKS=4 WINDOW=100; storage=redis receipts=1s..6s ;;
    *) echo "no such mode: $mode" >&2; exit 2 ;;
  esac
  links=$LINKS window=$WINDOW compare "$mode" "$storage"
done
echo "results in $out"
((faults == 0))
