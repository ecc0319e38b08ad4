// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace tact::policy {

// What a message is for. The values are on disk and in metrics: never change or reuse one.
// `unset` asks for the account's default class; every value outside 1..5 is CLASS_UNKNOWN.
enum class Class : uint8_t {
  unset = 0,
  otp = 1,
  crisis = 2,
  notification = 3,
  collection = 4,
  marketing = 5
};
inline constexpr int kClassCount = 5;

constexpr bool known(Class c) { return c >= Class::otp && c <= Class::marketing; }
// "OTP", "CRISIS", "NOTIFICATION", "COLLECTION", "MARKETING"; "UNSET" and "UNKNOWN" for the rest.
std::string_view name(Class);
// The inverse of name() for the five classes, in any letter case; nullopt otherwise.
std::optional<Class> parse_class(std::string_view);

// A set of classes: bit (value - 1) of each member.
using ClassMask = uint8_t;
constexpr ClassMask mask(Class c) {
  return known(c) ? static_cast<ClassMask>(1u << (static_cast<uint8_t>(c) - 1)) : ClassMask{0};
}
constexpr bool contains(ClassMask set, Class c) { return (set & mask(c)) != 0; }
inline constexpr ClassMask kAllClasses = 0x1f;
inline constexpr ClassMask kOptionalClasses = mask(Class::marketing) | mask(Class::collection);

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;  // civil time, UTC
using NumberHash = uint64_t;  // keyed hash of a number, made by the caller
using MessageId = uint64_t;   // the gateway's own id; 0 is never one

// Who the recipient is to the debt; matters for COLLECTION only.
enum class Role : uint8_t { unset = 0, debtor = 1, guarantor = 2, contact = 3 };
std::optional<Role> parse_role(std::string_view);  // "DEBTOR", "GUARANTOR", "CONTACT", any case

// Everything a rule may see of one message. Views: the caller keeps what they point to alive for
// the length of one call. Release needs owner, id, campaign, special_dates, cls, brand, to, zone,
// number, urgent, accepted, expires_at and now.
struct Submission {
  uint16_t account = 0;  // id of the account, as in RuleSetSpec
  uint16_t owner = 0;    // who may take it back (Suppression::withdrawn); 0: nobody
  uint16_t brand = 0;    // 0: the account's only brand, or the one whose signature the text bears
  Class cls = Class::unset;
  Role role = Role::unset;
  std::string_view from;           // source_addr; empty: the account's own
  std::string_view to;             // E.164 digits with country code, '+' optional
  std::string_view text;           // UTF-8
  std::string_view zone;           // IANA name of the recipient's zone; empty: by number prefix
  std::string_view campaign;       // may be taken back as a whole
  std::string_view stage;          // of the customer, as in RuleSetSpec::stages; empty: none
  std::string_view special_dates;  // days of the year to leave alone: month and day, an octet each
  NumberHash number = 0;           // hash of `to`
  MessageId id = 0;                // its own reservation, if any, does not count against it
  bool urgent = true;              // NOTIFICATION: false = optional notice, kept inside the window
  bool consent = false;            // MARKETING: a consent record exists and is valid
  bool emergency = false;          // audited exception from FREQ_WEEK
  bool confirmation = false;       // of an opt-out: there is one for each, and no cap holds it
  std::optional<std::chrono::year_month_day> due;  // due date of the debt (COLLECTION)
  std::optional<Instant> expires_at;               // end of validity
  std::optional<Instant> accepted;                 // first admission; nullopt: now
  Instant now{};
};

// Segments that a text needs on the route that its message takes; class and brand are those of the
// verdict.
struct Verdict;
using SegmentCounter = std::function<int(std::string_view utf8, const Submission&, const Verdict&)>;

}  // namespace tact::policy
