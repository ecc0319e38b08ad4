#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tact beside SMPP that nobody here wrote: npm's `smpp` as ESME and as SMSC, and tshark over all
# that was said. Needs node, npm and tshark; without them, or where nobody may capture, it says so
# and exits with 77.
#
#   tests/interop/run.sh     BIN: folder of the binaries (build/release/bin)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/deploy/loopback.sh"
bin=${BIN:-$root/build/release/bin}

skip() { echo "Not compared: $*"; exit 77; }
for program in node npm tshark jq; do
  command -v "$program" >/dev/null || skip "$program is not installed"
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/tact-interop.XXXXXX")
finish() {
  local code=$? pid children
  children=$(jobs -p)
  for pid in $children; do kill "$pid" 2>/dev/null || true; done
  for pid in $children; do wait "$pid" 2>/dev/null || true; done
  case $code in 0 | 77) rm -rf "$dir" ;; *) echo "interop: logs are in $dir" >&2 ;; esac
}
trap finish EXIT

# What npm brings stays beside the binaries.
modules=${bin%/bin}/interop
mkdir -p "$modules"
cp "$here/package.json" "$modules/"
if [ ! -e "$modules/node_modules/smpp/package.json" ]; then
  (cd "$modules" && npm install --no-package-lock --no-audit --no-fund >"$dir/npm.log" 2>&1) ||
    skip "npm could not install smpp: $(tail -n 1 "$dir/npm.log")"
fi
export NODE_PATH=$modules/node_modules

held=0 failed=0
expect() { # WHAT FOUND EXPECTED
  if [ "$2" = "$3" ]; then
    held=$((held + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n  expected %s\n  found    %s\n' "$1" "$3" "$2"
  fi
}

# ---- Both carriers, and all that is said to them.
"$bin/tact-smsc" --port 0 --stats-port 0 --system-id tact --password secret08 \
  --receipt-delay 20ms --receipt-tlvs true --reply-number 8613800138003=回T --reply-delay 300ms \
  >"$dir/simulator.out" &
simulator=$!
node "$here/smsc.js" secret08 >"$dir/npm.out" &
carrier=$!
wait_for 10 "the simulator" grep -q listening "$dir/simulator.out"
wait_for 10 "npm's SMSC" grep -q listening "$dir/npm.out"
simulator_port=$(sed -n 's/^listening .*:\([0-9]*\)$/\1/p' "$dir/simulator.out")
carrier_port=$(sed -n 's/^listening on //p' "$dir/npm.out")
tshark -q -i lo -f "tcp port $simulator_port or tcp port $carrier_port" -w "$dir/capture.pcapng" \
  2>"$dir/tshark.err" &
capture=$!
wait_for 20 "tshark" grep -q "Capturing on" "$dir/tshark.err" ||
  skip "tshark cannot capture: $(tail -n 1 "$dir/tshark.err")"
sleep 1  # it says so a little before it does

# ---- npm as the ESME.
node "$here/esme.js" "$simulator_port" tact secret08 || failed=$((failed + 1))

# ---- npm as the SMSC.
listen_port=$(free_port) ops_port=$(free_port)
offset=$(($(date -d 2026-03-18T10:15:00+08:00 +%s) - $(date +%s)))
make_keys "$dir"
sed -e "s|@CLOCK_OFFSET@|${offset}s|; s|@LISTEN_PORT@|$listen_port|; s|@OPS_PORT@|$ops_port|" \
  -e "s|@SMSC_PORT@|$carrier_port|; s|@POLICY_DATA@|$root/policy/data|" \
  "$root/deploy/quickstart/gateway.yaml.in" >"$dir/gateway.yaml"
"$bin/tactd" --config "$dir/gateway.yaml" 2>"$dir/tactd.log" &
gateway=$!
wait_for 20 "the gateway" http_ok "$ops_port" /readyz
"$bin/tact" submit --to "127.0.0.1:$listen_port" --upstream core-banking \
  --token-file "$dir/upstream.token" --follow --json "$here/messages.jsonl" >"$dir/events.jsonl"
blocked() {
  TACT_OPS=unix:$dir/tactd.sock "$bin/tact" suppress list --brand xx-bank | grep -q MARKETING
}
wait_for 10 "the opt-out" blocked && held=$((held + 1))
kill "$gateway" && wait "$gateway" || true
kill "$carrier" && wait "$carrier" || true
kill "$simulator" && wait "$simulator" || true
sleep 1  # tshark writes what it has once a second
kill -INT "$capture" && wait "$capture" || true

expect "fates, by npm's receipts" \
  "$(jq -r 'select(.final == true) | .fate' "$dir/events.jsonl" | sort | uniq -c | xargs)" \
  "5 delivered"
expect "faults that npm saw" "$(grep -c '"error"' "$dir/npm.out" || true)" 0
# The carrier ended the first session; eight receipts and a reply.
expect "sessions, enquire_links answered, deliver_sm answered" \
  "$(grep sessions "$dir/npm.out" | jq -c '[.sessions, .enquired, .answered]')" "[2,2,9]"

# ---- Text for text, as npm joined and decoded it.
"$here/texts.py" "$here/messages.jsonl" "$dir/npm.out" || failed=$((failed + 1))

# ---- tshark.
dissect() { # OPTION...
  tshark -r "$dir/capture.pcapng" -d "tcp.port==$simulator_port,smpp" \
    -d "tcp.port==$carrier_port,smpp" "$@" 2>/dev/null
}
expect "malformed PDUs" "$(dissect -Y '_ws.malformed' | wc -l)" 0
fields() { # FIELD: of all submit_sm on the way to npm, one a line; one segment may hold many
  dissect -Y "tcp.dstport==$carrier_port && smpp.destination_addr" -T fields -e "$1" | tr ',' '\n'
}
expect "destination and data_coding of each submit_sm" \
  "$(paste -d ' ' <(fields smpp.destination_addr) <(fields smpp.data_coding))" \
  "$(grep '"data_coding"' "$dir/npm.out" | jq -r '"\(.to) 0x0\(.data_coding)"')"

"$bin/tact" pdu --json --port "$simulator_port" --port "$carrier_port" "$dir/capture.pcapng" \
  >"$dir/pdus.jsonl" || failed=$((failed + 1))
dissect -Y smpp -T pdml >"$dir/dissection.pdml"
"$here/fields.py" "$dir/dissection.pdml" "$dir/pdus.jsonl" || failed=$((failed + 1))

echo "$held held, $failed failed"
((failed == 0))
