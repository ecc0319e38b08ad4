#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A campaign sent in the early morning: every message is deferred to 09:00, and then all are due at
# once. What leaves in each second, in which order, and how long the gateway's loop is ever busy.
#
#   bench/morning.sh [MESSAGES] [RATE]     1,000,000, at 20,000 PDUs a second
#
# Needs the morning to itself: the queue has to be filled before 09:00 of the gateway's clock, which
# starts LEAD seconds (120) before. BIN and SMSC: see bench/world.sh.
set -euo pipefail
. "$(dirname "$0")/world.sh"

readonly messages=${1:-1000000} rate=${2:-20000} lead=${LEAD:-120}
export SMSC="${SMSC:-} --receipt-delay 100ms..300ms"

turns() { # of more than 20 ms so far
  exec 3<>"/dev/tcp/127.0.0.1/$ops_port"
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
  awk '/^tact_turn_seconds_bucket.*le="0.02"/ { short += $2 }
    /^tact_turn_seconds_count/ { all += $2 }
    END { print all - short }' <&3
}

start_smsc --window 4000 --deliver-window 1000 --contract "$rate:$((rate / 10 + 4000))"
configure "$rate" "$(offset_to "$(date -u -d "@$((32400 - lead))" +%T)")"
# One link: one order. A burst of a tenth of a second, as a carrier would allow.
sed -i -e "/name: simulator-2/d; s/window: 1000/window: 4000/" \
  -e "s/burst_pdus: .*/burst_pdus: $((rate / 10))/" "$dir/gateway.yaml"
nine=$(($(date +%s) + lead))
start_gateway
load --class MARKETING --rate max --streams 1 --messages "$messages" --fill-only
if (($(date +%s) >= nine)); then
  echo "morning.sh: not queued before 09:00; it takes a longer LEAD" >&2
  exit 1
fi
long_before=$(turns)
echo "$(metric tact_link_submitted_total) submitted before 09:00, waiting for it"
while (($(date +%s) < nine)); do sleep 0.2; done
began=$(now_ms) submitted=0
while ((submitted < messages && $(now_ms) - began < 4000 * messages / rate + 60000)); do
  sleep 1
  submitted=$(metric tact_link_submitted_total)
  printf '%4d s after 09:00  %9d submitted\n' $((($(now_ms) - began) / 1000)) "$submitted"
done
took=$(($(now_ms) - began))
long=$(($(turns) - long_before))
stop "$gateway"
stop "$smsc"
cat <<END

submitted            $submitted of $messages in $((took / 1000)) s
rate                 $((submitted * 1000 / took)) msg/s of $rate
out of order         $(sed -n 's/.*"reference_steps_back":\([0-9]*\).*/\1/p' "$dir/smsc.out")
turns over 20 ms     $long
END
violations
