// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/includes.h"

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace tact::tidy {
namespace {

// "*" stands for the C++ standard library: its headers are the ones without a dot and a slash.
bool is_header_of(const std::vector<std::string>& beginnings, std::string_view header) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](const std::string& beginning) {
    if (beginning == "*") return header.find_first_of("./") == std::string_view::npos;
    return header.starts_with(beginning);
  });
}

// The narrowest library a header belongs to; "" for an unknown one.
std::string library_of(const IncludeTable& table, std::string_view header) {
  std::string best;
  std::size_t longest = 0;
  for (const auto& [name, beginnings] : table.libraries) {
    for (const std::string& beginning : beginnings) {
      if (beginning.size() > longest && is_header_of({beginning}, header)) {
        best = name;
        longest = beginning.size();
      }
    }
  }
  return best;
}

bool is_of_project(const IncludeTable& table, std::string_view header) {
  std::string_view top = header.substr(0, header.find('/'));
  return top.size() < header.size() &&
         std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const auto& row) { return is_below(row.first, top); });
}

std::string judge(const IncludeTable& table, const std::string& row, const Include& include) {
  const IncludeTable::Row& allowed = table.rows.at(row);
  const std::string& header = include.header;
  if (is_of_project(table, header)) {
    if (!include.quoted) return "a header of the project is included with quotes: " + header;
    if (table.row_of(header) == row) return "";
    bool is_allowed = std::any_of(allowed.folders.begin(), allowed.folders.end(),
                                  [&](const auto& folder) { return is_below(header, folder); });
    return is_allowed ? "" : row + " may not include " + header;
  }
  for (const std::string& library : allowed.libraries) {
    if (is_header_of(table.libraries.at(library), header)) return "";
  }
  std::string library = library_of(table, header);
  if (!library.empty()) return row + " may not include " + header + " (" + library + ")";
  if (!include.quoted) return "a header of no library that includes.txt knows: " + header;
  return "includes are relative to the root of the repository: " + header;
}

}  // namespace

IncludeTable IncludeTable::parse(std::string_view text) {
  IncludeTable table;
  std::vector<std::string_view> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::istringstream in{std::string(lines[i].substr(0, lines[i].find('#')))};
    auto fail = [&](const std::string& why) {
      throw std::runtime_error("includes.txt:" + std::to_string(i + 1) + ": " + why);
    };
    std::string kind, name, item;
    if (!(in >> kind)) continue;
    if (!(in >> name)) fail("expected library|folder|no-readme name ...");
    if (kind == "library") {
      while (in >> item) table.libraries[name].push_back(item);
    } else if (kind == "no-readme") {
      table.no_readme.push_back(name);
    } else if (kind == "folder") {
      Row& row = table.rows[name];
      while (in >> item) {
        if (item.ends_with('/')) {
          row.folders.push_back(item.substr(0, item.size() - 1));
        } else if (table.libraries.count(item) != 0) {
          row.libraries.push_back(item);
        } else {
          fail("neither a folder/ nor a library named above: " + item);
        }
      }
    } else {
      fail("expected library, folder or no-readme, found " + kind);
    }
  }
  return table;
}

std::string IncludeTable::row_of(std::string_view path) const {
  std::string best;
  for (const auto& [folder, row] : rows) {
    if (folder.size() > best.size() && is_below(path, folder)) best = folder;
  }
  return best;
}

std::vector<Include> includes_of(const Source& source) {
  static const std::regex directive(R"(^\s*#\s*include\s*(["<]))");
  static const std::regex whole(R"(^\s*#\s*include\s*["<]([^">]*)[">])");
  std::vector<Include> includes;
  std::vector<std::string_view> code = lines_of(source.code);
  std::vector<std::string_view> text = lines_of(source.text);
  for (std::size_t i = 0; i < code.size(); ++i) {
    // The blanked line says whether it is a directive, the text what it includes.
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_search(code[i].begin(), code[i].end(), match, directive)) continue;
    bool quoted = *match[1].first == '"';
    if (!std::regex_search(text[i].begin(), text[i].end(), match, whole)) continue;
    includes.push_back({static_cast<int>(i) + 1, match[1].str(), quoted});
  }
  return includes;
}

Findings check_includes(const IncludeTable& table, const Source& source) {
  if (!is_cpp(source.path)) return {};
  std::string row = table.row_of(source.path);
  if (row.empty()) return {{source.path, 1, "includes.txt has no row for this folder"}};
  Findings findings;
  for (const Include& include : includes_of(source)) {
    std::string message = judge(table, row, include);
    if (!message.empty()) findings.push_back({source.path, include.line, message});
  }
  return findings;
}

}  // namespace tact::tidy
