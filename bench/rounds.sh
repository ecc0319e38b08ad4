# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts that run contenders or rounds in turn.

# The closed loop by which sustained rates are found (bench/README.md): a message goes when another
# one has ended, and few wait in the gateway.
# shellcheck disable=SC2034  # for those who source this
closed_loop=(--rate max --queued 30000 --in-flight 400000)

# spread COLUMN: median (least .. greatest) of a column of the table on standard input.
spread() {
  awk -v c="$1" '{ print $c }' | sort -n | awk '
    { v[NR] = $1 }
    END {
      m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
      digits = m >= 100 || m == 0 ? 0 : m >= 10 ? 1 : m >= 1 ? 2 : 3
      printf "%.*f (%.*f .. %.*f)\n", digits, m, digits, v[1], digits, v[NR]
    }'
}
