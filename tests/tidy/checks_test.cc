// SPDX-License-Identifier: Apache-2.0
// Every check on a sample it must refuse and a sample it must accept.
#include <gtest/gtest.h>

#include "tests/tidy/awaits.h"
#include "tests/tidy/includes.h"
#include "tests/tidy/limits.h"
#include "tests/tidy/source.h"
#include "tests/tidy/tree.h"
#include "tests/tidy/words.h"

namespace tact::tidy {
namespace {

const std::string kLicence = "// SPDX-License-Identifier: Apache-2.0\n";

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::vector<int> lines_found(const Findings& findings) {
  std::vector<int> lines;
  for (const Finding& finding : findings) lines.push_back(finding.line);
  return lines;
}

using Lines = std::vector<int>;

// Blanking.

TEST(Blanked, comments_and_literals_lose_their_content_and_keep_their_place) {
  EXPECT_EQ(blanked("a // b\nc /* d\ne */ f"), "a     \nc     \n     f");
  EXPECT_EQ(blanked(R"(f("x\"y", 'z', '\'');)"), R"(f("    ", ' ', '  ');)");
  EXPECT_EQ(blanked("f(R\"q(a\n)\"b)q\") + g"), "f(     \n      ) + g");
}

TEST(Blanked, a_quote_inside_a_number_opens_no_literal) {
  EXPECT_EQ(blanked("a = 1'000'000; b = 'c';"), "a = 1'000'000; b = ' ';");
}

TEST(Blanked, a_line_comment_continues_behind_a_backslash) {
  EXPECT_EQ(blanked("// a\\\nb\nc"), "     \n \nc");
}

TEST(Blanked, an_unclosed_literal_or_comment_ends_with_the_text) {
  EXPECT_EQ(blanked("a \"bc"), "a \"  ");
  EXPECT_EQ(blanked("a /* bc"), "a      ");
  EXPECT_EQ(blanked("a R\"(bc"), "a      ");
}

// Floors.

IncludeTable floors() {
  return IncludeTable::parse(
      "library std *\n"
      "library boost boost/\n"
      "library boost-pure boost/unordered/\n"
      "folder low std\n"
      "folder high low/ std boost-pure\n"
      "folder high/top high/ std boost\n"
      "folder high/top low/  # rows of one folder add up\n");
}

Findings includes(const char* path, const char* text) {
  return check_includes(floors(), Source(path, text));
}

TEST(Includes, a_lower_floor_does_not_know_a_higher_one) {
  Findings found = includes("low/a.cc", "#include <vector>\n#include \"high/b.h\"\n");
  EXPECT_EQ(found, (Findings{{"low/a.cc", 2, "low may not include high/b.h"}}));
  EXPECT_EQ(includes("high/b.cc", "#include \"low/a.h\"\n#include \"high/b.h\"\n"), Findings{});
}

TEST(Includes, the_longest_row_decides) {
  EXPECT_EQ(includes("high/top/c.cc", "#include \"high/b.h\"\n#include \"low/a.h\"\n"), Findings{});
  EXPECT_EQ(lines_found(includes("high/b.cc", "#include \"high/top/c.h\"\n")), Lines{1});
}

TEST(Includes, a_library_is_allowed_by_name_or_by_a_narrower_part) {
  EXPECT_EQ(includes("high/top/c.cc", "#include <boost/asio.hpp>\n"), Findings{});
  EXPECT_EQ(includes("high/b.cc", "#include <boost/unordered/set.hpp>\n"), Findings{});
  EXPECT_EQ(includes("high/b.cc", "#include <boost/asio.hpp>\n"),
            (Findings{{"high/b.cc", 1, "high may not include boost/asio.hpp (boost)"}}));
}

TEST(Includes, unknown_relative_and_misquoted_headers_are_named) {
  EXPECT_EQ(lines_found(includes("low/a.cc", "#include <unistd.h>\n")), Lines{1});
  EXPECT_EQ(lines_found(includes("low/a.cc", "#include \"a.h\"\n")), Lines{1});
  EXPECT_EQ(lines_found(includes("low/a.cc", "#include <low/a.h>\n")), Lines{1});
  EXPECT_EQ(lines_found(includes("attic/a.cc", "")), Lines{1});
}

TEST(Includes, what_is_commented_out_or_quoted_is_not_included) {
  EXPECT_EQ(includes("low/a.cc", "// #include \"high/b.h\"\n/*\n#include \"high/b.h\"\n*/"),
            Findings{});
  EXPECT_EQ(includes("low/a.cc", "auto s = R\"(\n#include \"high/b.h\"\n)\";"), Findings{});
}

TEST(Includes, a_table_with_an_unknown_item_is_refused) {
  EXPECT_THROW(IncludeTable::parse("folder low bosst\n"), std::runtime_error);
  EXPECT_THROW(IncludeTable::parse("fodler low\n"), std::runtime_error);
}

// Words.

Findings words(const char* path, const char* text) {
  WordTable table = parse_words(
      "# a comment\n"
      "[core] code low/\n"
      "\\brand\\(\n"
      "mutex except low/set\n"
      "[all] text *\n"
      "secret\n");
  return check_words(table, Source(path, text));
}

TEST(Words, code_is_searched_in_its_places_only) {
  EXPECT_EQ(words("low/a.cc", "int a;\nint b = rand();\n"),
            (Findings{{"low/a.cc", 2, "forbidden by [core] of words.txt: \\brand\\("}}));
  EXPECT_EQ(words("high/a.cc", "int b = rand();\n"), Findings{});
  EXPECT_EQ(words("low/a.cc", "operand(1);\n"), Findings{});
}

TEST(Words, comments_and_literals_are_no_code_but_are_text) {
  EXPECT_EQ(words("low/a.cc", "// mutex\nf(\"rand()\");\n"), Findings{});
  EXPECT_EQ(lines_found(words("README.md", "a\nb secret\n")), Lines{2});
}

TEST(Words, an_exception_has_a_name) {
  EXPECT_EQ(lines_found(words("low/a.h", "#include <mutex>\n")), Lines{1});
  EXPECT_EQ(words("low/set.h", "#include <mutex>\n"), Findings{});
}

TEST(Words, a_table_that_is_not_understood_is_refused) {
  EXPECT_THROW(parse_words("word\n"), std::runtime_error);
  EXPECT_THROW(parse_words("[core] coed low/\n"), std::runtime_error);
  EXPECT_THROW(parse_words("[core] code low/\nword exept a\n"), std::runtime_error);
}

// Layout.

Findings layout(const char* path, const std::string& text) {
  return check_layout(Source(path, text));
}

TEST(Layout, a_file_may_have_600_lines_and_no_more) {
  EXPECT_EQ(layout("a.cc", kLicence + repeated("\n", 599)), Findings{});
  EXPECT_EQ(layout("a.cc", kLicence + repeated("\n", 600)),
            (Findings{{"a.cc", 601, "lines of a file: 601, limit 600"}}));
}

TEST(Layout, columns_are_code_points) {
  EXPECT_EQ(layout("a.cc", kLicence + repeated("\u4e2d", 100) + "\n"), Findings{});
  EXPECT_EQ(layout("a.cc", kLicence + repeated("\u4e2d", 101) + "\n"),
            (Findings{{"a.cc", 2, "columns: 101, limit 100"}}));
}

TEST(Layout, tabs_trailing_blanks_and_a_missing_newline_are_found) {
  EXPECT_EQ(lines_found(layout("a.cc", kLicence + "\tint a;\n")), Lines{2});
  EXPECT_EQ(lines_found(layout("a.cc", kLicence + "int a; \n")), Lines{2});
  EXPECT_EQ(lines_found(layout("a.cc", kLicence + "int a;\r\n")), Lines{2});
  EXPECT_EQ(lines_found(layout("a.cc", kLicence + "int a;")), Lines{2});
  EXPECT_EQ(layout("a.tsv", "a\tb "), Findings{});
}

TEST(Layout, what_others_wrote_is_left_as_they_wrote_it) {
  const std::string wide = repeated("a", 101) + "\n";
  EXPECT_EQ(lines_found(layout("a/b.js", wide)), Lines{1});
  EXPECT_EQ(lines_found(layout("a/b.css", wide)), Lines{1});
  EXPECT_EQ(layout("a/vendor/b.js", wide), Findings{});
}

TEST(Layout, the_licence_comes_first) {
  EXPECT_EQ(lines_found(layout("a.cc", "\n" + kLicence)), Lines{1});
  EXPECT_EQ(lines_found(layout("a.cc", "")), (Lines{1, 1}));
}

TEST(Layout, a_header_is_included_once) {
  EXPECT_EQ(lines_found(layout("a.h", kLicence + "// #pragma once\n")), Lines{1});
  EXPECT_EQ(layout("a.h", kLicence + "#pragma once\n"), Findings{});
}

// Functions.

Lines functions(const std::string& text) {
  return lines_found(check_functions(Source("a.cc", text)));
}

// A function of `lines` lines under `head`.
std::string function(const std::string& head, int lines) {
  return head + " {\n" + repeated("  if (a) { b(); }\n", lines - 2) + "}\n";
}

TEST(Functions, may_have_70_lines_and_no_more) {
  EXPECT_EQ(functions(function("int f(int a)", 70)), Lines{});
  EXPECT_EQ(functions("\n" + function("int f(int a)", 71)), Lines{2});
  EXPECT_EQ(functions(function("int f(int a,\n      int b)", 70)), Lines{1});
}

TEST(Functions, are_found_in_namespaces_classes_and_templates) {
  std::string f = function("  int f(int a) const noexcept", 71);
  EXPECT_EQ(functions("namespace a::b {\n" + f + "}\n"), Lines{2});
  EXPECT_EQ(functions("extern \"C\" {\n" + f + "}\n"), Lines{2});
  EXPECT_EQ(functions("class A : public B {\n public:\n" + f + "};\n"), Lines{3});
  EXPECT_EQ(functions("template <class T>\nstruct A {\n" + f + "};\n"), Lines{3});
  EXPECT_EQ(functions(function("template <class T, template <class> class U>\nT f(U<T> a)", 70)),
            Lines{1});
  EXPECT_EQ(functions(function("TEST(A, b)", 71)), Lines{1});
  EXPECT_EQ(functions(function("auto f(int a) -> B", 71)), Lines{1});
}

TEST(Functions, a_constructor_ends_behind_its_initialisers) {
  EXPECT_EQ(functions(function("A::A(int a)\n    : a_(a), b_{a},\n      c_{}", 69)), Lines{1});
  EXPECT_EQ(functions(function("A::A(int a) : b_{a}", 70)), Lines{});
}

TEST(Functions, a_table_is_not_a_function_and_a_class_has_no_limit) {
  EXPECT_EQ(functions("constexpr int kTable[] = {\n" + repeated("  f(1),\n", 80) + "};\n"),
            Lines{});
  EXPECT_EQ(functions("const auto kTable = make<A>({\n" + repeated("  {1},\n", 80) + "});\n"),
            Lines{});
  EXPECT_EQ(functions("enum class A : int {\n" + repeated("  kA,\n", 80) + "};\n"), Lines{});
  EXPECT_EQ(functions("struct A {\n" + repeated("  int f() { return 1; }\n", 80) + "};\n"),
            Lines{});
}

TEST(Functions, many_short_ones_after_braces_in_literals_and_macros_stay_short) {
  EXPECT_EQ(functions("#define OPEN {\n" + repeated("void f() { g(\"{\"); }\n", 80)), Lines{});
  EXPECT_EQ(functions("int f(int a = g({1})) {\n}\n" + repeated("int b{1};\n", 80)), Lines{});
}

// Coroutines.

Lines awaits(const std::string& text) { return lines_found(check_awaits(Source("a.cc", text))); }

TEST(Awaits, a_lambda_with_captures_is_found) {
  EXPECT_EQ(awaits("{\n  co_await f([&] { g(); });\n}"), Lines{2});
  EXPECT_EQ(awaits("{\n  h([this]() -> int { return 1; }, co_await f());\n}"), Lines{2});
  EXPECT_EQ(awaits("return [a](int b) { return a; }(co_await f());"), Lines{1});
}

TEST(Awaits, a_braced_temporary_is_found) {
  EXPECT_EQ(awaits("co_await f(\n    Options{.a = 1});"), Lines{2});
  EXPECT_EQ(awaits("auto n = co_await f({a, b}, co_await g());"), Lines{1});
  EXPECT_EQ(awaits("if (co_await Awaiter{}) {\n}"), Lines{1});
  EXPECT_EQ(awaits("while (co_await f(A{})) {\n}"), Lines{1});
}

TEST(Awaits, what_stands_before_the_await_counts_to_the_statement_s_beginning) {
  EXPECT_EQ(awaits("A a{1};\nf(A{2}, co_await g());"), Lines{2});
  EXPECT_EQ(awaits("if (b) {\n  f(A{2});\n}\n(co_await g()).h();"), Lines{});
}

TEST(Awaits, plain_calls_blocks_subscripts_and_bindings_are_not) {
  EXPECT_EQ(awaits("auto [error, n] = co_await s.read(buffer[i], a[b[c]]);"), Lines{});
  EXPECT_EQ(awaits("auto& [error, n] = co_await s.read();"), Lines{});
  EXPECT_EQ(awaits("if (auto n = co_await f(); n > 0) {\n  A a{1};\n}"), Lines{});
  EXPECT_EQ(awaits("while (co_await f()) {\n  A a{1};\n}"), Lines{});
  EXPECT_EQ(awaits("A a{1};\nco_await f(a);\nB b{2};"), Lines{});
  EXPECT_EQ(awaits("co_await f([](int a) { return A{a}; });"), Lines{});
  EXPECT_EQ(awaits("spawn(context, [self]() -> Task { co_await self->f(); }, detached);"), Lines{});
  EXPECT_EQ(awaits("// co_await f(A{});\n"), Lines{});
}

// The tree as a whole.

TEST(Readmes, each_folder_with_files_has_one_or_is_exempt) {
  std::vector<Source> tree;
  for (const char* path : {"README.md", "a/b/c.cc", "data/x/y.txt", "d/README.md", "d/e.cc"}) {
    tree.emplace_back(path, "");
  }
  EXPECT_EQ(check_readmes({"data"}, tree), (Findings{{"a/b/README.md", 1, "is missing"}}));
  EXPECT_EQ(check_readmes({"data", "a"}, tree), Findings{});
}

TEST(DeadFiles, a_header_nobody_includes_and_a_source_nobody_builds) {
  std::vector<Source> tree;
  tree.emplace_back("a/CMakeLists.txt", "add_library(a used.cc) # dead.cc\n");
  tree.emplace_back("a/used.cc", "#include \"a/used.h\"\n");
  tree.emplace_back("a/used.h", "");
  tree.emplace_back("a/dead.cc", "// #include \"a/dead.h\"\n");
  tree.emplace_back("a/dead.h", "");
  EXPECT_EQ(check_dead_files(tree), (Findings{{"a/dead.cc", 1, "no CMakeLists.txt names this file"},
                                              {"a/dead.h", 1, "nobody includes this header"}}));
}

TEST(DeadFiles, names_in_cmake_may_go_up_and_hold_variables) {
  std::vector<Source> tree;
  tree.emplace_back("t/CMakeLists.txt",
                    "f(\"${CMAKE_SOURCE_DIR}/a/x.cc\" ../b/y.cc ${CMAKE_CURRENT_SOURCE_DIR}/z.cc\n"
                    "  fuzz_${name}.cc)\n");
  for (const char* path : {"a/x.cc", "b/y.cc", "t/z.cc", "t/fuzz_pdu.cc", "t/v/fuzz_pdu.cc"}) {
    tree.emplace_back(path, "");
  }
  EXPECT_EQ(check_dead_files(tree),
            (Findings{{"t/v/fuzz_pdu.cc", 1, "no CMakeLists.txt names this file"}}));
}

// Lists.

TEST(Paths, below_means_the_folder_and_not_its_namesake) {
  EXPECT_TRUE(is_below("a/b/c.h", "a/b"));
  EXPECT_FALSE(is_below("a/bc/d.h", "a/b"));
  EXPECT_EQ(folder_of("a/b/c.h"), "a/b");
  EXPECT_EQ(folder_of("c.h"), "");
}

}  // namespace
}  // namespace tact::tidy
