// SPDX-License-Identifier: Apache-2.0
// libsmpp34 on the PDUs of codec_paths: what another codec takes. It allocates once for each TLV.
#include <benchmark/benchmark.h>

#include "bench/micro/allocations.h"
#include "bench/micro/paths.h"

extern "C" {
#include <libsmpp34/smpp34_structs.h>
int destroy_tlv(tlv_t* list);  // of smpp34_params.h, which no C++ compiler reads
}

namespace {

using tact::bench::sample_pdus;

template <class P>
bool unpack(P& out, const std::vector<uint8_t>& octets) {
  out = {};
  return smpp34_unpack2(&out, octets.data(), static_cast<int>(octets.size())) == 0;
}
template <class P>
void clear(P& pdu) {
  if constexpr (requires { pdu.tlv; }) destroy_tlv(pdu.tlv);
}

void count_octets(benchmark::State& state, uint64_t before) {
  const auto octets = static_cast<double>(tact::bench::allocated() - before);
  state.counters["octets"] = octets / static_cast<double>(state.iterations());
}

template <class P>
void decode(benchmark::State& state, size_t sample) {
  const std::vector<uint8_t> octets = sample_pdus()[sample];
  P pdu;
  const uint64_t before = tact::bench::allocated();
  for (auto _ : state) {
    if (!unpack(pdu, octets)) return state.SkipWithError(smpp34_strerror);
    clear(pdu);
  }
  count_octets(state, before);
}

template <class P>
void encode(benchmark::State& state, size_t sample) {
  P pdu;
  if (!unpack(pdu, sample_pdus()[sample])) return state.SkipWithError(smpp34_strerror);
  uint8_t octets[1024];
  int size = 0;
  const uint64_t before = tact::bench::allocated();
  for (auto _ : state) {
    if (smpp34_pack2(octets, sizeof octets, &size, &pdu) != 0) {
      return state.SkipWithError(smpp34_strerror);
    }
  }
  count_octets(state, before);
  clear(pdu);
}

template <class P>
int beside(const std::string& name, size_t sample) {
  benchmark::RegisterBenchmark(("libsmpp34-encode-" + name).c_str(), &encode<P>, sample);
  benchmark::RegisterBenchmark(("libsmpp34-decode-" + name).c_str(), &decode<P>, sample);
  return 0;
}
[[maybe_unused]] const int registered[] = {beside<submit_sm_t>("submit_sm", 0),
                                           beside<submit_sm_resp_t>("submit_sm_resp", 1),
                                           beside<deliver_sm_t>("receipt", 2)};

}  // namespace
