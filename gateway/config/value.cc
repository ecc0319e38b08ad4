// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/value.h"

#include <google/protobuf/duration.pb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <regex>
#include <vector>

namespace tact::gateway::config {
namespace {

using google::protobuf::FieldDescriptor;

struct Unit {
  std::string_view name;
  int64_t factor;
};

// From the largest to the smallest: the first that divides a value prints it.
constexpr std::array kDurations = {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                   Unit{"s", 1000}, Unit{"ms", 1}};
constexpr std::array kSizes = {Unit{"TiB", 1ll << 40}, Unit{"GiB", 1ll << 30},
                               Unit{"MiB", 1ll << 20}, Unit{"KiB", 1ll << 10}, Unit{"B", 1}};

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  return out + '"';
}

Parsed fail(std::string problem) { return {std::nullopt, std::move(problem)}; }

Parsed expected(std::string_view what, std::string_view text) {
  return fail("expected " + std::string(what) + ", got " + quote(text));
}

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class Units>
std::optional<int64_t> with_unit(std::string_view text, const Units& units) {
  const std::size_t split = text.find_first_not_of("-0123456789");
  if (split == std::string_view::npos) return std::nullopt;
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& u) { return u.name == text.substr(split); });
  const std::optional<int64_t> count = integer(text.substr(0, split));
  if (unit == units.end() || !count) return std::nullopt;
  int64_t value = 0;
  if (__builtin_mul_overflow(*count, unit->factor, &value)) return std::nullopt;
  return value;
}

template <class Units>
std::string print_with_unit(int64_t value, const Units& units, std::string_view of_zero) {
  if (value == 0) return "0" + std::string(of_zero);
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& u) { return value % u.factor == 0; });
  return std::to_string(value / unit->factor) + std::string(unit->name);
}

std::optional<int64_t> time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto digits = [](std::string_view two) {
    return two.find_first_not_of("0123456789") == std::string_view::npos ? integer(two)
                                                                         : std::nullopt;
  };
  const auto hours = digits(text.substr(0, 2));
  const auto minutes = digits(text.substr(3));
  if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > 24 * 60) return std::nullopt;
  return *hours * 60 + *minutes;
}

std::string print_time_of_day(int64_t minutes) {
  const auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minutes / 60) + ':' + two(minutes % 60);
}

Parsed parse_number(const FieldDescriptor& field, std::string_view text, bool quoted) {
  const auto value_or = [&](std::optional<int64_t> value, std::string_view what) {
    return value ? Parsed{Value{*value}, {}} : expected(what, text);
  };
  if (is_duration(field)) {
    return value_or(with_unit(text, kDurations), "a duration such as \"30s\"");
  }
  switch (rules_of(field).form()) {
    case proto::FieldRules::SIZE:
      return value_or(with_unit(text, kSizes), "a size such as \"16MiB\"");
    case proto::FieldRules::TIME_OF_DAY:
      return value_or(time_of_day(text), "a time of day such as \"09:00\"");
    default:
      break;
  }
  if (quoted) return fail("expected a number, got the text " + quote(text));
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.size() > 1 && digits[0] == '0' && integer(digits)) {
    return fail(quote(text) + " may be read as octal; write it without leading zeros");
  }
  return value_or(integer(text), "a number");
}

Parsed parse_enum(const google::protobuf::EnumDescriptor& type, std::string_view text) {
  std::vector<std::string> names;
  std::string all;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string name = yaml_name(*type.value(i));
    if (name.empty()) continue;
    if (name == text) return {Value{type.value(i)}, {}};
    all += (all.empty() ? "" : ", ") + name;
    names.push_back(name);
  }
  const std::string near = nearest(text, names);
  return fail("expected one of " + all + ", got " + quote(text) +
              (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

// A text in which nobody would take a number for anything else.
bool is_numeric_text(const FieldDescriptor& field) {
  const auto form = rules_of(field).form();
  return form == proto::FieldRules::STATUS || form == proto::FieldRules::VERSION ||
         form == proto::FieldRules::TAG;
}

}  // namespace

const proto::FieldRules& rules_of(const FieldDescriptor& field) {
  return field.options().GetExtension(proto::cfg);
}

std::string yaml_name(const google::protobuf::EnumValueDescriptor& value) {
  std::string name = value.name();
  if (name.ends_with("_UNSPECIFIED")) return {};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

bool is_duration(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Duration::descriptor();
}

bool is_section(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !field.is_repeated() && !is_duration(field);
}

bool is_section_list(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.is_repeated() && !field.is_map() &&
         !is_duration(field);
}

Parsed parse_value(const FieldDescriptor& field, std::string_view text, bool quoted) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!quoted && (text == "true" || text == "false")) return {Value{text == "true"}, {}};
      return expected("true or false", text);
    case FieldDescriptor::CPPTYPE_ENUM:
      return parse_enum(*field.enum_type(), text);
    case FieldDescriptor::CPPTYPE_STRING:
      if (const std::string_view other =
              quoted || is_numeric_text(field) ? std::string_view{} : other_reading(text);
          !other.empty()) {
        return fail(std::string(text) + " may be read as " + std::string(other) + "; write " +
                    quote(text) + " with quotes");
      }
      return {Value{std::string(text)}, {}};
    default:
      return parse_number(field, text, quoted);
  }
}

namespace {

std::optional<int64_t> limit(const FieldDescriptor& field, const std::string& text) {
  if (text.empty()) return std::nullopt;
  return parse_number(field, text, false).value->number();
}

// The numbers that a field of this type can hold at all.
std::pair<int64_t, int64_t> type_limits(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return {0, std::numeric_limits<uint32_t>::max()};
    case FieldDescriptor::CPPTYPE_INT32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {0, std::numeric_limits<int64_t>::max()};
    default:
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }
}

}  // namespace

std::string range_text(const FieldDescriptor& field) {
  const proto::FieldRules& rules = rules_of(field);
  const std::string unit = rules.unit().empty() ? "" : ' ' + rules.unit();
  if (!rules.min().empty() && !rules.max().empty()) return rules.min() + ".." + rules.max() + unit;
  if (!rules.min().empty()) return "at least " + rules.min() + unit;
  if (!rules.max().empty()) return "at most " + rules.max() + unit;
  return rules.unit();
}

bool in_range(const FieldDescriptor& field, const Value& value) {
  if (!std::holds_alternative<int64_t>(value.is)) return true;
  const proto::FieldRules& rules = rules_of(field);
  const auto [lowest, highest] = type_limits(field);
  const int64_t number = value.number();
  return number >= std::max(lowest, limit(field, rules.min()).value_or(lowest)) &&
         number <= std::min(highest, limit(field, rules.max()).value_or(highest));
}

std::string print_value(const FieldDescriptor& field, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value.is)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value.is)) {
    const bool plain = !text->empty() && other_reading(*text).empty() &&
                       std::all_of(text->begin(), text->end(),
                                   [](unsigned char c) {
                                     return std::isalnum(c) != 0 || c >= 0x80 || c == '-' ||
                                            c == '_' || c == '.' || c == '/';
                                   }) &&
                       text->front() != '-' && !text->starts_with("...");
    return plain ? *text : quote(*text);
  }
  if (const auto* member = std::get_if<const google::protobuf::EnumValueDescriptor*>(&value.is)) {
    return yaml_name(**member);
  }
  if (is_duration(field)) return print_with_unit(value.number(), kDurations, "s");
  switch (rules_of(field).form()) {
    case proto::FieldRules::SIZE:
      return print_with_unit(value.number(), kSizes, "B");
    case proto::FieldRules::TIME_OF_DAY:
      return '"' + print_time_of_day(value.number()) + '"';
    default:
      return std::to_string(value.number());
  }
}

// The resolution table of YAML 1.1, which many editors and tools still follow, and of the 1.2 core
// schema.
std::string_view other_reading(std::string_view plain) {
  static const std::regex kBoolean("y|n|yes|no|on|off|true|false", std::regex::icase);
  static const std::regex kNumber(
      "[-+]?([0-9][0-9_]*|0[xob][0-9a-f_]+|([0-9][0-9_]*)?\\.[0-9_]*(e[-+]?[0-9]+)?"
      "|[0-9][0-9_]*e[-+]?[0-9]+|[0-9]+(:[0-5]?[0-9])+(\\.[0-9]*)?|\\.inf)|\\.nan",
      std::regex::icase);
  static const std::regex kDate("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \\t].*)?");
  if (plain.empty() || plain == "~") return "nothing";
  if (plain.size() > 64 || plain == ".") return {};
  const auto is = [&](const std::regex& re) {
    return std::regex_match(plain.begin(), plain.end(), re);
  };
  if (is(kBoolean)) return "a boolean";
  if (is(kNumber)) return "a number";
  if (is(kDate)) return "a date";
  return {};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Nobody mistypes a key of this length; the table must stay small whatever the file says.
  if (a.size() > 64 || b.size() > 64) return std::max(a.size(), b.size());
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace tact::gateway::config
