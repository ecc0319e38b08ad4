// SPDX-License-Identifier: Apache-2.0
#include "policy/rules.h"

#include <algorithm>
#include <array>

#include "policy/number.h"
#include "policy/state_rules.h"
#include "policy/text_rules.h"

namespace tact::policy {
namespace {

constexpr ClassMask kOtp = mask(Class::otp);
constexpr ClassMask kCrisis = mask(Class::crisis);
constexpr ClassMask kNotice = mask(Class::notification);
constexpr ClassMask kDebt = mask(Class::collection);
constexpr ClassMask kPromo = mask(Class::marketing);
constexpr ClassMask kService = kOtp | kCrisis | kNotice;
constexpr ClassMask kBoth = kDebt | kPromo;
constexpr ClassMask kAll = kAllClasses;
constexpr uint8_t kEach = kAdmit | kRelease;

// A row that only names what the row above it fires.
constexpr RuleRow also(Rule rule, std::string_view name) {
  return {rule, name, 0, 0, Phase::judge};
}
constexpr RuleRow when(Rule rule, std::string_view name, uint8_t looks, ClassMask classes,
                       Instant (*next)(const Look&, Instant, Instant)) {
  return {rule, name, looks, classes, Phase::time, nullptr, next};
}

// Order: who, to whom, may we at all, signature and marker (they rewrite), content, length, time.
// Parameters, sources and reasons: README.md and POLICY's catalogue.
constexpr auto kCatalogue = std::to_array<RuleRow>({
    {Rule::class_unknown, "CLASS_UNKNOWN", kAdmit, kAlways, Phase::judge, rule::class_unknown},
    {Rule::account_unknown, "ACCOUNT_UNKNOWN", kAdmit, kAlways, Phase::judge,
     rule::account_unknown},
    {Rule::sender_registered, "SENDER_REGISTERED", kAdmit, kAlways, Phase::judge,
     rule::sender_registered},
    {Rule::number_invalid, "NUMBER_INVALID", kAdmit, kAlways, Phase::judge, rule::number_invalid},
    {Rule::text_invalid, "TEXT_INVALID", kAdmit, kAlways, Phase::judge, rule::text_invalid},
    {Rule::zone_unknown, "ZONE_UNKNOWN", kEach, kNotice | kBoth, Phase::judge, rule::zone_unknown},
    {Rule::expired, "EXPIRED", kEach, kAlways, Phase::judge, rule::expired_already},
    {Rule::cancelled, "CANCELLED", kEach, kAlways, Phase::judge, rule::cancelled},
    {Rule::opted_out, "OPTED_OUT", kEach, kNotice | kBoth, Phase::judge, rule::opted_out},
    {Rule::wrong_party, "WRONG_PARTY", kEach, kBoth, Phase::judge, rule::wrong_party},
    {Rule::number_dead, "NUMBER_DEAD", kEach, kBoth, Phase::judge, rule::number_dead},
    {Rule::carrier_black, "CARRIER_BLACK", kEach, kBoth, Phase::judge, rule::carrier_black},
    {Rule::escalate, "ESCALATE", kEach, kDebt, Phase::judge, rule::escalate},
    {Rule::no_consent, "NO_CONSENT", kAdmit, kPromo, Phase::judge, rule::no_consent},
    {Rule::third_party, "THIRD_PARTY", kAdmit, kDebt, Phase::judge, rule::third_party},

    {Rule::sig_multi, "SIG_MULTI", kAdmit, kAll, Phase::judge, rule::sig_multi},
    {Rule::sig_unregistered, "SIG_UNREGISTERED", kAdmit, kAll, Phase::judge,
     rule::sig_unregistered},
    {Rule::sig_class, "SIG_CLASS", kAdmit, kAll, Phase::judge, rule::sig_class},
    {Rule::sig_prepend, "SIG_PREPEND", kAdmit, kAll, Phase::judge, rule::sig_prepend},
    {Rule::marker_append, "MARKER_APPEND", kAdmit, kBoth, Phase::judge, rule::marker_append},
    {Rule::marker_keyword_live, "MARKER_KEYWORD_LIVE", kAdmit, kNotice | kBoth, Phase::judge,
     rule::marker_keyword_live},
    {Rule::contact_missing, "CONTACT_MISSING", kAdmit, kBoth, Phase::judge, rule::contact_missing},

    {Rule::class_mismatch, "CLASS_MISMATCH", kAdmit, kService, Phase::judge, rule::class_mismatch},
    {Rule::otp_keyword, "OTP_KEYWORD", kAdmit, kOtp, Phase::judge, rule::otp_keyword},
    {Rule::otp_promo, "OTP_PROMO", kAdmit, kOtp, Phase::judge, rule::otp_promo},
    {Rule::otp_link, "OTP_LINK", kAdmit, kOtp, Phase::judge, rule::otp_link},
    {Rule::link_not_allowed, "LINK_NOT_ALLOWED", kAdmit, kAll, Phase::judge,
     rule::link_not_allowed},
    {Rule::pii_pan, "PII_PAN", kAdmit, kAll, Phase::judge, rule::pii_pan},
    {Rule::pii_id, "PII_ID", kAdmit, kAll, Phase::judge, rule::pii_id},
    {Rule::var_unfilled, "VAR_UNFILLED", kAdmit, kAll, Phase::judge, rule::var_unfilled},
    {Rule::lex_threat, "LEX_THREAT", kAdmit, kAll, Phase::judge, rule::lexicon},
    also(Rule::lex_insult, "LEX_INSULT"),
    also(Rule::lex_disclose, "LEX_DISCLOSE"),
    also(Rule::lex_impersonate, "LEX_IMPERSONATE"),
    also(Rule::lex_mislead, "LEX_MISLEAD"),
    also(Rule::lex_paypath, "LEX_PAYPATH"),
    also(Rule::lex_reborrow, "LEX_REBORROW"),
    also(Rule::lex_slang, "LEX_SLANG"),
    also(Rule::lex_state, "LEX_STATE"),
    {Rule::adv, "ADV", kAdmit, kPromo, Phase::judge, rule::adv},
    {Rule::apr_missing, "APR_MISSING", kAdmit, kPromo, Phase::judge, rule::apr_missing},
    {Rule::segments, "SEGMENTS", kAdmit, kAll, Phase::judge, rule::segments},
    {Rule::cap_day, "CAP_DAY", kAdmit, kOtp, Phase::judge, rule::cap_day_reject},

    when(Rule::pause, "PAUSE", kEach, kBoth, rule::pause),
    when(Rule::breaker, "BREAKER", kEach, kBoth, rule::breaker),
    when(Rule::dunning_early, "DUNNING_EARLY", kAdmit, kDebt, rule::dunning_early),
    when(Rule::special_date, "SPECIAL_DATE", kEach, kBoth, rule::special_date),
    when(Rule::cap_day, "CAP_DAY", kAdmit, kNotice | kBoth, rule::cap_day),
    when(Rule::freq_week, "FREQ_WEEK", kAdmit, kDebt, rule::freq_week),
    when(Rule::holiday, "HOLIDAY", kEach, kAll, rule::holiday),
    when(Rule::window, "WINDOW", kEach, kNotice | kBoth, rule::window),

    {Rule::preferred_slot, "PREFERRED_SLOT", kAdmit, kBoth, Phase::hint, nullptr,
     rule::preferred_slot},

    {Rule::expired, "EXPIRED", kEach, kAll, Phase::planned, rule::expired_when_planned},
    {Rule::cap_month, "CAP_MONTH", kAdmit, kBoth, Phase::planned, rule::cap_month},
    {Rule::cap_short, "CAP_SHORT", kAdmit, kOtp | kNotice, Phase::planned, rule::cap_short},
    {Rule::cooldown, "COOLDOWN", kAdmit, kAll, Phase::planned, rule::cooldown},
    {Rule::retouch, "RETOUCH", kAdmit, kPromo, Phase::planned, rule::retouch},
});

constexpr bool applies(const RuleRow& row, uint8_t look, Class cls, Phase phase) {
  return row.phase == phase && (row.looks & look) != 0 &&
         (known(cls) ? contains(row.classes, cls) : row.classes == kAlways);
}

// The rows that apply, chosen when this is compiled: by look, class (0: unknown) and phase.
struct Chosen {
  std::array<const RuleRow*, kCatalogue.size()> rows{};
  size_t size = 0;
};
constexpr size_t kPhases = static_cast<size_t>(Phase::planned) + 1;
using ChosenByPhase = std::array<Chosen, kPhases>;
constexpr auto kChosen = [] {
  std::array<std::array<ChosenByPhase, kClassCount + 1>, kEach + 1> all{};
  for (const uint8_t look : {kAdmit, kRelease}) {
    for (size_t cls = 0; cls <= kClassCount; ++cls) {
      for (size_t phase = 0; phase < kPhases; ++phase) {
        Chosen& chosen = all[look][cls][phase];
        for (const RuleRow& row : kCatalogue) {
          if (applies(row, look, static_cast<Class>(cls), static_cast<Phase>(phase))) {
            chosen.rows[chosen.size++] = &row;
          }
        }
      }
    }
  }
  return all;
}();

const Brand* brand_of(const Look& l, uint16_t id) {
  const auto it = l.rules.brands.find(id);
  return it == l.rules.brands.end() ? nullptr : &it->second;
}

// The brand that was named, else the one whose signature the text bears, else the only one.
const Brand* choose_brand(const Look& l) {
  const auto& ids = l.account->brands;
  if (l.s.brand != 0) {
    const bool ours = std::find(ids.begin(), ids.end(), l.s.brand) != ids.end();
    return ours ? brand_of(l, l.s.brand) : nullptr;
  }
  if (ids.size() == 1) return brand_of(l, ids[0]);
  for (const uint16_t id : ids) {
    const Brand* brand = brand_of(l, id);
    const auto& names = brand->spec->signatures;
    if (std::find(names.begin(), names.end(), l.signature.name) != names.end()) return brand;
  }
  return nullptr;
}

void prepare_recipient(Look& l) {
  l.digits = e164_digits(l.s.to);
  l.country = l.rules.country(l.digits);
  if (l.s.zone.empty()) {
    l.zones = l.rules.zones.of_number(l.digits);
  } else if (const Zone* zone = l.rules.zones.by_name(l.s.zone)) {
    l.zones = ZoneSpan(zone, 1);
  }
}

void prepare_blocks(Look& l) {
  l.verdict.cls = l.cls;
  l.planned = l.s.now;
  if (!contains(kNotice | kBoth, l.cls)) return;
  l.blocked = l.suppression.blocks(l.verdict.brand, l.s.number, l.cls, l.s.now);
  if ((l.blocked & (Block::dead_number | Block::carrier)) != 0) {
    const Instant since = l.suppression.get(l.verdict.brand, l.s.number).since;
    const RuleSetSpec& spec = l.rules.spec;
    if (since + spec.dead_for <= l.s.now) l.blocked &= ~BlockMask(Block::dead_number);
    if (since + spec.black_for <= l.s.now) l.blocked &= ~BlockMask(Block::carrier);
  }
  if (contains(l.blocked, Block::pause)) {
    l.pause_until = l.suppression.pause_until(l.verdict.brand, l.s.number);
  }
}

// What was reserved before keeps its own: signature and marker have been added to its text since.
// Amounts and dates make no other offer and no other reminder; of a notice they are the matter.
void prepare_likeness(Look& l) {
  if (!known(l.cls)) return;
  const RuleSetSpec& spec = l.rules.spec;
  const bool optional = contains(kBoth, l.cls);
  const bool cools = l.class_rules().cooldown.count() > 0;
  const bool wanted = optional ? cools || spec.retouch || spec.escalate_after > 0
                               : cools && !(l.cls == Class::notification && l.s.urgent);
  if (!wanted) return;
  l.verdict.like = l.contact->likeness(l.s.id);
  if (l.verdict.like.known()) return;
  l.verdict.like.text = text_digest(l.scratch.folded.squeezed, !optional);
  l.verdict.like.campaign = campaign_digest(l.s.owner, l.s.campaign);
}

}  // namespace

std::span<const RuleRow> catalogue() { return kCatalogue; }

std::span<const RuleRow* const> rows(uint8_t look, Class cls, Phase phase) {
  const Chosen& c = kChosen[look][known(cls) ? size_t(cls) : 0][size_t(phase)];
  return {c.rows.data(), c.size};
}

void prepare_admit(Look& l) {
  const auto account = l.rules.accounts.find(l.s.account);
  if (account != l.rules.accounts.end()) l.account = account->second;
  l.cls = l.s.cls;
  if (l.cls == Class::unset && l.account != nullptr) l.cls = l.account->default_class;
  prepare_recipient(l);

  Scratch& scratch = l.scratch;
  l.utf8 = fold(l.s.text, scratch.folded);
  squeeze(scratch.folded);
  scratch.hits.clear();
  l.rules.lexicon->scan(scratch.folded, scratch.lexicon, scratch.hits);
  scratch.links.clear();
  find_links(scratch.folded, scratch.links);
  l.signature = find_signature(l.s.text);
  l.marker = find_marker(scratch.folded);
  l.numbers = find_personal_numbers(scratch.folded);
  l.verdict.advertised = l.marker.advertised;

  if (l.account != nullptr) l.brand = choose_brand(l);
  if (l.brand != nullptr) l.verdict.brand = l.brand->spec->id;
  prepare_likeness(l);
  prepare_blocks(l);
}

void prepare_release(Look& l) {
  l.cls = l.s.cls;
  l.verdict.brand = l.s.brand;
  prepare_recipient(l);
  prepare_blocks(l);
}

}  // namespace tact::policy
