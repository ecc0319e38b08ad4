// SPDX-License-Identifier: Apache-2.0
// A gateway of which only the work is left: bench/ceiling/README.md. What it does not expect ends
// it.
#include <CLI/CLI.hpp>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <charconv>
#include <cstdio>
#include <deque>

#include "bench/ceiling/gates.h"
#include "bench/ceiling/log.h"
#include "bench/ceiling/peer.h"
#include "policy/hash.h"
#include "proto/delimited.h"
#include "proto/stream.pb.h"
#include "smpp/codec.h"
#include "smpp/receipt.h"

namespace tact::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using smpp::Status;

constexpr size_t kFrameLimit = 4u << 20;
constexpr size_t kQueueMax = 100'000;  // beyond it upstreams are not read
// A sequence number is a place in the window and how often it was used: nothing is looked for.
constexpr uint32_t kPlaces = 4096, kRounds = 1u << 19;

struct Options {
  uint16_t port = 0;
  uint16_t smsc_port = 2775;
  uint32_t links = 2;
  uint32_t window = 1000;
  bool full_gate = false;
  std::string folder = "ceiling";
};

struct Link {
  Peer* peer = nullptr;
  bool bound = false;
  uint32_t requests = 0;
  std::vector<Message> window;
  std::vector<uint32_t> free;  // places in it
};

struct Sent {
  uint64_t id = 0;
  std::string reference;
};

struct Group {  // what one fsync makes true
  rocksdb::WriteBatch records;
  std::vector<Message> admitted;
};

std::unique_ptr<Gate> make_gate(bool full) {
  if (full) return std::make_unique<FullGate>();
  return std::make_unique<BareGate>();
}

// What is needed is moved out of `job`.
Message message_of(proto::Message& job, uint64_t id, policy::Instant now) {
  Message m;
  m.id = id;
  m.reference = std::move(*job.mutable_reference());
  m.key = std::move(*job.mutable_idempotency_key());
  m.to = std::move(*job.mutable_to());
  if (m.to.starts_with('+')) m.to.erase(0, 1);
  m.text = std::move(*job.mutable_text());
  uint64_t digits = 0;
  std::from_chars(m.to.data(), m.to.data() + m.to.size(), digits);
  m.number = policy::mix(digits);
  m.cls = static_cast<policy::Class>(job.message_class());  // the values are the same
  m.consent = job.has_consent();
  m.accepted = now;
  return m;
}

class Ceiling {
 public:
  explicit Ceiling(const Options& options)
      : log_(options.folder, [this] { asio::post(io_, [this] { on_synced(); }); }),
        acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), options.port)),
        gate_(make_gate(options.full_gate)) {
    for (uint32_t i = 0; i < options.links; ++i) connect(options);
    accept();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void run() { io_.run(); }

 private:
  // ---- upstreams

  void accept() {
    acceptor_.async_accept([this](auto error, tcp::socket socket) {
      if (error) throw std::runtime_error("accept: " + error.message());
      upstreams_.push_back(std::make_unique<Peer>(
          std::move(socket), [this](Peer& peer, auto octets) { return on_upstream(peer, octets); },
          [this](Peer& peer) {
            if (subscriber_ == &peer) subscriber_ = nullptr;
          }));
      accept();
    });
  }

  size_t on_upstream(Peer& upstream, std::span<const uint8_t> octets) {
    turn();
    for (size_t at = 0;;) {
      const proto::FrameHead head = proto::frame_head(octets.subspan(at), kFrameLimit);
      if (head.result == proto::FrameResult::more) return at;
      if (head.result != proto::FrameResult::frame) throw std::runtime_error("not a frame");
      on_frame(upstream, octets.subspan(at + head.prefix, head.size));
      at += head.prefix + head.size;
    }
  }

  void on_frame(Peer& upstream, std::span<const uint8_t> octets) {
    if (!in_.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
      throw std::runtime_error("not a message");
    }
    if (in_.has_job()) {
      record(octets);
      return on_job(upstream, *in_.mutable_job());
    }
    if (!in_.has_hello()) return;
    if (in_.hello().subscribe()) subscriber_ = &upstream;
    out_.mutable_welcome()->set_next_event(events_ + 1);
    out_.mutable_welcome()->set_server("tact-ceiling");
    proto::append_delimited(out_, upstream.output);
  }

  void on_job(Peer& upstream, proto::Job& job) {
    proto::JobAck& ack = *out_.mutable_job_ack();
    ack.Clear();
    ack.set_sequence(job.sequence());
    for (proto::Message& part : *job.mutable_messages()) {
      Message message = message_of(part, ++messages_, now_);
      const bool passed = gate_->admit(message, now_);
      proto::Result& result = *ack.add_results();
      result.set_message_id(message.id);
      result.set_outcome(passed ? proto::QUEUED : proto::REJECTED);
      if (passed) {
        gathering_.admitted.push_back(std::move(message));
      } else {
        end({message.id, std::move(message.reference)}).mutable_rejected();
      }
    }
    proto::append_delimited(out_, upstream.promises);
  }

  // ---- links

  void connect(const Options& options) {
    tcp::socket socket(io_);
    socket.connect({asio::ip::address_v4::loopback(), options.smsc_port});
    Link& link = links_.emplace_back();
    link.window.resize(options.window);
    for (uint32_t place = 0; place < options.window; ++place) link.free.push_back(place);
    carriers_.push_back(std::make_unique<Peer>(
        std::move(socket), [&, this](Peer&, auto octets) { return on_link(link, octets); },
        [](Peer&) { throw std::runtime_error("the SMSC has closed a link"); }));
    link.peer = carriers_.back().get();
    smpp::BindTransceiver bind;
    bind.system_id = "tact";
    bind.password = "secret08";
    smpp::encode(bind, Status::ESME_ROK, kPlaces * kRounds - 1, link.peer->output);
    link.peer->flush();
  }

  size_t on_link(Link& link, smpp::Octets octets) {
    turn();
    for (size_t at = 0;;) {
      const smpp::Frame frame = smpp::frame(octets.subspan(at));
      if (frame.kind == smpp::Frame::Kind::more) return at;
      if (frame.kind != smpp::Frame::Kind::pdu) throw std::runtime_error("not a PDU");
      on_pdu(link, octets.subspan(at, frame.length));
      at += frame.length;
    }
  }

  void on_pdu(Link& link, smpp::Octets octets) {
    const bool good = smpp::decode(octets, pdu_).ok();
    const smpp::Header& header = pdu_.header;
    if (!good || header.command_status != Status::ESME_ROK) {
      throw std::runtime_error("the SMSC refuses, or sends what is damaged");
    }
    const uint32_t number = header.sequence_number;
    if (const auto* response = std::get_if<smpp::SubmitSmResp>(&pdu_.body)) {
      on_response(link, number, response->message_id);
    } else if (const auto* deliver = std::get_if<smpp::DeliverSm>(&pdu_.body)) {
      on_deliver(*deliver);
      smpp::encode(smpp::DeliverSmResp{}, Status::ESME_ROK, number, link.peer->promises);
    } else if (header.command_id == smpp::CommandId::bind_transceiver_resp) {
      link.bound = true;
    } else if (header.command_id == smpp::CommandId::enquire_link) {
      smpp::encode(smpp::EnquireLinkResp{}, Status::ESME_ROK, number, link.peer->output);
    }
  }

  void on_response(Link& link, uint32_t sequence_number, std::string_view message_id) {
    const uint32_t place = sequence_number % kPlaces;
    Message& message = link.window.at(place);
    Sent sent{message.id, std::move(message.reference)};
    link.free.push_back(place);
    std::string key(message_id);
    event(sent).mutable_submitted()->add_smsc_message_ids(key);
    if (const auto early = early_.find(key); early != early_.end()) {
      on_receipt(sent, key, early->second);
      early_.erase(early);
    } else {
      awaiting_.emplace(std::move(key), std::move(sent));
    }
  }

  void on_deliver(const smpp::DeliverSm& deliver) {
    smpp::Receipt receipt;
    if (!smpp::parse_receipt(deliver, receipt)) return;
    std::string key(receipt.id);
    if (const auto found = awaiting_.find(key); found != awaiting_.end()) {
      on_receipt(found->second, key, receipt.state);
      awaiting_.erase(found);
    } else {
      early_.emplace(std::move(key), receipt.state);
    }
  }

  void on_receipt(const Sent& sent, const std::string& smsc_id, smpp::MessageState state) {
    proto::Receipt& receipt = *end(sent).mutable_receipt();
    receipt.set_state(static_cast<proto::ReceiptState>(state));  // the values are the same
    receipt.set_smsc_message_id(smsc_id);
  }

  void submit(Link& link, Message message) {
    if (!gate_->release(message, now_)) {
      end({message.id, std::move(message.reference)}).mutable_rejected();
      return;
    }
    if (segments_.split(message.text, {}) != smpp::TextError::none || segments_.size() != 1) {
      throw std::runtime_error("only messages of one part are sent here");
    }
    smpp::SubmitSm pdu;
    pdu.source_addr = "1069000055";
    pdu.dest_addr_ton = smpp::Ton::international;
    pdu.dest_addr_npi = smpp::Npi::isdn;
    pdu.destination_addr = message.to;
    pdu.registered_delivery = smpp::kReceiptAlways;
    segments_.part(0).apply_to(pdu);
    smpp::TlvWriter reference;
    reference.u16(smpp::Tag::user_message_reference, static_cast<uint16_t>(message.id));
    pdu.tlvs = reference.tlvs();
    const uint32_t place = link.free.back();
    link.free.pop_back();
    link.requests = link.requests % (kRounds - 2) + 1;
    const uint32_t number = link.requests * kPlaces + place;
    if (!smpp::encode(pdu, Status::ESME_ROK, number, link.peer->output).ok()) {
      throw std::runtime_error("a message that cannot be encoded");
    }
    link.window[place] = std::move(message);
  }

  // ---- a turn: what is ready is read, then this, once

  void turn() {
    if (std::exchange(turning_, true)) return;
    using std::chrono::milliseconds;
    now_ = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    asio::post(io_, [this] {
      turning_ = false;
      for (Link& link : links_) {
        while (link.bound && !link.free.empty() && !queue_.empty()) {
          submit(link, std::move(queue_.front()));
          queue_.pop_front();
        }
      }
      commit();
      for (const auto& carrier : carriers_) carrier->flush();
      for (const auto& upstream : upstreams_) {
        upstream->hold(queue_.size() > kQueueMax);
        upstream->flush();
      }
    });
  }

  // The events of a turn are recorded as the frame that tells them: they hold all that happened.
  void commit() {
    if (told_.events().events_size() > 0) {
      frame_.clear();
      proto::append_delimited(told_, frame_);
      record(frame_);
      if (subscriber_ != nullptr) {
        auto& promises = subscriber_->promises;
        promises.insert(promises.end(), frame_.begin(), frame_.end());
      }
      told_.mutable_events()->Clear();
    }
    if (syncs_ || gathering_.records.Count() == 0) return;
    syncs_ = true;
    std::swap(gathering_, syncing_);
    for (const auto& upstream : upstreams_) upstream->seal();
    for (const auto& carrier : carriers_) carrier->seal();
    log_.write(syncing_.records);
  }

  void on_synced() {
    turn();
    syncs_ = false;
    for (const auto& upstream : upstreams_) upstream->keep_promises();
    for (const auto& carrier : carriers_) carrier->keep_promises();
    for (Message& message : syncing_.admitted) queue_.push_back(std::move(message));
    syncing_.records.Clear();
    syncing_.admitted.clear();
  }

  void record(std::span<const uint8_t> octets) {
    std::array<char, 8> key;  // big endian: in order
    const uint64_t number = ++records_;
    for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(number >> (56 - 8 * i));
    gathering_.records.Put({key.data(), key.size()},
                           {reinterpret_cast<const char*>(octets.data()), octets.size()});
  }

  proto::Event& event(const Sent& sent) {
    proto::Event& added = *told_.mutable_events()->add_events();
    added.set_sequence(++events_);
    added.set_message_id(sent.id);
    added.set_reference(sent.reference);
    added.set_time_ms(now_.time_since_epoch().count());
    return added;
  }
  proto::Event& end(const Sent& sent) {
    proto::Event& last = event(sent);
    last.set_final(true);
    return last;
  }

  asio::io_context io_{1};
  Log log_;
  tcp::acceptor acceptor_;
  const std::unique_ptr<Gate> gate_;
  std::deque<Link> links_;
  std::vector<std::unique_ptr<Peer>> carriers_, upstreams_;  // all there ever were
  Peer* subscriber_ = nullptr;
  uint64_t messages_ = 0, events_ = 0, records_ = 0;
  policy::Instant now_{};
  bool turning_ = false, syncs_ = false;
  Group gathering_, syncing_;

  std::deque<Message> queue_;                                         // durable, not yet sent
  boost::unordered_flat_map<std::string, Sent> awaiting_;             // by the SMSC's id
  boost::unordered_flat_map<std::string, smpp::MessageState> early_;  // before their responses

  // Reused, so that their memory is.
  proto::ToGateway in_;
  proto::ToUpstream out_, told_;  // told_: the events of this turn
  std::vector<uint8_t> frame_;
  smpp::Pdu pdu_;
  smpp::Segments segments_;
};

}  // namespace
}  // namespace tact::bench

int main(int argc, char** argv) {
  CLI::App app("tact-ceiling: the work of a gateway, and nothing else; on loopback");
  tact::bench::Options options;
  app.add_option("--port", options.port, "for upstreams; 0: any");
  app.add_option("--smsc-port", options.smsc_port, "of the SMSC")->capture_default_str();
  app.add_option("--links", options.links, "binds")->capture_default_str();
  app.add_option("--window", options.window, "of each")->check(CLI::Range(1, 4096));
  app.add_flag("--full-gate", options.full_gate, "all rules of policy/, not the bare gate");
  app.add_option("--folder", options.folder, "of the log")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    tact::bench::Ceiling ceiling(options);
    std::printf("listening 127.0.0.1:%u\n", ceiling.port());
    std::fflush(stdout);
    ceiling.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tact-ceiling: %s\n", error.what());
  }
  return 1;  // it never ends by itself
}
