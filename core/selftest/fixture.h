#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/store/safetensors.h"

namespace mimir::selftest {

/// A file of reference numbers: inputs, weights and results of the published code, with the tolerance of each
/// result. Every shape and hyper-parameter comes from the file.
class Fixture {
 public:
  static Expected<Fixture> read(const std::filesystem::path& path, const std::string& device);

  std::string kind;
  std::filesystem::path path;
  nlohmann::json config;
  std::string device = "cpu";

  bool has(const std::string& name) const { return document_.find(name) != nullptr; }
  /// On the device, as stored. Throws if there is none of that name.
  at::Tensor tensor(const std::string& name) const;
  /// Names that begin with `prefix`, with the prefix cut off, sorted.
  std::vector<std::string> names(const std::string& prefix) const;
  /// Another fixture of the same folder (the toy model of the attacks). Throws if it is missing.
  Fixture sibling(const std::string& file_name) const;
  const nlohmann::json& tolerance(const std::string& name) const;

 private:
  Safetensors document_;
  nlohmann::json tolerances_;
};

/// Collects how far results are from a fixture, each as a share of its tolerance (1 = just allowed).
class Comparison {
 public:
  explicit Comparison(const Fixture& fixture) : fixture_(fixture) {}

  /// `actual` against the stored tensor `name`, by the rule the file gives; may be called again for the same name.
  /// A double `actual` takes the double_* limits where they are given.
  void check(const std::string& name, const at::Tensor& actual);
  /// A result that must hold exactly (shapes, orders, names); `holds` false is an error of any tolerance.
  void require(const std::string& name, bool holds);
  /// Every "out." and "grad." tensor that no check has looked at.
  std::vector<std::string> unchecked() const;

  struct Result {
    std::string name;
    double share = 0;  ///< largest error over its tolerance; infinite where a value is not finite
  };
  const std::vector<Result>& results() const { return results_; }
  double worst() const;

 private:
  const Fixture& fixture_;
  std::vector<Result> results_;
  std::set<std::string> seen_;
};

}  // namespace mimir::selftest
