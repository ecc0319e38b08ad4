// SPDX-License-Identifier: Apache-2.0
#include "bench/compare/http_text.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tact::bench {
namespace {

TEST(HttpText, WhatIsNoHttpIsAnError) {
  EXPECT_THROW(parse_http("hello\r\n\r\n"), std::runtime_error);
  EXPECT_THROW(parse_http("\r\n\r\n"), std::runtime_error);
  for (const char* length : {"", "x", "-1", "1x", "99999999999999999999999"}) {
    EXPECT_THROW(
        parse_http("HTTP/1.1 200 OK\r\nContent-Length: " + std::string(length) + "\r\n\r\n"),
        std::runtime_error)
        << length;
  }
  EXPECT_THROW(parse_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
               std::runtime_error);
  EXPECT_THROW(parse_http(std::string(100'000, 'x')), std::runtime_error);
}

TEST(HttpText, WhatHasNotComeWholeIsWaitedFor) {
  const std::string whole =
      "HTTP/1.1 202 Accepted\r\nServer: x\r\ncontent-length: 5\r\n\r\n12345"
      "HTTP/1.1 202 Accepted";
  const std::size_t octets = whole.find("12345") + 5;
  for (std::size_t size = 0; size < octets; ++size) {
    EXPECT_FALSE(parse_http(whole.substr(0, size))) << size;
  }
  const auto message = parse_http(whole);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->octets, octets);
  EXPECT_EQ(message->start_line, "HTTP/1.1 202 Accepted");
}

TEST(HttpText, ARequestHasNoBody) {
  const auto message = parse_http("GET /a/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /b");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->start_line, "GET /a/1 HTTP/1.1");
  EXPECT_EQ(message->octets, 30u);
}

TEST(HttpText, StatusOfAResponse) {
  EXPECT_EQ(status_of("HTTP/1.1 202 Accepted"), 202);
  EXPECT_EQ(status_of("HTTP/1.0 503"), 503);
  EXPECT_EQ(status_of("HTTP/1.1 "), 0);
  EXPECT_EQ(status_of("HTTP/1.1"), 0);
  EXPECT_EQ(status_of("GET / HTTP/1.1"), 0);
  EXPECT_EQ(status_of(""), 0);
}

TEST(HttpText, EverythingButLettersAndDigitsIsEscaped) {
  std::string query = "to=";
  append_escaped(query, "+86 a-Z_9.&%\n测");
  EXPECT_EQ(query, "to=%2B86%20a-Z_9.%26%25%0A%E6%B5%8B");
}

}  // namespace
}  // namespace tact::bench
