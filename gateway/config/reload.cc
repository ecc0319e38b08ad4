// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/reload.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <set>

namespace tact::gateway {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// Places where two messages differ, as "routes[0].links[1].window": never the values, of which some
// are secrets.
class Places final : public MessageDifferencer::Reporter {
 public:
  using Path = std::vector<MessageDifferencer::SpecificField>;

  void ReportAdded(const Message&, const Message&, const Path& path) override { add(path); }
  void ReportDeleted(const Message&, const Message&, const Path& path) override { add(path); }
  void ReportModified(const Message&, const Message&, const Path& path) override { add(path); }

  // Without those around them, which differ too.
  std::vector<std::string> take() {
    std::vector<std::string> inmost;
    for (const std::string& place : places_) {
      const auto within = [&](const std::string& other) {
        return other.size() > place.size() && other.starts_with(place) &&
               (other[place.size()] == '.' || other[place.size()] == '[');
      };
      if (std::ranges::none_of(places_, within)) inmost.push_back(place);
    }
    return inmost;
  }

 private:
  void add(const Path& path) {
    std::string place;
    for (const auto& step : path) {
      if (step.field == nullptr) continue;
      place += (place.empty() ? "" : ".") + step.field->name();
      if (step.field->is_map()) break;
      const int index = step.index >= 0 ? step.index : step.new_index;
      if (step.field->is_repeated()) place += '[' + std::to_string(index) + ']';
    }
    places_.insert(std::move(place));
  }

  std::set<std::string> places_;
};

// What is left of a configuration without what is taken over.
proto::Config without_rules(const proto::Config& source) {
  proto::Config rest = source;
  rest.clear_policy();
  for (proto::Tenant& tenant : *rest.mutable_tenants()) {
    for (proto::Brand& brand : *tenant.mutable_brands()) {
      const std::string name = brand.name();
      brand.Clear();
      brand.set_name(name);
    }
    for (proto::Account& account : *tenant.mutable_accounts()) {
      account.clear_default_class();
      account.clear_replies();
      account.clear_templates_file();
    }
  }
  return rest;
}

// Who there is: by these names the rules know brands and accounts.
proto::Config names_of(const proto::Config& source) {
  proto::Config names;
  for (const proto::Tenant& from : source.tenants()) {
    proto::Tenant& tenant = *names.add_tenants();
    tenant.set_name(from.name());
    for (const proto::Brand& brand : from.brands()) tenant.add_brands()->set_name(brand.name());
    for (const proto::Account& account : from.accounts()) {
      proto::Account& to = *tenant.add_accounts();
      to.set_name(account.name());
      *to.mutable_brands() = account.brands();
      *to.mutable_sources() = account.sources();
    }
  }
  return names;
}

std::vector<std::string> differences(const proto::Config& running, const proto::Config& fresh) {
  Places places;
  MessageDifferencer differencer;
  differencer.ReportDifferencesTo(&places);
  differencer.Compare(running, fresh);
  return places.take();
}

// The registry's ids, which the running configuration has.
std::map<std::pair<NameKind, std::string>, uint16_t> ids_of(const EngineSettings& engine) {
  std::map<std::pair<NameKind, std::string>, uint16_t> ids;
  for (const auto& route : engine.routes) ids[{NameKind::route, route.name}] = raw(route.id);
  for (const auto& tenant : engine.tenants) {
    ids[{NameKind::tenant, tenant.name}] = raw(tenant.id);
    for (const auto& brand : tenant.brands) {
      ids[{NameKind::brand, tenant.name + '/' + brand.name}] = raw(brand.id);
    }
    for (const auto& account : tenant.accounts) {
      ids[{NameKind::account, tenant.name + '/' + account.name}] = raw(account.id);
    }
    for (const auto& upstream : tenant.upstreams) {
      ids[{NameKind::upstream, upstream.name}] = raw(upstream.id);
    }
  }
  return ids;
}

}  // namespace

Reload reload_rules(const Config& running, Config fresh) {
  Reload out;
  out.needs_restart = differences(names_of(running.source), names_of(fresh.source));
  if (!out.needs_restart.empty()) return out;
  out.needs_restart = differences(without_rules(running.source), without_rules(fresh.source));
  for (const auto& [country, file] : fresh.source.policy().holidays()) {
    out.calendars.push_back(country);
  }
  // A route or an upstream that is new here has no id, and the rules do not ask for it.
  const auto ids = ids_of(running.engine);
  assign_ids(fresh, [&](NameKind kind, const std::string& name) {
    const auto id = ids.find({kind, name});
    return id == ids.end() ? uint16_t{0xffff} : id->second;
  });
  out.rules = fresh.engine.rules;
  return out;
}

}  // namespace tact::gateway
