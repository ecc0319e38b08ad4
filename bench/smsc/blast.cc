// SPDX-License-Identifier: Apache-2.0
// How fast is the simulator? submit_sm that were encoded beforehand, as many as its window lets
// through, each with a number and a reference of its own; receipts are answered. What the simulator
// spends on one message is its own CPU time, whoever shares the cores.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <string>
#include <vector>

#include "bench/load/process_sample.h"
#include "smpp/codec.h"

namespace {

using namespace tact;
namespace asio = boost::asio;
using boost::system::error_code;

constexpr uint32_t kWindow = 1000;
constexpr std::size_t kChunkBytes = 256 * 1024;

struct Counts {
  uint64_t numbers = 13'000'000'000;  // the last one given away
  uint64_t answered = 0;
  uint64_t refused = 0;
  uint64_t receipts = 0;
};

void put_u32(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

// 60 Chinese characters, to be patched: sequence_number, the digits of the number, the reference
// at the end.
struct Template {
  static constexpr std::string_view kNumber = "8613000000000";

  Template() {
    smpp::SubmitSm pdu;
    std::vector<uint8_t> text;
    for (int i = 0; i < 60; ++i) text.insert(text.end(), {0x4E, static_cast<uint8_t>(0x20 + i)});
    smpp::TlvWriter tlvs;
    tlvs.u16(smpp::Tag::user_message_reference, 0);
    pdu.source_addr = "1069000055";
    pdu.destination_addr = kNumber;
    pdu.registered_delivery = smpp::kReceiptAlways;
    pdu.data_coding = smpp::DataCoding::ucs2;
    pdu.short_message = text;
    pdu.tlvs = tlvs.tlvs();
    smpp::encode(pdu, smpp::Status::ESME_ROK, 1, octets);
    const std::string_view all(reinterpret_cast<const char*>(octets.data()), octets.size());
    number_at = all.find(kNumber) + 2;
  }

  std::vector<uint8_t> octets;
  std::size_t number_at = 0;
};

class Peer {
 public:
  Peer(asio::io_context& io, const asio::ip::tcp::endpoint& to, Counts& counts)
      : socket_(io), counts_(counts), chunk_(kChunkBytes) {
    socket_.connect(to);
    socket_.set_option(asio::ip::tcp::no_delay(true));
    smpp::BindTransceiver bind;
    bind.system_id = "tact";
    bind.password = "secret08";
    smpp::encode(bind, smpp::Status::ESME_ROK, 1, output_);
    do_read();
    do_write();
  }

 private:
  void do_read() {
    const auto room = asio::buffer(chunk_) + begun_;
    socket_.async_read_some(room, [this](error_code error, std::size_t size) {
      if (error) {
        std::fprintf(stderr, "the simulator ended a connection: %s\n", error.message().c_str());
        std::exit(1);
      }
      take(begun_ + size);
      do_read();
      do_write();
    });
  }

  void take(std::size_t size) {
    smpp::Octets rest = smpp::Octets(chunk_).first(size);
    while (true) {
      const smpp::Frame next = smpp::frame(rest);
      if (next.kind == smpp::Frame::Kind::lost) std::exit(1);
      if (next.kind == smpp::Frame::Kind::more) break;
      take_pdu(rest);
      rest = rest.subspan(next.length);
    }
    std::memmove(chunk_.data(), rest.data(), begun_ = rest.size());
  }

  void take_pdu(smpp::Octets octets) {
    const smpp::Header header = smpp::read_header(octets);
    if (header.command_id == smpp::CommandId::bind_transceiver_resp) {
      room_ = kWindow;
    } else if (header.command_id == smpp::CommandId::submit_sm_resp) {
      ++room_;
      ++counts_.answered;
      counts_.refused += header.command_status != smpp::Status::ESME_ROK;
    } else if (header.command_id == smpp::CommandId::deliver_sm) {
      ++counts_.receipts;
      smpp::encode(smpp::DeliverSmResp{}, smpp::Status::ESME_ROK, header.sequence_number, output_);
    }
  }

  void fill() {
    for (; room_ > 0; --room_) {
      const std::size_t at = output_.size();
      output_.insert(output_.end(), template_.octets.begin(), template_.octets.end());
      put_u32(&output_[at + 12], ++sequence_);
      uint64_t number = ++counts_.numbers;
      for (std::size_t digit = 11; digit-- > 0; number /= 10) {
        output_[at + template_.number_at + digit] = static_cast<uint8_t>('0' + number % 10);
      }
      output_[output_.size() - 2] = static_cast<uint8_t>(sequence_ >> 8);
      output_[output_.size() - 1] = static_cast<uint8_t>(sequence_);
    }
  }

  void do_write() {
    if (!writing_.empty()) return;
    fill();
    if (output_.empty()) return;
    std::swap(writing_, output_);
    asio::async_write(socket_, asio::buffer(writing_), [this](error_code, std::size_t) {
      writing_.clear();
      do_write();
    });
  }

  asio::ip::tcp::socket socket_;
  Counts& counts_;
  const Template template_;
  std::vector<uint8_t> chunk_;
  std::size_t begun_ = 0;  // octets of a PDU whose rest has not come, at the front of the chunk
  std::vector<uint8_t> output_;
  std::vector<uint8_t> writing_;
  uint32_t sequence_ = 1;
  uint32_t room_ = 0;
};

void run(uint16_t port, double seconds, int connections, int simulator) {
  asio::io_context io(1);
  Counts counts;
  std::list<Peer> peers;
  const asio::ip::tcp::endpoint to(asio::ip::make_address_v4("127.0.0.1"), port);
  for (int i = 0; i < connections; ++i) peers.emplace_back(io, to, counts);
  io.run_for(std::chrono::seconds(1));  // until receipts come as fast as messages go
  const Counts before = counts;
  const auto cpu = bench::sample_process(simulator);
  const auto began = std::chrono::steady_clock::now();
  io.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(seconds)));
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const auto answered = static_cast<double>(counts.answered - before.answered);
  std::printf("%.0f submit_sm/s answered, %.0f of them refused, %.0f receipts/s\n", answered / took,
              static_cast<double>(counts.refused - before.refused) / took,
              static_cast<double>(counts.receipts - before.receipts) / took);
  const auto after = bench::sample_process(simulator);
  if (!cpu || !after) return;
  const double spent = after->cpu_seconds - cpu->cpu_seconds;
  std::printf("simulator: %.2f us of CPU a message, %.0f messages a second of CPU\n",
              spent / answered * 1e6, answered / spent);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: tact-blast PORT SECONDS CONNECTIONS PID_OF_THE_SIMULATOR\n");
    return 2;
  }
  try {
    run(static_cast<uint16_t>(std::atoi(argv[1])), std::atof(argv[2]), std::atoi(argv[3]),
        std::atoi(argv[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tact-blast: %s\n", error.what());
    return 1;
  }
  return 0;
}
