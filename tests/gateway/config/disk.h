// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gateway/config/config.h"

// A disk in memory with a configuration that is as short as one can be.
namespace tact::gateway {

inline constexpr const char* kConfigPath = "etc/tact.yaml";

class Disk {
 public:
  Disk();

  void put(const std::string& path, std::string text) { files_[path] = std::move(text); }
  void remove(const std::string& path) { files_.erase(path); }
  ReadFile reader() const;

  LoadedConfig load() const { return load_config(kConfigPath, reader()); }
  // With these sections in front, in the place of the minimal ones of the same name.
  LoadedConfig load_with(std::string_view sections);

 private:
  std::map<std::string, std::string> files_;
};

std::string minimal_config();

// All problems, one a line; "ok" if there are none.
std::string print_problems(const LoadedConfig& loaded);

}  // namespace tact::gateway
