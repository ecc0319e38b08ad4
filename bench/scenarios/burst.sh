# SPDX-License-Identifier: Apache-2.0
# Everything at once: it is queued, and leaves at the contract's rate; the last receipt comes 0.3 s
# after.
carrier 2000 --receipt-delay 100ms..300ms
contract
start_gateway
drive --rate max --messages "$(pick 60000 6000)"
end_world
sound 0
expect "delivered" "$(result finals.delivered)" == "$(result sent)"
expect "whole lives a second" "$(result sustained_per_second)" ">=" "$(pick 1900 1000)"
