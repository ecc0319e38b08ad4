// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/engine/record_io.h"

// Values of the meta table: integers, little endian, one behind the other.
namespace tact::gateway {

template <typename... T>
std::string stored_number(T... values) {
  Bytes bytes;
  RecordWriter out(bytes);
  (out.integer(values), ...);
  return {bytes.begin(), bytes.end()};
}

// Nullopt when the value is not exactly one T.
template <typename T>
std::optional<T> read_number(std::string_view stored) {
  RecordReader in({reinterpret_cast<const uint8_t*>(stored.data()), stored.size()});
  const T value = in.integer<T>();
  if (!in.ok() || in.left() != 0) return std::nullopt;
  return value;
}

}  // namespace tact::gateway
