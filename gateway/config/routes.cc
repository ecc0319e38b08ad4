// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "gateway/config/context.h"

// Routes and their links.
namespace tact::gateway::config {
namespace {

std::string password_of(const proto::Link& link, const std::string& path, Context& context) {
  std::string password = link.password();
  std::string from = path + ".password";
  if (context.has(path + ".password_file")) {
    if (context.has(from)) context.problem(from, "password and password_file: only one is allowed");
    from = path + ".password_file";
    if (context.reads_secrets()) password = context.read_line(from, link.password_file());
  }
  // v3.4 section 4.1: nine octets with the terminating NUL. The text itself is never told.
  if (password.size() > 8) context.problem(from, "the password must be at most 8 octets");
  return password;
}

smpp::BindMode bind_mode(proto::Link::Bind bind) {
  switch (bind) {
    case proto::Link::TRANSMITTER:
      return smpp::BindMode::transmitter;
    case proto::Link::RECEIVER:
      return smpp::BindMode::receiver;
    default:
      return smpp::BindMode::transceiver;
  }
}

// As in interface_version.
uint8_t version(const std::string& path, const std::string& text, Context& context) {
  if (text == "3.3") return 0x33;
  if (text == "5.0") return 0x50;
  if (text != "3.4") context.problem(path, path + " must be 3.3, 3.4 or 5.0, got \"" + text + '"');
  return 0x34;
}

LinkSettings read_link(const proto::Link& link, const std::string& path, Context& context) {
  LinkSettings out;
  out.name = link.name();
  out.hosts = read_hosts(link, path, context);
  out.sticky_host = link.sticky_host();
  out.tls = read_tls(link, path + ".tls", context);
  // Limits of v3.4 section 4.1, without the terminating NUL.
  context.check_ascii(path + ".system_id", link.system_id(), 15);
  context.check_ascii(path + ".system_type", link.system_type(), 12);
  context.check_ascii(path + ".address_range", link.address_range(), 40);
  out.session.mode = bind_mode(link.bind());
  out.session.system_id = link.system_id();
  out.session.password = password_of(link, path, context);
  out.session.system_type = link.system_type();
  out.session.address_range = link.address_range();
  out.session.window = link.window();
  out.session.interface_version =
      version(path + ".interface_version", link.interface_version(), context);
  // v3.4 section 4.1.5.
  if (out.session.interface_version < smpp::kVersion34 &&
      out.session.mode == smpp::BindMode::transceiver) {
    context.problem(
        path + ".interface_version",
        path + ".interface_version 3.3 has no transceivers: bind: transmitter or receiver");
  }
  out.session.assume_tlvs = link.assume_tlvs();
  out.weight = link.weight();
  out.session.timers.session_init = milliseconds(link.session_init_timeout());
  out.session.timers.enquire_link = milliseconds(link.enquire_link_interval());
  out.session.timers.response = milliseconds(link.response_timeout());
  if (link.has_inactivity_timeout()) {
    out.session.timers.inactivity = milliseconds(link.inactivity_timeout());
  }
  out.reconnect_min = milliseconds(link.reconnect_min());
  out.reconnect_max = milliseconds(link.reconnect_max());
  out.already_bound_wait = milliseconds(link.already_bound_wait());
  if (out.reconnect_min > out.reconnect_max) {
    context.problem(path + ".reconnect_min", path + ".reconnect_min is above reconnect_max");
  }
  return out;
}

void check_npi(Context& context, const std::string& path, uint32_t npi) {
  constexpr std::array kKnown = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};  // v3.4 section 5.2.6
  for (const int known : kKnown) {
    if (npi == static_cast<uint32_t>(known)) return;
  }
  context.problem(
      path, path + " must be one of 0, 1, 3, 4, 6, 8, 9, 10, 14, 18, got " + std::to_string(npi));
}

smpp::Coding coding(proto::Route::Alphabet alphabet) {
  switch (alphabet) {
    case proto::Route::ASCII:
      return smpp::Coding::ascii;
    case proto::Route::LATIN1:
      return smpp::Coding::latin1;
    case proto::Route::UCS2:
      return smpp::Coding::ucs2;
    default:
      return smpp::Coding::gsm7;
  }
}

smpp::Concat concat(proto::Route::Concat concat) {
  switch (concat) {
    case proto::Route::UDH8:
      return smpp::Concat::udh8;
    case proto::Route::SAR:
      return smpp::Concat::sar;
    case proto::Route::PAYLOAD:
      return smpp::Concat::payload;
    default:
      return smpp::Concat::udh16;
  }
}

smpp::IdBase id_base(proto::Route::IdBase base) {
  switch (base) {
    case proto::Route::DECIMAL:
      return smpp::IdBase::decimal;
    case proto::Route::HEX:
      return smpp::IdBase::hex;
    default:
      return smpp::IdBase::opaque;
  }
}

void read_timing(const proto::Route& route, const std::string& path, Context& context,
                 RouteSettings& out) {
  out.rate_pdus = route.rate_pdus();
  out.burst_pdus = route.burst_pdus();
  out.throttle_wait = milliseconds(route.throttle_wait());
  out.retry_wait = milliseconds(route.retry_wait());
  out.retries_max = route.retries_max();
  out.park_wait = milliseconds(route.park_wait());
  out.bar_time = milliseconds(route.bar_time());
  out.retry = read_retries(route, path, context);
  out.settle_time = std::chrono::duration_cast<Seconds>(milliseconds(route.settle_time()));
  out.failover_after = milliseconds(route.failover_after());
  out.receipt_timeout = std::chrono::duration_cast<Seconds>(milliseconds(route.receipt_timeout()));
}

// What a text is on a carrier. A key that would have no effect is refused: whoever wrote it expects
// one.
void read_dialect(const proto::Route& route, const std::string& path, Context& context,
                  RouteSettings& out) {
  smpp::Dialect& dialect = out.dialect;
  dialect.zero = coding(route.default_alphabet());
  out.concat = concat(route.concat());
  const bool gsm = dialect.zero == smpp::Coding::gsm7;
  dialect.packed = route.packed_septets();
  if (dialect.packed && !gsm) {
    context.problem(path + ".packed_septets", "packed_septets needs default_alphabet: gsm7");
  }
  // A number that means something else already would be read as GBK from then on.
  const auto number = static_cast<smpp::DataCoding>(route.gbk_data_coding());
  if (route.has_gbk_data_coding()) {
    if (const auto known = smpp::coding_of(number, dialect)) {
      context.problem(path + ".gbk_data_coding",
                      path + ".gbk_data_coding: " + std::to_string(route.gbk_data_coding()) +
                          " means " + std::string(smpp::name(*known)));
    }
    dialect.gbk = static_cast<uint8_t>(route.gbk_data_coding());
  }
  for (const int told : route.languages()) {
    const auto language = static_cast<smpp::Language>(told);
    if (dialect.languages.contains(language)) {
      context.problem(path + ".languages",
                      path + ".languages: " + std::string(smpp::name(language)) + " twice");
    }
    dialect.languages.add(language);
  }
  const bool ours = out.concat == smpp::Concat::udh8 || out.concat == smpp::Concat::udh16;
  if (!dialect.languages.empty() && !(gsm && ours)) {
    context.problem(path + ".languages",
                    "languages need default_alphabet: gsm7, and concat: udh8 or udh16");
  }
}

void read_encoding(const proto::Route& route, const std::string& path, Context& context,
                   RouteSettings& out) {
  read_dialect(route, path, context, out);
  out.response_id_base = id_base(route.response_id_base());
  out.receipt_id_base = id_base(route.receipt_id_base());
  const auto is_number = [](smpp::IdBase base) { return base != smpp::IdBase::opaque; };
  if (is_number(out.response_id_base) != is_number(out.receipt_id_base)) {
    context.problem(
        path + (is_number(out.response_id_base) ? ".response_id_base" : ".receipt_id_base"),
        "response_id_base and receipt_id_base: both must be known, or none");
  }
  out.receipts =
      route.receipts() == proto::Route::PER_MESSAGE ? ReceiptsPer::message : ReceiptsPer::part;
  out.user_message_reference = route.user_message_reference();
  out.validity_period = route.validity_period();
  out.source_addr_ton = static_cast<uint8_t>(route.source_addr_ton());
  out.source_addr_npi = static_cast<uint8_t>(route.source_addr_npi());
  out.dest_addr_ton = static_cast<uint8_t>(route.dest_addr_ton());
  out.dest_addr_npi = static_cast<uint8_t>(route.dest_addr_npi());
  check_npi(context, path + ".source_addr_npi", route.source_addr_npi());
  check_npi(context, path + ".dest_addr_npi", route.dest_addr_npi());
  context.check_ascii(path + ".service_type", route.service_type(), 5);
  out.service_type = route.service_type();
  out.country_code = static_cast<uint16_t>(route.country_code());
}

void read_links(const proto::Config& source, const proto::Route& route, const std::string& path,
                Context& context, RouteSettings& out) {
  Names links("link");
  uint64_t windows = 0;
  bool can_send = false;
  for (int i = 0; i < route.links_size(); ++i) {
    const std::string link_path = item(path + ".links", i);
    links.add(context, link_path + ".name", route.links(i).name());
    out.links.push_back(read_link(route.links(i), link_path, context));
    // Who joins long texts by TLVs knows that the carrier takes them, whether it says so or not.
    out.links.back().session.assume_tlvs |=
        route.concat() == proto::Route::SAR || route.concat() == proto::Route::PAYLOAD;
    windows += out.links.back().session.window;
    can_send = can_send || out.links.back().session.mode != smpp::BindMode::receiver;
  }
  if (route.links_size() > 0 && !can_send) {
    context.problem(path + ".links", path + ".links are all receivers: nothing can be sent");
  }
  // What is in the windows is open; a lane that cannot open so much never fills them.
  if (windows > source.limits().open()) {
    context.problem(path + ".links", "the windows of " + path + " add up to " +
                                         std::to_string(windows) + ", above limits.open of " +
                                         std::to_string(source.limits().open()));
  }
}

}  // namespace

void read_routes(const proto::Config& source, Context& context, Names& routes, Config& out) {
  for (int i = 0; i < source.routes_size(); ++i) {
    const proto::Route& route = source.routes(i);
    const std::string path = item("routes", i);
    RouteSettings settings;
    settings.id = RouteId{routes.add(context, path + ".name", route.name())};
    settings.name = route.name();
    settings.shard = context.home(route, path, i, source.shards());
    read_links(source, route, path, context, settings);
    read_timing(route, path, context, settings);
    read_encoding(route, path, context, settings);
    settings.submit_tlvs = read_submit_tlvs(source, route, path, context);
    settings.receipt_form = read_receipt_form(route, path, context);
    settings.carrier_codes = read_carrier_codes(route, path, context);
    settings.capture_tlvs = read_capture_tlvs(route, path, context);
    out.engine.routes.push_back(std::move(settings));
  }
}

}  // namespace tact::gateway::config
