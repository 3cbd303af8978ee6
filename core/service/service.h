#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/registry.h"
#include "core/base/stop_token.h"
#include "core/service/settings.h"
#include "core/service/warm.h"
#include "core/store/worker_protocol.h"

namespace mimir {

/// What a request found out: numbers and arrays, as docs/WORKER.md lists them for each kind.
struct Findings {
  nlohmann::json result = nlohmann::json::object();
  std::map<std::string, at::Tensor> tensors = {};
};

/// Whom one request answers to while it is computed.
struct Job {
  StopToken stop = {};
  std::function<void(std::int64_t done, std::int64_t total, const std::string& word)> progress = {};
  std::function<void(const Findings&)> better = {};

  void tell(std::int64_t done, std::int64_t total, const char* word) const {
    if (progress) progress(done, total, word);
  }
};

/// One kind of request; its parameters are its options, on the command line and in a frame.
struct ServiceEntry {
  EntryInfo info;
  /// May throw: what it throws becomes the error of the answer.
  std::function<Expected<Findings>(Warm&, const Settings&, const NamedArrays&, const Job&)> run;
};
Registry<ServiceEntry>& services();

/// Answers requests one after the other, with what stays in memory between them. One thread.
class Service {
 public:
  Service(Compute compute, std::filesystem::path workspace) : warm_(std::move(compute), std::move(workspace)) {}

  /// The ending part; the others go to `tell` (any number, in this thread). Never throws.
  WorkerAnswer answer(const WorkerRequest& request, StopToken stop, const std::function<void(const WorkerAnswer&)>& tell);

 private:
  Warm warm_;
};

}  // namespace mimir
