# SPDX-License-Identifier: Apache-2.0
# The same with a carrier that tells its congestion_state.
told="--congestion-state true"
. "$(dirname "$0")/falling_carrier.sh"
