// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "gateway/config/context.h"

// What a route's carrier means by its codes.
namespace tact::gateway::config {
namespace {

CarrierSays says_of(proto::CarrierCode::Says says) {
  switch (says) {
    case proto::CarrierCode::DEAD:
      return CarrierSays::dead;
    case proto::CarrierCode::BLACK:
      return CarrierSays::black;
    case proto::CarrierCode::OFTEN:
      return CarrierSays::often;
    case proto::CarrierCode::CONTENT:
      return CarrierSays::content;
    case proto::CarrierCode::SIGNATURE:
      return CarrierSays::signature;
    default:
      return CarrierSays::nothing;
  }
}

}  // namespace

std::vector<CarrierCode> read_carrier_codes(const proto::Route& route, const std::string& path,
                                            Context& context) {
  std::vector<CarrierCode> out;
  std::set<std::string> taken;
  for (int i = 0; i < route.carrier_codes_size(); ++i) {
    const proto::CarrierCode& source = route.carrier_codes(i);
    const std::string row = item(path + ".carrier_codes", i);
    for (int k = 0; k < source.codes_size(); ++k) {
      const std::string& code = source.codes(k);
      const std::string at = item(row + ".codes", k);
      const size_t star = code.find('*');
      if (code.empty() || code == "*") {
        context.problem(at, at + ": expected a code such as MK:0001, or the beginning of some");
      } else if (star != code.npos && star + 1 != code.size()) {
        context.problem(at, at + ": * stands at the end only");
      } else if (!taken.insert(code).second) {
        context.problem(at, "duplicate code " + code);
      } else {
        out.push_back({code, says_of(source.says())});
      }
    }
  }
  return out;
}

}  // namespace tact::gateway::config
