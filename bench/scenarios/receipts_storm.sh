# SPDX-License-Identifier: Apache-2.0
# The carrier is away for a while. Then its receipts come all at once, and the messages that waited
# leave.
carrier 5000 --outage "$(pick 5s..20s 1s..4s)" --receipt-delay "$(pick 3s..6s 500ms..1s)" \
  --receipt-tlvs true
contract
route settle_time "$(pick 20s 5s)"
links_have reconnect_max 1s
start_gateway
drive --rate 2000 --duration "$(pick 25s 5s)"
end_world
resets=$(simulator resets)
expect "connections reset" "$resets" ">=" 2
sound $((resets * window))
expect "told as unknown" "$(result finals.unknown)" "<=" $((resets * window))
expect "delivered, or told as unknown" \
  $(($(result finals.delivered) + $(result finals.unknown))) == "$(result sent)"
# Half as many again as messages are sent in one.
expect "receipts in the busiest second" "$(tail -n 1 "$dir/smsc.out" | python3 -c '
import json, sys
print(max(second["receipts"] for second in json.load(sys.stdin)["per_second"]))')" ">=" 3000
tell "acknowledgement, p99, ms" "$(milliseconds acknowledgement.p99_ns)"
