// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tact::e2e {

namespace {
int open_output(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot open " + path);
  return file;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}
}  // namespace

bool wait_until(Millis limit, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(Millis(10));
  }
  return true;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_file(const std::string& path, const std::string& content, bool secret) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  if (secret) chmod(path.c_str(), 0600);
}

Process::Process(const std::string& program, const std::vector<std::string>& arguments,
                 const std::string& out, const std::string& err,
                 const std::vector<std::string>& environment) {
  // Everything is laid out before the fork: the child of a threaded process may not allocate.
  const std::string path = program.starts_with('/') ? program : TACT_BIN_DIR "/" + program;
  std::vector<std::string> words{path}, settings;
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (char** entry = environ; *entry != nullptr; ++entry) settings.emplace_back(*entry);
  settings.insert(settings.end(), environment.begin(), environment.end());
  const auto argv = pointers(words);
  const auto envp = pointers(settings);
  const int out_file = open_output(out), err_file = open_output(err);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(out_file, STDOUT_FILENO);
    dup2(err_file, STDERR_FILENO);
    execve(path.c_str(), argv.data(), envp.data());
    _exit(127);
  }
  close(out_file);
  close(err_file);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
}

Process::~Process() {
  if (!running()) return;
  signal(SIGKILL);
  wait(Millis(10'000));
}

void Process::signal(int number) {
  if (running()) kill(pid_, number);
}

std::optional<int> Process::wait(Millis limit) {
  wait_until(limit, [&] {
    int status = 0;
    if (!code_ && waitpid(pid_, &status, WNOHANG) == pid_) {
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return code_.has_value();
  });
  return code_;
}

Finished run(const std::string& folder, const std::string& program,
             const std::vector<std::string>& arguments, Millis limit,
             const std::vector<std::string>& environment) {
  static std::atomic<int> runs{0};
  const std::string base = folder + "/run-" + std::to_string(++runs);
  Finished finished;
  {
    Process process(program, arguments, base + ".out", base + ".err", environment);
    finished.code = process.wait(limit).value_or(-1);
  }
  finished.out = read_file(base + ".out");
  finished.err = read_file(base + ".err");
  return finished;
}

}  // namespace tact::e2e
