// SPDX-License-Identifier: Apache-2.0
#include "policy/lexicon.h"

#include <hs/hs.h>

#include <algorithm>
#include <array>

namespace tact::policy {
namespace {

// A negation stands before the term, with at most kMaxFillers of the words that may come between:
// "不保本", "不承诺保本", "请勿转账至个人账户". Anything else in between ("不怕稳赚") is no
// negation.
constexpr auto kNegations = std::to_array<std::string_view>(
    {"不",   "非",   "没有", "未",   "勿",   "无法",  "并非",   "谨防",
     "警惕", "严禁", "杜绝", "拒绝", "远离", "防范",  "抵制",   "绝无",
     "禁止", "无权", "无",   "没",   "not",  "never", "without"});
constexpr auto kFillers = std::to_array<std::string_view>(
    {"承诺", "保证", "构成", "属于", "存在", "等于", "代表", "意味着", "提供", "支持",
     "可能", "相信", "轻信", "宣传", "任何", "所谓", "是",   "有",     "得",   "会",
     "能",   "可",   "做",   "作",   "对",   "的",   "或",   "和",     "及",   "与",
     "要",   "将",   "被",   "以",   "用",   "使用", "通过", "向",     "至",   "到",
     "转",   "转账", "转入", "汇款", "汇",   "付款", "支付", "要求",   "您",   "我行",
     "款项", "资金", "因此", "采取", "一律", "宣称", "声称", "号称",   "自称", "鼓吹",
     "标榜", "打着", "推出", "发行", "销售", "接受", "收取", "冒充"});
// Two negations are none: "不得不通知您的家人".
constexpr auto kDoubles = std::to_array<std::string_view>(
    {"不得不", "不能不", "不会不", "不可不", "不是不", "无不", "没有不", "非不", "未必不"});
// Around a word that is only mentioned: 警惕“稳赚不赔”骗局.
constexpr auto kOpeningQuotes =
    std::to_array<std::string_view>({"\u201c", "\u2018", "\"", "'", "「", "『", "《"});
constexpr int kMaxFillers = 5;

bool ends_with_any(std::string_view s, const auto& words, size_t& cut) {
  cut = 0;
  for (const std::string_view w : words) {
    if (w.size() > cut && finishes_with(s, w)) cut = w.size();
  }
  return cut > 0;
}

int on_match(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  static_cast<std::vector<LexiconMatch>*>(context)->push_back({id, static_cast<uint32_t>(to)});
  return 0;
}

}  // namespace

LexiconScratch::~LexiconScratch() { hs_free_scratch(scratch_); }
Lexicon::~Lexicon() { hs_free_database(database_); }

std::unique_ptr<const Lexicon> Lexicon::compile(std::vector<LexiconRow> rows, std::string& why) {
  std::unique_ptr<Lexicon> lexicon(new Lexicon);
  std::vector<std::string> texts;
  const auto add = [&](std::string_view text, size_t row, bool exception) {
    std::string s = squeezed(text);
    if (s.empty()) {
      why = "term without a letter or digit: " + std::string(text);
      return false;
    }
    lexicon->patterns_.push_back(
        {static_cast<uint32_t>(row), static_cast<uint32_t>(s.size()), exception});
    texts.push_back(std::move(s));
    return true;
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!add(rows[i].term, i, false)) return nullptr;
    if (rows[i].category == LexiconRow::Category::adv) {
      lexicon->advertising_.push_back(texts.back());
    }
    for (const std::string& e : rows[i].exceptions) {
      if (!add(e, i, true)) return nullptr;
    }
  }
  lexicon->rows_ = std::move(rows);
  if (texts.empty()) return lexicon;

  std::vector<const char*> literals;
  std::vector<size_t> lengths;
  std::vector<unsigned> ids;
  for (const std::string& s : texts) {
    ids.push_back(static_cast<unsigned>(literals.size()));
    literals.push_back(s.data());
    lengths.push_back(s.size());
  }
  const std::vector<unsigned> flags(literals.size(), 0);
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(literals.data(), flags.data(), ids.data(), lengths.data(),
                           static_cast<unsigned>(literals.size()), HS_MODE_BLOCK, nullptr,
                           &lexicon->database_, &error) != HS_SUCCESS) {
    why = error->message;
    hs_free_compile_error(error);
    return nullptr;
  }
  return lexicon;
}

void Lexicon::fit(LexiconScratch& s) const {
  // Failure here is lack of memory; scan() then finds no scratch and Hyperscan says so.
  if (database_ != nullptr) (void)hs_alloc_scratch(database_, &s.scratch_);
}

bool Lexicon::whole_word(const Folded& f, const Hit& h) const {
  const uint32_t first = f.origin(h.begin).offset;
  const uint32_t after = f.origin(h.end - 1).offset + 1;
  const bool open = ascii_letter(f.text[first]) && first > 0 && ascii_letter(f.text[first - 1]);
  const bool tail =
      ascii_letter(f.text[after - 1]) && after < f.text.size() && ascii_letter(f.text[after]);
  return !open && !tail;
}

bool Lexicon::negated(const Folded& f, const Hit& h) const {
  uint32_t from = h.begin;
  const Folded::Origin origin = f.origin(h.begin);
  uint32_t clause = origin.clause;
  size_t cut = 0;
  const std::string_view written = std::string_view(f.text).substr(0, origin.offset);
  // A quote parts clauses, but not a word from its negation.
  if (clause > 0 && ends_with_any(written, kOpeningQuotes, cut) && cut > 0) --clause;
  while (from > 0 && f.origin(from - 1).clause >= clause) --from;
  std::string_view before = std::string_view(f.squeezed).substr(from, h.begin - from);
  for (int i = 0; i <= kMaxFillers; ++i) {
    size_t filler = 0;
    const bool negation = ends_with_any(before, kNegations, cut);
    if (!ends_with_any(before, kFillers, filler)) ends_with_any(before, advertising_, filler);
    size_t both = 0;
    if (negation && ends_with_any(before, kDoubles, both)) return false;
    if (negation && cut >= filler) return true;
    if (filler == 0) return false;
    before.remove_suffix(filler);
  }
  return false;
}

void Lexicon::scan(const Folded& f, LexiconScratch& s, std::vector<Hit>& out) const {
  if (database_ == nullptr || f.squeezed.empty()) return;
  s.matches_.clear();
  hs_scan(database_, f.squeezed.data(), static_cast<unsigned>(f.squeezed.size()), 0, s.scratch_,
          on_match, &s.matches_);
  const auto begin = [&](const LexiconMatch& r) { return r.end - patterns_[r.pattern].bytes; };
  for (const auto& r : s.matches_) {
    const Pattern& p = patterns_[r.pattern];
    if (p.exception) continue;
    const Hit hit{p.row, begin(r), r.end};
    const bool covered = std::any_of(s.matches_.begin(), s.matches_.end(), [&](const auto& other) {
      const Pattern& q = patterns_[other.pattern];
      const bool longer =
          q.bytes > p.bytes && (q.exception || rows_[q.row].category == rows_[p.row].category);
      return longer && begin(other) <= hit.begin && other.end >= hit.end;
    });
    const LexiconRow& row = rows_[p.row];
    if (covered || !whole_word(f, hit)) continue;
    if (row.clause && f.origin(hit.begin).clause != f.origin(hit.end - 1).clause) continue;
    if (row.negatable && negated(f, hit)) continue;
    out.push_back(hit);
  }
  std::sort(out.begin(), out.end(), [](const Hit& a, const Hit& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.row < b.row;
  });
}

}  // namespace tact::policy
