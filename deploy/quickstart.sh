#!/usr/bin/env bash
# Shows Tact at work: installs what is needed, builds, starts an SMSC simulator and the gateway on
# free loopback ports, sends the messages of quickstart/messages.jsonl, and prints what became of
# each. Exits 0 only if every fate is the one that quickstart/expected.tsv declares.
#
#   deploy/quickstart.sh [--keep] [--no-install] [--build FOLDER]
#     --keep        leave everything running and print where
#     --no-install  the packages are there
#     --build       use the binaries of this build folder instead of building
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/deploy/loopback.sh"
keep=false install=true build=""
while (($#)); do
  case $1 in
    --keep) keep=true ;;
    --no-install) install=false ;;
    --build) build=$(cd "$2" && pwd); shift ;;
    -h | --help) sed -n '2,10p' "$0" | cut -c3-; exit 0 ;;
    *) echo "quickstart: unknown option $1" >&2; exit 64 ;;
  esac
  shift
done

step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

if $install; then
  step "packages"
  "$root/deploy/install-packages.sh"
fi
if [[ -z $build ]]; then
  step "build (release)"
  build=$root/build/release
  # Tests want packages that nothing else needs; where they are configured already, they stay.
  options=()
  [[ -e $build/CMakeCache.txt ]] || options+=(-DTACT_TESTS=OFF)
  cmake -S "$root" --preset release "${options[@]}" >/dev/null
  cmake --build "$build" --target tactd tact tact-smsc
fi
bin=$build/bin

step "start"
dir=$(mktemp -d "${TMPDIR:-/tmp}/tact-quickstart.XXXXXX")
pids=()
stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}
finish() {
  local code=$?
  if $keep && ((code == 0)); then
    disown -a
    return
  fi
  stop_all
  ((code == 0)) && rm -rf "$dir" || echo "quickstart: logs are in $dir" >&2
}
trap finish EXIT

"$bin/tact-smsc" --port 0 --stats-port 0 --response-delay 2ms --receipt-delay 20ms..60ms \
  --reply-number 8613800138020=回T --reply '回复1查还款日=>1' --reply-delay 150ms \
  >"$dir/smsc.out" 2>"$dir/smsc.err" &
pids+=($!)
wait_for 10 "the simulator" grep -q listening "$dir/smsc.out"
smsc_port=$(sed -n 's/^listening .*:\([0-9]*\)$/\1/p' "$dir/smsc.out")

listen_port=$(free_port) ops_port=$(free_port)
offset=$(($(date -d 2026-03-18T10:15:00+08:00 +%s) - $(date +%s)))
make_keys "$dir"
sed -e "s|@CLOCK_OFFSET@|${offset}s|; s|@LISTEN_PORT@|$listen_port|; s|@OPS_PORT@|$ops_port|" \
  -e "s|@SMSC_PORT@|$smsc_port|; s|@POLICY_DATA@|$root/policy/data|" \
  "$root/deploy/quickstart/gateway.yaml.in" >"$dir/gateway.yaml"
"$bin/tactd" --config "$dir/gateway.yaml" --check
"$bin/tactd" --config "$dir/gateway.yaml" 2>"$dir/tactd.log" &
pids+=($!)
export TACT_TO=127.0.0.1:$listen_port TACT_UPSTREAM=core-banking TACT_TOKEN_FILE=$dir/upstream.token
export TACT_OPS=unix:$dir/tactd.sock
wait_for 20 "the gateway" http_ok "$ops_port" /readyz
echo "tact-smsc on 127.0.0.1:$smsc_port, tactd on 127.0.0.1:$listen_port"
echo "metrics on http://127.0.0.1:$ops_port/metrics"

step "submit"
submit() { "$bin/tact" submit --follow --until-settled --json "$root/deploy/quickstart/$1"; }
submit messages.jsonl >"$dir/first.jsonl"
echo "waiting for the reply 回T of one recipient, then writing to that number again"
opted_out() { "$bin/tact" suppress list --brand xx-bank | grep -q MARKETING; }
wait_for 10 "the opt-out" opted_out
submit after.jsonl >"$dir/after.jsonl"
answered() { (("$("$bin/tact" trace +8613800138050 | grep -c DELIVRD)" == 2)); }
wait_for 10 "the answer to another who chose 1 of the menu" answered

step "result"
"$root/deploy/quickstart/report.sh" "$root/deploy/quickstart/expected.tsv" \
  "$dir/first.jsonl" "$dir/after.jsonl"
echo
"$bin/tact" trace +8613800138020

step "one who asked by reply"
"$bin/tact" trace +8613800138050

step "campaigns, and the audit that stands for it"
"$bin/tact" report campaign
echo
"$bin/tact" audit verify

if $keep; then
  echo
  echo "running: tact-smsc (pid ${pids[0]}), tactd (pid ${pids[1]})"
  echo "stop:    kill ${pids[*]}"
  echo "ops:     http://127.0.0.1:$ops_port/"
  echo "folder:  $dir"
fi
