#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One run: load on a real gateway between a simulated SMSC and the generator, all on loopback, in a
# temporary folder.
#
#   bench/once.sh [tact-bench options]
#   bench/once.sh --rate max --duration 30s --json result.json
#   REPORT=run.html bench/once.sh --rate 20000    # and a page of it, from run.json beside it
#   GATEWAY=ceiling bench/once.sh --rate max      # bench/ceiling in the gateway's place
#
# BIN, SMSC, LINKS, WINDOW: see bench/world.sh. CEILING holds options of tact-ceiling.
set -euo pipefail
# shellcheck source=bench/world.sh
. "$(dirname "$0")/world.sh"

if [ -n "${REPORT:-}" ]; then
  result=${REPORT%.html}.json
  rm -f "$REPORT" "$result"  # a run that does not begin leaves no report of an older one
fi
start_smsc --receipt-delay 100ms..300ms --window "$window" --deliver-window 1000
case ${GATEWAY:-tactd} in
  tactd)
    configure 100000
    start_gateway
    ;;
  ceiling) start_ceiling ;;
  *)
    echo "once.sh: no such gateway: $GATEWAY" >&2
    exit 2
    ;;
esac
code=0
if [ -n "${REPORT:-}" ]; then
  load "$@" --json "$result" || code=$?
  if [ -e "$result" ]; then python3 "$root/bench/report" "$result" >"$REPORT"; fi
else
  load "$@" || code=$?
fi
stop "$gateway"
stop "$smsc"
violations
exit "$code"
