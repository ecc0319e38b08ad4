#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A gateway with many messages queued, against the same one with none: what they cost in memory, how
# soon it is ready after kill -9, how fast it sends, and how long an OTP behind them waits.
#
#   bench/backlog.sh [MESSAGES]      10,000,000 of class MARKETING, each to a number of its own
#
# SECONDS_EACH (30) is how long each rate is measured. BIN and SMSC: see bench/world.sh.
set -euo pipefail
. "$(dirname "$0")/world.sh"

readonly messages=${1:-10000000} seconds=${SECONDS_EACH:-30}
offset=$(offset_to 10:15:00)

kill9() {
  kill -9 "$gateway"
  wait "$gateway" 2>/dev/null || true
}

# Messages a second that reach the SMSC, over the time measured.
sending_rate() {
  local before began
  before=$(metric tact_link_submitted_total) began=$(now_ms)
  sleep "$seconds"
  echo $((($(metric tact_link_submitted_total) - before) * 1000 / ($(now_ms) - began)))
}

start_smsc --receipt-delay 100ms..300ms --window 1000 --deliver-window 1000

echo "== nothing queued"
configure 100000 "$offset"
start_gateway
load --class MARKETING --rate max --duration "${seconds}s" --json "$dir/empty.json" >/dev/null
rate_empty=$(sed -n 's/.*"sustained_per_second":\([0-9.E+]*\).*/\1/p' "$dir/empty.json" |
  awk '{ printf "%.0f", $1 }')
stop "$gateway"
rm -r "$dir/data"

echo "== queueing"
configure 1 "$offset"
start_gateway
load --class MARKETING --rate max --messages "$messages" --fill-only --seed 2 >/dev/null
queued=$(metric tact_lane_queued_messages)
resident=$(resident_mb)
echo "$queued queued, $resident MB resident"

echo "== kill -9, start"
kill9
configure 100000 "$offset"
began=$(now_ms)
start_gateway
ready_ms=$(($(now_ms) - began))
wait_for 60 "the link" eval '[ "$(metric tact_link_up)" -eq 2 ]'
rate_full=$(sending_rate)
resident_sending=$(resident_mb)

echo "== OTP at half of that rate"
kill9
configure $((rate_full / 2)) "$offset"
start_gateway
wait_for 60 "the link" eval '[ "$(metric tact_link_up)" -eq 2 ]'
sleep 5
load --class OTP --rate 100 --batch 1 --duration "${seconds}s" --seed 3 >/dev/null
otp_ms=$(quantile tact_lane_accepted_to_wire_seconds 'class="OTP"' 0.99)
otp_durable_ms=$(quantile tact_lane_durable_to_wire_seconds 'class="OTP"' 0.99)
turn_ms=$(quantile tact_turn_seconds '' 0.99)
rate_half=$(metric tact_route_rate_pdus_per_second)
kill9

cat <<END

queued                        $queued messages to as many numbers
resident, queued              $resident MB
resident, sending             $resident_sending MB
ready after kill -9           $ready_ms ms
sent, nothing queued          $rate_empty msg/s (whole lives)
sent, queue in front          $rate_full msg/s
OTP, ack to wire, p99         at most $otp_durable_ms ms by the clock of the turn that brings it,
                              and a turn's p99 at most $turn_ms ms,
                              at $rate_half msg/s of marketing
OTP, acceptance to wire, p99  at most $otp_ms ms
END
