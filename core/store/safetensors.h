#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace mimir {

enum class Dtype { boolean, u8, i8, i16, i32, i64, f16, bf16, f32, f64 };
std::size_t dtype_size(Dtype dtype);

/// A dense row-major array as it stands in a file. No libtorch: the window reads these too.
struct Array {
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape;  ///< [] is a scalar
  std::vector<std::byte> bytes;     ///< elements() * dtype_size(dtype), little-endian

  std::int64_t elements() const;
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  template <typename T>
  static Array of(Dtype dtype, std::vector<std::int64_t> shape, std::span<const T> values) {
    const auto raw = std::as_bytes(values);
    return {dtype, std::move(shape), {raw.begin(), raw.end()}};
  }
};

/// A safetensors document: named arrays and a map of strings.
struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Array> arrays;

  const Array* find(const std::string& name) const;
};

/// Reads a document. Every length, offset and shape of the header is checked against the bytes at hand before
/// anything is allocated; `origin` names the file in messages. `input` error if it is not well formed.
Expected<Safetensors> parse_safetensors(std::span<const std::byte> bytes, const std::string& origin);
Expected<Safetensors> read_safetensors(const std::filesystem::path& path);

std::vector<std::byte> serialise_safetensors(const Safetensors& document);
Expected<void> write_safetensors(const std::filesystem::path& path, const Safetensors& document);

}  // namespace mimir
