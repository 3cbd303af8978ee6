#include "core/store/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/store/files.h"

namespace mimir {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

struct DtypeRow {
  const char* name;
  std::size_t size;
};
/// In the order of Dtype.
constexpr std::array<DtypeRow, 10> kDtypes = {{{"BOOL", 1}, {"U8", 1}, {"I8", 1}, {"I16", 2}, {"I32", 4},
                                               {"I64", 8}, {"F16", 2}, {"BF16", 2}, {"F32", 4}, {"F64", 8}}};
constexpr std::size_t kLargestHeader = 100'000'000;

std::optional<Dtype> dtype_of(const std::string& name) {
  for (std::size_t i = 0; i < kDtypes.size(); ++i) {
    if (name == kDtypes[i].name) return static_cast<Dtype>(i);
  }
  return std::nullopt;
}

struct Entry {
  std::string name;
  Array array;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The size in bytes, or nothing if it overflows or a dimension is negative.
std::optional<std::size_t> byte_size(const std::vector<std::int64_t>& shape, Dtype dtype) {
  std::size_t size = dtype_size(dtype);
  for (const std::int64_t dim : shape) {
    if (dim < 0) return std::nullopt;
    if (dim != 0 && size > std::numeric_limits<std::size_t>::max() / 2 / static_cast<std::size_t>(dim)) return std::nullopt;
    size *= static_cast<std::size_t>(dim);
  }
  return size;
}

Expected<Entry> read_entry(const std::string& name, const nlohmann::json& json, std::size_t data_size, const std::string& origin) {
  const auto bad = [&](const char* what) { return fail(ErrorCode::input, "{} is damaged: {} of \"{}\" cannot be right", origin, what, name); };
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") || !json.contains("data_offsets")) {
    return bad("the header entry");
  }
  const auto& dtype_name = json["dtype"];
  if (!dtype_name.is_string()) return bad("the data type");
  const auto dtype = dtype_of(dtype_name.get<std::string>());
  if (!dtype) {
    return fail(ErrorCode::input, "{}: the data type {} of \"{}\" is not supported", origin, dtype_name.get<std::string>(), name);
  }
  Entry entry{name, {*dtype, {}, {}}, 0, 0};
  if (!json["shape"].is_array()) return bad("the shape");
  for (const auto& dim : json["shape"]) {
    if (!dim.is_number_integer() || (dim.is_number_unsigned() && dim.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())) {
      return bad("the shape");
    }
    entry.array.shape.push_back(dim.get<std::int64_t>());
  }
  const auto& offsets = json["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
    return bad("the offsets");
  }
  const auto begin = offsets[0].get<std::uint64_t>();
  const auto end = offsets[1].get<std::uint64_t>();
  const auto size = byte_size(entry.array.shape, *dtype);
  if (begin <= end && end > data_size) return fail(ErrorCode::input, "{} is damaged: it ends before \"{}\" is complete", origin, name);
  if (begin > end || !size || *size != end - begin) return bad("the size");
  entry.begin = begin;
  entry.end = end;
  return entry;
}

}  // namespace

std::size_t dtype_size(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].size; }

std::int64_t Array::elements() const { return static_cast<std::int64_t>(bytes.size() / dtype_size(dtype)); }

const Array* Safetensors::find(const std::string& name) const {
  const auto found = arrays.find(name);
  return found == arrays.end() ? nullptr : &found->second;
}

Expected<Safetensors> parse_safetensors(std::span<const std::byte> bytes, const std::string& origin) {
  std::uint64_t header_size = 0;
  if (bytes.size() < 8) return fail(ErrorCode::input, "{} is too short to be a safetensors file", origin);
  std::memcpy(&header_size, bytes.data(), 8);
  if (header_size > kLargestHeader || header_size > bytes.size() - 8) {
    return fail(ErrorCode::input, "{} is not a whole safetensors file: its header says {} bytes", origin, header_size);
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data() + 8);
  const auto header = nlohmann::json::parse(text, text + header_size, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return fail(ErrorCode::input, "{} is not a safetensors file: its header is not JSON", origin);

  const std::span<const std::byte> data = bytes.subspan(8 + header_size);
  Safetensors document;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name == "__metadata__") {
      if (!json.is_object()) return fail(ErrorCode::input, "{} is damaged: its metadata is no object", origin);
      for (const auto& [key, value] : json.items()) {
        if (!value.is_string()) return fail(ErrorCode::input, "{} is damaged: its metadata \"{}\" is not a text", origin, key);
        document.metadata[key] = value.get<std::string>();
      }
      continue;
    }
    auto entry = read_entry(name, json, data.size(), origin);
    if (!entry) return pass_on(entry);
    entries.push_back(std::move(*entry));
  }
  // The format allows neither holes nor overlaps, so nothing is ever copied twice.
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  std::size_t expected = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != expected) return fail(ErrorCode::input, "{} is damaged: the arrays do not follow one another", origin);
    expected = entry.end;
  }
  if (expected != data.size()) return fail(ErrorCode::input, "{} is damaged: {} bytes belong to no array", origin, data.size() - expected);

  for (Entry& entry : entries) {
    const auto raw = data.subspan(entry.begin, entry.end - entry.begin);
    entry.array.bytes.assign(raw.begin(), raw.end());
    document.arrays.emplace(std::move(entry.name), std::move(entry.array));
  }
  return document;
}

Expected<Safetensors> read_safetensors(const std::filesystem::path& path) {
  auto bytes = read_file(path);
  if (!bytes) return pass_on(bytes);
  return parse_safetensors(*bytes, path.string());
}

std::vector<std::byte> serialise_safetensors(const Safetensors& document) {
  nlohmann::json header = nlohmann::json::object();
  if (!document.metadata.empty()) header["__metadata__"] = document.metadata;
  std::size_t offset = 0;
  for (const auto& [name, array] : document.arrays) {
    header[name] = {{"dtype", kDtypes[static_cast<std::size_t>(array.dtype)].name},
                    {"shape", array.shape},
                    {"data_offsets", {offset, offset + array.bytes.size()}}};
    offset += array.bytes.size();
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');  // the data begin at a multiple of 8
  const std::uint64_t header_size = text.size();

  std::vector<std::byte> bytes(8 + text.size() + offset);
  std::memcpy(bytes.data(), &header_size, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::byte* out = bytes.data() + 8 + text.size();
  for (const auto& [name, array] : document.arrays) out = std::copy(array.bytes.begin(), array.bytes.end(), out);
  return bytes;
}

Expected<void> write_safetensors(const std::filesystem::path& path, const Safetensors& document) {
  return write_file(path, serialise_safetensors(document));
}

}  // namespace mimir
