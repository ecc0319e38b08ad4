// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/source.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tact::tidy {
namespace {

// One pass over C++ text; `out_` starts as a copy and is blanked where the lexer says so.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), out_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        blank_to(end_of_line_comment());
      } else if (starts("/*")) {
        blank_to(after("*/", at_ + 2));
      } else if (starts_raw_string()) {
        blank_raw_string();
      } else if (text_[at_] == '"' || (text_[at_] == '\'' && !is_digit_separator())) {
        blank_quoted(text_[at_]);
      } else {
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  bool starts(std::string_view token) const { return text_.substr(at_).starts_with(token); }

  std::size_t after(std::string_view token, std::size_t from) const {
    std::size_t found = text_.find(token, from);
    return found == std::string_view::npos ? text_.size() : found + token.size();
  }

  std::size_t end_of_line_comment() const {
    std::size_t end = text_.find('\n', at_);
    while (end != std::string_view::npos && end > 0 && text_[end - 1] == '\\') {
      end = text_.find('\n', end + 1);
    }
    return std::min(end, text_.size());
  }

  // 1'000: a quote between two identifier characters, the first word of which starts with a digit.
  bool is_digit_separator() const {
    std::size_t first = at_;
    while (first > 0 && (is_identifier_char(text_[first - 1]) || text_[first - 1] == '\'')) --first;
    return first < at_ && std::isdigit(static_cast<unsigned char>(text_[first])) != 0;
  }

  bool starts_raw_string() const {
    if (!starts("R\"")) return false;
    std::size_t first = at_;
    while (first > 0 && is_identifier_char(text_[first - 1])) --first;
    std::string_view prefix = text_.substr(first, at_ - first);
    return prefix.empty() || prefix == "u8" || prefix == "u" || prefix == "U" || prefix == "L";
  }

  void blank_raw_string() {
    std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return blank_to(text_.size());
    std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    blank_to(after(close, open));
  }

  // The quotes stay: an include line and `extern "C"` remain recognisable.
  void blank_quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    ++at_;
    blank_to(std::min(end, text_.size()));
    if (at_ < text_.size()) ++at_;
  }

  void blank_to(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (text_[at_] != '\n') out_[at_] = ' ';
    }
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
};

std::vector<std::string> files_of_git(const std::filesystem::path& root) {
  // The directory may belong to another user (a container's mount); reading it is all we do.
  std::string command = "git -c safe.directory='*' -C '" + root.string() +
                        "' ls-files -z --cached --others --exclude-standard 2>/dev/null";
  std::vector<std::string> files;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return files;
  std::string name;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    if (c != 0) {
      name.push_back(static_cast<char>(c));
    } else {
      files.push_back(std::move(name));
      name.clear();
    }
  }
  pclose(pipe);
  return files;
}

std::vector<std::string> files_of_walk(const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    std::string name = it->path().filename().string();
    bool hidden = name.starts_with('.') && name != ".ci";
    if (it->is_directory() && (hidden || name.starts_with("build"))) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      files.push_back(fs::relative(it->path(), root).generic_string());
    }
  }
  return files;
}

}  // namespace

Source::Source(std::string path_in, std::string text_in)
    : path(std::move(path_in)), text(std::move(text_in)), code(is_cpp(path) ? blanked(text) : "") {}

std::string blanked(std::string_view text) { return Blanker(text).run(); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

int line_at(std::string_view text, std::size_t offset) {
  std::string_view before = text.substr(0, offset);
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

bool is_identifier_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

bool is_cpp(std::string_view path) { return ends_with_any(path, {".h", ".cc"}); }

std::string_view folder_of(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : path.substr(0, slash);
}

bool is_below(std::string_view path, std::string_view folder) {
  return path == folder ||
         (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

std::vector<Source> load_tree(const std::filesystem::path& root) {
  std::vector<std::string> files;
  if (std::filesystem::exists(root / ".git")) files = files_of_git(root);
  if (files.empty()) files = files_of_walk(root);
  std::sort(files.begin(), files.end());
  std::vector<Source> tree;
  for (std::string& file : files) {
    // A file deleted and not yet committed is still in git's index.
    if (!std::filesystem::is_regular_file(root / file)) continue;
    std::string text = read_file(root / file);
    bool is_binary = text.find('\0') != std::string::npos;
    tree.emplace_back(std::move(file), is_binary ? std::string() : std::move(text));
  }
  return tree;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace tact::tidy
