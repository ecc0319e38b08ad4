// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/value.h"

#include <gtest/gtest.h>

#include <array>

namespace tact::gateway::config {
namespace {

using google::protobuf::FieldDescriptor;

const FieldDescriptor& field(const google::protobuf::Descriptor* type, const std::string& name) {
  return *type->FindFieldByName(name);
}
const FieldDescriptor& wait_field() { return field(proto::Route::descriptor(), "retry_wait"); }
const FieldDescriptor& page_field() { return field(proto::LimitRules::descriptor(), "page"); }
const FieldDescriptor& from_field() { return field(proto::Window::descriptor(), "from"); }
const FieldDescriptor& port_field() { return field(proto::Link::descriptor(), "port"); }
const FieldDescriptor& host_field() { return field(proto::Link::descriptor(), "host"); }
const FieldDescriptor& bind_field() { return field(proto::Link::descriptor(), "bind"); }
const FieldDescriptor& demo_field() { return field(proto::Config::descriptor(), "demo"); }

std::string problem(const FieldDescriptor& field, std::string_view text, bool quoted = false) {
  return parse_value(field, text, quoted).problem;
}

// What the value prints as, or the problem.
std::string reprinted(const FieldDescriptor& field, std::string_view text, bool quoted = false) {
  const Parsed parsed = parse_value(field, text, quoted);
  return parsed.value ? print_value(field, *parsed.value) : parsed.problem;
}

TEST(Value, a_duration_without_unit_or_with_two_is_refused) {
  EXPECT_EQ(problem(wait_field(), "30"), "expected a duration such as \"30s\", got \"30\"");
  for (const char* text : {"", "s", "30 s", "1h30m", "1.5s", "30S", "0x1s", "99999999999999d"}) {
    EXPECT_NE(problem(wait_field(), text), "") << text;
  }
}

TEST(Value, a_duration_prints_in_its_largest_whole_unit) {
  EXPECT_EQ(reprinted(wait_field(), "500ms"), "500ms");
  EXPECT_EQ(reprinted(wait_field(), "90s"), "90s");
  EXPECT_EQ(reprinted(wait_field(), "60s"), "1m");
  EXPECT_EQ(reprinted(wait_field(), "24h", true), "1d");
  EXPECT_EQ(reprinted(wait_field(), "0d"), "0s");
  EXPECT_EQ(reprinted(wait_field(), "-2h"), "-2h");
}

TEST(Value, a_size_needs_its_unit) {
  EXPECT_EQ(problem(page_field(), "4096"), "expected a size such as \"16MiB\", got \"4096\"");
  EXPECT_NE(problem(page_field(), "16MB"), "");
  EXPECT_NE(problem(page_field(), "9999999999TiB"), "");
  EXPECT_EQ(reprinted(page_field(), "1024KiB"), "1MiB");
  EXPECT_EQ(reprinted(page_field(), "1025B"), "1025B");
}

TEST(Value, a_time_of_day_is_two_digits_colon_two_digits) {
  for (const char* text : {"9:00", "09:60", "24:01", "0900", "-1:00", "09:00:00"}) {
    EXPECT_NE(problem(from_field(), text), "") << text;
  }
  EXPECT_EQ(reprinted(from_field(), "09:05"), "\"09:05\"");
  EXPECT_EQ(reprinted(from_field(), "24:00"), "\"24:00\"");
}

TEST(Value, a_number_is_plain_decimal) {
  EXPECT_EQ(problem(port_field(), "0123"),
            "\"0123\" may be read as octal; write it without leading zeros");
  EXPECT_EQ(problem(port_field(), "10", true), "expected a number, got the text \"10\"");
  for (const char* text :
       {"", "0x10", "1_000", "1e3", "1.0", "+1", "ten", "99999999999999999999"}) {
    EXPECT_NE(problem(port_field(), text), "") << text;
  }
}

TEST(Value, a_number_outside_of_its_range_or_its_type_is_told) {
  const auto fits = [](const FieldDescriptor& f, int64_t n) { return in_range(f, Value{n}); };
  EXPECT_FALSE(fits(port_field(), 0));
  EXPECT_TRUE(fits(port_field(), 1));
  EXPECT_TRUE(fits(port_field(), 65535));
  EXPECT_FALSE(fits(port_field(), 65536));
  EXPECT_FALSE(fits(wait_field(), 9));
  EXPECT_FALSE(fits(from_field(), -1)) << "no limits of its own, but it is unsigned";
  EXPECT_FALSE(fits(from_field(), 1ll << 32));
  EXPECT_EQ(range_text(wait_field()), "10ms..1h");
}

TEST(Value, plain_text_that_yaml_takes_for_something_else_needs_quotes) {
  EXPECT_EQ(problem(host_field(), "no"), "no may be read as a boolean; write \"no\" with quotes");
  for (const char* text : {"Yes", "on", "OFF", "true", "y", "~", "", "1069000055", "+86", "0x1F",
                           "1e3", "1.5", "190:20:30", "12:30", ".inf", "2026-10-01"}) {
    EXPECT_NE(problem(host_field(), text), "") << text;
    EXPECT_EQ(problem(host_field(), text, true), "") << text;
  }
  for (const char* text : {"127.0.0.1", "smsc.example.net", "955XX", "800-555-0100", "nobody", "e3",
                           "1.2.3", "-", "拒收请回复R"}) {
    EXPECT_EQ(problem(host_field(), text), "") << text;
  }
}

TEST(Value, printed_text_is_read_back_as_the_same) {
  for (const char* text : {"plain", "no", "1069", "", "a b", "quote \" and \\", "a: b", "#", "- a",
                           "line\nline", "银行", "*.bank.cn", "[x]", "...", "-"}) {
    const std::string printed = print_value(host_field(), Value{std::string(text)});
    if (printed.front() == '"') continue;
    EXPECT_EQ(problem(host_field(), printed), "") << text;
    EXPECT_EQ(printed, text);
  }
  EXPECT_EQ(print_value(host_field(), Value{std::string("no")}), "\"no\"");
}

TEST(Value, an_enum_suggests_its_nearest_member) {
  EXPECT_EQ(problem(bind_field(), "transciever"),
            "expected one of transceiver, transmitter, receiver, got \"transciever\"; did you mean "
            "\"transceiver\"?");
  EXPECT_NE(problem(bind_field(), "bind_unspecified"), "");
  EXPECT_NE(problem(bind_field(), "TRANSCEIVER"), "");
  EXPECT_EQ(reprinted(bind_field(), "receiver"), "receiver");
}

TEST(Value, only_true_and_false_are_booleans) {
  for (const char* text : {"yes", "no", "True", "1", ""})
    EXPECT_NE(problem(demo_field(), text), "");
  EXPECT_NE(problem(demo_field(), "true", true), "");
  EXPECT_EQ(reprinted(demo_field(), "false"), "false");
}

TEST(Value, the_nearest_name_is_within_a_third_of_the_letters) {
  const std::array<std::string, 3> names = {"window", "name", "response_timeout"};
  EXPECT_EQ(nearest("windw", names), "window");
  EXPECT_EQ(nearest("widnow", names), "window");
  EXPECT_EQ(nearest("respose_time", names), "response_timeout");
  EXPECT_EQ(nearest("colour", names), "");
  EXPECT_EQ(nearest(std::string(100'000, 'w'), names), "");
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

}  // namespace
}  // namespace tact::gateway::config
