// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/field.h"

#include <google/protobuf/duration.pb.h>

#include "gateway/engine/check.h"

namespace tact::gateway::config {
namespace {

using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void set_duration(Duration& out, int64_t ms) {
  out.set_seconds(ms / 1000);
  out.set_nanos(static_cast<int32_t>(ms % 1000 * 1'000'000));
}

int64_t milliseconds(const Duration& duration) {
  return duration.seconds() * 1000 + duration.nanos() / 1'000'000;
}

}  // namespace

void set_value(Message& message, const FieldDescriptor& field, const Value& value) {
  const auto& reflection = *message.GetReflection();
  const bool adds = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool flag = std::get<bool>(value.is);
      return adds ? reflection.AddBool(&message, &field, flag)
                  : reflection.SetBool(&message, &field, flag);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string& text = std::get<std::string>(value.is);
      return adds ? reflection.AddString(&message, &field, text)
                  : reflection.SetString(&message, &field, text);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* member = std::get<const google::protobuf::EnumValueDescriptor*>(value.is);
      return adds ? reflection.AddEnum(&message, &field, member)
                  : reflection.SetEnum(&message, &field, member);
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      const auto n = static_cast<uint32_t>(value.number());
      return adds ? reflection.AddUInt32(&message, &field, n)
                  : reflection.SetUInt32(&message, &field, n);
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto n = static_cast<int32_t>(value.number());
      return adds ? reflection.AddInt32(&message, &field, n)
                  : reflection.SetInt32(&message, &field, n);
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      const auto n = static_cast<uint64_t>(value.number());
      return adds ? reflection.AddUInt64(&message, &field, n)
                  : reflection.SetUInt64(&message, &field, n);
    }
    case FieldDescriptor::CPPTYPE_INT64:
      return adds ? reflection.AddInt64(&message, &field, value.number())
                  : reflection.SetInt64(&message, &field, value.number());
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      CHECK(is_duration(field));
      Message* out = adds ? reflection.AddMessage(&message, &field)
                          : reflection.MutableMessage(&message, &field);
      return set_duration(static_cast<Duration&>(*out), value.number());
    }
    default:
      CHECK(false && "the schema has no fields of this type");
  }
}

Value get_value(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {one ? reflection.GetBool(message, &field)
                  : reflection.GetRepeatedBool(message, &field, index)};
    case FieldDescriptor::CPPTYPE_STRING:
      return {one ? reflection.GetString(message, &field)
                  : reflection.GetRepeatedString(message, &field, index)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {one ? reflection.GetEnum(message, &field)
                  : reflection.GetRepeatedEnum(message, &field, index)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {int64_t{one ? reflection.GetUInt32(message, &field)
                          : reflection.GetRepeatedUInt32(message, &field, index)}};
    case FieldDescriptor::CPPTYPE_INT32:
      return {int64_t{one ? reflection.GetInt32(message, &field)
                          : reflection.GetRepeatedInt32(message, &field, index)}};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {static_cast<int64_t>(one ? reflection.GetUInt64(message, &field)
                                       : reflection.GetRepeatedUInt64(message, &field, index))};
    case FieldDescriptor::CPPTYPE_INT64:
      return {one ? reflection.GetInt64(message, &field)
                  : reflection.GetRepeatedInt64(message, &field, index)};
    default: {
      CHECK(is_duration(field));
      const Message& out = one ? reflection.GetMessage(message, &field)
                               : reflection.GetRepeatedMessage(message, &field, index);
      return {milliseconds(static_cast<const Duration&>(out))};
    }
  }
}

}  // namespace tact::gateway::config
