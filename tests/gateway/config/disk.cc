// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/config/disk.h"

#include <utility>
#include <vector>

#include "tests/support/certificates.h"

namespace tact::gateway {
namespace {

const std::vector<std::pair<std::string, std::string>>& minimal_sections() {
  static const std::vector<std::pair<std::string, std::string>> kSections = {
      {"data", "data: {folder: store}\n"},
      {"keys", R"(keys:
  number_key_file: number.key
  data_keys:
    - {id: 1, file: data-1.key}
)"},
      {"routes", R"(routes:
  - name: carrier
    links:
      - name: carrier-1
        host: 127.0.0.1
        system_id: tact
)"},
      {"tenants", R"(tenants:
  - name: bank
    brands:
      - name: bank
        signatures: [XX银行]
        contacts: [955XX]
    accounts:
      - name: retail
        sources: ["1069000055"]
    upstreams:
      - name: core
        token_file: core.token
)"},
      {"policy", R"(policy:
  lexicon_file: lexicon.tsv
  zones_file: zones.tsv
  countries_file: countries.tsv
)"}};
  return kSections;
}

// Of links: made once, because it takes time.
const std::vector<std::pair<std::string, std::string>>& tls_files() {
  static const auto kFiles = [] {
    const auto ca = certificates::make({.name = "ca", .is_ca = true});
    const auto own = certificates::make({.name = "tact"}, &ca);
    const auto other = certificates::make({.name = "other"}, &ca);
    std::string damaged = own.certificate;
    damaged[damaged.size() / 2] = '!';
    return std::vector<std::pair<std::string, std::string>>{
        {"ca.pem", "what stands before it is no matter\n" + ca.certificate + other.certificate},
        {"own.pem", own.certificate + ca.certificate},
        {"own.key", own.key},
        {"other.key", other.key},
        {"locked.key", certificates::encrypted(own.key, "passphrase")},
        {"damaged.pem", ca.certificate + damaged}};
  }();
  return kFiles;
}

}  // namespace

Disk::Disk() {
  for (const auto& [name, text] : tls_files()) put("etc/" + name, text);
  put(kConfigPath, minimal_config());
  put("etc/number.key", std::string(64, '1') + '\n');
  put("etc/data-1.key", std::string(64, 'a') + '\n');
  put("etc/data-2.key", std::string(62, '0') + "ff\n");
  put("etc/core.token", "0123456789abcdef  \r\nanything else\n");
  put("etc/short.token", "short\n");
  put("etc/link.password", "secret08\n");
  put("etc/lexicon.tsv", "category\tterm\texceptions\tflags\tbasis\nINSULT\t老赖\t\t\t\n");
  put("etc/zones.tsv", "prefix\tzones\n86\tAsia/Shanghai\n");
  put("etc/countries.tsv",
      "code\tiso\tfrom\tto\tsunday\tmarker\tmarker_classes\tconfirmation\tbasis\n"
      "86\tCN\t00:00\t24:00\t00:00\t拒收请回复R\tMARKETING\t\t\n");
  put("etc/templates.tsv",
      "id\tversion\ttext\nbill\t-\t{n:number:5}\nbill\ten\tBill {n:number:5}\n");
  put("etc/holidays_cn.tsv", "date\tkind\tname\n2026-10-01\toff\t国庆节\n");
  put("etc/broken.tsv",
      "date\tkind\tname\n2026-13-01\toff\tx\n2026-10-01\toff\ty\n2026-10-02\tno\tz\n");
}

ReadFile Disk::reader() const {
  return [this](const std::string& path) -> FileContents {
    const auto at = files_.find(path);
    if (at == files_.end()) return {false, "No such file or directory"};
    return {true, at->second};
  };
}

LoadedConfig Disk::load_with(std::string_view sections) {
  std::string text(sections);
  if (!text.empty() && text.back() != '\n') text += '\n';
  const auto is_there = [&](const std::string& name) {
    return text.starts_with(name + ':') || text.find('\n' + name + ':') != std::string::npos;
  };
  for (const auto& [name, section] : minimal_sections()) {
    if (!is_there(name)) text += section;
  }
  put(kConfigPath, text);
  return load();
}

std::string minimal_config() {
  std::string text;
  for (const auto& [name, section] : minimal_sections()) text += section;
  return text;
}

std::string print_problems(const LoadedConfig& loaded) {
  std::string text;
  for (const Problem& problem : loaded.problems) text += problem.text() + '\n';
  if (text.empty()) return loaded.config ? "ok" : "no problem and no configuration";
  text.pop_back();
  return text;
}

}  // namespace tact::gateway
