// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/rocks.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "gateway/io/stored_number.h"
#include "tests/gateway/io/temp_folder.h"

namespace tact::gateway {
namespace {

using Kind = OpenFailure::Kind;

RocksSettings settings(const std::string& folder) {
  RocksSettings made;
  made.folder = folder;
  made.number_key_check = "12345678";
  return made;
}
void no_fatal(const std::string& reason) { ADD_FAILURE() << reason; }

std::unique_ptr<Rocks> open(const RocksSettings& with, OpenFailure* failure = nullptr) {
  return Rocks::open(with, no_fatal, failure);
}
void put(Rocks& rocks, Table table, std::string_view key, const std::string& value) {
  const rocksdb::Slice slice(key.data(), key.size());
  ASSERT_TRUE(rocks.db().Put({}, rocks.table(table), slice, value).ok());
}
// A batch whose header says `count`; nothing else of it is looked at.
std::string batch_of(uint16_t count) {
  std::string stored(kBatchHeader, '\0');
  stored[2] = static_cast<char>(count & 0xff);
  stored[3] = static_cast<char>(count >> 8);
  return stored;
}

TEST(RocksOpen, FileInThePlaceOfTheFolderIsUnwritable) {
  TempFolder temp;
  std::ofstream(temp.path("store")) << "x";
  OpenFailure failure;
  EXPECT_EQ(open(settings(temp.path("store")), &failure), nullptr);
  EXPECT_EQ(failure.kind, Kind::unwritable);
  EXPECT_NE(failure.message.find(temp.path("store")), std::string::npos);
}

// In a child without privileges, since nothing is read-only to root.
TEST(RocksOpen, ReadOnlyFolderIsUnwritable) {
  TempFolder temp;
  ASSERT_EQ(::chmod(temp.path().c_str(), 0555), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(99);
    OpenFailure failure;
    const auto rocks = Rocks::open(
        settings(temp.path()), [](const std::string&) {}, &failure);
    ::_exit(rocks ? 98 : static_cast<int>(failure.kind));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(Kind::unwritable));
  ::chmod(temp.path().c_str(), 0755);
}

// In a child that may write small files only: as a full disk, it takes an empty file and no more.
TEST(RocksOpen, FolderOnAFullDiskIsUnwritable) {
  TempFolder temp;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit small{4096, 4096};
    if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &small) != 0) {
      ::_exit(99);
    }
    OpenFailure failure;
    const auto rocks = Rocks::open(
        settings(temp.path("store")), [](const std::string&) {}, &failure);
    const bool told = failure.message.find(std::strerror(EFBIG)) != std::string::npos;
    ::_exit(rocks || !told ? 98 : static_cast<int>(failure.kind));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(Kind::unwritable));
  EXPECT_TRUE(std::filesystem::is_empty(temp.path("store")));
}

TEST(RocksOpen, SecondOpenerIsRefusedInThisProcessAndAnother) {
  TempFolder temp;
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t child = ::fork();  // before any thread runs here
  ASSERT_GE(child, 0);
  if (child == 0) {
    char byte = 0;
    if (::read(go[0], &byte, 1) != 1) ::_exit(99);
    OpenFailure failure;
    const auto rocks = Rocks::open(
        settings(temp.path()), [](const std::string&) {}, &failure);
    ::_exit(rocks ? 98 : static_cast<int>(failure.kind));
  }
  const auto first = open(settings(temp.path()));
  ASSERT_NE(first, nullptr);
  ASSERT_EQ(::write(go[1], "g", 1), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(Kind::locked));

  OpenFailure failure;
  EXPECT_EQ(open(settings(temp.path()), &failure), nullptr);
  EXPECT_EQ(failure.kind, Kind::locked) << failure.message;
  ::close(go[0]);
  ::close(go[1]);
}

TEST(RocksOpen, NewerFormatIsRefusedAndLeftAlone) {
  TempFolder temp;
  put(*open(settings(temp.path())), Table::meta, kFormatKey, stored_number(kStoreFormat + 1));
  for (int attempt = 0; attempt < 2; ++attempt) {
    OpenFailure failure;
    EXPECT_EQ(open(settings(temp.path()), &failure), nullptr);
    EXPECT_EQ(failure.kind, Kind::newer_format) << failure.message;
  }
}

TEST(RocksOpen, TableOfANewerReleaseIsRefused) {
  TempFolder temp;
  {
    const auto rocks = open(settings(temp.path()));
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(rocks->db().CreateColumnFamily({}, "tomorrow", &handle).ok());
    rocks->db().DestroyColumnFamilyHandle(handle);
  }
  OpenFailure failure;
  EXPECT_EQ(open(settings(temp.path()), &failure), nullptr);
  EXPECT_EQ(failure.kind, Kind::newer_format) << failure.message;
}

TEST(RocksOpen, OtherNumberKeyIsRefused) {
  TempFolder temp;
  ASSERT_NE(open(settings(temp.path())), nullptr);
  RocksSettings other = settings(temp.path());
  other.number_key_check = "87654321";
  OpenFailure failure;
  EXPECT_EQ(open(other, &failure), nullptr);
  EXPECT_EQ(failure.kind, Kind::number_key);
  EXPECT_NE(open(settings(temp.path())), nullptr);
}

TEST(RocksOpen, DamagedManifestIsDamaged) {
  TempFolder temp;
  ASSERT_NE(open(settings(temp.path())), nullptr);
  for (const auto& file : std::filesystem::directory_iterator(temp.path())) {
    if (file.path().filename().string().rfind("MANIFEST", 0) == 0) {
      std::filesystem::resize_file(file.path(), 20);
    }
  }
  OpenFailure failure;
  EXPECT_EQ(open(settings(temp.path()), &failure), nullptr);
  EXPECT_EQ(failure.kind, Kind::damaged) << failure.message;
}

TEST(RocksOpen, MissingFormatBesideDataIsDamaged) {
  TempFolder temp;
  {
    const auto rocks = open(settings(temp.path()));
    const rocksdb::Slice key(kFormatKey.data(), kFormatKey.size());
    ASSERT_TRUE(rocks->db().Delete({}, rocks->table(Table::meta), key).ok());
  }
  OpenFailure failure;
  EXPECT_EQ(open(settings(temp.path()), &failure), nullptr);
  EXPECT_EQ(failure.kind, Kind::damaged) << failure.message;
}

TEST(RocksNames, AreGivenOnceFromOneOnAndSurvive) {
  TempFolder temp;
  {
    const auto rocks = open(settings(temp.path()));
    EXPECT_EQ(rocks->assign('r', "alpha"), 1);
    EXPECT_EQ(rocks->assign('r', "beta"), 2);
    EXPECT_EQ(rocks->assign('t', "alpha"), 1);
  }
  const auto rocks = open(settings(temp.path()));
  EXPECT_EQ(rocks->assign('r', "gamma"), 3);
  EXPECT_EQ(rocks->assign('r', "beta"), 2);
  const std::vector<std::pair<std::string, uint16_t>> expected = {
      {"alpha", 1}, {"beta", 2}, {"gamma", 3}};
  EXPECT_EQ(rocks->names('r'), expected);
}

TEST(RocksNames, AreRefusedWhenAllAreSpent) {
  TempFolder temp;
  const auto rocks = open(settings(temp.path()));
  put(*rocks, Table::meta, name_key('r', "last"), stored_number(uint16_t{0xffff}));
  EXPECT_EQ(rocks->assign('r', "one more"), std::nullopt);
  EXPECT_EQ(rocks->assign('r', "last"), 0xffff);
}

TEST(RocksTails, FollowTheLastBatchOrTheProgress) {
  TempFolder temp;
  const auto rocks = open(settings(temp.path()));
  const LaneId lane{RouteId{1}, Class::otp}, next{RouteId{1}, Class::crisis};
  EXPECT_EQ(rocks->lane_tail(lane), 0u);
  put(*rocks, Table::lanes, lane_key(lane, 7), batch_of(300));
  put(*rocks, Table::lanes, lane_key(next, 5000), batch_of(1));
  EXPECT_EQ(rocks->lane_tail(lane), 307u);
  put(*rocks, Table::meta, checkpoint_key(lane), encode(Checkpoint{400, 410, {}}));
  EXPECT_EQ(rocks->lane_tail(lane), 400u);
  EXPECT_EQ(rocks->lane_tail(next), 5001u);

  const UpstreamId upstream{3};
  EXPECT_EQ(rocks->event_tail(upstream), 1u);
  put(*rocks, Table::meta, upstream_key(upstream), stored_number(uint64_t{41}));
  EXPECT_EQ(rocks->event_tail(upstream), 42u);
  put(*rocks, Table::events, events_key(upstream, 60), batch_of(2));
  EXPECT_EQ(rocks->event_tail(upstream), 62u);
}

TEST(RocksScan, KeepsToItsBounds) {
  TempFolder temp;
  const auto rocks = open(settings(temp.path()));
  for (const char* key : {"a", "b", "c", "d"}) put(*rocks, Table::facts, key, key);
  std::string seen;
  rocks->scan(Table::facts, "b", "d", [&](std::string_view key, std::string_view) {
    seen += key;
    return true;
  });
  EXPECT_EQ(seen, "bc");
  rocks->scan(Table::facts, "c", "", [&](std::string_view key, std::string_view) {
    seen += key;
    return key != "c";
  });
  EXPECT_EQ(seen, "bcc");
  EXPECT_GT(rocks->disk_bytes(), 0u);
}

}  // namespace
}  // namespace tact::gateway
