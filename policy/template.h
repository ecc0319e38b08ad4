// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tact::policy {

// A text with places for variables: "{name:type:max}". What fills a place has 1 to `max`
// characters, and may be of its type only:
//
//   text     anything but links, brackets, braces, marks of variables, and line ends
//   number   0-9
//   amount   0-9 and , .
//   date     0-9 and - / . : blank, 年 月 日 时 分
//   code     0-9 A-Z a-z
//
// So no link, signature or second variable comes in through a value. What stands around the places
// is as it was reviewed: at most 500 characters, and never places alone (POLICY 2.4).
class Template {
 public:
  explicit Template(std::string_view text);

  // What is wrong with it; empty: nothing.
  const std::string& wrong() const { return wrong_; }

  struct Variable {
    std::string_view name, value;
  };
  // Appends the text with its places filled. What does not fit ("amount: missing", "name: a link"),
  // and then nothing is appended; empty: it fits. REQUIRES: wrong().empty()
  std::string fill(std::span<const Variable> variables, std::string& out) const;

 private:
  enum class Type : unsigned char { text, number, amount, date, code };
  struct Place {
    std::string before;  // the text in front of it
    std::string name;
    Type type{};
    size_t max = 0;
  };

  std::string read(std::string_view text);
  static std::string read_place(std::string_view inside, Place& place);
  static const char* misfit(const Place& place, std::string_view value);

  std::vector<Place> places_;
  std::string rest_;  // behind the last one
  std::string wrong_;
};

class RuleSet;

// Renders a template of an account in a version, or in its common one. What does not fit, for the
// rule TEMPLATE; empty: rendered.
std::string render(const RuleSet&, uint16_t account, std::string_view id, std::string_view version,
                   std::span<const Template::Variable> variables, std::string& out);

}  // namespace tact::policy
