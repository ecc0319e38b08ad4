# SPDX-License-Identifier: Apache-2.0
# Sourced after bench/world.sh: Kannel of Debian's package instead of a gateway.

# configure_kannel STORAGE: internal or redis, for receipts. Needs the simulator's port, links and
# window.
configure_kannel() {
  local storage=$1 i
  admin_port=$(free_port) box_port=$(free_port) sendsms_port=$(free_port) redis_port=$(free_port)
  {
    cat "$here/kannel.conf.in"
    for ((i = 0; i < links; ++i)); do cat "$here/smsc.conf.in"; done
    if [ "$storage" = redis ]; then cat "$here/redis.conf.in"; fi
  } | sed -e "s|@ADMIN_PORT@|$admin_port|; s|@BOX_PORT@|$box_port|; s|@REDIS_PORT@|$redis_port|" \
    -e "s|@SENDSMS_PORT@|$sendsms_port|; s|@SMSC_PORT@|$smsc_port|; s|@WINDOW@|$window|" \
    -e "s|@DLR_STORAGE@|$storage|; s|@DIR@|$dir|" >"$dir/kannel.conf"
}

# start_kannel STORAGE: returns when all binds stand and smsbox listens. Its processes are in
# `gateway`.
start_kannel() {
  local storage=$1
  configure_kannel "$storage"
  gateway=""
  if [ "$storage" = redis ]; then
    # Nothing of Redis goes to the disk: the fastest that it can be.
    redis-server --bind 127.0.0.1 --port "$redis_port" --save "" --appendonly no \
      --dir "$dir" --logfile "$dir/redis.log" &
    gateway=$!
    wait_for 20 "redis-server" redis-cli -p "$redis_port" ping
  fi
  # Without -v each logs every step to standard error, which costs half of its rate.
  bearerbox -v 4 "$dir/kannel.conf" 2>"$dir/bearerbox.err" &
  gateway="$! $gateway"
  wait_for 20 "bearerbox's binds" bound
  smsbox -v 4 "$dir/kannel.conf" 2>"$dir/smsbox.err" &
  gateway="$! $gateway"
  wait_for 20 "smsbox" listens "$sendsms_port"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

bound() {
  exec 3<>"/dev/tcp/127.0.0.1/$admin_port"
  printf 'GET /status.txt?password=bench HTTP/1.0\r\n\r\n' >&3
  (($(grep -c '(online' <&3) == links))
}

# smsbox first, then bearerbox, then Redis; one that does not end in 10 s is killed.
stop_kannel() {
  local pid i
  for pid in $gateway; do
    kill "$pid"
    for ((i = 0; i < 100; ++i)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" || true
  done
  gateway=""
}
