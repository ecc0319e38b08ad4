// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "gateway/config/context.h"

// Tenants: who sends, in whose name, and by which route. What the gate must know of brands and
// accounts goes into the rule set's spec beside them, under the same ids.
namespace tact::gateway::config {
namespace {

constexpr std::size_t kTokenMin = 16;

// What counts over all tenants.
struct Shared {
  Names tenants{"tenant"};
  Names upstreams{"upstream"};
  uint16_t next_brand = 1;
  uint16_t next_account = 1;
  std::map<std::string, std::string> sources;  // to the path of the first
};

class TenantReader {
 public:
  TenantReader(const proto::Tenant& tenant, std::string path, Context& context, const Names& routes,
               Shared& shared, Config& out)
      : tenant_(tenant),
        path_(std::move(path)),
        context_(context),
        routes_(routes),
        shared_(shared),
        rules_(out.rules) {}

  TenantSettings read() {
    settings_.id = TenantId{shared_.tenants.add(context_, path_ + ".name", tenant_.name())};
    settings_.name = tenant_.name();
    settings_.own_country_code = static_cast<uint16_t>(tenant_.own_country_code());
    read_brands();
    read_accounts();
    read_upstreams();
    read_routing();
    return std::move(settings_);
  }

 private:
  void read_brands() {
    brands_.count_from(shared_.next_brand);
    for (int i = 0; i < tenant_.brands_size(); ++i) {
      const proto::Brand& brand = tenant_.brands(i);
      const std::string path = item(path_ + ".brands", i);
      const uint16_t id = brands_.add(context_, path + ".name", brand.name());
      settings_.brands.push_back({BrandId{id}, brand.name()});
      rules_.brands.push_back(spec_of(brand, id));
    }
    shared_.next_brand = brands_.next();
  }

  static policy::BrandSpec spec_of(const proto::Brand& brand, uint16_t id) {
    policy::BrandSpec spec;
    spec.id = id;
    spec.name = brand.name();
    spec.signatures.assign(brand.signatures().begin(), brand.signatures().end());
    spec.contacts.assign(brand.contacts().begin(), brand.contacts().end());
    spec.link_hosts.assign(brand.link_hosts().begin(), brand.link_hosts().end());
    spec.marker = brand.marker();
    spec.append_marker = brand.append_marker();
    spec.prepend_signature = brand.prepend_signature();
    spec.classes = 0;
    for (const int each : brand.classes()) spec.classes |= policy::mask(class_of(each));
    return spec;
  }

  void read_accounts() {
    accounts_.count_from(shared_.next_account);
    for (int i = 0; i < tenant_.accounts_size(); ++i) {
      const proto::Account& account = tenant_.accounts(i);
      const std::string path = item(path_ + ".accounts", i);
      AccountSettings settings;
      settings.id = AccountId{accounts_.add(context_, path + ".name", account.name())};
      settings.name = account.name();
      settings.tenant = settings_.id;
      settings.brands = brands_of(account, path);
      settings.sources.assign(account.sources().begin(), account.sources().end());
      settings.attributes = read_attributes(account, path, context_);
      check_sources(account, path);
      policy::AccountSpec spec;
      spec.id = raw(settings.id);
      spec.name = settings.name;
      spec.default_class = class_of(account.default_class());
      spec.sources = settings.sources;
      for (const BrandId brand : settings.brands) spec.brands.push_back(raw(brand));
      spec.replies = read_replies(account);
      if (context_.has(path + ".templates_file")) {
        spec.templates = context_.read_rows(
            path + ".templates_file", account.templates_file(),
            [](const std::string& text) { return policy::parse_templates(text); });
      }
      rules_.accounts.push_back(std::move(spec));
      settings_.accounts.push_back(std::move(settings));
    }
    shared_.next_account = accounts_.next();
  }

  std::vector<BrandId> brands_of(const proto::Account& account, const std::string& path) {
    if (account.brands().empty()) {
      if (settings_.brands.size() == 1) return {settings_.brands[0].id};
      if (settings_.brands.size() > 1) {
        context_.problem(path, "missing \"brands\" in " + path + ": the tenant has " +
                                   std::to_string(settings_.brands.size()));
      }
      return {};
    }
    return find_brands(account.brands(), path + ".brands");
  }

  template <class List>
  std::vector<BrandId> find_brands(const List& names, const std::string& path) {
    std::vector<BrandId> ids;
    for (int i = 0; i < names.size(); ++i) {
      const uint16_t id = brands_.find(context_, item(path, i), names.Get(i));
      if (id != 0) ids.push_back(BrandId{id});
    }
    return ids;
  }

  void check_sources(const proto::Account& account, const std::string& path) {
    for (int i = 0; i < account.sources_size(); ++i) {
      const std::string source_path = item(path + ".sources", i);
      context_.check_ascii(source_path, account.sources(i), 20);  // v3.4 section 4.4.1
      const auto [at, is_new] = shared_.sources.emplace(account.sources(i), source_path);
      context_.check_not_empty(source_path, account.sources(i));
      if (!is_new) {
        context_.problem(source_path, "source \"" + account.sources(i) + "\" already belongs to " +
                                          at->second + ": a reply to it could not be told apart");
      }
    }
  }

  void read_upstreams() {
    for (int i = 0; i < tenant_.upstreams_size(); ++i) {
      const proto::Upstream& upstream = tenant_.upstreams(i);
      const std::string path = item(path_ + ".upstreams", i);
      UpstreamSettings settings;
      settings.id = UpstreamId{shared_.upstreams.add(context_, path + ".name", upstream.name())};
      settings.name = upstream.name();
      settings.token = token_of(upstream, path);
      settings.default_account = AccountId{default_account(upstream, path)};
      settings.submitted_events = upstream.submitted_events();
      settings.event_quota_bytes = upstream.event_quota();
      settings_.upstreams.push_back(std::move(settings));
    }
  }

  std::string token_of(const proto::Upstream& upstream, const std::string& path) {
    const bool is_inline = context_.has(path + ".token");
    const bool is_file = context_.has(path + ".token_file");
    if (is_inline == is_file) {
      context_.problem(path, is_inline ? "token and token_file: only one is allowed"
                                       : "missing \"token_file\" (or \"token\") in " + path);
      return {};
    }
    if (is_file && !context_.reads_secrets()) return {};
    const std::string from = path + (is_file ? ".token_file" : ".token");
    std::string token =
        is_file ? context_.read_line(from, upstream.token_file()) : upstream.token();
    if (token.size() < kTokenMin && !context_.is_told(from)) {
      context_.problem(from, "the token of " + path + " must have at least " +
                                 std::to_string(kTokenMin) + " characters");
    }
    return token;
  }

  uint16_t default_account(const proto::Upstream& upstream, const std::string& path) {
    if (!upstream.default_account().empty()) {
      return accounts_.find(context_, path + ".default_account", upstream.default_account());
    }
    return settings_.accounts.size() == 1 ? raw(settings_.accounts[0].id) : 0;
  }

  void read_routing() {
    if (tenant_.routing().empty()) {
      if (routes_.size() > 1) {
        context_.problem(path_, "missing \"routing\" in " + path_ + ": there are " +
                                    std::to_string(routes_.size()) + " routes");
      }
      settings_.routing.push_back({.routes = {{RouteId{1}}}});
      return;
    }
    for (int i = 0; i < tenant_.routing_size(); ++i) {
      const proto::Routing& routing = tenant_.routing(i);
      const std::string path = item(path_ + ".routing", i);
      RoutingRule rule;
      for (const int each : routing.classes()) rule.classes.push_back(class_of(each));
      rule.prefixes.assign(routing.prefixes().begin(), routing.prefixes().end());
      check_prefixes(routing, path);
      rule.brands = find_brands(routing.brands(), path + ".brands");
      rule.routes = find_routes(routing, path);
      settings_.routing.push_back(std::move(rule));
    }
  }

  std::vector<WeightedRoute> find_routes(const proto::Routing& routing, const std::string& path) {
    const bool one = context_.has(path + ".route");
    if (one == context_.has(path + ".routes")) {
      context_.problem(one ? path + ".routes" : path,
                       one ? "route and routes: only one is allowed"
                           : "missing \"route\" (or \"routes\") in " + path);
    }
    if (one) return {{RouteId{routes_.find(context_, path + ".route", routing.route())}}};
    if (routing.routes().empty() && context_.has(path + ".routes")) {
      context_.problem(path + ".routes", path + ".routes must not be empty");
    }
    std::vector<WeightedRoute> found;
    for (int i = 0; i < routing.routes_size(); ++i) {
      const proto::WeightedRoute& each = routing.routes(i);
      const std::string place = item(path + ".routes", i) + ".route";
      if (each.route().empty()) continue;
      const RouteId id{routes_.find(context_, place, each.route())};
      const bool twice = std::ranges::count(found, id, &WeightedRoute::route) > 0;
      if (twice && raw(id) != 0) context_.problem(place, "duplicate route \"" + each.route() + '"');
      found.push_back({id, each.weight()});
    }
    if (!found.empty() &&
        std::ranges::count(found, 0u, &WeightedRoute::weight) == routing.routes_size()) {
      context_.problem(path + ".routes", path + ".routes: one must have a weight");
    }
    return found;
  }

  void check_prefixes(const proto::Routing& routing, const std::string& path) {
    for (int i = 0; i < routing.prefixes_size(); ++i) {
      const std::string& prefix = routing.prefixes(i);
      if (!prefix.empty() && prefix.size() <= 15 &&
          prefix.find_first_not_of("0123456789") == std::string::npos) {
        continue;
      }
      const std::string prefix_path = item(path + ".prefixes", i);
      context_.problem(prefix_path,
                       prefix_path + " must be 1 to 15 digits with country code and without +");
    }
  }

  const proto::Tenant& tenant_;
  const std::string path_;
  Context& context_;
  const Names& routes_;
  Shared& shared_;
  policy::RuleSetSpec& rules_;
  Names brands_{"brand"};
  Names accounts_{"account"};
  TenantSettings settings_;
};

}  // namespace

void read_tenants(const proto::Config& source, Context& context, const Names& routes, Config& out) {
  Shared shared;
  for (int i = 0; i < source.tenants_size(); ++i) {
    const proto::Tenant& tenant = source.tenants(i);
    const std::string path = item("tenants", i);
    TenantSettings settings = TenantReader(tenant, path, context, routes, shared, out).read();
    settings.shard = context.home(tenant, path, i, source.shards());
    out.engine.tenants.push_back(std::move(settings));
  }
}

}  // namespace tact::gateway::config
