#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The table of what the gateway is measured by: every row from runs of its own, with a page for each
# of them (bench/README.md tells what a row means and how it is found).
#
#   bench/run.sh [--short] [--out FOLDER] [ROW...]      all rows, if none is named
#
# Rows: life window10 ceiling kannel redis half otp idle backlog. `life` gives CPU, memory and disk
# too, and is run with `ceiling` and `half`, which need it.
#
# --short: seconds, no Kannel: judges what is right and not what is fast. Results stay in FOLDER
# (build/table): table.md, table.json, index.html and a page per run. Exits 0 only if every run was
# sound: nothing lost, nothing doubled, no violation of the protocol (of the runs beside Kannel the
# simulator's complaints stand in their logs). DELIVER_WINDOW (100) is how
# many receipts the simulator has unanswered on each bind; BIN: see bench/world.sh.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=bench/rounds.sh
. "$here/rounds.sh"

missing() { # PROGRAM...
  local program
  for program; do command -v "$program" >/dev/null || echo "$program"; done
}

readonly all=(life window10 ceiling kannel redis half otp idle backlog)
short="" out=$root/build/table rows=()
while (($# > 0)); do
  case $1 in
    --short) short=yes ;;
    --out) out=${2:?a folder} && shift ;;
    -*) sed -n '3,16s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    *) rows+=("$1") ;;
  esac
  shift
done
named=${rows[*]}
((${#rows[@]} > 0)) || rows=("${all[@]}")
for row in "${rows[@]}"; do
  [[ " ${all[*]} " == *" $row "* ]] || { echo "run.sh: no row $row" >&2; exit 2; }
done
if [[ " ${rows[*]} " == *" ceiling "* || " ${rows[*]} " == *" half "* ]]; then rows+=(life); fi
mkdir -p "$out"
out=$(cd "$out" && pwd)

if [ -n "$short" ]; then
  rounds=1 with_kannel="" queued=200000 receipts=100ms..600ms settled=1
  life=4 ceiling=3 window10=3 half=3 otp=3 idle=2 backlog=3 file="" redis=""
else
  # What makes them 28 minutes: the plan at the end adds them up.
  rounds=5 with_kannel=yes queued=10000000 receipts=1s..6s settled=8
  life=60 ceiling=20 window10=15 half=15 otp=15 idle=10 backlog=10 file=8 redis=15
fi
readonly deliver_window=${DELIVER_WINDOW:-100}
readonly rounds with_kannel queued receipts settled
readonly life ceiling window10 half otp idle backlog file redis

wanted() { [[ " ${rows[*]} " == *" $1 "* ]]; }

# ---- What one run of a row is. All leave NAME.json and NAME.html in the folder.

# tact GATEWAY LINKS WINDOW NAME OPTION...
tact() {
  GATEWAY=$1 LINKS=$2 WINDOW=$3 REPORT=$out/$4.html \
    SMSC="--receipt-delay $receipts --deliver-window $deliver_window" "$here/once.sh" "${@:5}"
}
life() { tact tactd 4 100 "$1" "${closed_loop[@]}" --duration "$2s"; }
ceiling() { tact ceiling 4 100 "$1" "${closed_loop[@]}" --duration "$2s"; }
window10x1() { tact tactd 1 10 "$1" "${closed_loop[@]}" --duration "$2s"; }
window10x4() { tact tactd 4 10 "$1" "${closed_loop[@]}" --duration "$2s"; }
half() {
  local rate
  rate=$(python3 "$here/report/steady.py" --half "$settled" "${sound_lives[@]}") || return
  tact tactd 4 100 "$1" --rate "$rate" --duration "$2s"
}
otp() {
  LINKS=4 WINDOW=100 SMSC="--receipt-delay $receipts --deliver-window $deliver_window" \
    "$here/flood.sh" "$out/$1" "$2" || return
  pages "$out/$1".{json,flood.json}
}
idle() {
  rm -f "$out/$1".{submitted,wire}.jsonl
  LINKS=4 WINDOW=100 REPORT=$out/$1.html SMSC="--log $out/$1.wire.jsonl" "$here/once.sh" \
    --rate 20 --batch 1 --duration "$2s" --log "$out/$1.submitted.jsonl"
}
backlog() {
  NAME=$out/$1 SECONDS_EACH=$2 "$here/backlog.sh" "$queued" || return
  pages "$out/$1".{empty,queued}.json
}
kannel() { compare file 5 "$2"; }
redis() { compare redis 3 "$2"; }
compare() { # MODE ROUNDS SECONDS: all rounds at once
  MODES=$1 OUT=$out "$here/compare/run.sh" "$2" "$3s" || return
  pages "$out/$1"-tactd-[1-9].run.json
}
pages() { # RESULT...
  local result
  for result in "$@"; do python3 "$here/report" "$result" >"${result%.json}.html" || return; done
}

# ---- The plan: what is run, with how long it takes beside its own seconds.

plan=() left=0
step() { # ROW ROUND SECONDS OVERHEAD
  plan+=("$*")
  left=$((left + $3 + $4))
}
each_round() { # ROW SECONDS OVERHEAD
  local round
  for ((round = 1; round <= rounds; ++round)); do step "$1" "$round" "$2" "$3"; done
}

tail=$([ -n "$short" ] && echo 4 || echo 9)
if wanted life; then
  # One that is thrown away: what it finds in caches, the others would not.
  [ -n "$short" ] || step life 0 10 "$tail"
fi
for ((round = 1; round <= rounds; ++round)); do
  if wanted life; then step life "$round" "$life" "$tail"; fi
  if wanted ceiling; then step ceiling "$round" "$ceiling" "$tail"; fi
done
if wanted window10; then
  each_round window10x1 "$window10" "$tail"
  each_round window10x4 "$window10" "$tail"
fi
if wanted half; then each_round half "$half" "$tail"; fi
if wanted otp; then each_round otp "$otp" 8; fi
if wanted idle; then each_round idle "$idle" 3; fi
if [ -z "$with_kannel" ]; then
  echo "kannel, redis: not in the short form"
elif [ -n "$(missing bearerbox smsbox redis-server redis-cli jq)" ]; then
  echo "kannel, redis: left out, they need Debian's kannel, redis-server, redis-tools and jq"
  [ -z "$named" ] || { ! wanted kannel && ! wanted redis; } || exit 1
else
  compared() { # ROUNDS SECONDS TAIL: what all rounds take beside the seconds of one
    echo $((($2 + $3) * 2 * $1 + (5 + $3) * 2 - $2))
  }
  if wanted kannel; then step kannel all "$file" "$(compared 5 "$file" 7)"; fi
  if wanted redis; then step redis all "$redis" "$(compared 3 "$redis" 16)"; fi
fi
if wanted backlog; then step backlog 1 "$backlog" $((4 * backlog + queued / 70000 + 10)); fi

# ---- The runs.

# The processors' time so far, all and stolen, in ticks.
ticks() { awk '/^cpu / { for (i = 2; i <= 9; ++i) all += $i; print all, $9 }' /proc/stat; }

minutes() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# What an earlier run left there is none of this one's.
rm -f "$out"/{life,window10x[14],ceiling,half,otp,idle,backlog,kannel,redis,file}-* \
  "$out"/{file,redis,table.md,table.json,index.html}
: >"$out/steps.jsonl"
sound_lives=()
echo "${#plan[@]} runs, about $(minutes "$left") minutes; results in $out"
failed=0
for entry in "${plan[@]}"; do
  read -r row round seconds overhead <<<"$entry"
  name=$row-$round began=$SECONDS code=0
  printf '%6s left  %-14s ' "$(minutes "$left")" "$name"
  before=$(ticks)
  "$row" "$name" "$seconds" >"$out/$name.log" 2>&1 </dev/null || code=$?
  stolen=$(echo "$before $(ticks)" | awk '{ printf "%.1f", 100 * ($4 - $2) / ($3 - $1) }')
  left=$((left - seconds - overhead))
  printf '{"row":"%s","round":"%s","name":"%s","seconds":%d,"steady_from":%d,"code":%d,' \
    "$row" "$round" "$name" "$seconds" "$settled" "$code" >>"$out/steps.jsonl"
  printf '"stolen":%s}\n' "$stolen" >>"$out/steps.jsonl"
  if ((code == 0)); then
    echo "$((SECONDS - began)) s"
    if [ "$row" = life ] && ((round > 0)); then sound_lives+=("$out/$name.json"); fi
  else
    failed=$((failed + 1))
    echo "FAILED ($code), the end of $out/$name.log:"
    tail -n 12 "$out/$name.log" | sed 's/^/    /'
  fi
done

python3 "$here/report/table.py" "$out" ${short:+--short} || failed=$((failed + 1))
echo "took $(minutes "$SECONDS") minutes; $failed failures"
((failed == 0))
