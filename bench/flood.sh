#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OTPs of one upstream beside a flood of marketing by another, which comes as fast as it lives: how
# long an OTP takes to its acknowledgement, and from there to the wire.
#
#   bench/flood.sh NAME [SECONDS] [RATE]      15 s of 100 OTPs a second
#
# Leaves NAME.json and NAME.flood.json (results of tact-bench), and when each OTP left and was seen:
# NAME.submitted.jsonl (tact-bench --log) and NAME.wire.jsonl (tact-smsc --log).
# BIN, SMSC, LINKS, WINDOW: see bench/world.sh.
set -euo pipefail
# shellcheck source=bench/world.sh
. "$(dirname "$0")/world.sh"
# shellcheck source=bench/rounds.sh
. "$(dirname "$0")/rounds.sh"

name=$1 seconds=${2:-15} rate=${3:-100}
rm -f "$name".{json,flood.json,submitted.jsonl,wire.jsonl}  # the simulator appends to its log

start_smsc --receipt-delay 100ms..300ms --window "$window" --deliver-window 1000 \
  --log "$name.wire.jsonl" --log-text 验证码
configure 100000 "$(offset_to 10:15:00)"
start_gateway
load "${closed_loop[@]}" --class MARKETING --duration "$((seconds + 4))s" --seed 2 \
  --json "$name.flood.json" &
flood=$!
sleep 3
code=0
upstream=otp load --class OTP --rate "$rate" --batch 1 --duration "${seconds}s" \
  --log "$name.submitted.jsonl" --json "$name.json" || code=$?
wait "$flood" || code=$?
stop "$gateway"
stop "$smsc"
violations
exit "$code"
