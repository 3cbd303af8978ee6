#include "core/tensor/arrays.h"

#include <torch/torch.h>

#include <cstring>

namespace mimir {
namespace {

at::ScalarType scalar_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::boolean: return at::kBool;
    case Dtype::u8: return at::kByte;
    case Dtype::i8: return at::kChar;
    case Dtype::i16: return at::kShort;
    case Dtype::i32: return at::kInt;
    case Dtype::i64: return at::kLong;
    case Dtype::f16: return at::kHalf;
    case Dtype::bf16: return at::kBFloat16;
    case Dtype::f32: return at::kFloat;
    case Dtype::f64: return at::kDouble;
  }
  return at::kFloat;
}

Dtype dtype_of(at::ScalarType type) {
  switch (type) {
    case at::kBool: return Dtype::boolean;
    case at::kByte: return Dtype::u8;
    case at::kChar: return Dtype::i8;
    case at::kShort: return Dtype::i16;
    case at::kInt: return Dtype::i32;
    case at::kLong: return Dtype::i64;
    case at::kHalf: return Dtype::f16;
    case at::kBFloat16: return Dtype::bf16;
    case at::kFloat: return Dtype::f32;
    case at::kDouble: return Dtype::f64;
    default: TORCH_CHECK(false, "tensors of type ", type, " cannot be stored");
  }
}

std::vector<std::int64_t> rows_of(std::span<const std::int64_t> ids, at::IntArrayRef shape) {
  std::vector<std::int64_t> sizes{static_cast<std::int64_t>(ids.size())};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return sizes;
}

}  // namespace

at::Tensor to_tensor(const Array& array) {
  at::Tensor tensor = at::empty(array.shape, at::TensorOptions().dtype(scalar_type(array.dtype)));
  std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

Array to_array(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kCPU).contiguous();
  const auto* begin = static_cast<const std::byte*>(flat.data_ptr());
  return {dtype_of(flat.scalar_type()), flat.sizes().vec(), {begin, begin + flat.nbytes()}};
}

at::Tensor draw_uniform(const Draws& draws, const DrawKey& key, std::span<const std::int64_t> ids, at::IntArrayRef shape) {
  at::Tensor out = at::empty(rows_of(ids, shape), at::kFloat);
  draws.uniform(key, ids, {out.data_ptr<float>(), static_cast<std::size_t>(out.numel())});
  return out;
}

at::Tensor draw_normal(const Draws& draws, const DrawKey& key, std::span<const std::int64_t> ids, at::IntArrayRef shape) {
  at::Tensor out = at::empty(rows_of(ids, shape), at::kFloat);
  draws.normal(key, ids, {out.data_ptr<float>(), static_cast<std::size_t>(out.numel())});
  return out;
}

}  // namespace mimir
