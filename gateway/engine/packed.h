// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "gateway/engine/message.h"

// What is stored, made smaller. The messages of a campaign, their events and their audit are alike,
// so that the log holds less than half of the octets (bench/README.md): less to encrypt, to sync
// and to write once more when it is cut. LZ4's block format, whose writer and reader cost less than
// the disk does.
//
//   raw u32 (little endian) | LZ4 block
namespace tact::gateway {

// Appends `raw` packed. False, and nothing appended: short, or it would not become smaller.
bool append_packed(ByteView raw, std::string& out);
// Nullopt: damaged. Allocates at most 255 times the size of `packed`, the most that LZ4 can hold.
std::optional<Bytes> unpack(ByteView packed);

}  // namespace tact::gateway
