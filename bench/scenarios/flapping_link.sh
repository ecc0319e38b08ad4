# SPDX-License-Identifier: Apache-2.0
# Each connection is reset after 1,500 messages, with its window full, and the carrier holds the old
# session for a while.
window=50
carrier 3000 --reset-after 1500 --binds 2 --already-bound-for 300ms --receipt-delay 100ms..500ms \
  --receipt-tlvs true --response-delay 5ms..20ms
contract
route settle_time 2s
links_have already_bound_wait 100ms
links_have reconnect_min 50ms
start_gateway
drive --rate 1000 --duration "$(pick 30s 6s)"
end_world
resets=$(simulator resets)
expect "connections reset" "$resets" ">=" 2
expect "binds refused: already bound" "$(simulator binds_refused)" ">=" 1
sound $((resets * window))
expect "told as unknown" "$(result finals.unknown)" "<=" $((resets * window))
expect "delivered, or told as unknown" \
  $(($(result finals.delivered) + $(result finals.unknown))) == "$(result sent)"
