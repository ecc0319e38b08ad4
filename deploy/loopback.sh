# SPDX-License-Identifier: Apache-2.0
# Sourced by quickstart.sh and bench/world.sh: what every gateway on loopback needs.

# A port that nobody listens on. Another program may take it before we do; then the start says so.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

# http_ok PORT PATH: is the answer 200?
http_ok() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
  head -n 1 <&3 | grep -q ' 200 '
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds; 1 when it did not in time.
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until ("$@") >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "${0##*/}: $what did not come" >&2; return 1; }
    sleep 0.05
  done
}

# make_keys FOLDER: number.key, data.key and upstream.token, readable by nobody else.
make_keys() {
  local file octets
  for file in number.key:32 data.key:32 upstream.token:16; do
    octets=${file#*:}
    (umask 077 && od -An -N"$octets" -tx1 /dev/urandom | tr -d ' \n' >"$1/${file%:*}")
  done
}
