# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts that run contenders in turn.

# spread COLUMN: median (least .. greatest) of a column of the table on standard input.
spread() {
  awk -v c="$1" '{ print $c }' | sort -n | awk '
    { v[NR] = $1 }
    END {
      m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
      printf "%.4g (%.4g .. %.4g)\n", m, v[1], v[NR]
    }'
}
