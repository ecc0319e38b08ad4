// SPDX-License-Identifier: Apache-2.0
#include "policy/normalise.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace tact::policy {
namespace {

constexpr char16_t kSlow = 0;         // ask ICU, with its neighbours
constexpr char16_t kDelete = 0xffff;  // a non-character: never the image of a real one

enum class Kind : uint8_t { drop, keep, clause };

bool clause_mark(UChar32 c) {
  switch (u_charType(c)) {
    case U_START_PUNCTUATION:
    case U_END_PUNCTUATION:
    case U_INITIAL_PUNCTUATION:
    case U_FINAL_PUNCTUATION:
      return true;
    default:
      break;
  }
  return c == ',' || c == ':' || c == ';' || c == '!' || c == '?' || c == '"' || c == '\n' ||
         c == u'。' || c == u'…';
}

Kind kind_of(UChar32 c) {
  switch (u_getIntPropertyValue(c, UCHAR_GENERAL_CATEGORY_MASK)) {
    case U_GC_LU_MASK:
    case U_GC_LL_MASK:
    case U_GC_LT_MASK:
    case U_GC_LM_MASK:
    case U_GC_LO_MASK:
    case U_GC_ND_MASK:
    case U_GC_NL_MASK:
    case U_GC_NO_MASK:
      return Kind::keep;
    default:
      return clause_mark(c) ? Kind::clause : Kind::drop;
  }
}

const icu::Normalizer2& nfkc_casefold() {
  UErrorCode status = U_ZERO_ERROR;
  return *icu::Normalizer2::getNFKCCasefoldInstance(status);
}

// What folding does to each character of the basic plane on its own: built once from ICU, so that
// an ordinary text costs one table look-up per character. Characters that may combine with the one
// before stay slow.
class Table {
 public:
  Table() {
    const auto& norm = nfkc_casefold();
    simplify();
    for (UChar32 c = 1; c < 0xffff; ++c) {
      kinds_[c] = kind_of(c);
      if (U_IS_SURROGATE(c) || !norm.hasBoundaryBefore(c)) continue;
      UErrorCode status = U_ZERO_ERROR;
      const icu::UnicodeString image = norm.normalize(icu::UnicodeString(c), status);
      if (image.isEmpty()) {
        images_[c] = kDelete;
      } else if (image.length() == 1 && norm.hasBoundaryBefore(image[0])) {
        images_[c] = simplified_[image[0]];
      }
    }
  }

  char16_t image(char32_t c) const { return c < 0x10000 ? images_[c] : kSlow; }
  char16_t simplified(char16_t c) const { return simplified_[c]; }
  Kind kind(char32_t c) const { return c < 0x10000 ? kinds_[c] : kind_of(static_cast<UChar32>(c)); }

 private:
  // One long text with separators: a transliterator is slow to call and quick to run.
  void simplify() {
    for (size_t i = 0; i < simplified_.size(); ++i) simplified_[i] = static_cast<char16_t>(i);
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> hans(
        icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, status));
    if (U_FAILURE(status)) return;
    icu::UnicodeString all;
    for (char16_t c = 0x3400; c < 0xa000; ++c) all.append(c).append(u'\n');
    hans->transliterate(all);
    if (all.length() != 2 * (0xa000 - 0x3400)) return;
    for (char16_t c = 0x3400; c < 0xa000; ++c) simplified_[c] = all[2 * (c - 0x3400)];
    // Variants in everyday use that the transliterator keeps apart.
    for (const auto& [from, to] :
         {std::pair(u'帳', u'账'), {u'帐', u'账'}, {u'覆', u'复'}, {u'妳', u'你'}}) {
      simplified_[from] = to;
    }
    // Some images are folded further (薴, 苧, 苎): go to the end, so that folding twice changes
    // nothing.
    for (char16_t c = 0x3400; c < 0xa000; ++c) simplified_[c] = simplified_[simplified_[c]];
  }

  std::array<char16_t, 0x10000> images_{};
  std::array<char16_t, 0x10000> simplified_{};
  std::array<Kind, 0x10000> kinds_{};
};

const Table& table() {
  static const std::unique_ptr<const Table> instance = std::make_unique<Table>();
  return *instance;
}

void fold_slowly(std::string_view utf8, std::string& out) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::StringPiece piece(utf8.data(), static_cast<int32_t>(utf8.size()));
  icu::UnicodeString image = nfkc_casefold().normalize(icu::UnicodeString::fromUTF8(piece), status);
  for (int32_t i = 0; i < image.length(); ++i) {
    image.setCharAt(i, table().simplified(image[i]));
  }
  image.toUTF8String(out);
}

}  // namespace

void append_utf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  constexpr uint8_t kLead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(kLead[n] | c >> (6 * (n - 1)));
  for (int i = n - 2; i >= 0; --i) out += static_cast<char>(0x80 | ((c >> (6 * i)) & 0x3f));
}

size_t code_points(std::string_view utf8) {
  size_t n = 0;
  for (const char c : utf8) n += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  return n;
}

bool fold(std::string_view utf8, Folded& out) {
  const Table& folding = table();
  std::string& text = out.text;
  text.clear();
  text.reserve(utf8.size());
  bool good = true;
  size_t run = 0;       // from here to `pos` nothing changes: it is copied at once
  size_t last_in = 0;   // where the last fast character began, in and out: a combining mark
  size_t last_out = 0;  // that follows is folded together with it
  const auto copy_until = [&](size_t pos) {
    text.append(utf8.data() + run, pos - run);
    run = pos;
  };
  for (size_t pos = 0; pos < utf8.size();) {
    const Decoded d = decode_utf8(utf8, pos);
    good &= d.good;
    const char16_t image = folding.image(d.cp);
    if (image != kSlow) {
      last_in = pos;
      last_out = text.size() + (pos - run);
      if (image != d.cp || !d.good) {
        copy_until(pos);
        if (image != kDelete) append_utf8(image, text);
        run = pos + d.bytes;
      }
      pos += d.bytes;
      continue;
    }
    size_t end = pos + d.bytes;
    while (end < utf8.size()) {
      const Decoded next = decode_utf8(utf8, end);
      if (folding.image(next.cp) != kSlow) break;
      good &= next.good;
      end += next.bytes;
    }
    copy_until(pos);
    text.resize(last_out);
    fold_slowly(utf8.substr(last_in, end - last_in), text);
    last_in = end;
    last_out = text.size();
    run = pos = end;
  }
  copy_until(utf8.size());
  out.digits = static_cast<size_t>(std::count_if(text.begin(), text.end(), ascii_digit));
  return good;
}

void squeeze(Folded& f) {
  const Table& folding = table();
  f.squeezed.clear();
  f.squeezed.reserve(f.text.size());
  f.runs.clear();
  uint32_t clause = 0;
  size_t run = 0;  // what is kept from here to `pos` has not been copied yet
  bool open = false;
  const auto close = [&](size_t pos) {
    if (!std::exchange(open, false)) return;
    f.runs.push_back(
        {static_cast<uint32_t>(f.squeezed.size()), {static_cast<uint32_t>(run), clause}});
    f.squeezed.append(f.text, run, pos - run);
  };
  for (size_t pos = 0; pos < f.text.size();) {
    const Decoded d = decode_utf8(f.text, pos);
    const Kind kind = folding.kind(d.cp);
    if (kind == Kind::keep) {
      if (!std::exchange(open, true)) run = pos;
    } else {
      close(pos);
      clause += kind == Kind::clause;
    }
    pos += d.bytes;
  }
  close(f.text.size());
}

Folded::Origin Folded::origin(size_t i) const {
  const auto next = std::upper_bound(runs.begin(), runs.end(), i,
                                     [](size_t at, const Run& run) { return at < run.begin; });
  const Run& run = *std::prev(next);
  return {run.origin.offset + static_cast<uint32_t>(i - run.begin), run.origin.clause};
}

std::string folded(std::string_view utf8) {
  Folded f;
  fold(utf8, f);
  return std::move(f.text);
}

std::string squeezed(std::string_view utf8) {
  Folded f;
  fold(utf8, f);
  squeeze(f);
  return std::move(f.squeezed);
}

}  // namespace tact::policy
