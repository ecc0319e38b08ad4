#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A gateway with many messages queued, against the same one with none: what they cost in memory, how
# soon it is ready after kill -9, how fast it sends, and how long an OTP behind them waits.
#
#   bench/backlog.sh [MESSAGES]      10,000,000 of class MARKETING, each to a number of its own
#
# SECONDS_EACH (30, from 3) is how long each rate is measured. With NAME the figures stay as
# NAME.backlog.json, and the results of tact-bench as NAME.empty.json and NAME.queued.json.
# BIN and SMSC: see bench/world.sh.
set -euo pipefail
# shellcheck source=bench/world.sh
. "$(dirname "$0")/world.sh"
# shellcheck source=bench/rounds.sh
. "$(dirname "$0")/rounds.sh"

readonly messages=${1:-10000000} seconds=${SECONDS_EACH:-30} name=${NAME:-$dir/run}
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

bound() { [ "$(metric tact_link_up)" -eq "$links" ]; }
steady() { python3 "$root/bench/report/steady.py" "$@"; }

start_smsc --receipt-delay 100ms..300ms --window 1000 --deliver-window 1000

echo "== nothing queued"
configure 100000 "$offset"
start_gateway
load "${closed_loop[@]}" --class MARKETING --duration "$((seconds + 1))s" \
  --json "$name.empty.json" >/dev/null
rate_empty=$(steady 1 "$name.empty.json")
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
wait_for 60 "the links" bound
rate_full=$(sending_rate)
resident_sending=$(resident_mb)

# As many come in as live without a queue: what ends meanwhile has the same work beside it.
echo "== the same rate coming in"
load --class MARKETING --rate "$rate_empty" --duration "${seconds}s" --fill-only --seed 4 \
  --json "$name.queued.json" >/dev/null
rate_both=$(steady --behind-a-queue "$name.queued.json")

echo "== OTP at half of that rate"
kill9
configure $((rate_full / 2)) "$offset"
start_gateway
wait_for 60 "the links" bound
sleep $((seconds < 5 ? seconds : 5))
load --class OTP --rate 100 --batch 1 --duration "${seconds}s" --seed 3 >/dev/null
otp_ms=$(quantile tact_lane_accepted_to_wire_seconds 'class="OTP"' 0.99)
otp_durable_ms=$(quantile tact_lane_durable_to_wire_seconds 'class="OTP"' 0.99)
turn_ms=$(quantile tact_turn_seconds '' 0.99)
rate_half=$(metric tact_route_rate_pdus_per_second)
kill9
stop "$smsc"
code=0
violations || code=$?

cat <<END

queued                        $queued messages to as many numbers
resident, queued              $resident MB
resident, sending             $resident_sending MB
ready after kill -9           $ready_ms ms
whole lives, nothing queued   $rate_empty msg/s
the same coming in, queued    $rate_both msg/s ended or came in, whichever was less
sent, nothing coming in       $rate_full msg/s
OTP, ack to wire, p99         at most $otp_durable_ms ms by the clock of the turn that brings it,
                              and a turn's p99 at most $turn_ms ms,
                              at $rate_half msg/s of marketing
OTP, acceptance to wire, p99  at most $otp_ms ms
END

cat >"$name.backlog.json" <<END
{"queued": $queued, "resident_mb": [$resident, $resident_sending], "ready_ms": $ready_ms,
 "per_second_empty": $rate_empty, "per_second_behind_a_queue": $rate_both,
 "submitted_per_second": $rate_full, "otp_accepted_to_wire_p99_ms": "$otp_ms"}
END
exit "$code"
