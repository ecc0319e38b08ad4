# SPDX-License-Identifier: Apache-2.0
# One response in a hundred takes seconds: the others do not wait for it.
carrier 3000 --response-delay 1ms..10ms,0.01:2s..3s --receipt-delay 10ms..50ms
contract
start_gateway
drive --rate 1000 --duration "$(pick 30s 4s)"
end_world
sound 0
expect "delivered" "$(result finals.delivered)" == "$(result sent)"
expect "end to end, p50, ms" "$(milliseconds end_to_end.p50_ns)" "<" 1000
tell "end to end, p99, ms" "$(milliseconds end_to_end.p99_ns)"
