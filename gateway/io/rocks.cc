// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/rocks.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gateway/engine/check.h"
#include "gateway/io/stored_number.h"

namespace tact::gateway {
namespace {

const std::string kKeyCheck = "mkey";  // and the id of a data key, u16

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

bool refuse(OpenFailure* failure, OpenFailure::Kind kind, std::string message) {
  if (failure != nullptr) *failure = {kind, std::move(message)};
  return false;
}

// Whether the disk takes what an open writes before it can answer. RocksDB does not ask: on a full
// disk one of its assertions ends the process.
bool has_room(const std::string& folder) {
  const std::string path = folder + "/room.tmp";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const std::string zeros(1u << 20, '\0');
  size_t written = 0;
  while (written < zeros.size()) {
    const ssize_t more = ::write(file, zeros.data() + written, zeros.size() - written);
    if (more <= 0) break;
    written += static_cast<size_t>(more);
  }
  const bool whole = written == zeros.size() && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  ::unlink(path.c_str());
  errno = error;
  return whole;
}

bool writable_folder(const std::string& folder, OpenFailure* failure) {
  const bool made = ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
  // With the effective user: a read-only mount refuses even root here.
  if (made && ::faccessat(AT_FDCWD, folder.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) == 0 &&
      has_room(folder)) {
    return true;
  }
  return refuse(failure, OpenFailure::Kind::unwritable,
                "cannot write to the store's folder " + folder + ": " + std::strerror(errno));
}

rocksdb::DBOptions db_options(const RocksSettings& settings) {
  rocksdb::DBOptions options;
  if (settings.env != nullptr) options.env = settings.env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // What was synced is whole; a torn end behind it was never acknowledged.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.allow_concurrent_memtable_write = false;  // one writer
  // A quiet family must not pin old logs: a start reads them all, at about a second a GiB. What is
  // not flushed lies in memory, too.
  options.max_total_wal_size = 64ull << 20;
  options.max_background_jobs = settings.background_jobs;
  options.max_open_files = 1024;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.keep_log_file_num = 4;
  options.avoid_flush_during_recovery = true;
  return options;
}

rocksdb::ColumnFamilyOptions table_options(Table table, const RocksSettings& settings) {
  rocksdb::ColumnFamilyOptions options;
  const bool busy = table == Table::lanes || table == Table::later || table == Table::events ||
                    table == Table::sent;
  options.write_buffer_size = busy ? settings.write_buffer_bytes : settings.write_buffer_bytes / 4;
  // Batches of messages are encrypted: nothing is left to compress.
  if (table == Table::lanes || table == Table::later) {
    options.compression = rocksdb::kNoCompression;
  }
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(const RocksSettings& settings) {
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  for (int i = 0; i < kTables; ++i) {
    const auto table = static_cast<Table>(i);
    all.emplace_back(table_name(table), table_options(table, settings));
  }
  return all;
}

// A release that knows more tables than we do has written here; RocksDB would only say
// "column families not opened".
bool tables_known(const rocksdb::DBOptions& options, const RocksSettings& settings,
                  OpenFailure* failure) {
  if (!options.env->FileExists(settings.folder + "/CURRENT").ok()) return true;  // new
  std::vector<std::string> present;
  const auto status = rocksdb::DB::ListColumnFamilies(options, settings.folder, &present);
  if (!status.ok()) {
    return refuse(failure, OpenFailure::Kind::damaged,
                  "the store in " + settings.folder + " cannot be read: " + status.ToString());
  }
  for (const std::string& name : present) {
    bool known = false;
    for (int i = 0; i < kTables; ++i) known |= name == table_name(static_cast<Table>(i));
    if (!known) {
      return refuse(failure, OpenFailure::Kind::newer_format,
                    "the store in " + settings.folder + " has a table \"" + name +
                        "\" that this release does not know; start the newer release");
    }
  }
  return true;
}

void explain(const rocksdb::Status& status, const RocksSettings& settings, OpenFailure* failure) {
  const std::string text = status.ToString();
  if (status.IsCorruption() || status.IsInvalidArgument()) {
    refuse(failure, OpenFailure::Kind::damaged,
           "the store in " + settings.folder + " is damaged: " + text +
               "; restore the last backup (see the runbook)");
  } else if (status.IsIOError() && text.find("lock") != std::string::npos &&
             text.find("/LOCK") != std::string::npos) {
    refuse(failure, OpenFailure::Kind::locked,
           "the store in " + settings.folder + " is in use by another process");
  } else {
    refuse(failure, OpenFailure::Kind::machine,
           "the store in " + settings.folder + " cannot be opened: " + text);
  }
}

}  // namespace

Rocks::Rocks(Fatal fatal) : fatal_(std::move(fatal)) {}

Rocks::~Rocks() {
  if (db_ == nullptr) return;
  for (auto* handle : tables_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle);
  }
  db_->Close();
}

std::unique_ptr<Rocks> Rocks::open(const RocksSettings& settings, Fatal fatal,
                                   OpenFailure* failure) {
  if (!writable_folder(settings.folder, failure)) return nullptr;
  const rocksdb::DBOptions options = db_options(settings);
  if (!tables_known(options, settings, failure)) return nullptr;

  std::unique_ptr<Rocks> rocks(new Rocks(std::move(fatal)));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status =
      rocksdb::DB::Open(options, settings.folder, descriptors(settings), &handles, &db);
  if (!status.ok()) {
    explain(status, settings, failure);
    return nullptr;
  }
  rocks->db_.reset(db);
  CHECK(handles.size() == rocks->tables_.size());
  std::copy(handles.begin(), handles.end(), rocks->tables_.begin());
  if (!rocks->check_format(settings, failure)) return nullptr;
  return rocks;
}

bool Rocks::check_format(const RocksSettings& settings, OpenFailure* failure) {
  const auto stored = get(Table::meta, kFormatKey);
  if (!stored) {
    bool empty = true;
    scan(Table::meta, "", "", [&](std::string_view, std::string_view) { return empty = false; });
    if (empty) return write_format(settings, failure);
    return refuse(failure, OpenFailure::Kind::damaged,
                  "the store in " + settings.folder + " has data but no format number");
  }
  const auto format = read_number<uint32_t>(*stored);
  if (!format || *format == 0) {
    return refuse(failure, OpenFailure::Kind::damaged,
                  "the store in " + settings.folder + " has an unreadable format number");
  }
  if (*format > kStoreFormat) {
    return refuse(failure, OpenFailure::Kind::newer_format,
                  "the store in " + settings.folder + " has format " + std::to_string(*format) +
                      "; this release knows formats up to " + std::to_string(kStoreFormat) +
                      ": start the newer release");
  }
  if (get(Table::meta, kNumberKeyCheck) != settings.number_key_check) {
    return refuse(failure, OpenFailure::Kind::number_key,
                  "the store in " + settings.folder +
                      " was written under another number_key; without the right one its "
                      "opt-outs would not be found");
  }
  return true;
}

bool Rocks::write_format(const RocksSettings& settings, OpenFailure* failure) {
  rocksdb::WriteBatch batch;
  batch.Put(table(Table::meta), slice(kFormatKey), stored_number(kStoreFormat));
  batch.Put(table(Table::meta), slice(kNumberKeyCheck), settings.number_key_check);
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = db_->Write(options, &batch);
  if (status.ok()) return true;
  return refuse(failure, OpenFailure::Kind::machine,
                "cannot write to the store in " + settings.folder + ": " + status.ToString());
}

void Rocks::scan(Table from, std::string_view begin, std::string_view end,
                 const std::function<bool(std::string_view, std::string_view)>& visit) {
  const rocksdb::Slice upper = slice(end);
  rocksdb::ReadOptions options;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  options.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, table(from)));
  for (it->Seek(slice(begin)); it->Valid(); it->Next()) {
    if (!visit(view(it->key()), view(it->value()))) break;
  }
  if (!it->status().ok()) fatal_("cannot read the store: " + it->status().ToString());
}

std::optional<std::string> Rocks::get(Table from, std::string_view key) {
  std::string value;
  const auto status = db_->Get(rocksdb::ReadOptions(), table(from), slice(key), &value);
  if (status.ok()) return value;
  if (!status.IsNotFound()) fatal_("cannot read the store: " + status.ToString());
  return std::nullopt;
}

std::optional<std::pair<std::string, std::string>> Rocks::last(Table from) {
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), table(from)));
  it->SeekToLast();
  if (!it->status().ok()) fatal_("cannot read the store: " + it->status().ToString());
  if (!it->Valid()) return std::nullopt;
  return std::pair(it->key().ToString(), it->value().ToString());
}

Loaded Rocks::load(const LoadRequest& request) {
  Loaded loaded;
  loaded.id = request.id;
  const rocksdb::Slice upper(request.end);
  // Keys of one log differ in the sequence only.
  const size_t log = request.begin.size() < 8 ? 0 : request.begin.size() - 8;
  const rocksdb::Slice lower = request.floor.empty() ? rocksdb::Slice(request.begin.data(), log)
                                                     : rocksdb::Slice(request.floor);
  rocksdb::ReadOptions options;
  if (!request.end.empty()) options.iterate_upper_bound = &upper;
  if (request.from_before) options.iterate_lower_bound = &lower;
  options.fill_cache = false;  // a page is read once
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, table(request.table)));
  if (request.from_before) it->SeekForPrev(request.begin);
  if (!request.from_before || (!it->Valid() && it->status().ok())) it->Seek(request.begin);

  size_t bytes = 0;
  for (; it->Valid(); it->Next()) {
    if (!loaded.records.empty() &&
        (bytes >= request.bytes_max || loaded.records.size() >= request.records_max)) {
      loaded.more = true;
      break;
    }
    bytes += it->key().size() + it->value().size();
    loaded.records.emplace_back(it->key().ToString(), it->value().ToString());
  }
  if (!it->status().ok()) fatal_("cannot read the store: " + it->status().ToString());
  return loaded;
}

// Both logs end their keys with the sequence of a batch's first record, and batches say their
// count in octets 2 and 3.
uint64_t Rocks::last_batch_end(Table log, std::string_view prefix) {
  const std::string end = prefix_end(prefix);
  const rocksdb::Slice lower = slice(prefix), upper = slice(end);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, table(log)));
  it->SeekToLast();
  if (!it->status().ok()) fatal_("cannot read the store: " + it->status().ToString());
  if (!it->Valid() || it->key().size() != prefix.size() + 8 || it->value().size() < kBatchHeader) {
    return 0;
  }
  const auto* header = reinterpret_cast<const uint8_t*>(it->value().data());
  return key_u64(view(it->key()), prefix.size()) + header[2] + 256u * header[3];
}

uint64_t Rocks::lane_tail(LaneId lane) {
  uint64_t tail = last_batch_end(Table::lanes, lane_prefix(lane));
  if (const auto stored = get(Table::meta, checkpoint_key(lane))) {
    if (const auto checkpoint = decode_checkpoint(*stored)) tail = std::max(tail, checkpoint->next);
  }
  return tail;
}

uint64_t Rocks::event_tail(UpstreamId upstream) {
  const std::string first = events_key(upstream, 0);
  const uint64_t end = last_batch_end(Table::events, std::string_view(first).substr(0, 2));
  uint64_t acked = 0;
  if (const auto stored = get(Table::meta, upstream_key(upstream))) {
    // Behind it stand the books of the feed (engine/event_feed.h).
    RecordReader record({reinterpret_cast<const uint8_t*>(stored->data()), stored->size()});
    acked = record.integer<uint64_t>();
  }
  return std::max(end, acked + 1);
}

std::optional<uint16_t> Rocks::assign(char kind, std::string_view name) {
  const std::string key = name_key(kind, name);
  if (const auto stored = get(Table::meta, key)) return read_number<uint16_t>(*stored);
  uint32_t next = 1;
  for (const auto& [other, id] : names(kind)) next = std::max<uint32_t>(next, id + 1u);
  if (next > UINT16_MAX) return std::nullopt;
  const auto id = static_cast<uint16_t>(next);
  put_meta(key, stored_number(id));
  return id;
}

std::optional<std::string> Rocks::key_check(uint16_t id) {
  return get(Table::meta, kKeyCheck + stored_number(id));
}

void Rocks::put_key_check(uint16_t id, const std::string& check) {
  put_meta(kKeyCheck + stored_number(id), check);
}

uint32_t Rocks::lease_block() {
  const auto stored = get(Table::meta, kIdBlockKey);
  const uint32_t block =
      stored ? read_number<uint32_t>(*stored).value_or(kFirstBlock) : kFirstBlock;
  put_meta(kIdBlockKey, stored_number(block + 1));
  return block;
}

void Rocks::put_meta(std::string_view key, const std::string& value) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = db_->Put(options, table(Table::meta), slice(key), value);
  if (!status.ok()) fatal_("cannot write to the store: " + status.ToString());
}

std::vector<std::pair<std::string, uint16_t>> Rocks::names(char kind) {
  std::vector<std::pair<std::string, uint16_t>> all;
  const std::string prefix = name_key(kind, "");
  scan(Table::meta, prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    if (const auto id = read_number<uint16_t>(value))
      all.emplace_back(key.substr(prefix.size()), *id);
    return true;
  });
  return all;
}

Civil Rocks::last_civil() {
  const auto stored = get(Table::meta, kLastCivilKey);
  return from_ms(stored ? read_number<int64_t>(*stored).value_or(0) : 0);
}

uint64_t Rocks::disk_bytes() const {
  uint64_t total = 0;
  for (auto* handle : tables_) {
    uint64_t bytes = 0;
    if (db_->GetIntProperty(handle, "rocksdb.total-sst-files-size", &bytes)) total += bytes;
  }
  rocksdb::VectorLogPtr logs;
  if (db_->GetSortedWalFiles(logs).ok()) {
    for (const auto& log : logs) total += log->SizeFileBytes();
  }
  return total;
}

}  // namespace tact::gateway
