#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what deploy/packages.txt lists and this machine lacks.
#
#   deploy/install-packages.sh            what building takes
#   deploy/install-packages.sh --tests    and what testing takes
set -eu

list="$(dirname "$0")/packages.txt"
case "${1:-}" in
  "") sections="build" ;;
  --tests) sections="build test" ;;
  *) sed -n '3,6s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac

wanted=$(awk -v sections=" $sections " '
  { sub(/#.*/, "") }
  /^\[/ { gsub(/[][]/, "", $1); take = index(sections, " " $1 " "); next }
  take && NF { print $1 }' "$list")

# dpkg-query fails for unknown names and still prints the others; that is the answer we want.
# shellcheck disable=SC2086  # one word a package
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
  sed -n 's/^installed //p' || true)
missing=""
for package in $wanted; do
  # A program of one's own, such as another distributor's npm, is as good.
  command -v "$package" >/dev/null && continue
  case "
$installed
" in
    *"
$package
"*) ;;
    *) missing="$missing $package" ;;
  esac
done

count=$(echo "$wanted" | wc -l)
if [ -z "$missing" ]; then
  echo "packages: all $count present"
  exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "packages: root or sudo is needed to install$missing" >&2
    exit 77
  fi
  as_root="sudo"
fi
echo "packages: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >>"$log" 2>&1 && return
  tail -n 20 "$log" >&2
  echo "packages: apt-get $1 failed" >&2
  exit 69
}
apt update
# shellcheck disable=SC2086
apt install --no-install-recommends $missing
echo "packages: all $count present"
