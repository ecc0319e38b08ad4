#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Days of a gateway, each with what must come out of it. Prints what was expected and found, and a
# table at the end; exits 0 only if every expectation held.
#
#   bench/scenarios/run.sh [--short] [NAME...]     all, if none is named
#
# --short: a few seconds each, to judge what is right and not what is fast. BIN: see bench/world.sh.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
short=""
if [ "${1:-}" = --short ]; then
  short=yes
  shift
fi
if (($# == 0)); then
  set -- steady burst slow_tail falling_carrier falling_carrier_told flapping_link receipts_storm \
    optout_storm nine_o_clock otp_under_flood kill9
fi

missed=0 table=""
for name in "$@"; do
  if [ ! -e "$here/$name.sh" ]; then
    echo "run.sh: no scenario $name" >&2
    exit 2
  fi
  echo "== $name"
  began=$SECONDS
  if SHORT=$short bash "$here/judge.sh" "$here/$name.sh"; then
    outcome=held
  else
    outcome=MISSED
    missed=$((missed + 1))
  fi
  table+=$(printf '%-22s %-6s %4d s' "$name" "$outcome" $((SECONDS - began)))$'\n'
done
printf '\n%s\n%d of %d held\n' "$table" $(($# - missed)) $#
((missed == 0))
