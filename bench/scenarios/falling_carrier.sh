# SPDX-License-Identifier: Apache-2.0
# The carrier can do 5,000 a second, then 500, then 5,000 again, and 1,500 are to be sent. How soon
# the rate follows, and what it costs.
#
# The bounds are those of the pacer. To fall, the carrier's bucket is empty after half a second, and
# four halvings come half a second apart; to return, the rate grows by 250 each second from 250 at
# least. Whole seconds are counted, and one more is for a busy machine. Until the rate has followed,
# at most a thousand a second are too many for 1.5 s; afterwards each growth beyond 500 has at most
# 250 too many for half a second, and comes every 1.5 s.
fall=$(pick 15 3) rise=$(pick 45 9)
# shellcheck disable=SC2086  # options
carrier 5000 --throttle-above "5000,${fall}s:500,${rise}s:5000" --receipt-delay 10ms..50ms \
  ${told:-}
contract
start_gateway
drive --rate 1500 --duration "$(pick 60s 12s)"
end_world

# seconds_until FROM OPERATOR RATE: after second FROM of the sending, until two seconds in a row see
# such a rate; nothing if that never comes.
seconds_until() {
  tail -n 1 "$dir/smsc.out" | python3 -c '
import json, sys
begin, falls, rate = int(sys.argv[1]), sys.argv[2] == "<=", int(sys.argv[3])
seen = {s["second"]: s["submits"] for s in json.load(sys.stdin)["per_second"]}
first = min(second for second, submits in seen.items() if submits)
rates = [seen.get(second, 0) for second in range(first, max(seen) + 1)][begin:]
for second, pair in enumerate(zip(rates, rates[1:])):
    if all(r <= rate if falls else r >= rate for r in pair):
        print(second)
        break' "$@"
}
sound 0
expect "delivered" "$(result finals.delivered)" == "$(result sent)"
expect "seconds until no more than 600 leave" "$(seconds_until "$fall" "<=" 600)" "<=" 4
expect "seconds until 1,500 leave again" "$(seconds_until "$rise" ">=" 1500)" "<=" 7
expect "throttled meanwhile" "$(throttled)" "<=" $((1500 + (rise - fall) * 85))
