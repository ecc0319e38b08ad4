# SPDX-License-Identifier: Apache-2.0
# Sourced after bench/rounds.sh: what the rounds of both contenders come to, as rows of a table and
# as text. A row is the figures of Kannel, those of tactd, the ratio of their rates (ours by theirs)
# and that of their CPU a message (theirs by ours); bench/run.sh reads the ratio of the rates from
# its column.

compare_columns=("Kannel, whole lives a second" "Kannel, lost" "Kannel, doubled"
  "Kannel, submitted twice" "Kannel, CPU us a message" "  its generator" "  its simulator"
  "tactd, whole lives a second" "tactd, lost" "tactd, doubled" "tactd, submitted twice"
  "tactd, CPU us a message" "  its generator" "  its simulator" "ratio of whole lives"
  "ratio of CPU a message")

# figures RESULT: rate, lost, doubled, submitted twice, and CPU microseconds a message of gateway,
# generator and simulator. Fails when nothing ended: then there is no rate to divide by.
figures() {
  jq -ern 'input | if .final > 0 then . else error("nothing ended") end
    | (.final / 1e6) as $million
    | [.sustained_per_second, .lost, .doubled, .submitted_twice,
       .gateway_cpu / $million, .cpu_seconds / $million, .smsc_cpu / $million]
    | if all(type == "number") then map(tostring) | join(" ")
      else error("a figure is missing") end' "$1"
}

# row KANNEL_RESULT TACTD_RESULT
row() {
  local theirs ours
  theirs=$(figures "$1") && ours=$(figures "$2") || return
  awk '{ print $0, $8 / $1, $5 / $12 }' <<<"$theirs $ours"
}

# round_text NUMBER: of the row on standard input.
round_text() {
  awk -v round="$1" '{ printf "  round %d: Kannel %.0f/s, tactd %.0f/s, ratio %.2f\n",
    round, $1, $8, $15 }'
}

# summary TABLE: each column's median and spread.
summary() {
  local column
  echo "  $(wc -l <"$1") rounds: median (least .. greatest)"
  for ((column = 0; column < ${#compare_columns[@]}; ++column)); do
    printf '  %-30s %s\n' "${compare_columns[column]}" "$(spread $((column + 1)) <"$1")"
  done
}
