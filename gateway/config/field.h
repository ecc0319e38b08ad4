// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <optional>

#include "gateway/config/value.h"

namespace tact::gateway::config {

// Sets a singular field, or adds to a repeated one. REQUIRES: the value is of the field's type and
// in its range (parse_value(), in_range()).
void set_value(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
               const Value& value);

// A singular field (index -1) or one element of a repeated one.
Value get_value(const google::protobuf::Message& message,
                const google::protobuf::FieldDescriptor& field, int index = -1);

}  // namespace tact::gateway::config
