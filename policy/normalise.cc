// SPDX-License-Identifier: Apache-2.0
#include "policy/normalise.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

namespace tact::policy {
namespace {

// What a character is, once folded.
enum class Kind : uint8_t {
  keep,    // a letter or number
  head,    // one of kMarkerHeads
  drop,    // neither, or
  clause,  // nor that, and it parts clauses
  slow,    // ask ICU, with its neighbours
};

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

// Of a folded character.
Kind kind_of(UChar32 c) {
  if (c < 0x10000 && kMarkerHeads.find(static_cast<char16_t>(c)) != kMarkerHeads.npos) {
    return Kind::head;
  }
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
// an ordinary text costs one table look-up per character. Slow stay those that may combine with the
// one before, that vanish, that become several, and all above the basic plane.
class Table {
 public:
  struct Entry {
    char16_t image = 0;
    Kind kind = Kind::slow;
  };

  Table() {
    const auto& norm = nfkc_casefold();
    simplify();
    for (UChar32 c = 1; c < 0xffff; ++c) {
      if (U_IS_SURROGATE(c) || !norm.hasBoundaryBefore(c)) continue;
      UErrorCode status = U_ZERO_ERROR;
      const icu::UnicodeString image = norm.normalize(icu::UnicodeString(c), status);
      if (image.length() == 1 && norm.hasBoundaryBefore(image[0])) {
        const char16_t becomes = simplified_[image[0]];
        const Kind kind = kind_of(becomes);
        entries_[c] = {becomes, kind};
        const bool plain = kind == Kind::keep && becomes == c && c >= 0x800;
        plain_[c >> 6] |= uint64_t{plain} << (c & 63);
      }
    }
  }

  Entry at(char32_t c) const { return c < 0x10000 ? entries_[c] : Entry{}; }
  // Behind the plain characters of three octets (Han, kana) from `pos` on. Surrogates are not
  // plain, nor is what fits into two octets.
  size_t skip_plain(std::string_view s, size_t pos) const {
    for (; pos + 3 <= s.size(); pos += 3) {
      const auto first = static_cast<uint8_t>(s[pos] ^ 0xe0);
      const auto second = static_cast<uint8_t>(s[pos + 1] ^ 0x80);
      const auto third = static_cast<uint8_t>(s[pos + 2] ^ 0x80);
      if (first >= 0x10 || (second | third) >= 0x40) break;
      if ((plain_[first << 6 | second] >> third & 1) == 0) break;
    }
    return pos;
  }
  char16_t simplified(char16_t c) const { return simplified_[c]; }

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

  std::array<Entry, 0x10000> entries_{};
  // A bit for each character of three octets: a letter or number that stays what it is. Nearly all
  // of a Chinese text, and a table that stays in the processor's cache.
  std::array<uint64_t, 0x10000 / 64> plain_{};
  std::array<char16_t, 0x10000> simplified_{};
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

// Writes a character of the basic plane; its length.
size_t put_utf8(char32_t c, char* to) {
  if (c < 0x80) {
    to[0] = static_cast<char>(c);
    return 1;
  }
  const auto low = [&](int bits) { return static_cast<char>(0x80 | (c >> bits & 0x3f)); };
  if (c < 0x800) {
    to[0] = static_cast<char>(0xc0 | c >> 6);
    to[1] = low(0);
    return 2;
  }
  to[0] = static_cast<char>(0xe0 | c >> 12);
  to[1] = low(6);
  to[2] = low(0);
  return 3;
}

// One text on its way into a Folded.
class Folding {
 public:
  Folding(std::string_view in, Folded& out) : in_(in), out_(out), text_(out.text) { forget(); }

  // False: bad UTF-8.
  bool run() {
    bool slow = false;
    make_room();
    while (pos_ < in_.size()) {
      if (const size_t behind = table_.skip_plain(in_, pos_); behind != pos_) {
        take(behind);
        continue;
      }
      const Decoded d = decode_utf8(in_, pos_);
      good_ &= d.good;
      const Table::Entry e = table_.at(d.cp);
      if (e.kind == Kind::slow) {
        slow = true;
        ask_icu();
      } else {
        put(d, e);
      }
    }
    text_.resize(size_);
    if (slow) look_again();
    return good_;
  }

 private:
  void forget() {
    out_.ascii.reset();
    out_.digits = 0;
    out_.gaps.clear();
    out_.heads.clear();
  }

  // For `more` octets and the rest: none of it becomes more than three, unless ICU says so. Never
  // shorter: what is cut off would be cleared again at each character that ICU folds.
  void make_room(size_t more = 0) {
    const size_t size = size_ + more + 3 * (in_.size() - pos_);
    if (text_.size() < size) text_.resize(size);
  }

  // Plain characters of three octets.
  void take(size_t behind) {
    std::memcpy(text_.data() + size_, in_.data() + pos_, behind - pos_);
    size_ += behind - pos_;
    pos_ = behind;
    last_in_ = pos_ - 3;
    last_out_ = size_ - 3;
  }

  void put(const Decoded& d, Table::Entry e) {
    last_in_ = pos_;
    last_out_ = size_;
    pos_ += d.bytes;
    size_ += put_utf8(e.image, text_.data() + size_);
    note(e.image, e.kind, last_out_, size_ - last_out_);
  }

  // A character that may combine with the one before it, and all like it behind.
  void ask_icu() {
    while (pos_ < in_.size()) {
      const Decoded d = decode_utf8(in_, pos_);
      if (table_.at(d.cp).kind != Kind::slow) break;
      good_ &= d.good;
      pos_ += d.bytes;
    }
    image_.clear();
    fold_slowly(in_.substr(last_in_, pos_ - last_in_), image_);
    size_ = last_out_;
    make_room(image_.size());
    std::memcpy(text_.data() + size_, image_.data(), image_.size());
    size_ += image_.size();
    last_in_ = pos_;
    last_out_ = size_;
  }

  void note(char32_t c, Kind kind, size_t at, size_t bytes) {
    if (c < 0x80) {
      out_.ascii[c] = true;
      out_.digits += ascii_digit(static_cast<char>(c));
    }
    if (kind != Kind::keep) note_rare(kind, static_cast<uint32_t>(at), bytes);
  }

  void note_rare(Kind kind, uint32_t at, size_t bytes) {
    if (kind == Kind::head) {
      out_.heads.push_back(at);
    } else {
      out_.gaps.push_back({at, static_cast<uint8_t>(bytes), kind == Kind::clause});
    }
  }

  // Notes anew what is in `text_`, after ICU folded some of it.
  void look_again() {
    forget();
    for (size_t pos = 0; pos < text_.size();) {
      const Decoded d = decode_utf8(text_, pos);
      Kind kind = table_.at(d.cp).kind;
      if (kind == Kind::slow) kind = kind_of(static_cast<UChar32>(d.cp));
      note(d.cp, kind, pos, d.bytes);
      pos += d.bytes;
    }
  }

  const Table& table_ = table();
  const std::string_view in_;
  Folded& out_;
  std::string& text_;  // longer than what is written, until the end
  std::string image_;  // of what ICU folds
  bool good_ = true;
  size_t pos_ = 0;   // read of `in_`
  size_t size_ = 0;  // written to `text_`
  // Where the character before began, in and out: a mark behind it may combine with it.
  size_t last_in_ = 0;
  size_t last_out_ = 0;
};

}  // namespace

Decoded decode_rare(std::string_view s, size_t pos) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const uint8_t lead = byte(pos);
  constexpr Decoded kBad{0xfffd, 1, false};
  const uint8_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || pos + n > s.size()) return kBad;
  char32_t cp = lead & (0xff >> (n + 1));
  for (size_t i = 1; i < n; ++i) {
    if ((byte(pos + i) & 0xc0) != 0x80) return kBad;
    cp = cp << 6 | (byte(pos + i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (cp < kLeast[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) return kBad;
  return {cp, n, true};
}

void append_utf8(char32_t c, std::string& out) {
  if (c < 0x10000) {
    char bytes[3];
    out.append(bytes, put_utf8(c, bytes));
    return;
  }
  out += static_cast<char>(0xf0 | c >> 18);
  for (const int bits : {12, 6, 0}) out += static_cast<char>(0x80 | (c >> bits & 0x3f));
}

size_t code_points(std::string_view utf8) {
  size_t n = 0;
  for (const char c : utf8) n += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  return n;
}

Span source_span(std::string_view utf8, Span of_folded) {
  std::vector<uint32_t> cuts;  // before each character, and at the end
  for (size_t pos = 0; pos < utf8.size(); pos += decode_utf8(utf8, pos).bytes) {
    cuts.push_back(static_cast<uint32_t>(pos));
  }
  cuts.push_back(static_cast<uint32_t>(utf8.size()));
  // A beginning of the text folds to a beginning of its folding.
  Folded f;
  const auto size = [&](uint32_t cut) {
    fold(utf8.substr(0, cut), f);
    return f.text.size();
  };
  const auto behind = std::partition_point(cuts.begin(), cuts.end(),
                                           [&](uint32_t c) { return size(c) <= of_folded.begin; });
  const auto end = std::partition_point(cuts.begin(), cuts.end(),
                                        [&](uint32_t c) { return size(c) < of_folded.end; });
  return {behind == cuts.begin() ? 0 : *std::prev(behind), end == cuts.end() ? cuts.back() : *end};
}

bool fold(std::string_view utf8, Folded& out) { return Folding(utf8, out).run(); }

void squeeze(Folded& f) {
  f.squeezed.resize(f.text.size());
  f.runs.clear();
  uint32_t clause = 0;
  uint32_t run = 0;   // what is kept from here to the next gap has not been copied yet
  uint32_t size = 0;  // written to `squeezed`
  const auto copy_until = [&](uint32_t end) {
    if (run == end) return;
    f.runs.push_back({size, {run, clause}});
    std::memcpy(f.squeezed.data() + size, f.text.data() + run, end - run);
    size += end - run;
  };
  for (const Folded::Gap& gap : f.gaps) {
    copy_until(gap.offset);
    clause += gap.clause;
    run = gap.offset + gap.bytes;
  }
  copy_until(static_cast<uint32_t>(f.text.size()));
  f.squeezed.resize(size);
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
