# SPDX-License-Identifier: Apache-2.0
# A campaign deferred to 09:00: bench/morning.sh, which see.
messages=$(pick 200000 9000)
code=0
LEAD=$(pick 60 12) bash "$root/bench/morning.sh" "$messages" "$(pick 20000 3000)" \
  >"$dir/morning.out" 2>&1 || code=$?
expect "exit code: no violation" "$code" == 0
expect "submitted" "$(awk '$1 == "submitted" { print $2 }' "$dir/morning.out")" == "$messages"
expect "submitted twice" \
  "$(sed -n 's/^simulator: .* violations, \([0-9]*\) messages.*/\1/p' "$dir/morning.out")" == 0
expect "out of order" "$(awk '/^out of order/ { print $4 }' "$dir/morning.out")" == 0
expect "submitted before 09:00" \
  "$(awk '/before 09:00/ { print $1 }' "$dir/morning.out")" == 0
tell "a second" "$(awk '$1 == "rate" { print $2 }' "$dir/morning.out")"
tell "turns of more than 20 ms" "$(awk '/^turns over/ { print $5 }' "$dir/morning.out")"
