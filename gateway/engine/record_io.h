// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "gateway/engine/message.h"

// Little-endian fields of stored records: one writer and one reader that knows its end.
namespace tact::gateway {

// Into Bytes or a std::string.
template <typename Out>
class RecordWriter {
 public:
  explicit RecordWriter(Out& out) : out_(out) {}

  template <typename T>
  void integer(T value) {
    for (size_t i = 0; i < sizeof(T); ++i) {
      out_.push_back(static_cast<Octet>(static_cast<uint64_t>(value) >> (8 * i)));
    }
  }
  // Several in a row, as one insertion.
  template <typename... T>
  void integers(T... values) {
    static_assert(std::endian::native == std::endian::little);
    std::array<Octet, (sizeof(T) + ...)> octets;
    Octet* at = octets.data();
    ((std::memcpy(at, &values, sizeof(T)), at += sizeof(T)), ...);
    append(octets.data(), octets.size());
  }
  void octets(std::string_view s) {
    // Pointers of the same type are copied as a whole, others one by one.
    append(reinterpret_cast<const Octet*>(s.data()), s.size());
  }
  // Length in `Length`, then the octets; longer strings are cut.
  template <typename Length>
  void string(std::string_view s) {
    constexpr size_t kMax = static_cast<Length>(~Length{0});
    s = s.substr(0, kMax);
    integer(static_cast<Length>(s.size()));
    octets(s);
  }
  size_t position() const { return out_.size(); }
  // Overwrites an integer written before, such as a length that is known only now.
  template <typename T>
  void patch(size_t at, T value) {
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(out_.data() + at, &value, sizeof value);
  }

 private:
  using Octet = typename Out::value_type;

  void append(const Octet* octets, size_t size) {
    if constexpr (requires { out_.append(octets, size); }) {
      out_.append(octets, size);
    } else {
      out_.insert(out_.end(), octets, octets + size);
    }
  }

  Out& out_;
};

// After the first field that does not fit, ok() is false and every read gives zero or empty.
class RecordReader {
 public:
  explicit RecordReader(ByteView in) : in_(in) {}

  template <typename T>
  T integer() {
    if (!need(sizeof(T))) return T{};
    static_assert(std::endian::native == std::endian::little);
    T value;
    std::memcpy(&value, in_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  template <typename Length>
  std::string_view string() {
    return octets(integer<Length>());
  }
  std::string_view octets(size_t size) {
    if (!need(size)) return {};
    const auto* begin = reinterpret_cast<const char*>(in_.data() + at_);
    at_ += size;
    return {begin, size};
  }
  void skip(size_t n) {
    if (need(n)) at_ += n;
  }
  bool ok() const { return ok_; }
  size_t position() const { return at_; }
  size_t left() const { return in_.size() - at_; }

 private:
  bool need(size_t n) {
    if (ok_ && in_.size() - at_ >= n) return true;
    ok_ = false;
    return false;
  }

  ByteView in_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace tact::gateway
