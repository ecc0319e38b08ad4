#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Load on a real gateway between a simulated SMSC and the generator, all on loopback, in a temporary
# folder.
#
#   bench/run.sh [tact-bench options]
#   bench/run.sh --rate max --duration 30s --json result.json
#   REPORT=run.html bench/run.sh --rate 20000    # and a page of it, from run.json beside it
#
# BIN and SMSC: see bench/world.sh.
set -euo pipefail
. "$(dirname "$0")/world.sh"

start_smsc --receipt-delay 100ms..300ms --window 1000 --deliver-window 1000
configure 100000
start_gateway
code=0
if [ -n "${REPORT:-}" ]; then
  result=${REPORT%.html}.json
  rm -f "$REPORT" "$result"  # a run that does not begin leaves no report of an older one
  load "$@" --json "$result" || code=$?
  if [ -e "$result" ]; then python3 "$root/bench/report" "$result" >"$REPORT"; fi
else
  load "$@" || code=$?
fi
stop "$gateway"
stop "$smsc"
violations
exit "$code"
