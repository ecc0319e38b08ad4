# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts that run contenders in turn.

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
