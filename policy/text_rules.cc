// SPDX-License-Identifier: Apache-2.0
#include "policy/text_rules.h"

#include <algorithm>
#include <array>
#include <string>

namespace tact::policy::rule {
namespace {

using Category = LexiconRow::Category;

constexpr uint32_t kChina = 86;  // signatures in brackets are a rule of its carriers
constexpr size_t kMaxDetail = 64;
constexpr size_t kMaxTermsListed = 4;

bool signature_due(const Look& l) { return l.country->code == kChina; }

// Signatures that the message might bear.
size_t signatures_at_choice(const Look& l) {
  if (l.brand != nullptr) return l.brand->spec->signatures.size();
  size_t n = 0;
  for (const uint16_t id : l.account->brands) n += l.rules.brands.at(id).spec->signatures.size();
  return n;
}

bool prependable(const Look& l) {
  return l.brand != nullptr && l.brand->spec->prepend_signature && signatures_at_choice(l) == 1;
}

bool registered(const Look& l) {
  if (l.brand == nullptr) return false;
  const auto& names = l.brand->spec->signatures;
  return std::find(names.begin(), names.end(), l.signature.name) != names.end();
}

std::string cut(std::string_view s) {
  if (s.size() <= kMaxDetail) return std::string(s);
  size_t n = kMaxDetail;
  while (n > 0 && (static_cast<uint8_t>(s[n]) & 0xc0) == 0x80) --n;
  return std::string(s.substr(0, n));
}

// Is a contact string there, spelled with blanks, hyphens or brackets as one likes, but not as part
// of a longer number or word?
bool spelled_out(const Folded& f, std::string_view contact) {
  const auto joint = [](std::string_view gap) {
    return gap.find_first_not_of(" -.()") == gap.npos;
  };
  const auto word = [](char c) { return ascii_letter(c) || ascii_digit(c); };
  for (size_t at = f.squeezed.find(contact); at != std::string::npos;
       at = f.squeezed.find(contact, at + 1)) {
    const size_t begin = f.origin(at).offset;
    const size_t end = f.origin(at + contact.size() - 1).offset + 1;
    bool whole = !(begin > 0 && word(f.text[begin - 1]) && word(f.text[begin])) &&
                 !(end < f.text.size() && word(f.text[end]) && word(f.text[end - 1]));
    const bool unbroken = end - begin == contact.size();
    for (size_t i = at + 1; !unbroken && whole && i < at + contact.size(); ++i) {
      const size_t from = f.origin(i - 1).offset + 1;
      whole = joint(std::string_view(f.text).substr(from, f.origin(i).offset - from));
    }
    if (whole) return true;
  }
  return false;
}

// The signature, or brackets that are none.
Span brackets(const Look& l) {
  const std::string_view text = l.scratch.folded.text;
  const size_t begin = std::min(text.find("【"), text.find("】"));
  if (begin == text.npos) return {};
  constexpr size_t kBracket = 3;
  const size_t end = text.find("】", begin);
  return l.place(text.substr(begin, end == text.npos ? kBracket : end + kBracket - begin));
}

// Of the first word of an offer.
Span offer(const Look& l) {
  const auto* hit = l.first(Category::promo);
  return hit == nullptr ? Span{} : l.place(*hit);
}

// How many digits a code has.
bool code_length(size_t n) { return n >= 4 && n <= 8; }

// "482913是您的验证码", "482913 is your code": the text before the term ends with a code.
bool code_before(std::string_view s) {
  constexpr auto kWhose = std::to_array<std::string_view>(
      {"登录", "短信", "交易", "支付", "本次", "您的", "你的", "your"});
  constexpr auto kIs = std::to_array<std::string_view>({"是", "为", "is"});
  const auto cut = [&](const auto& words) {
    const auto w = std::find_if(words.begin(), words.end(),
                                [&](std::string_view word) { return s.ends_with(word); });
    if (w != words.end()) s.remove_suffix(w->size());
    return w != words.end();
  };
  while (cut(kWhose)) continue;
  if (!cut(kIs)) return false;
  size_t n = 0;
  while (n < s.size() && ascii_digit(s[s.size() - 1 - n])) ++n;
  return code_length(n);
}

// "验证码482913", "your code is 482913", "482913 is your code": a term of one-time codes with a
// code beside it; null: none.
const Lexicon::Hit* code(const Look& l) {
  constexpr auto kBetween = std::to_array<std::string_view>({"是", "为", "is", "您的", "本次"});
  const std::string& s = l.scratch.folded.squeezed;
  for (const auto& hit : l.scratch.hits) {
    if (l.rules.lexicon->rows()[hit.row].category != Category::otp) continue;
    std::string_view rest = std::string_view(s).substr(hit.end);
    for (const std::string_view w : kBetween) {
      if (rest.starts_with(w)) rest.remove_prefix(w.size());
    }
    size_t n = 0;
    while (n < rest.size() && ascii_digit(rest[n])) ++n;
    if (code_length(n) || code_before(std::string_view(s).substr(0, hit.begin))) return &hit;
  }
  return nullptr;
}

// A number that nobody may read in full.
void personal(Look& l, Rule rule, std::string_view number) {
  if (number.empty()) return;
  if (l.rules.spec.mask_personal_numbers) {
    if (auto masked = mask_personal_numbers(l.text())) {
      return l.rewrite(rule, std::move(*masked), {});
    }
  }
  l.reject(rule, {}, l.place(number));
}

// Categories on for a class (POLICY 3, row LEX_*).
bool on(Category c, Class cls) {
  if (c == Category::threat || c == Category::insult) return true;
  return contains(kOptionalClasses, cls) && c <= Category::state;
}

}  // namespace

void text_invalid(Look& l) {
  const std::string& text = l.scratch.folded.text;
  const bool blank = text.find_first_not_of(" \t\r\n") == text.npos;
  if (!l.utf8 || blank) l.reject(Rule::text_invalid, blank ? "empty" : "utf-8");
}

void sig_multi(Look& l) {
  if (l.signature.several) l.reject(Rule::sig_multi, {}, brackets(l));
}

void sig_unregistered(Look& l) {
  if (l.account == nullptr) return;
  switch (l.signature.place) {
    case Signature::Place::none:
      if (signature_due(l) && !prependable(l)) l.reject(Rule::sig_unregistered);
      break;
    case Signature::Place::elsewhere:
      if (!l.signature.several)
        l.reject(Rule::sig_unregistered, cut(l.signature.name), brackets(l));
      break;
    default:
      if (!registered(l)) l.reject(Rule::sig_unregistered, cut(l.signature.name), brackets(l));
  }
}

void sig_class(Look& l) {
  if (l.brand == nullptr || contains(l.brand->spec->classes, l.cls)) return;
  l.reject(Rule::sig_class, {}, brackets(l));
}

void sig_prepend(Look& l) {
  if (l.account == nullptr || l.signature.place != Signature::Place::none) return;
  if (!signature_due(l) || !prependable(l)) return;
  const std::string& name = l.brand->spec->signatures[0];
  std::string text = "【" + name + "】";
  text += l.text();
  l.rewrite(Rule::sig_prepend, std::move(text), name);
}

void marker_append(Look& l) {
  if (l.brand == nullptr || l.marker.at_end) return;
  if (!contains(l.country->marker_classes, l.cls)) return;
  const BrandSpec& brand = *l.brand->spec;
  if (!brand.append_marker) return l.reject(Rule::marker_append);
  const std::string& marker = brand.marker.empty() ? l.country->marker : brand.marker;
  l.verdict.advertised |= find_marker(marker).advertised;
  l.rewrite(Rule::marker_append, append_marker(l.text(), marker), marker);
}

void marker_keyword_live(Look& l) {
  if (l.marker.found && !l.marker.live) l.reject(Rule::marker_keyword_live);
}

void contact_missing(Look& l) {
  if (l.brand == nullptr) return;
  const auto& contacts = l.brand->contacts;
  const bool there = std::any_of(contacts.begin(), contacts.end(), [&](const std::string& c) {
    return spelled_out(l.scratch.folded, c);
  });
  if (!there) l.reject(Rule::contact_missing);
}

void class_mismatch(Look& l) {
  if (l.marker.found && l.has(Category::promo)) {
    return l.reject(Rule::class_mismatch, "offer", offer(l));
  }
  if (l.cls == Class::otp) return;
  if (const auto* hit = code(l)) l.reject(Rule::class_mismatch, "code", l.place(*hit));
}

void otp_keyword(Look& l) {
  if (!l.has(Category::otp)) l.reject(Rule::otp_keyword);
}

void otp_promo(Look& l) {
  if (l.has(Category::promo) || l.marker.found) l.reject(Rule::otp_promo, {}, offer(l));
}

void otp_link(Look& l) {
  if (l.scratch.links.empty()) return;
  const std::string_view host = l.scratch.links[0].host;
  l.reject(Rule::otp_link, cut(host), l.place(host));
}

void link_not_allowed(Look& l) {
  const auto as_written = [&](std::string_view host) {
    return std::search(l.s.text.begin(), l.s.text.end(), host.begin(), host.end(),
                       [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; }) !=
           l.s.text.end();
  };
  for (const Link& link : l.scratch.links) {
    // Our own host in full-width letters is somebody's disguise too.
    const bool ours = l.brand != nullptr && host_allowed(link.host, l.brand->hosts);
    if (ours && !link.foreign && as_written(link.host)) continue;
    return l.reject(Rule::link_not_allowed, cut(link.host), l.place(link.host));
  }
}

void pii_pan(Look& l) { personal(l, Rule::pii_pan, l.numbers.card); }
void pii_id(Look& l) { personal(l, Rule::pii_id, l.numbers.identity); }

void var_unfilled(Look& l) {
  const std::string_view found = find_unfilled_variable(l.scratch.folded, l.s.text);
  if (!found.empty()) l.reject(Rule::var_unfilled, {}, l.place(found));
}

void lexicon(Look& l) {
  uint32_t seen = 0;
  for (const auto& hit : l.scratch.hits) {
    const LexiconRow& row = l.rules.lexicon->rows()[hit.row];
    const auto c = static_cast<uint32_t>(row.category);
    if (!on(row.category, l.cls) || (seen >> c & 1) != 0) continue;
    seen |= 1u << c;
    const auto rule = static_cast<Rule>(static_cast<uint32_t>(Rule::lex_threat) + c);
    l.reject(rule, cut(row.term), l.place(hit));
  }
}

void adv(Look& l) {
  std::array<uint32_t, kMaxTermsListed> listed{};
  size_t n = 0;
  for (const auto& hit : l.scratch.hits) {
    const LexiconRow& row = l.rules.lexicon->rows()[hit.row];
    if (row.category != Category::adv || n == listed.size()) continue;
    if (std::find(listed.begin(), listed.begin() + n, hit.row) != listed.begin() + n) continue;
    listed[n++] = hit.row;
    l.reject(Rule::adv, cut(row.term), l.place(hit));
  }
}

void apr_missing(Look& l) {
  const auto* rate = l.first(Category::rate);
  if (rate == nullptr || l.has(Category::annualised)) return;
  l.reject(Rule::apr_missing, {}, l.place(*rate));
}

void segments(Look& l) {
  l.verdict.segments = l.count(l.text(), l.s, l.verdict);
  const ClassRules& c = l.class_rules();
  if (l.verdict.segments <= c.segments_soft) return;
  const bool over = l.verdict.segments > c.segments_hard;
  l.fire(Rule::segments, over ? Action::reject : Action::pass, std::to_string(l.verdict.segments));
}

}  // namespace tact::policy::rule
