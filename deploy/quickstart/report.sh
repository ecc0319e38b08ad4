#!/usr/bin/env bash
# One table of what became of each message, checked against what was declared.
#   report.sh EXPECTED.tsv RESULTS.jsonl...     (the lines of `tact submit --json --follow`)
# Exits 0 only if every message has the outcome, the rules and the fate that EXPECTED names.
set -euo pipefail
expected=$1
shift
jq -rsn --rawfile expected "$expected" '
  def width: explode | map(if . >= 4352 then 2 else 1 end) | add // 0;
  def pad(n): . + " " * ([0, n - width] | max);
  def clip(n): if width <= n then . else until(width < n; .[:-1]) + "…" end;
  def row($mark; $name; $verdict; $segments; $rules; $fate):
    ($mark | pad(3)) + ($name | pad(23)) + ($verdict | pad(11)) + ($segments | pad(5))
    + ($rules | clip(44) | pad(46)) + ($fate | clip(58));

  [inputs[]] | group_by(.reference) | map({
    key: .[0].reference,
    value: {
      outcome: .[0].outcome,
      rules: (map(.rules // "") | max_by(length)),
      segments: (map(.segments // 0) | max),
      ms: (map(.time_ms // empty) | if length > 1 then (last - first) else null end),
      fate: (map(.fate // empty) | last // "sent before")
    }
  }) | from_entries as $got
  | [$expected | split("\n")[] | select(length > 0 and (startswith("#") | not)) | split("\t")
     | {name: .[0], outcome: .[1], rules: .[2], fate: .[3]}] as $declared
  | {outcome: "missing", rules: "", segments: 0, fate: ""} as $missing
  | [$declared[] | . as $want | ($got[.name] // $missing) as $is
     | $is + {name: .name,
              ok: ($is.outcome == $want.outcome and ($is.fate | startswith($want.fate))
                   and all($want.rules | split(" ")[]; . as $rule | $is.rules | contains($rule))),
              want: "\(.outcome) \(.rules) \(.fate)"}] as $rows
  | row(""; "MESSAGE"; "VERDICT"; "SEG"; "RULES"; "FATE"),
    ($rows[] | row(if .ok then "ok" else "NO" end; .name; .outcome;
                   if .segments > 0 then "\(.segments)" else "" end; .rules;
                   .fate + if .fate == "delivered" and .ms
                           then ", \(.ms) ms after the SMSC took it" else "" end)),
    "",
    "\([$rows[] | select(.ok)] | length) of \($rows | length) messages ended as declared",
    ($rows[] | select(.ok | not) | "  \(.name): expected \(.want)"),
    (if all($rows[]; .ok) then empty else error("not every fate is the declared one") end)' \
  <(cat "$@")
