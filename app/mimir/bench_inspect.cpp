#include "app/mimir/bench_inspect.h"

#include <sys/resource.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "app/mimir/device.h"
#include "app/mimir/output.h"
#include "core/base/text.h"
#include "core/models/masked_autoencoder.h"
#include "core/models/model_options.h"
#include "core/service/architecture.h"
#include "core/service/service.h"
#include "core/tensor/arrays.h"
#include "core/training/stopwatch.h"

namespace mimir {
namespace {

constexpr int kRepeats = 5;   ///< after one that is not counted
constexpr int kCancels = 20;

/// A file of random weights and a picture of its size, removed at the end.
class RandomModel {
 public:
  RandomModel(const std::filesystem::path& folder, std::string architecture) : architecture_(std::move(architecture)), path_(folder / (architecture_ + ".safetensors")) {}

  Expected<void> write() {
    auto parsed = parse_architecture(architecture_);
    if (!parsed) return pass_on(parsed);
    auto options = resolve_model(parsed->model, /*num_classes=*/10);
    if (!options) return pass_on(options);
    Safetensors document;
    const auto keep = [&](const torch::nn::Module& model) {
      for (const auto& parameter : model.named_parameters()) document.arrays.emplace(parameter.key(), to_array(parameter.value()));
    };
    if (parsed->family == Architecture::Family::autoencoder) {
      MaskedAutoencoder model(*options);
      initialise_masked_autoencoder(*model, 0);
      keep(*model);
    } else {
      VitClassifier model(*options);
      initialise_classifier(*model, 0);
      keep(*model);
    }
    image_ = to_array(at::rand({3, options->img_size, options->img_size}, at::detail::createCPUGenerator(0)));
    return write_safetensors(path_, document);
  }

  WorkerRequest request(const std::string& kind, nlohmann::json options = nlohmann::json::object()) const {
    options["run"] = path_.string();
    options["model"] = architecture_;
    return {.id = 1, .kind = kind, .options = std::move(options), .arrays = {{"image", image_}}};
  }

 private:
  std::string architecture_;
  std::filesystem::path path_;
  Array image_;
};

/// Median seconds of an answer, once the model is in memory.
Expected<double> seconds_of(Service& service, const WorkerRequest& request) {
  std::vector<double> times;
  for (int i = 0; i <= kRepeats; ++i) {
    Stopwatch watch;
    const WorkerAnswer answer = service.answer(request, {}, [](const WorkerAnswer&) {});
    if (answer.part != AnswerPart::final) return fail(ErrorCode::defect, "{}: {}", request.kind, answer.message);
    if (i > 0) times.push_back(watch.lap());
  }
  std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
  return times[kRepeats / 2];
}

/// The longest time in seconds from a cancel, at moments spread over the work, to the end of the answer. An error where an
/// answer does not end as cancelled: then nothing was measured.
Expected<double> slowest_cancel(Service& service, const WorkerRequest& request, double whole) {
  double slowest = 0;
  for (int i = 0; i < kCancels; ++i) {
    StopSource stop;
    std::chrono::steady_clock::time_point asked;
    std::thread asker([&] {
      std::this_thread::sleep_for(std::chrono::duration<double>(whole * (i + 0.5) / kCancels));
      asked = std::chrono::steady_clock::now();
      stop.request(Stop::now);
    });
    const WorkerAnswer answer = service.answer(request, StopToken(stop), [](const WorkerAnswer&) {});
    const auto ended = std::chrono::steady_clock::now();
    asker.join();
    if (answer.part != AnswerPart::cancelled) return fail(ErrorCode::defect, "a cancelled {} ended as {}", request.kind, answer_part_name(answer.part));
    slowest = std::max(slowest, std::chrono::duration<double>(ended - asked).count());
  }
  return slowest;
}

Expected<nlohmann::json> measure(const Compute& compute, const std::filesystem::path& folder) {
  Service service(compute, folder);
  nlohmann::json figures = nlohmann::json::object();
  const auto time = [&](const char* name, const WorkerRequest& request) -> Expected<void> {
    auto seconds = seconds_of(service, request);
    if (!seconds) return pass_on(seconds);
    figures[name] = *seconds * 1000;
    return {};
  };
  RandomModel tiny(folder, "vit_ti,img_size=32,patch_size=4,num_classes=10"), autoencoder(folder, "mae_vit_ti,img_size=32,patch_size=4"),
      base(folder, "vit_base,img_size=224,patch_size=16,num_classes=1000");
  for (RandomModel* model : {&tiny, &autoencoder, &base}) {
    if (auto written = model->write(); !written) return pass_on(written);
  }
  if (auto done = time("tiny_attend_ms", tiny.request("attend")); !done) return pass_on(done);
  if (auto done = time("tiny_path_20_ms", tiny.request("attack", {{"attack", "pgd-20"}})); !done) return pass_on(done);
  if (auto done = time("tiny_reconstruct_ms", autoencoder.request("reconstruct")); !done) return pass_on(done);
  if (auto done = time("base_attend_ms", base.request("attend")); !done) return pass_on(done);
  auto cancel = slowest_cancel(service, base.request("attend", {{"attack", "pgd-10"}}), 1.5e-3 * figures["base_attend_ms"].get<double>());
  if (!cancel) return pass_on(cancel);
  figures["base_cancel_ms"] = *cancel * 1000;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  figures["peak_memory_mb"] = static_cast<double>(usage.ru_maxrss) / 1024;
  return figures;
}

}  // namespace

Expected<int> bench_inspect(const Options& options) {
  auto compute = compute_of(options);
  if (!compute) return pass_on(compute);
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("mimir-bench-inspect-{}", ::getpid());
  std::filesystem::create_directories(folder);
  auto figures = measure(*compute, folder);
  std::filesystem::remove_all(folder);
  if (!figures) return pass_on(figures);
  if (options.json) {
    print_json(*figures);
    return 0;
  }
  const auto line = [&](const char* name, const char* words) { fmt::print("{:<44} {:8.1f}\n", words, (*figures)[name].get<double>()); };
  line("tiny_attend_ms", "ViT-tiny, 32 px: attention of all layers, ms");
  line("tiny_path_20_ms", "ViT-tiny: path of 20 PGD steps, ms");
  line("tiny_reconstruct_ms", "ViT-tiny: reconstruction, ms");
  line("base_attend_ms", "ViT-base, 224 px: attention of all layers, ms");
  line("base_cancel_ms", "ViT-base: slowest of 20 cancels, ms");
  line("peak_memory_mb", "largest memory of the process, MB");
  return 0;
}

}  // namespace mimir
