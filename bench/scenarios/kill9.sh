# SPDX-License-Identifier: Apache-2.0
# kill -9 of the gateway under load, again and again. Only what was open may reach the carrier
# twice, or be told as unknown where its class is not sent again.
kills=$(pick 10 2) open=64
window=$((open / links))
carrier 2000 --receipt-delay 20ms..300ms --response-delay 1ms..20ms --receipt-tlvs true
contract "$(offset_to 10:15:00)"
route settle_time 1s
printf 'limits: {open: %d}\n' "$open" >>"$dir/gateway.yaml"
start_gateway
drive --rate 1000 --duration "$(pick 90s 12s)" --class NOTIFICATION=0.7,MARKETING=0.3 &
driving=$!
slowest=0
for ((kill = 0; kill < kills; ++kill)); do
  sleep "$(pick 4 2).$((RANDOM % 10))"
  kill -0 "$driving" 2>/dev/null || break
  kill -9 "$gateway"
  wait "$gateway" 2>/dev/null || true
  began=$(now_ms)
  start_gateway
  took=$(($(now_ms) - began))
  slowest=$((took > slowest ? took : slowest))
done
wait "$driving"
end_world
expect "kills while messages came in" "$kill" == "$kills"
expect "connections lost by the producer" "$(result connections_lost)" ">=" "$kills"
sound $((kills * open))
expect "told as unknown" "$(result finals.unknown)" "<=" $((kills * open))
expect "delivered, or told as unknown" \
  $(($(result finals.delivered) + $(result finals.unknown))) == "$(result sent)"
tell "ready again, ms, at most" "$slowest"
