// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "smpp/types.h"

/// The user data header in front of a text, 3GPP TS 23.040 §9.2.3.24: a length, then elements, each
/// of an id, a length and data.
namespace tact::smpp {

struct UdhElement {
  std::uint8_t id = 0;
  Octets data;
};

struct Udh {
  Octets elements;
  Octets text;  ///< what is behind the header

  /// Takes the first element off; nothing where none is whole.
  std::optional<UdhElement> take() {
    if (elements.size() < 2 || elements.size() - 2 < elements[1]) return std::nullopt;
    const UdhElement element{elements[0], elements.subspan(2, elements[1])};
    elements = elements.subspan(2 + element.data.size());
    return element;
  }
};

/// Nothing where the header would be longer than the payload.
inline std::optional<Udh> split_udh(Octets payload) {
  if (payload.empty() || payload.size() - 1 < payload[0]) return std::nullopt;
  return Udh{payload.subspan(1, payload[0]), payload.subspan(1 + std::size_t{payload[0]})};
}

}  // namespace tact::smpp
