# SPDX-License-Identifier: Apache-2.0
# Runs one scenario, the file that is its argument: with the words of bench/world.sh and those below
# it plays a day, and says what must have come out of it. Exits 1 if something did not.
set -euo pipefail
. "$(dirname "$0")/../world.sh"

missed=0
window=100 rate=0

pick() { # LONG SHORT
  if [ -n "${SHORT:-}" ]; then echo "$2"; else echo "$1"; fi
}

# carrier RATE OPTION...: a simulator with a contract of so many submit_sm a second, a tenth of them
# at once. The windows beside are what may be on its way when either side is held up; then no more
# than they hold comes at once (bench/smsc/README.md).
carrier() {
  rate=$1
  shift
  start_smsc --window "$window" --contract "$rate:$((rate / 10 + links * window))" "$@"
}
# contract [CLOCK_OFFSET]: the gateway's configuration for that carrier.
contract() {
  configure "$rate" "$@"
  route burst_pdus $((rate / 10))
}
route() { # KEY VALUE
  sed -i "/^    $1:/d; s|^    rate_pdus:|    $1: $2\n&|" "$dir/gateway.yaml"
}
links_have() { # KEY VALUE
  sed -i "s|, window:|, $1: $2&|" "$dir/gateway.yaml"
}

# drive OPTION...: a run of tact-bench, whose result is what `result` reads. That it lost something
# is for `sound` to say.
drive() {
  load --json "$dir/result.json" "$@" >>"$dir/load.out" 2>&1 || true
}
end_world() {
  stop "$gateway"
  stop "$smsc"
}

# field FILE PATH: of the JSON in the last line, such as finals.delivered. Nothing if it is missing.
field() {
  tail -n 1 "$1" | python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."):
    value = value[key]
print(value)' "$2" 2>/dev/null || true
}
result() { field "$dir/result.json" "$1"; }
simulator() { field "$dir/smsc.out" "$1"; }
throttled() {
  local count
  count=$(simulator submit_status.ESME_RTHROTTLED)
  echo "${count:-0}"
}
milliseconds() { # RESULT'S PATH
  awk -v ns="$(result "$1")" 'BEGIN { if (ns != "") printf "%.0f", ns / 1e6 }'
}

# expect WHAT FOUND OPERATOR BOUND: of two numbers; what was not found is a miss.
expect() {
  local verdict=ok
  if [[ ! $2 =~ ^[0-9.e+]+$ ]] || ! awk "BEGIN { exit !($2 $3 $4) }"; then
    verdict=MISSED
    missed=$((missed + 1))
  fi
  printf '  %-6s  %-44s %10s  %s %s\n' "$verdict" "$1" "${2:-nothing}" "$3" "$4"
}
tell() { # WHAT FIGURE
  printf '  %-6s  %-44s %10s\n' "" "$1" "$2"
}

# sound TWICE: what holds on every day; so many messages may reach the carrier again.
sound() {
  expect "messages not acknowledged" $(($(result sent) - $(result acknowledged))) == 0
  expect "acknowledged and lost" "$(result lost)" == 0
  expect "ended twice" "$(result doubled)" == 0
  expect "submitted above the contract's rate" "$(simulator violations.rate_exceeded)" == 0
  expect "violations of the protocol" "$(simulator violations.total)" == 0
  expect "submitted again though accepted" "$(simulator duplicates)" "<=" "$1"
}

. "$1"
((missed == 0))
