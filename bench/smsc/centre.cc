// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/centre.h"

#include <algorithm>
#include <ctime>

#include "smpp/print.h"
#include "smpp/segment.h"
#include "smpp/text.h"

namespace tact::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using smpp::Mono;

constexpr auto kTick = std::chrono::milliseconds(100);
constexpr std::size_t kConnectionsMax = 1024;
constexpr uint8_t kNotTold = 255;

int64_t wall_offset() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count() -
         Centre::now().count();
}

std::string_view without_plus(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return number;
}

asio::ssl::context tls_of(const Scenario& scenario) {
  namespace ssl = asio::ssl;
  ssl::context tls(ssl::context::tls_server);
  tls.use_certificate_chain_file(scenario.tls_cert);
  tls.use_private_key_file(scenario.tls_key, ssl::context::pem);
  if (scenario.tls_ca.empty()) return tls;
  tls.load_verify_file(scenario.tls_ca);
  tls.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  return tls;
}

bool wants_receipt(const smpp::SubmitSm& pdu, smpp::MessageState state) {
  const int wanted = pdu.registered_delivery & 3;
  return wanted == smpp::kReceiptAlways ||
         (wanted == smpp::kReceiptOnFailure && state != smpp::MessageState::delivered);
}

}  // namespace

Centre::Centre(asio::io_context& io, const Scenario& scenario)
    : scenario_(scenario),
      reads_texts_(!scenario.log.empty() || !scenario.replies.empty() ||
                   !scenario.number_replies.empty() || !scenario.unasked_replies.empty() ||
                   !scenario.optout_watch.empty()),
      wall_offset_ns_(wall_offset()),
      acceptor_(io, {asio::ip::make_address_v4("127.0.0.1"), scenario.port}),
      due_timer_(io),
      tick_timer_(io),
      statistics_(now()),
      deliveries_(statistics_),
      long_messages_(statistics_),
      log_(scenario.log, scenario.log_every),
      accounts_(scenario_),
      capacity_(scenario_.throttle_above),
      contract_(scenario_.contract) {
  const bool plain =
      scenario_.tls_cert.empty() && scenario_.tls_key.empty() && scenario_.tls_ca.empty();
  if (!plain) tls_.emplace(tls_of(scenario_));
}

void Centre::start() {
  do_accept();
  do_tick();
}

void Centre::do_accept() {
  acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error && links_.size() < kConnectionsMax && !is_out(now())) {
      ++statistics_.connections;
      auto link = std::make_shared<Link>(std::move(socket), ++link_ids_, *this);
      links_.emplace(link->id(), link);
      link->start(now());
    }
    do_accept();
  });
}

void Centre::do_tick() {
  const Mono time = now();
  std::vector<std::shared_ptr<Link>> links;  // a tick may end one
  for (const auto& [id, link] : links_) links.push_back(link);
  const bool out = is_out(time);
  for (const auto& link : links) {
    link->tick(time);
    if (!out) continue;
    ++statistics_.resets;
    link->reset();
  }
  deliveries_.retry_refused(time);
  log_.flush();
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](error_code error) {
    if (!error) do_tick();
  });
}

bool Centre::is_out(Mono now) const {
  return std::any_of(scenario_.outages.begin(), scenario_.outages.end(), [&](const auto& outage) {
    return now >= smpp::add(first_submit_, outage.min) &&
           now < smpp::add(first_submit_, outage.max);
  });
}

void Centre::on_submit(Link& link, uint32_t sequence_number, const smpp::SubmitSm& pdu, Mono now) {
  if (first_submit_ == smpp::kNever) first_submit_ = now;
  Account& account = link.limits();
  SecondCounts& second = statistics_.second(now);
  ++statistics_.submits;
  ++account.submits;
  ++second.submits;
  if (!contract_.allows(now)) statistics_.count(Violation::rate_exceeded);
  const uint64_t sent_on_link = link.count_submit(sequence_number);
  if (const auto reference = pdu.tlvs.u16(smpp::Tag::user_message_reference)) {
    statistics_.reference_steps_back += link.steps_back(*reference);
  }

  const uint64_t print = fingerprint(pdu);
  SubmitHistory::Seen& seen = history_.at(print);
  Fate fate = decide(scenario_, print, seen.attempts);
  if (is_throttled(account, now)) fate.status = smpp::Status::ESME_RTHROTTLED;
  const bool accepted = fate.status == smpp::Status::ESME_ROK;
  ++seen.attempts;
  if (accepted && seen.accepted) ++statistics_.duplicates;
  seen.accepted |= accepted;

  ++statistics_.submit_status[fate.status];
  second.accepted += accepted;
  second.throttled += fate.status == smpp::Status::ESME_RTHROTTLED;
  const uint64_t number = accepted ? message_numbers_++ : 0;
  read_text(pdu, fate, link, number, now, accepted);
  if (accepted) schedule_receipts({pdu, fate, link, number, now});

  if (accepted && fate.withhold) {
    ++statistics_.withheld;
    link.withhold();
  } else {
    answer({link.id(), sequence_number, fate.status, number, congestion(account)}, now,
           fate.response_delay);
  }
  if (sent_on_link == scenario_.half_open_after) {
    ++statistics_.half_open;
    link.fall_silent();
  }
  if (scenario_.reset_after > 0 && sent_on_link >= scenario_.reset_after) {
    ++statistics_.resets;
    link.reset();
  }
  arm();
}

// By the contract of its system_id, or by what the carrier can do at all.
bool Centre::is_throttled(Account& account, Mono now) {
  const Mono time = now - first_submit_;
  const bool taken = account.capacity.take(time) && capacity_.take(time);
  account.throttled += !taken;
  return !taken;
}

uint8_t Centre::congestion(Account& account) const {
  if (!scenario_.congestion_state) return kNotTold;
  return std::max(account.capacity.congestion(), capacity_.congestion());
}

void Centre::answer(const Response& response, Mono now, Mono delay) {
  if (delay > Mono::zero()) return responses_.add(now + delay, response);
  const auto link = links_.find(response.link);
  if (link == links_.end()) return;
  const MessageIdText id = response.status == smpp::Status::ESME_ROK
                               ? response_id(scenario_, response.message_number)
                               : MessageIdText{};
  link->second->answer(response.sequence_number, response.status, id.view(), response.congestion);
}

void Centre::schedule_receipts(const Submit& submit) {
  const Fate& fate = submit.fate;
  if (!wants_receipt(submit.pdu, fate.state)) return;
  statistics_.receipts_truncated += fate.receipt_kept != kWholeReceipt;
  schedule_receipt(submit, fate.receipt_delay);
  if (!fate.receipt_doubled) return;
  ++statistics_.receipts_doubled;
  schedule_receipt(submit, fate.second_receipt_delay);
}

void Centre::schedule_receipt(const Submit& submit, Mono delay) {
  Delivery delivery;
  delivery.state = submit.fate.state;
  delivery.kept = submit.fate.receipt_kept;
  delivery.account = submit.link.account();
  delivery.message_number = submit.number;
  delivery.submitted = submit.now;
  delivery.handset = Address(submit.pdu.destination_addr);
  delivery.service_number = Address(submit.pdu.source_addr);
  if (const auto reference = submit.pdu.tlvs.u16(smpp::Tag::user_message_reference)) {
    delivery.has_reference = true;
    delivery.reference = *reference;
  }
  due_deliveries_.add(submit.now + delay, std::move(delivery));
}

void Centre::read_text(const smpp::SubmitSm& pdu, const Fate& fate, Link& link, uint64_t number,
                       Mono now, bool accepted) {
  const smpp::PartInfo info = smpp::part_info(pdu);
  text_.clear();
  if (reads_texts_) {
    if (smpp::coding_of(pdu.data_coding, scenario_.dialect)) {
      smpp::read_text(info, pdu.data_coding, scenario_.dialect, text_);
    }
  }
  const Submit submit{pdu, fate, link, number, now};
  if (!info.is_part()) {
    link.last_part().message.clear();
    if (accepted) on_message(submit, text_, 1);
    return;
  }
  const std::string* whole =
      long_messages_.take(pdu, info, text_, accepted, link.id(), link.last_part());
  if (whole != nullptr) on_message(submit, *whole, info.total);
}

void Centre::on_message(const Submit& submit, const std::string& text, int parts) {
  ++statistics_.messages;
  if (!reads_texts_) return;
  const std::string_view to = submit.pdu.destination_addr;
  if (text.find(scenario_.log_text) != std::string::npos) {
    log_.add({.time_ns = submit.now.count() + wall_offset_ns_,
              .steady_ns = submit.now.count(),
              .to = to,
              .from = submit.pdu.source_addr,
              .text = text,
              .message_id = response_id(scenario_, submit.number).view(),
              .parts = parts,
              .link = submit.link.id(),
              .tlvs = smpp::to_hex(submit.pdu.tlvs.encoded())});
  }
  watch(to, text, submit.now);
  for (const Reply& reply : scenario_.replies) {
    if (text.find(reply.pattern) != std::string::npos) schedule_reply(submit, reply.text);
  }
  const int unasked = submit.fate.unasked_reply;
  if (unasked >= 0) {
    schedule_reply(submit, scenario_.unasked_replies[static_cast<std::size_t>(unasked)].choice);
  }
  for (const Reply& reply : scenario_.number_replies) {
    if (without_plus(reply.pattern) == without_plus(to)) schedule_reply(submit, reply.text);
  }
}

void Centre::watch(std::string_view destination, const std::string& text, Mono now) {
  const auto optout = statistics_.optouts.find(destination);
  if (optout == statistics_.optouts.end()) return;
  const bool watched =
      std::any_of(scenario_.optout_watch.begin(), scenario_.optout_watch.end(),
                  [&](const auto& pattern) { return text.find(pattern) != std::string::npos; });
  if (!watched) return;
  OptOut& entry = optout->second;
  ++entry.sent;
  entry.last_sent = now;
  ++statistics_.sent_after_optout;
  if (now - entry.answered > std::chrono::seconds(1)) ++statistics_.sent_after_optout_1s;
}

void Centre::schedule_reply(const Submit& submit, const std::string& text) {
  smpp::Segments segments;
  if (segments.split(text, {.dialect = scenario_.dialect, .reference = ++reply_references_}) !=
      smpp::TextError::none)
    return;
  for (int k = 0; k < segments.size(); ++k) {
    smpp::ShortMessage message;
    segments.part(k).apply_to(message);
    auto part = std::make_unique<ReplyPart>();
    part->esm_class = message.esm_class;
    part->data_coding = message.data_coding;
    part->octets.assign(message.short_message.begin(), message.short_message.end());
    // It counts from its last part on: what came before did not say so yet.
    part->optout =
        k + 1 == segments.size() && text.find(scenario_.optout_text) != std::string::npos;
    Delivery delivery;
    delivery.account = submit.link.account();
    delivery.message_number = submit.number;
    delivery.submitted = submit.now;
    delivery.handset = Address(submit.pdu.destination_addr);
    delivery.service_number = Address(submit.pdu.source_addr);
    delivery.reply = std::move(part);
    due_deliveries_.add(submit.now + submit.fate.reply_delay, std::move(delivery));
  }
}

void Centre::count_delivery(const Delivery& delivery, Mono now) {
  SecondCounts& second = statistics_.second(now);
  ++(delivery.reply ? second.replies : second.receipts);
}

// One timer for all that is due; armed again only for something earlier.
void Centre::arm() {
  const Mono deadline = std::min(responses_.deadline(), due_deliveries_.deadline());
  if (deadline >= armed_) return;
  armed_ = deadline;
  due_timer_.expires_at(std::chrono::steady_clock::time_point(deadline));
  due_timer_.async_wait([this](error_code error) {
    if (!error) on_due();
  });
}

void Centre::on_due() {
  armed_ = smpp::kNever;
  const Mono time = now();
  responses_.take_due(time, [&](Response&& response) { answer(response, time, Mono::zero()); });
  due_deliveries_.take_due(
      time, [&](Delivery&& delivery) { deliveries_.add(std::move(delivery), time); });
  arm();
}

std::string_view Centre::date(Mono time) {
  const int64_t minute = (time.count() + wall_offset_ns_) / 60'000'000'000;
  for (const Date& known : dates_) {
    if (known.minute == minute) return {known.text, sizeof known.text};
  }
  last_date_ = 1 - last_date_;
  Date& fresh = dates_[last_date_];
  fresh.minute = minute;
  const auto seconds = static_cast<std::time_t>(minute * 60);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%y%m%d%H%M", &parts);
  std::copy_n(text, sizeof fresh.text, fresh.text);
  return {fresh.text, sizeof fresh.text};
}

std::string Centre::statistics_json() {
  const Mono time = now();
  std::vector<std::shared_ptr<Link>> links;
  for (const auto& [id, link] : links_) links.push_back(link);
  for (const auto& link : links) link->tick(time);
  return statistics_.to_json(time, accounts_);
}

}  // namespace tact::bench
