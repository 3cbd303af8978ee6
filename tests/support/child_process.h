#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <vector>

namespace mimir::test {

/// This test program once more, with other arguments: for what ends, limits or kills a process. Its stdout is a
/// pipe. Killed and waited for by the destructor.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& arguments) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    std::vector<const char*> words = {"test-child"};
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    words.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execv("/proc/self/exe", const_cast<char* const*>(words.data()));
      ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ends[0];
  }
  ~ChildProcess() {
    kill();
    if (out_ >= 0) ::close(out_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Blocks until `size` bytes came or the child has closed its stdout; the number of bytes.
  std::size_t read(void* data, std::size_t size) {
    std::size_t filled = 0;
    while (filled < size) {
      const ssize_t got = ::read(out_, static_cast<char*>(data) + filled, size - filled);
      if (got <= 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }
  std::string read_all() {
    std::string text;
    for (char c; read(&c, 1) == 1;) text += c;
    return text;
  }
  void kill() {
    if (pid_ > 0 && !ended_) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }
  /// Exit status, or -signal.
  int wait() {
    int status = 0;
    if (!ended_) ::waitpid(pid_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  long pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  bool ended_ = false;
};

}  // namespace mimir::test
