# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts beside it: a simulated SMSC and a gateway on free loopback ports, in a
# temporary folder that is kept when something went wrong.
#
#   BIN   folder of the binaries (build/release/bin)
#   SMSC  more options for tact-smsc, such as "--receipt-delay 1s..6s"
#   LINKS, WINDOW   binds of the gateway (2), and the window of each (1000)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/deploy/loopback.sh"
bin=${BIN:-$root/build/release/bin}
dir=$(mktemp -d "${TMPDIR:-/tmp}/tact-bench.XXXXXX")
links=${LINKS:-2} window=${WINDOW:-1000}
smsc="" gateway=""

finish() {
  local code=$? pid children
  children=$(jobs -p)  # also a generator that runs beside the script
  for pid in $children; do kill "$pid" 2>/dev/null || true; done
  for pid in $children; do wait "$pid" 2>/dev/null || true; done
  if ((code == 0)); then rm -rf "$dir"; else echo "${0##*/}: logs are in $dir" >&2; fi
}
trap finish EXIT

# start_smsc OPTION...
start_smsc() {
  # shellcheck disable=SC2086  # SMSC is a list of options
  "$bin/tact-smsc" --port 0 --stats-port 0 "$@" ${SMSC:-} >"$dir/smsc.out" &
  smsc=$! smsc_options="$*${SMSC:+ $SMSC}"
  wait_for 20 "the simulator" grep -q statistics "$dir/smsc.out"
  smsc_port=$(sed -n 's/^listening .*:\([0-9]*\)$/\1/p' "$dir/smsc.out")
}

# configure RATE [CLOCK_OFFSET]: the gateway's configuration; ports and keys stay those of the first
# call. The line of a link is repeated.
configure() {
  : "${listen_port:=$(free_port)}" "${ops_port:=$(free_port)}"
  [ -e "$dir/number.key" ] || make_keys "$dir"
  sed -e "s|@LISTEN_PORT@|$listen_port|; s|@OPS_PORT@|$ops_port|; s|@SMSC_PORT@|$smsc_port|" \
    -e "s|@RATE@|$1|; s|@CLOCK_OFFSET@|${2:-0s}|; s|@POLICY_DATA@|$root/policy/data|" \
    -e "s|@WINDOW@|$window|" "$root/bench/gateway.yaml.in" |
    awk -v links="$links" '
      !/@LINK@/ { print; next }
      { for (i = 1; i <= links; ++i) { line = $0; sub("@LINK@", i, line); print line } }' \
      >"$dir/gateway.yaml"
}

# start_gateway [OPTION...]: returns when it is ready.
start_gateway() {
  "$bin/tactd" --config "$dir/gateway.yaml" "$@" 2>>"$dir/tactd.log" &
  gateway=$!
  wait_for 120 "the gateway" http_ok "$ops_port" /readyz
}

# start_ceiling: the barest composition (bench/ceiling) instead of the gateway; it has no metrics.
start_ceiling() {
  make_keys "$dir"
  # shellcheck disable=SC2086  # CEILING is a list of options
  "$bin/tact-ceiling" --smsc-port "$smsc_port" --links "$links" --window "$window" \
    --folder "$dir/log" ${CEILING:-} >"$dir/ceiling.out" &
  gateway=$!
  wait_for 20 "the ceiling" grep -q listening "$dir/ceiling.out"
  listen_port=$(sed -n 's/^listening .*://p' "$dir/ceiling.out")
}

stop() { # PID
  kill "$1" && wait "$1" || true
}

# load OPTION...: of tact-bench, as the upstream `upstream` (bench).
load() {
  local commit
  commit=$(git -C "$root" describe --always --dirty 2>/dev/null) || commit=unknown
  "$bin/tact-bench" --to "127.0.0.1:$listen_port" --upstream "${upstream:-bench}" \
    --token-file "$dir/upstream.token" \
    ${ops_port:+--gateway-metrics "http://127.0.0.1:$ops_port/metrics"} \
    --gateway-pid "$gateway" --smsc-pid "$smsc" --label "commit=$commit" \
    --label "simulator=$smsc_options" --label "filesystem=$(stat -f -c %T "$dir")" "$@"
}

# metric NAME [LABEL]: the sum of its samples; with a label only of those that bear it.
metric() {
  exec 3<>"/dev/tcp/127.0.0.1/$ops_port"
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
  awk -v name="$1" -v label="${2:-}" '
    ($1 == name || index($1, name "{") == 1) && (label == "" || index($1, label)) { sum += $2 }
    END { printf "%.0f\n", sum }' <&3
}

resident_mb() { awk '/VmRSS/ { printf "%.0f\n", $2 / 1024 }' "/proc/$gateway/status"; }
now_ms() { date +%s%3N; }

# What the simulator, which has ended, complained about; 1 if it did.
violations() {
  local violations duplicates
  violations=$(sed -n 's/.*"violations":{[^}]*"total":\([0-9]*\)}.*/\1/p' "$dir/smsc.out")
  duplicates=$(sed -n 's/.*"duplicates":\([0-9]*\).*/\1/p' "$dir/smsc.out")
  echo "simulator: ${violations:-?} protocol violations, ${duplicates:-?} messages submitted twice"
  ((${violations:-1} == 0))
}

# quantile NAME LABEL Q: the bound in milliseconds that so large a share of a histogram's values
# does not exceed.
quantile() {
  exec 3<>"/dev/tcp/127.0.0.1/$ops_port"
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
  awk -v name="$1_bucket" -v label="$2" -v q="$3" '
    index($1, name "{") == 1 && index($1, label) {
      match($1, /le="[^"]*"/)
      bound[n] = substr($1, RSTART + 4, RLENGTH - 5)
      count[n++] = $2
    }
    END {
      for (i = 0; i < n; ++i) {
        if (count[i] >= q * count[n - 1]) break
      }
      print bound[i] == "+Inf" ? "Inf" : bound[i] * 1000
    }' <&3
}

# The clock offset at which it is that time of 2026-03-18, a Wednesday, in Shanghai.
offset_to() { echo "$(($(date -d "2026-03-18T$1+08:00" +%s) - $(date +%s)))s"; }
