#pragma once

#include <unistd.h>

#include <string>
#include <utility>

namespace mimir {

/// Owns a file descriptor (file, folder, socket) and closes it on every way out.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

/// Why a write failed, as the end of a sentence: "the disk is full". `error` is an errno.
std::string storage_reason(int error);

/// write(2) until all is out; 0 or the errno.
int write_all(int fd, const void* data, std::size_t size);

}  // namespace mimir
