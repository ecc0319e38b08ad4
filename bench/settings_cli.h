// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bench/settings.h"

namespace tact::bench {

// --scenario FILE, and an option for each setting; later ones win. REQUIRES: `target` outlives
// the parsing.
template <class T>
void add_settings(CLI::App& app, std::span<const SettingOf<T>> settings, T& target) {
  app.add_option_function<std::string>(
         "--scenario",
         [settings, &target](const std::string& path) {
           std::ifstream file(path);
           if (!file) throw CLI::ValidationError("--scenario", "cannot open " + path);
           const std::string text{std::istreambuf_iterator<char>(file), {}};
           const std::string error = read_settings(settings, target, text);
           if (!error.empty()) throw CLI::ValidationError("--scenario", path + ": " + error);
         },
         "a file of settings, `key value` a line; the keys are the options below")
      ->type_name("FILE")
      ->trigger_on_parse();
  for (const SettingOf<T>& setting : settings) {
    app.add_option_function<std::vector<std::string>>(
           "--" + std::string(setting.key),
           [settings, &target, setting](const std::vector<std::string>& values) {
             for (const std::string& value : values) {
               const std::string error = set(settings, target, setting.key, value);
               if (!error.empty()) throw CLI::ValidationError("--" + error);
             }
           },
           std::string(setting.help))
        ->type_name(std::string(setting.value))
        ->allow_extra_args(false);
  }
}

}  // namespace tact::bench
