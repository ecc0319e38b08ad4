#!/usr/bin/env bash
# Load on a real gateway between a simulated SMSC and the generator, all on loopback, in a temporary
# folder.
#
#   bench/run.sh [tact-bench options]
#   bench/run.sh --rate max --duration 30s --json result.json
#
#   BIN   folder of the binaries (build/release/bin)
#   SMSC  more options for tact-smsc, such as "--receipt-delay 1s..6s"
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/deploy/loopback.sh"
bin=${BIN:-$root/build/release/bin}
dir=$(mktemp -d "${TMPDIR:-/tmp}/tact-bench.XXXXXX")
pids=()
finish() {
  local code=$? pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if ((code == 0)); then rm -rf "$dir"; else echo "bench: logs are in $dir" >&2; fi
}
trap finish EXIT

# shellcheck disable=SC2086  # SMSC is a list of options
"$bin/tact-smsc" --port 0 --stats-port 0 --receipt-delay 100ms..300ms --window 1000 \
  --deliver-window 1000 ${SMSC:-} \
  >"$dir/smsc.out" &
pids+=($!)
wait_for 20 "the simulator" grep -q statistics "$dir/smsc.out"
smsc_port=$(sed -n 's/^listening .*:\([0-9]*\)$/\1/p' "$dir/smsc.out")

listen_port=$(free_port) ops_port=$(free_port)
make_keys "$dir"
sed -e "s|@LISTEN_PORT@|$listen_port|; s|@OPS_PORT@|$ops_port|; s|@SMSC_PORT@|$smsc_port|" \
  -e "s|@POLICY_DATA@|$root/policy/data|" "$root/bench/gateway.yaml.in" >"$dir/gateway.yaml"
"$bin/tactd" --config "$dir/gateway.yaml" 2>"$dir/tactd.log" &
pids+=($!)
wait_for 20 "the gateway" http_ok "$ops_port" /readyz

"$bin/tact-bench" --to "127.0.0.1:$listen_port" --upstream bench \
  --token-file "$dir/upstream.token" "$@"

kill "${pids[1]}" && wait "${pids[1]}" || true
kill "${pids[0]}" && wait "${pids[0]}" || true
violations=$(sed -n 's/.*"violations":{[^}]*"total":\([0-9]*\)}.*/\1/p' "$dir/smsc.out")
duplicates=$(sed -n 's/.*"duplicates":\([0-9]*\).*/\1/p' "$dir/smsc.out")
echo "simulator: ${violations:-?} protocol violations, ${duplicates:-?} messages submitted twice"
((${violations:-1} == 0))
