# SPDX-License-Identifier: Apache-2.0
# Two campaigns to the same people are queued; three in ten opt out after the first.
messages=$(pick 20000 2000)
carrier $((messages / 4)) --unasked-reply 0.3:TD --optout-watch 测试 \
  --reply-delay 10ms..300ms --receipt-delay 10ms..300ms
contract "$(offset_to 10:15:00)"
printf '  classes: {marketing: {cap_day: 100, cooldown: 0s}}\n' >>"$dir/gateway.yaml"
start_gateway
drive --class MARKETING --rate max --messages "$messages" --fill-only
drive --class MARKETING --rate max --messages "$messages"
end_world
sound 0
expect "opt-outs" "$(simulator replies.answered)" ">=" $((messages / 4))
expect "messages after an answered opt-out" "$(simulator sent_after_optout.at_all)" == 0
expect "messages that were not sent for it" $((2 * messages - $(simulator messages))) ">=" \
  $((messages / 4))
expect "the others of the second campaign" \
  $(($(simulator messages) + $(result finals.rejected))) == $((2 * messages))
