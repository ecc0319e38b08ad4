# SPDX-License-Identifier: Apache-2.0
# OTPs behind a campaign that takes the whole rate, and longer than they do.
seconds=$(pick 30 4)
carrier 2000 --receipt-delay 10ms..50ms
contract "$(offset_to 10:15:00)"
start_gateway
drive --class MARKETING --rate max --messages $((2000 * (seconds + 8))) --fill-only --seed 2
drive --class OTP --rate 50 --batch 1 --duration "${seconds}s"
queued=$(metric tact_lane_queued_messages)
end_world
expect "of the campaign still queued" "$queued" ">" 0
sound 0
expect "OTPs delivered" "$(result finals.delivered)" == "$(result sent)"
expect "OTP end to end, p99, ms" "$(milliseconds end_to_end.p99_ns)" "<" "$(pick 200 2000)"
