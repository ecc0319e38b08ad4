# SPDX-License-Identifier: Apache-2.0
# A rate below the contract, held.
carrier 3000 --receipt-delay 100ms..300ms
contract
start_gateway
drive --rate 2000 --duration "$(pick 60s 3s)"
end_world
sound 0
expect "delivered" "$(result finals.delivered)" == "$(result sent)"
tell "end to end, p99, ms" "$(milliseconds end_to_end.p99_ns)"
