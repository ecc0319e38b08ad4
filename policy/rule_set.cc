// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_set.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "policy/compiled.h"
#include "policy/contact.h"
#include "policy/hash.h"
#include "policy/keyword.h"
#include "policy/number.h"
#include "policy/reply_text.h"
#include "policy/signature.h"

namespace tact::policy {
namespace {

using std::chrono::hours;

constexpr Minutes kFloorFrom{8 * 60};  // POLICY 3: a hard floor that no tenant can widen
constexpr Minutes kFloorTo{22 * 60};
constexpr uint16_t kMaxCapMonth = 12;       // POLICY 1, row 34: above it opt-outs reached 15 %
constexpr uint16_t kMaxEscalateAfter = 12;  // so many are remembered, one a week
constexpr size_t kSignatureMin = 2;         // POLICY 2.4
constexpr size_t kSignatureMax = 16;
constexpr size_t kMenuItems = 9;

class Checker {
 public:
  explicit Checker(std::vector<SpecError>& errors) : errors_(errors) {}

  void wrong(std::string path, std::string message) {
    errors_.push_back({std::move(path), std::move(message)});
  }

  void classes(const RuleSetSpec& spec) {
    for (int i = 0; i < kClassCount; ++i) {
      const ClassRules& c = spec.classes[i];
      const std::string path = "classes[" + std::to_string(i) + "]";
      const Window& w = c.window;
      const bool none = w.from == w.to;
      const bool optional = contains(kOptionalClasses, static_cast<Class>(i + 1));
      if (none && optional) wrong(path + ".window", "MARKETING and COLLECTION need a window");
      if (!none && (w.from < kFloorFrom || w.to > kFloorTo || w.from > w.to)) {
        wrong(path + ".window", "must lie within 08:00-22:00");
      }
      if (c.segments_soft == 0 || c.segments_hard < c.segments_soft) {
        wrong(path + ".segments", "need 1 <= soft <= hard");
      }
      if (c.max_defer.count() < 0) wrong(path + ".max_defer", "must not be negative");
      if (c.cooldown.count() < 0 || c.cooldown > retention(static_cast<Class>(i + 1))) {
        wrong(path + ".cooldown", "must not be longer than what was sent is remembered");
      }
      for (const Preferred& p : c.preferred) {
        const Window& slot = p.hours;
        if (!none && (slot.from >= slot.to || slot.from < w.from || slot.to > w.to)) {
          wrong(path + ".preferred", "must lie within the window");
        }
        if ((p.days & 0x7f) == 0) wrong(path + ".preferred", "must have a day of the week");
      }
    }
    if (spec.cap_month < 1 || spec.cap_month > kMaxCapMonth) {
      wrong("cap_month", "must be 1..12, got " + std::to_string(spec.cap_month));
    }
    for (size_t i = 0; i < spec.stages.size(); ++i) {
      const StageSpec& stage = spec.stages[i];
      const std::string path = "stages[" + std::to_string(i) + "]";
      if (stage.name.empty()) wrong(path + ".name", "must not be empty");
      if (stage.cap_month < 1 || stage.cap_month > kMaxCapMonth) {
        wrong(path + ".cap_month", "must be 1..12, got " + std::to_string(stage.cap_month));
      }
    }
    if (spec.freq_week < 1 || spec.freq_week > 7) {
      wrong("freq_week", "must be 1..7, got " + std::to_string(spec.freq_week));
    }
    if (spec.escalate_after > kMaxEscalateAfter) {
      wrong("escalate_after", "must be 0..12, got " + std::to_string(spec.escalate_after));
    }
  }

  void brand(const BrandSpec& b, const std::string& path) {
    if (b.id == 0) wrong(path + ".id", "must be at least 1");
    if (b.signatures.empty()) wrong(path + ".signatures", "at least one is needed");
    for (size_t i = 0; i < b.signatures.size(); ++i) {
      const std::string at = path + ".signatures[" + std::to_string(i) + "]";
      const std::string& s = b.signatures[i];
      const size_t n = code_points(s);
      if (n < kSignatureMin || n > kSignatureMax) wrong(at, "must have 2-16 characters");
      if (s.find("【") != s.npos || s.find("】") != s.npos) wrong(at, "goes without brackets");
    }
    if ((b.classes & kOptionalClasses) != 0 && b.contacts.empty()) {
      wrong(path + ".contacts", "a brand of MARKETING or COLLECTION needs a contact string");
    }
    for (size_t i = 0; i < b.contacts.size(); ++i) {
      if (squeezed(b.contacts[i]).empty()) {
        wrong(path + ".contacts[" + std::to_string(i) + "]", "has neither letter nor digit");
      }
    }
    if (!b.marker.empty()) marker(b.marker, path + ".marker");
  }

  void replies(const RepliesSpec& r, const std::string& path) {
    if (r.menu.size() > kMenuItems) {
      wrong(path + ".menu", "has at most 9 items, got " + std::to_string(r.menu.size()));
    }
    std::set<std::string> labels;
    for (size_t i = 0; i < r.menu.size(); ++i) {
      const std::string at = path + ".menu[" + std::to_string(i) + "].label";
      const std::string label = without_blanks(reply_text(r.menu[i].label).text);
      if (label.empty()) wrong(at, "has neither letter nor digit");
      if (!label.empty() && !labels.insert(label).second) wrong(at, "is that of another item too");
      if (decide(r.menu[i].label, {}).kind != Reply::Kind::none) {
        wrong(at, "means something else as a reply");
      }
    }
    for (size_t i = 0; i < r.opt_out_words.size(); ++i) {
      const std::string at = path + ".opt_out_words[" + std::to_string(i) + "]";
      const Reply::Kind kind = decide(r.opt_out_words[i], {}).kind;
      if (reply_text(r.opt_out_words[i]).text.empty()) {
        wrong(at, "has neither letter nor digit");
      } else if (kind == Reply::Kind::help || kind == Reply::Kind::opt_in) {
        wrong(at, "means something else as a reply");
      }
    }
  }

  void marker(const std::string& text, const std::string& path) {
    const Marker m = find_marker(text);
    if (!m.found || !m.at_end || !m.live) wrong(path, "is no opt-out marker that replies honour");
  }

 private:
  std::vector<SpecError>& errors_;
};

void index_brands(RuleSet::Impl& impl, Checker& check) {
  boost::unordered_flat_map<std::string, uint16_t> owners;
  for (size_t i = 0; i < impl.spec.brands.size(); ++i) {
    const BrandSpec& b = impl.spec.brands[i];
    const std::string path = "brands[" + std::to_string(i) + "]";
    check.brand(b, path);
    Brand brand{.spec = &b};
    for (const std::string& c : b.contacts) brand.contacts.push_back(squeezed(c));
    for (const std::string& h : b.link_hosts) brand.hosts.push_back(folded(h));
    if (!impl.brands.emplace(b.id, std::move(brand)).second) {
      check.wrong(path + ".id", "is the id of another brand too");
    }
    for (const std::string& s : b.signatures) {
      if (const auto [it, fresh] = owners.emplace(s, b.id); !fresh && it->second != b.id) {
        check.wrong(path + ".signatures", "\"" + s + "\" belongs to another brand too");
      }
    }
  }
}

void index_templates(const AccountSpec& account, Templates& out, const std::string& path,
                     Checker& check) {
  for (size_t i = 0; i < account.templates.size(); ++i) {
    const TemplateRow& row = account.templates[i];
    Template text(row.text);
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (!text.wrong().empty()) check.wrong(at, text.wrong());
    if (!out[row.id].emplace(row.version, std::move(text)).second) {
      check.wrong(at, "is the id and version of another template too");
    }
  }
}

void index_accounts(RuleSet::Impl& impl, Checker& check) {
  for (size_t i = 0; i < impl.spec.accounts.size(); ++i) {
    const AccountSpec& a = impl.spec.accounts[i];
    const std::string path = "accounts[" + std::to_string(i) + "]";
    if (a.id == 0) check.wrong(path + ".id", "must be at least 1");
    if (a.brands.empty()) check.wrong(path + ".brands", "at least one is needed");
    if (a.default_class != Class::unset && !known(a.default_class)) {
      check.wrong(path + ".default_class", "is no class");
    }
    check.replies(a.replies, path + ".replies");
    for (const uint16_t id : a.brands) {
      if (!impl.brands.contains(id)) {
        check.wrong(path + ".brands", "no brand has the id " + std::to_string(id));
      }
    }
    if (!impl.accounts.emplace(a.id, &a).second) {
      check.wrong(path + ".id", "is the id of another account too");
    }
    index_templates(a, impl.templates[a.id], path + ".templates", check);
    ReplyWords& words = impl.reply_words[a.id];
    for (const auto& item : a.replies.menu) words.menu.push_back(item.label);
    for (const auto& word : a.replies.opt_out_words) words.opt_out.push_back(word);
  }
}

void index_countries(RuleSet::Impl& impl, Checker& check) {
  auto& rows = impl.spec.countries;
  const auto others = [](const CountryRow& row) { return row.code == 0; };
  if (std::none_of(rows.begin(), rows.end(), others)) {
    rows.push_back({.marker = "Reply STOP to opt out", .marker_classes = mask(Class::marketing)});
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string path = "countries[" + std::to_string(i) + "]";
    if (!impl.countries.put(rows[i].code, static_cast<uint32_t>(i))) {
      check.wrong(path + ".code", "appears twice");
    }
    if (rows[i].marker_classes != 0 || !rows[i].marker.empty()) {
      check.marker(rows[i].marker, path + ".marker");
    }
  }
}

void digest_lists(const RuleSetSpec& s, Digest& d) {
  for (const LexiconRow& row : s.lexicon) {
    d.add(static_cast<uint64_t>(row.category));
    d.add(row.term);
    d.add(row.exceptions.size());
    for (const std::string& e : row.exceptions) d.add(e);
    d.add(uint64_t{row.negatable} << 1 | uint64_t{row.clause});
  }
  for (const HolidayRow& row : s.holidays) {
    d.add(row.country);
    d.add(static_cast<uint64_t>(std::chrono::sys_days(row.date).time_since_epoch().count()));
    d.add(uint64_t{row.off});
  }
  for (const ZoneRow& row : s.zones) {
    d.add(uint64_t{row.prefix});
    d.add(row.zones.size());
    for (const std::string& z : row.zones) d.add(z);
  }
  for (const CountryRow& row : s.countries) {
    d.add(uint64_t{row.code});
    d.add(row.iso);
    for (const Minutes m : {row.from, row.to, row.sunday_from}) {
      d.add(static_cast<uint64_t>(m.count()));
    }
    d.add(row.marker);
    d.add(uint64_t{row.marker_classes});
    d.add(row.confirmation);
  }
}

void add_all(Digest& d, const std::vector<std::string>& strings) {
  d.add(strings.size());
  for (const std::string& s : strings) d.add(s);
}

void digest_replies(const RepliesSpec& r, Digest& d) {
  d.add(r.menu.size());
  for (const auto& item : r.menu) {
    d.add(item.label);
    d.add(item.answer);
  }
  d.add(uint64_t{r.menu_after});
  d.add(r.help);
  d.add(r.opt_out);
  add_all(d, r.opt_out_words);
}

uint64_t digest_of(const RuleSetSpec& s) {
  Digest d;
  for (const AccountSpec& a : s.accounts) {
    d.add(uint64_t{a.id});
    d.add(a.name);
    d.add(static_cast<uint64_t>(a.default_class));
    add_all(d, a.sources);
    d.add(a.brands.size());
    for (const uint16_t b : a.brands) d.add(uint64_t{b});
    digest_replies(a.replies, d);
    d.add(a.templates.size());
    for (const TemplateRow& row : a.templates) {
      d.add(row.id);
      d.add(row.version);
      d.add(row.text);
    }
  }
  for (const BrandSpec& b : s.brands) {
    d.add(uint64_t{b.id});
    d.add(b.name);
    add_all(d, b.signatures);
    add_all(d, b.contacts);
    add_all(d, b.link_hosts);
    d.add(b.marker);
    d.add(uint64_t{b.append_marker} << 1 | uint64_t{b.prepend_signature});
    d.add(uint64_t{b.classes});
  }
  for (const ClassRules& c : s.classes) {
    d.add(static_cast<uint64_t>(c.window.from.count()));
    d.add(static_cast<uint64_t>(c.window.to.count()));
    d.add(uint64_t{c.special_dates} << 1 | uint64_t{c.holidays});
    d.add(static_cast<uint64_t>(c.max_defer.count()));
    d.add(uint64_t{c.segments_soft} << 32 | uint64_t{c.segments_hard} << 16 | c.cap_day);
    d.add(uint64_t{c.cap_minute} << 16 | c.cap_hour);
    d.add(static_cast<uint64_t>(c.cooldown.count()));
    d.add(c.preferred.size());
    for (const Preferred& p : c.preferred) {
      d.add(uint64_t{p.days} << 32 | static_cast<uint64_t>(p.hours.from.count()) << 16 |
            static_cast<uint64_t>(p.hours.to.count()));
    }
  }
  d.add(uint64_t{s.escalate_after} << 34 | uint64_t{s.retouch} << 33 |
        uint64_t{s.mask_personal_numbers} << 32 | uint64_t{s.cap_month} << 16 | s.freq_week);
  d.add(static_cast<uint64_t>(s.dead_for.count()));
  d.add(static_cast<uint64_t>(s.black_for.count()));
  for (const StageSpec& stage : s.stages) {
    d.add(stage.name);
    d.add(uint64_t{stage.cap_month});
  }
  digest_lists(s, d);
  return d.value();
}

}  // namespace

ClassRules ClassRules::of(Class c) {
  const Window day;
  const Window none{Minutes(0), Minutes(0)};
  switch (c) {
    case Class::otp:
      return {none, false, hours(0), 1, 2, 10, 1, 5};
    case Class::crisis:
      return {none, false, hours(2), 2, 4, 0, 0, 0, false, hours(1)};
    case Class::notification:
      return {day, false, hours(24), 2, 4, 50, 10, 0, false, std::chrono::minutes(10)};
    case Class::collection:
      return {day, true, hours(240), 1, 2, 1, 0, 0, true, hours(7 * 24)};
    case Class::marketing:
      return {day, true, hours(240), 1, 3, 1, 0, 0, false, hours(7 * 24)};
    case Class::unset:
      break;
  }
  return {};
}

std::array<ClassRules, kClassCount> RuleSetSpec::defaults() {
  std::array<ClassRules, kClassCount> all;
  for (int i = 0; i < kClassCount; ++i) all[i] = ClassRules::of(static_cast<Class>(i + 1));
  return all;
}

BuildResult build(RuleSetSpec spec) {
  BuildResult result;
  Checker check(result.errors);
  auto impl = std::make_unique<RuleSet::Impl>();
  impl->digest = digest_of(spec);
  impl->spec = std::move(spec);
  check.classes(impl->spec);
  index_brands(*impl, check);
  index_accounts(*impl, check);
  index_countries(*impl, check);
  impl->calendar.build(impl->spec.holidays);
  std::vector<std::pair<std::string, std::string>> zone_errors;
  impl->zones.build(impl->spec.zones, zone_errors);
  for (auto& [path, message] : zone_errors) check.wrong(std::move(path), std::move(message));
  std::string why;
  impl->lexicon = Lexicon::compile(impl->spec.lexicon, why);
  if (impl->lexicon == nullptr) check.wrong("lexicon", why);
  if (result.errors.empty()) result.rules = std::make_shared<const RuleSet>(std::move(impl));
  return result;
}

RuleSet::RuleSet(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
RuleSet::~RuleSet() = default;

uint64_t RuleSet::digest() const { return impl_->digest; }

std::string RuleSet::digest_text() const {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text(16, '0');
  for (int i = 0; i < 16; ++i) text[i] = kHex[impl_->digest >> (60 - 4 * i) & 15];
  return text;
}

const AccountSpec* RuleSet::account(uint16_t id) const {
  const auto it = impl_->accounts.find(id);
  return it == impl_->accounts.end() ? nullptr : it->second;
}

const BrandSpec* RuleSet::brand(uint16_t id) const {
  const auto it = impl_->brands.find(id);
  return it == impl_->brands.end() ? nullptr : it->second.spec;
}

const ClassRules& RuleSet::of(Class c) const {
  return impl_->spec.classes[static_cast<size_t>(c) - 1];
}

bool RuleSet::calendar_covers(std::string_view country, std::chrono::year_month_day date) const {
  return impl_->calendar.covers(country, static_cast<int>(date.year()));
}

std::string_view RuleSet::country_of(std::string_view to) const {
  return impl_->country(e164_digits(to))->iso;
}

bool RuleSet::counted(Class c) const {
  if (!known(c)) return false;
  const ClassRules& rules = of(c);
  return contains(kOptionalClasses, c) || rules.cooldown.count() > 0 ||
         (rules.cap_day | rules.cap_hour | rules.cap_minute) > 0;
}

bool RuleSet::is_over(Block block, Instant since, Instant now) const {
  if (block == Block::dead_number) return since + impl_->spec.dead_for <= now;
  return block == Block::carrier && since + impl_->spec.black_for <= now;
}

const CountryRow* RuleSet::Impl::country(std::string_view digits) const {
  return &spec.countries[*countries.find(digits)];
}

}  // namespace tact::policy
