// SPDX-License-Identifier: Apache-2.0
// How messages and campaigns stand, as text: what `tact cancel` and `tact query` show.
#pragma once

#include <string>
#include <vector>

#include "proto/job.pb.h"

namespace tact::client {

// "4294967301", "key k-1", "campaign spring".
std::string describe(const proto::Subject& subject);

// "12 queued messages will not be sent", "too late: delivered to the carrier by carrier-a, no
// receipt yet", "queued for carrier-a (OTP)", ...
std::string describe(const proto::Result& result, const proto::Subject& subject);

// SUBJECT, ID, OUTCOME and what it means, a line each. REQUIRES: as many subjects as results.
std::string render(const std::vector<proto::Subject>& subjects,
                   const std::vector<proto::Result>& results);

// One line of JSON without its end.
std::string to_json(const proto::Subject& subject, const proto::Result& result);

}  // namespace tact::client
