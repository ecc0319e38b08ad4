// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/gateway/config/disk.h"
#include "tests/support/vectors.h"

namespace tact::gateway {
namespace {

// `whole`: the input is the file. `sections`: the input stands in front of the minimal
// configuration's other sections. `without NAME`: the file with this name is missing.
std::string problems_of(const vectors::Case& c) {
  Disk disk;
  for (const std::string& name : c.arguments) disk.remove("etc/" + name);
  if (c.command == "whole") {
    disk.put(kConfigPath, c.input + '\n');
    return print_problems(disk.load());
  }
  return print_problems(disk.load_with(c.input));
}

TEST(Problems, of_the_text) { vectors::run("config/text.txt", problems_of); }
TEST(Problems, of_values) { vectors::run("config/values.txt", problems_of); }
TEST(Problems, of_meaning) { vectors::run("config/meaning.txt", problems_of); }

}  // namespace
}  // namespace tact::gateway
