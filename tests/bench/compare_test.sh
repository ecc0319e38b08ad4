#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What bench/compare does without Kannel: its configuration, its figures, its text.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/bench/compare
. "$root/deploy/loopback.sh"
. "$root/bench/rounds.sh"
. "$here/figures.sh"
. "$here/kannel.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

failed=0
same() { # WHAT EXPECTED FOUND
  if [ "$2" != "$3" ]; then
    printf 'FAILED  %s\nexpected:\n%s\nfound:\n%s\n' "$1" "$2" "$3"
    failed=$((failed + 1))
  fi
}
refused() { # WHAT COMMAND...: it fails, and prints no figure
  local what=$1 found
  shift
  if found=$("$@" 2>"$dir/error"); then same "$what" "a failure" "$found"; fi
  same "$what, what it printed" "" "$found"
  [ -s "$dir/error" ] || same "$what, its word on standard error" "something" ""
}

# ---- The configuration.
smsc_port=2775
configured() { # STORAGE LINKS WINDOW
  links=$2 window=$3
  configure_kannel "$1"
}
unfilled() { grep '^[^#].*@[A-Z_]*@' "$dir/kannel.conf" || true; }
groups() { grep -c "^group = $1\$" "$dir/kannel.conf" || true; }
value() { sed -n "s/^$1 = //p" "$dir/kannel.conf" | sort -u; }

configured internal 1 1000
same "binds, file" 1 "$(groups smsc)"
same "window, file" 1000 "$(value max-pending-submits)"
same "storage of receipts, file" internal "$(value dlr-storage)"
same "Redis, file" 0 "$(groups redis-connection)"
same "what was not filled in, file" "" "$(unfilled)"

configured redis 4 100
same "binds, redis" 4 "$(groups smsc)"
same "window, redis" 100 "$(value max-pending-submits)"
same "storage of receipts, redis" redis "$(value dlr-storage)"
same "Redis, redis" 1 "$(groups redis-connection)"
same "its table, redis" 1 "$(groups dlr-db)"
same "what was not filled in, redis" "" "$(unfilled)"
same "ports" "$(printf '%s\n' "$redis_port" "$smsc_port" | sort)" "$(value port)"
same "smsbox finds bearerbox" "$(value smsbox-port)" "$(value bearerbox-port)"
same "where its files are" "$dir/bearerbox.log $dir/smsbox.log" "$(value log-file | paste -sd ' ')"

# ---- The figures of a round.
result() { # NAME RATE FINAL LOST DOUBLED TWICE GATEWAY_CPU CPU SMSC_CPU
  printf '{"sustained_per_second":%s,"final":%s,"lost":%s,"doubled":%s,"submitted_twice":%s,' \
    "${@:2:5}" >"$dir/$1"
  printf '"gateway_cpu":%s,"cpu_seconds":%s,"smsc_cpu":%s}\n' "${@:7:3}" >>"$dir/$1"
}
result theirs 2500.5 50000 3 1 2 20 2.5 1
result ours 40000 800000 0 0 0 20 2 1.6
same "figures" "2500.5 3 1 2 400 50 20" "$(figures "$dir/theirs")"
# 40000 / 2500.5 lives, and 400 / 25 microseconds.
same "row" "2500.5 3 1 2 400 50 20 40000 0 0 0 25 2.5 2 15.9968 16" \
  "$(row "$dir/theirs" "$dir/ours")"

result nothing 0 0 0 0 0 20 2 1
refused "figures of a run of which nothing ended" figures "$dir/nothing"
refused "row of a Kannel that ended nothing" row "$dir/nothing" "$dir/ours"
refused "row of a tactd that ended nothing" row "$dir/theirs" "$dir/nothing"
echo '{"sustained_per_second":2500,"final":50000,"lost":0}' >"$dir/part"
refused "figures of which some are missing" figures "$dir/part"
head -c 40 "$dir/theirs" >"$dir/cut"
refused "figures of a result cut short" figures "$dir/cut"
: >"$dir/empty"
refused "figures of an empty result" figures "$dir/empty"
refused "figures of a result that is not there" figures "$dir/none"

# ---- The text.
cat >"$dir/table" <<'END'
2000 0 0 0 400 40 20 40000 0 0 0 20 3 2 20 20
4000 7 1 0 500 30 30 44000 0 0 0 25 4 2 11 20
3000 0 0 2 450 35 25 36000 0 0 0 22 3.5 2.25 12 20.4545
END
same "round" "  round 3: Kannel 3000/s, tactd 36000/s, ratio 12.00" \
  "$(tail -n 1 "$dir/table" | round_text 3)"
same "summary" "  3 rounds: median (least .. greatest)
  Kannel, whole lives a second   3000 (2000 .. 4000)
  Kannel, lost                   0 (0 .. 7)
  Kannel, doubled                0 (0 .. 1)
  Kannel, submitted twice        0 (0 .. 2)
  Kannel, CPU us a message       450 (400 .. 500)
    its generator                35.0 (30.0 .. 40.0)
    its simulator                25.0 (20.0 .. 30.0)
  tactd, whole lives a second    40000 (36000 .. 44000)
  tactd, lost                    0 (0 .. 0)
  tactd, doubled                 0 (0 .. 0)
  tactd, submitted twice         0 (0 .. 0)
  tactd, CPU us a message        22.0 (20.0 .. 25.0)
    its generator                3.50 (3.00 .. 4.00)
    its simulator                2.00 (2.00 .. 2.25)
  ratio of whole lives           12.0 (11.0 .. 20.0)
  ratio of CPU a message         20.0 (20.0 .. 20.5)" "$(summary "$dir/table")"
same "spread of an even number" "12.5 (10.0 .. 20.0)" "$(printf '10\n20\n11\n14\n' | spread 1)"

echo "$failed failed"
((failed == 0))
