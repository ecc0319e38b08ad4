// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/data.h"
#include "policy/submission.h"
#include "policy/suppression.h"

namespace tact::policy {

using Minutes = std::chrono::minutes;

// The local hours in which a class may be sent: [from, to) since midnight. Never wider than the
// hard floor 08:00-22:00 (POLICY 3); from == to: no window for this class.
struct Window {
  Minutes from{9 * 60};
  Minutes to{20 * 60};
  bool operator==(const Window&) const = default;
};

// Hours within the window, on some days of the week: bit 0 is Sunday.
struct Preferred {
  Window hours;
  uint8_t days = 0x7f;
  bool operator==(const Preferred&) const = default;
};

// What may differ by class. The defaults of each class are POLICY 3's: ClassRules::of(Class).
struct ClassRules {
  Window window;          // MARKETING, COLLECTION, and NOTIFICATION that is not urgent
  bool holidays = false;  // HOLIDAY defers
  std::chrono::milliseconds max_defer{};
  uint16_t segments_soft = 1;  // more: a warning
  uint16_t segments_hard = 2;  // more: a reject
  uint16_t cap_day = 0;        // per number in any 24 h, all brands of the tenant; 0: no cap
  uint16_t cap_minute = 0;     // OTP, NOTIFICATION: per number and brand in a minute; 0: no cap
  uint16_t cap_hour = 0;       // likewise in an hour
  bool special_dates = false;  // SPECIAL_DATE defers
  // Within it a text is not sent to a number a second time; 0: it may be. Not of urgent notices.
  std::chrono::milliseconds cooldown{};
  std::vector<Preferred> preferred;  // hours that are waited for; empty: any
  static ClassRules of(Class);
};

struct BrandSpec {
  uint16_t id = 0;  // from the caller's registry, >= 1
  std::string name;
  std::vector<std::string>
      signatures;  // without brackets, 2-16 characters; one: prepended if missing
  std::vector<std::string> contacts;    // hotlines; one must be in MARKETING and COLLECTION texts
  std::vector<std::string> link_hosts;  // "s.bank.cn", or "*.bank.cn" for all hosts below bank.cn
  std::string marker;                   // opt-out marker to append; empty: the country's
  bool append_marker = true;            // false: a missing marker rejects
  bool prepend_signature = true;        // false: a missing signature rejects
  ClassMask classes = kAllClasses;      // that may bear its signature
};

// What replies to an account's numbers mean beyond what they mean to everybody, and what is
// answered to them; empty texts are not sent.
struct RepliesSpec {
  struct Item {
    std::string label;
    std::string answer;
  };
  std::vector<Item> menu;                            // chosen by 1, 2, ... 9 or by label
  ClassMask menu_after = mask(Class::notification);  // open for 72 h behind a message of these
  std::string help;
  std::string opt_out;  // confirms one; empty: the country's
  std::vector<std::string> opt_out_words;
};

struct AccountSpec {
  uint16_t id = 0;  // >= 1
  std::string name;
  Class default_class = Class::unset;  // unset: a message must say its class
  std::vector<std::string> sources;    // source_addr it may use; empty: any
  std::vector<uint16_t> brands;        // ids; several: the text's signature tells which
  std::vector<TemplateRow> templates;
  RepliesSpec replies;
};

// Customers of whom the producer says that they stand here.
struct StageSpec {
  std::string name;        // of "application": told with the message
  uint16_t cap_month = 8;  // in the place of RuleSetSpec::cap_month; 1..12
};

// A rule set as plain values. Files' contents are parsed by data.h; nothing here does I/O.
struct RuleSetSpec {
  std::vector<AccountSpec> accounts;
  std::vector<BrandSpec> brands;
  std::array<ClassRules, kClassCount> classes = defaults();  // at [class - 1]
  uint16_t cap_month = 8;              // MARKETING + COLLECTION per number and brand; 1..12
  uint16_t freq_week = 1;              // COLLECTION per number and brand in any 7 days; 1..7
  bool mask_personal_numbers = false;  // PII_* rewrite to the last four instead of refusing
  std::vector<StageSpec> stages;
  bool retouch = true;  // MARKETING: one more of a campaign, a day to three after the first
  std::chrono::milliseconds dead_for{std::chrono::days(90)};   // NUMBER_DEAD, then it is tried
  std::chrono::milliseconds black_for{std::chrono::days(90)};  // CARRIER_BLACK, likewise
  uint16_t escalate_after = 3;  // COLLECTION without a reply, then no more; 0: never; up to 12
  std::vector<LexiconRow> lexicon;
  std::vector<HolidayRow> holidays;
  std::vector<ZoneRow> zones;         // number prefix to zones
  std::vector<CountryRow> countries;  // calling code to ISO code, marker, stricter window

  static std::array<ClassRules, kClassCount> defaults();
};

// What is wrong with a spec: `path` names the field as in "brands[2].signatures[0]".
struct SpecError {
  std::string path;
  std::string message;
};

// An immutable rule set; shared by all gates of all threads.
class RuleSet {
 public:
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // 64-bit digest of the content, equal for equal specs on every machine; 16 hex digits as text.
  uint64_t digest() const;
  std::string digest_text() const;

  const AccountSpec* account(uint16_t id) const;  // null: unknown
  const BrandSpec* brand(uint16_t id) const;
  const ClassRules& of(Class) const;  // REQUIRES: known(class)

  // False: HOLIDAY knows nothing of that day's year in this country (ISO code, "CN") and will not
  // fire: the daemon warns.
  bool calendar_covers(std::string_view country, std::chrono::year_month_day) const;
  // ISO code by calling code ("CN" for +86...); empty: unknown.
  std::string_view country_of(std::string_view to) const;
  // Is a mark of a carrier over that was set then? Only NUMBER_DEAD and CARRIER_BLACK end so.
  bool is_over(Block, Instant since, Instant now) const;
  // Does a message of this class take a slot in the contact book?
  bool counted(Class) const;

  struct Impl;  // for policy/ itself
  const Impl& impl() const { return *impl_; }
  explicit RuleSet(std::unique_ptr<const Impl>);

 private:
  std::unique_ptr<const Impl> impl_;
};

struct BuildResult {
  std::shared_ptr<const RuleSet> rules;  // null if there are errors
  std::vector<SpecError> errors;         // all of them
};

// Checks a spec as a whole and compiles it (lexicon automaton, zones). Takes some 100 ms; loads
// time zones from the system's database the first time (not the gate: it touches no file).
BuildResult build(RuleSetSpec);

}  // namespace tact::policy
