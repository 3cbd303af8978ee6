#include "core/selftest/fixture.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/tensor/arrays.h"

namespace mimir::selftest {
namespace {

constexpr double kDoubleFloor = 2e-15;

/// Largest |a - b| / (atol + rtol |b|); infinite where a is not finite and b is.
double worst_share(const at::Tensor& a, const at::Tensor& b, double atol, double rtol) {
  if (b.numel() == 0) return 0;
  at::Tensor share = (a - b).abs() / (atol + rtol * b.abs());
  share = at::where(a.eq(b), at::zeros_like(share), share);
  share = at::where(a.isnan() & b.isnan(), at::zeros_like(share), share);
  share = at::nan_to_num(share, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity());
  return share.max().item<double>();
}

/// The share left when the worst `fraction` of the elements are set aside, each of which may break its limit by
/// at most `atol_mismatch` (unlimited if negative).
double worst_share_but(const at::Tensor& a, const at::Tensor& b, double atol, double rtol, double fraction, double atol_mismatch) {
  if (b.numel() == 0) return 0;
  at::Tensor difference = (a - b).abs().flatten();
  at::Tensor share = difference / (atol + rtol * b.abs().flatten());
  share = at::nan_to_num(at::where(difference.eq(0), at::zeros_like(share), share), std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::infinity());
  const auto allowed = static_cast<std::int64_t>(std::floor(fraction * static_cast<double>(share.numel())));
  const at::Tensor sorted = std::get<0>(share.sort(/*dim=*/0, /*descending=*/true));
  double worst = allowed >= share.numel() ? 0 : sorted[allowed].item<double>();
  if (atol_mismatch >= 0) worst = std::max(worst, difference.max().item<double>() / std::max(atol_mismatch, 1e-300));
  return worst;
}

}  // namespace

Expected<Fixture> Fixture::read(const std::filesystem::path& path, const std::string& device) {
  auto document = read_safetensors(path);
  if (!document) return pass_on(document);
  Fixture fixture;
  fixture.path = path;
  fixture.device = device;
  fixture.kind = document->metadata["fixture"];
  fixture.config = nlohmann::json::parse(document->metadata["config"], nullptr, false);
  fixture.tolerances_ = nlohmann::json::parse(document->metadata["tolerance"], nullptr, false);
  if (fixture.config.is_discarded() || fixture.tolerances_.is_discarded()) {
    return fail(ErrorCode::input, "{} has no readable config or tolerance", path.string());
  }
  fixture.document_ = std::move(*document);
  return fixture;
}

at::Tensor Fixture::tensor(const std::string& name) const {
  const Array* array = document_.find(name);
  if (!array) throw std::runtime_error("there is no tensor " + name);
  return to_tensor(*array).to(at::Device(device));
}

std::vector<std::string> Fixture::names(const std::string& prefix) const {
  std::vector<std::string> names;
  for (const auto& [name, array] : document_.arrays) {
    if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
  }
  return names;
}

Fixture Fixture::sibling(const std::string& file_name) const {
  auto other = read(path.parent_path() / file_name, device);
  if (!other) throw ErrorException(std::move(other.error()));
  return std::move(*other);
}

const nlohmann::json& Fixture::tolerance(const std::string& name) const {
  static const nlohmann::json exact = nlohmann::json::object();
  const auto found = tolerances_.find(name);
  return found == tolerances_.end() ? exact : *found;
}

void Comparison::check(const std::string& name, const at::Tensor& actual_any) {
  seen_.insert(name);
  const nlohmann::json& rule = fixture_.tolerance(name);
  if (rule.contains("skip")) return;
  const at::Tensor stored = fixture_.tensor(name);
  if (stored.sizes() != actual_any.sizes()) {
    results_.push_back({name + " (shape)", std::numeric_limits<double>::infinity()});
    return;
  }
  const at::Tensor a = actual_any.detach().to(at::kDouble);
  const at::Tensor b = stored.to(at::kDouble);
  double share = 0;
  if (rule.contains("max_different")) {
    const double different = a.ne(b).sum().item<double>();
    const double allowed = rule["max_different"].get<double>();
    share = different == 0 ? 0 : allowed == 0 ? std::numeric_limits<double>::infinity() : different / allowed;
  } else {
    double atol = rule.value("atol", 0.0);
    double rtol = rule.value("rtol", 0.0);
    if (actual_any.scalar_type() == at::kDouble && (rule.contains("double_atol") || rule.contains("double_rtol"))) {
      // A few roundings of numbers of order one, which a result that cancels (KL of nearly equal logits) keeps.
      atol = std::max(rule.value("double_atol", 0.0), kDoubleFloor);
      rtol = rule.value("double_rtol", 0.0);
    }
    if (rule.contains("max_mismatch_fraction")) {
      share = worst_share_but(a, b, atol, rtol, rule["max_mismatch_fraction"].get<double>(), rule.value("atol_mismatch", -1.0));
    } else {
      share = worst_share(a, b, atol, rtol);
    }
  }
  results_.push_back({name, share});
}

void Comparison::require(const std::string& name, bool holds) {
  seen_.insert(name);
  results_.push_back({name, holds ? 0.0 : std::numeric_limits<double>::infinity()});
}

std::vector<std::string> Comparison::unchecked() const {
  std::vector<std::string> left;
  for (const char* prefix : {"out.", "grad.", "final.", "checksum."}) {
    for (const std::string& rest : fixture_.names(prefix)) {
      if (!seen_.contains(prefix + rest)) left.push_back(prefix + rest);
    }
  }
  return left;
}

double Comparison::worst() const {
  double worst = 0;
  for (const Result& result : results_) worst = std::max(worst, result.share);
  return worst;
}

}  // namespace mimir::selftest
