// SPDX-License-Identifier: Apache-2.0
// The fields of proto::Message as text: one table for JSON and CSV.
#pragma once

#include <string>
#include <string_view>

#include "proto/job.pb.h"

namespace tact::client {

// Whether set_field() knows the name: those of job.proto, `consent.proof` and `consent.time_ms`
// (with `_` for the dot also), `class` for message_class, and `at`, `not_before`, `expires_at` for
// the times. `variables.NAME` is a variable of a template.
bool is_field(std::string_view name);

// Sets one field from its text; empty leaves it alone. Answers what is wrong with the value, or "".
// Times are RFC 3339 or Unix milliseconds; enums are their names in any case. What only the gateway
// can judge (numbers, lengths, rules) is not judged here.
std::string set_field(proto::Message& message, std::string_view name, std::string_view value);

// Answers which class a name means, in any case; false when it is none.
bool parse_class(std::string_view name, proto::MessageClass& parsed);

}  // namespace tact::client
