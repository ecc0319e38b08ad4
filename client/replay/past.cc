// SPDX-License-Identifier: Apache-2.0
#include "client/replay/past.h"

#include <array>
#include <sstream>

#include "client/replay/decision.h"

namespace tact::client {
namespace {

namespace json = boost::json;
using policy::Block;

Block block_of(const std::string& reason) {
  constexpr std::array<std::pair<const char*, Block>, 5> kReasons = {
      {{"OPT_OUT", Block::opt_out},
       {"WRONG_PARTY", Block::wrong_party},
       {"NUMBER_DEAD", Block::dead_number},
       {"CARRIER_BLACK", Block::carrier},
       {"PAUSE", Block::pause}}};
  for (const auto& [name, block] : kReasons) {
    if (reason == name) return block;
  }
  return Block::opt_out;
}

policy::ClassMask classes_of(const std::string& names) {
  policy::ClassMask mask = 0;
  std::istringstream in(names);
  for (std::string name; in >> name;) {
    if (const auto cls = policy::parse_class(name)) mask |= policy::mask(*cls);
  }
  return mask;
}

}  // namespace

policy::ContactBook& Past::book(gateway::TenantId tenant) {
  return books_.try_emplace(tenant, gateway::raw(tenant)).first->second;
}

std::optional<policy::Instant> Past::accepted(policy::MessageId id) const {
  const auto found = accepted_.find(id);
  if (found == accepted_.end()) return std::nullopt;
  return found->second;
}

void Past::add(const json::object& record) {
  const std::string what = text_in(record, "what");
  if (what == "admitted" || what == "judged") return decided(record);
  if (what == "suppressed" || what == "allowed") return blocked(record, what == "suppressed");
  const auto now = time_in(record, "time");
  const auto cls = policy::parse_class(text_in(record, "class"));
  if (!now || !cls || !config_.engine.rules->counted(*cls)) return;
  const Named named = names_of(record, config_);
  const policy::NumberHash number = hex_in(record, "number_hash");
  const std::uint64_t id = id_in(record);
  if (what == "submitted" || what == "unknown") {
    book(named.tenant).settle(number, id, gateway::raw(named.brand), *cls, 0, *now, *now);
  } else if (what == "failed" || what == "expired" || what == "cancelled" ||
             (what == "released" && text_in(record, "action") == "REJECT")) {
    book(named.tenant).release(number, id, *now);
  }
}

// What was decided then counts, also where it would be decided otherwise now: it is what was sent.
void Past::decided(const json::object& record) {
  const auto now = time_in(record, "time");
  const auto cls = policy::parse_class(text_in(record, "class"));
  if (!now || !cls) return;
  const Named named = names_of(record, config_);
  const policy::NumberHash number = hex_in(record, "number_hash");
  const std::uint64_t id = id_in(record);
  const std::string result = text_in(record, "result");
  if (result == "DEFERRED") {
    accepted_.try_emplace(id, *now);
  } else {
    accepted_.erase(id);
  }
  if (!config_.engine.rules->counted(*cls)) return;
  if (result == "REJECTED") {
    book(named.tenant).release(number, id, *now);
  } else {
    const auto planned = std::max(*now, time_in(record, "until").value_or(*now));
    book(named.tenant).reserve(number, id, gateway::raw(named.brand), *cls, planned, *now);
  }
}

void Past::blocked(const json::object& record, bool on) {
  const auto now = time_in(record, "time");
  const Named named = names_of(record, config_);
  if (!now || gateway::raw(named.brand) == 0) return;
  suppression_.set(gateway::raw(named.brand), hex_in(record, "number_hash"),
                   classes_of(text_in(record, "result")), block_of(text_in(record, "reason")), on,
                   *now, id_in(record), time_in(record, "until").value_or(policy::Instant{}));
}

}  // namespace tact::client
