#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Load on a real gateway between a simulated SMSC and the generator, all on loopback, in a temporary
# folder.
#
#   bench/run.sh [tact-bench options]
#   bench/run.sh --rate max --duration 30s --json result.json
#
# BIN and SMSC: see bench/world.sh.
set -euo pipefail
. "$(dirname "$0")/world.sh"

start_smsc --receipt-delay 100ms..300ms --window 1000 --deliver-window 1000
configure 100000
start_gateway
load "$@"
stop "$gateway"
stop "$smsc"
violations
