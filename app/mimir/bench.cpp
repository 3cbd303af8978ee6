#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "app/mimir/bench_inspect.h"
#include "app/mimir/bench_recipe.h"
#include "app/mimir/command.h"
#include "app/mimir/device.h"
#include "app/mimir/gemm_rate.h"
#include "app/mimir/output.h"
#include "core/base/text.h"
#include "core/data/dataset.h"
#include "core/models/model_options.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "core/training/finetune_step.h"
#include "core/training/gradients.h"
#include "core/training/optimizer.h"
#include "core/training/pretrain_step.h"
#include "core/training/probe.h"
#include "core/training/stopwatch.h"

namespace mimir {
namespace {

constexpr double kSeconds = 20;        ///< of measured steps
constexpr double kRoundSeconds = 4;    ///< of steps between two measurements of the matrix product
constexpr int kGemmSize = 2048;
constexpr int kGpuGemmSize = 8192;     ///< enough to fill one
constexpr double kCifarSteps = 50000.0 / 128;  ///< an epoch, after which a run probes
constexpr int kPointsPerStep = 14;     ///< what pre-training records

struct Arguments {
  std::int64_t batch = 128;
  int shards = 0;  ///< 0: as many as threads
  std::string mkl = "auto";
  int size = kGemmSize;
};

struct Measured {
  std::vector<double> step_seconds;
  PartSeconds parts;         ///< sums over the steps whose parts were timed
  double optimiser = 0;      ///< of these steps, and so is
  double timed_seconds = 0;  ///< what they took in all
  double probe_seconds = 0;  ///< of one probe
};

/// A benchmark keeps all threads busy.
Expected<Compute> bench_compute(const Options& options) {
  auto compute = compute_of(options);
  if (compute && compute->device.is_cpu()) compute->shards = compute->threads;
  return compute;
}

/// How long to repeat a step, and what to do before the first one, after each round and at the end.
struct Rounds {
  double seconds = kSeconds;
  std::function<void()> between = [] {};
};

/// Repeats `compute` and an update until the time is used; the first step is not counted.
template <typename Step>
Measured repeat(const Compute& compute, const Split& data, std::int64_t batch_size, AdamW& optimizer, const Rounds& rounds, Step&& step) {
  const AugmentationEntry* augmentation = augmentations().find("crop-flip");
  const PhiloxDraws draws(0);
  const at::Tensor skip = at::zeros({1}, at::TensorOptions().dtype(at::kFloat).device(compute.device));
  const auto all = data.ids();
  Measured measured;
  double spent = 0, round = 0;
  rounds.between();
  for (std::uint32_t i = 0; spent < rounds.seconds || i < 5; ++i) {
    std::vector<std::int64_t> ids;
    for (std::int64_t k = 0; k < batch_size; ++k) ids.push_back(all[static_cast<std::size_t>((i * batch_size + k) % static_cast<std::int64_t>(all.size()))]);
    Stopwatch whole;
    TrainBatch batch;
    batch.ids = ids;
    batch.draw_step = i;
    // Timing a GPU's parts makes it wait between them: every fourth step is for the parts, the others for the rate.
    const bool parts = compute.device.is_cpu() || i % 4 == 0, rate = compute.device.is_cpu() || !parts;
    if (parts) batch.timed = compute.device;
    batch.images = [&](std::span<const std::int64_t> part) { return data.train_batch(part, *augmentation, draws, i).to(compute.device); };
    batch.labels = [&](std::span<const std::int64_t> part) { return data.labels(part).to(compute.device); };
    const BatchGradients result = step(batch);
    Stopwatch update(batch.timed);
    const at::Tensor norm = gradient_norm(result.gradients);
    optimizer.step(1e-4, result.gradients, skip);
    const double loss = (result.loss + 0 * norm).to(at::kDouble).item<double>();
    TORCH_CHECK(std::isfinite(loss), "the loss of the benchmark is not finite");
    const double of_update = update.lap(), of_step = whole.lap();
    if (i == 0) continue;
    spent += of_step;
    round += of_step;
    if (round >= kRoundSeconds || spent >= rounds.seconds) {
      rounds.between();
      round = 0;
    }
    if (rate) measured.step_seconds.push_back(of_step);
    if (!parts) continue;
    measured.timed_seconds += of_step;
    measured.optimiser += of_update;
    measured.parts.data += result.seconds.data;
    measured.parts.attack += result.seconds.attack;
    measured.parts.forward += result.seconds.forward;
    measured.parts.information += result.seconds.information;
    measured.parts.backward += result.seconds.backward;
  }
  return measured;
}

/// ViT-tiny, patch 4, 32 x 32, as MIMIR pre-trains it on small images, on drawn pictures.
Expected<Measured> measure_pretrain(const Compute& compute, const Split& data, std::int64_t batch_size, const Rounds& rounds) {
  auto options = resolve_model({}, static_cast<std::int64_t>(data.classes().size()));
  if (!options) return pass_on(options);
  MaskedAutoencoder model(*options);
  initialise_masked_autoencoder(*model, 0);
  model->to(compute.device);
  AdamW optimizer(weight_decay_groups(*model, 0.05), 0.9, 0.95);
  ShardPool pool(compute.threads);
  const PhiloxDraws draws(0);
  const PretrainRecipe recipe;
  auto rule = PretrainStep::make(recipe, model, optimizer.parameters(), draws, pool, compute.shards, {.bf16 = compute.bf16});
  if (!rule) return pass_on(rule);
  Measured measured = repeat(compute, data, batch_size, optimizer, rounds, [&](const TrainBatch& batch) { return rule->compute(batch); });

  const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("mimir-bench-{}", ::getpid());
  std::filesystem::create_directories(folder);
  Observer nobody;
  const Probe probe(recipe, data, draws, compute.device);
  Stopwatch watch;
  auto looked = probe.run(model, *rule, 0, RunFolder(folder), nobody);
  measured.probe_seconds = watch.lap();
  std::filesystem::remove_all(folder);
  if (!looked) return pass_on(looked);
  return measured;
}

Expected<Measured> measure_finetune(const Compute& compute, const Split& data, std::int64_t batch_size, const Rounds& rounds) {
  auto options = resolve_model({}, static_cast<std::int64_t>(data.classes().size()));
  if (!options) return pass_on(options);
  VitClassifier model(*options);
  initialise_classifier(*model, 0);
  model->to(compute.device);
  AdamW optimizer(layer_decay_groups(*model, options->depth, 0.05, 0.65), 0.9, 0.999);
  ShardPool pool(compute.threads);
  const PhiloxDraws draws(0);
  FinetuneRecipe recipe;
  recipe.attack.num_steps = 2;
  auto rule = FinetuneStep::make(recipe, model, optimizer.parameters(), draws, pool, compute.shards, {.bf16 = compute.bf16});
  if (!rule) return pass_on(rule);
  return repeat(compute, data, batch_size, optimizer, rounds, [&](const TrainBatch& batch) { return rule->compute(batch); });
}

Expected<Dataset> bench_data() { return load_dataset(DataRecipe{}, 32); }

Expected<int> bench_training(const Options& options, const Arguments& arguments, bool pretrain) {
  choose_mkl_fast_path(arguments.mkl);
  auto compute = bench_compute(options);
  if (!compute) return pass_on(compute);
  if (arguments.shards > 0) compute->shards = arguments.shards;
  auto data = bench_data();
  if (!data) return pass_on(data);
  std::vector<double> products;  // GFLOP/s, in turn with the steps: a machine that others share changes within seconds
  Rounds rounds;
  rounds.between = [&] {
    if (!compute->device.is_cpu()) products.push_back(measure_gemm(kGpuGemmSize, 1, compute->device).gflops);
    else if (const auto product = measure_gemm_elsewhere(kGemmSize, compute->threads, false)) products.push_back(product->gflops);
  };
  auto measured = pretrain ? measure_pretrain(*compute, *data->train, arguments.batch, rounds) : measure_finetune(*compute, *data->train, arguments.batch, rounds);
  if (!measured) return pass_on(measured);
  if (products.empty()) return fail(ErrorCode::defect, "the matrix product cannot be measured in a process of its own");

  const double gflops = median(products);
  const double rate = static_cast<double>(arguments.batch) / median(measured->step_seconds);
  const double total = measured->timed_seconds;
  const PartSeconds& p = measured->parts;
  const double other = std::max(0.0, total - p.data - p.attack - p.forward - p.information - p.backward - measured->optimiser);
  const std::pair<const char*, double> parts[] = {{"data", p.data}, {"attack", p.attack}, {"forward", p.forward}, {"information", p.information},
                                                  {"backward", p.backward}, {"optimiser", measured->optimiser}, {"waiting", other}};
  const double probe_share = measured->probe_seconds / (measured->probe_seconds + kCifarSteps * median(measured->step_seconds));
  nlohmann::json json = {{"precision", compute->bf16 ? "bf16" : "fp32"}, {"shards", compute->shards}, {"threads", compute->threads},
                         {"device", compute->device.str()}, {"mkl_fast_path", compute->mkl_fast_path}, {"batch_size", arguments.batch},
                         {"steps", measured->step_seconds.size()}, {"images_per_second", rate}, {"gemm_gflops", gflops}, {"ratio", rate / gflops},
                         {"parts", nlohmann::json::object()}};
  for (const auto& [name, seconds] : parts) {
    if (seconds > 0) json["parts"][name] = seconds / total;
  }
  if (pretrain) json["probe_share"] = probe_share;
  if (options.json) {
    print_json(json);
    return 0;
  }
  fmt::print("{} in {}, batch {}, {} shards on {} threads{}\n", pretrain ? "pre-training" : "fine-tuning (PGD-2)", compute->bf16 ? "bf16" : "fp32",
             arguments.batch, compute->shards, compute->threads, compute->mkl_fast_path ? ", MKL's fast path on" : "");
  fmt::print("{:.1f} images/s, median of {} steps; stock fp32 product {:.0f} GFLOP/s; ratio {:.3f}\n", rate, measured->step_seconds.size(), gflops, rate / gflops);
  for (const auto& [name, seconds] : parts) {
    if (seconds > 0) fmt::print("  {:<12} {:5.1f} %\n", name, 100 * seconds / total);
  }
  if (pretrain) fmt::print("a probe each epoch of CIFAR-10 takes {:.2f} % of the time\n", 100 * probe_share);
  return 0;
}

Expected<int> bench_data_command(const Options& options) {
  auto compute = bench_compute(options);
  if (!compute) return pass_on(compute);
  auto data = bench_data();
  if (!data) return pass_on(data);
  const AugmentationEntry* augmentation = augmentations().find("crop-flip");
  const PhiloxDraws draws(0);
  ShardPool pool(compute->threads);
  const auto ids = data->train->ids();
  Stopwatch watch;
  std::int64_t images = 0;
  double seconds = 0;
  for (std::uint32_t step = 0; seconds < 3; ++step) {
    pool.run(compute->threads, [&](int i) {
      const auto ranges = split_batch(static_cast<std::int64_t>(ids.size()), compute->threads);
      const ShardRange range = ranges[static_cast<std::size_t>(i)];
      (void)data->train->train_batch(ids.subspan(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.size())), *augmentation, draws, step);
    });
    images += static_cast<std::int64_t>(ids.size());
    seconds += watch.lap();
  }
  auto training = measure_pretrain(*compute, *data->train, 128, {.seconds = 5});
  if (!training) return pass_on(training);
  const double total = training->timed_seconds;
  const nlohmann::json json = {{"images_per_second", static_cast<double>(images) / seconds}, {"data_wait", training->parts.data / total}};
  if (options.json) print_json(json);
  else fmt::print("{:.0f} augmented images/s; a pre-training step waits {:.3f} % of its time for them\n", json["images_per_second"].get<double>(), 100 * json["data_wait"].get<double>());
  return 0;
}

Expected<int> bench_store(const Options& options) {
  auto compute = bench_compute(options);
  if (!compute) return pass_on(compute);
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("mimir-bench-store-{}", ::getpid());
  Recipe recipe;
  recipe.pretrain.emplace();
  auto run = Workspace(folder).create_run("bench", recipe, nlohmann::json::object());
  if (!run) return pass_on(run);
  auto writer = RunWriter::open(*run, {"pretrain"});
  if (!writer) return pass_on(writer);
  constexpr std::int64_t kSteps = 60'000;
  const char* names[] = {"pretrain/loss", "pretrain/reconstruction", "pretrain/information", "pretrain/information_weighted", "pretrain/grad_norm",
                         "pretrain/learning_rate", "pretrain/images_per_second", "pretrain/data_wait", "pretrain/memory", "pretrain/attack_saturation"};
  (*writer)->begin_segment("pretrain", 0, kSteps);
  const std::clock_t cpu = std::clock();
  Stopwatch watch;
  for (std::int64_t step = 0; step < kSteps; ++step) {
    for (const char* name : names) (*writer)->scalar(name, step, static_cast<double>(step));
  }
  auto flushed = (*writer)->flush();
  const double seconds = watch.lap();
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  (*writer)->end_segment(SegmentState::finished);
  auto closed = (*writer)->close();
  std::filesystem::remove_all(folder);
  if (!flushed) return pass_on(flushed);
  if (!closed) return pass_on(closed);
  const double points = static_cast<double>(kSteps) * std::size(names);

  auto data = bench_data();
  if (!data) return pass_on(data);
  auto training = measure_pretrain(*compute, *data->train, 128, {.seconds = 5});
  if (!training) return pass_on(training);
  // The processor's time for a step's points against that of the step on all threads.
  const double share = cpu_seconds / points * kPointsPerStep / (median(training->step_seconds) * compute->threads);
  if (options.json) print_json({{"points_per_second", points / seconds}, {"recording_share", share}});
  else fmt::print("{:.0f} points/s; recording takes {:.4f} % of a pre-training step\n", points / seconds, 100 * share);
  return 0;
}

Expected<int> bench_gemm(const Options& options, const Arguments& arguments) {
  choose_mkl_fast_path(arguments.mkl);
  auto compute = bench_compute(options);
  if (!compute) return pass_on(compute);
  const GemmRate rate = measure_gemm(arguments.size, compute->threads, compute->device);
  if (options.json) print_json({{"gflops", rate.gflops}, {"relative_error", rate.relative_error}, {"mkl_fast_path", mkl_fast_path_active()}});
  else fmt::print("{:.1f} GFLOP/s, relative error {:.2g}\n", rate.gflops, rate.relative_error);
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, CommandLine& line) {
  CLI::App* bench = app.add_subcommand("bench", "How fast this machine trains, reads and records, and where the time goes");
  bench->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  const auto with_mkl = [&](CLI::App* command) {
    command->add_option("--mkl-fast-path", arguments->mkl, "auto, on or off; default auto")->check(CLI::IsMember({"auto", "on", "off"}))->type_name("WHEN");
  };
  const auto training = [&](const char* name, const char* help, bool pretrain) {
    CLI::App* command = add_command(*bench, line, name, help, [&line, arguments, pretrain] { return bench_training(line.options, *arguments, pretrain); });
    command->add_option("--batch", arguments->batch, "Images of a step, 1 or more; default 128")->check(CLI::Range(1, 65536))->type_name("N");
    command->add_option("--shards", arguments->shards, "Parts of a batch, one thread each at a time; default as many as threads")->check(CLI::Range(1, 65536))->type_name("N");
    with_mkl(command);
  };
  training("pretrain", "ViT-tiny, patch 4: images/s, over the machine's matrix product, and where the time goes", true);
  training("finetune", "The same for PGD-2 adversarial fine-tuning", false);
  add_command(*bench, line, "data", "Augmented images per second, and how long a step waits for them", [&line] { return bench_data_command(line.options); });
  add_command(*bench, line, "store", "Points recorded per second, and their share of a step", [&line] { return bench_store(line.options); });
  add_command(*bench, line, "inspect", "How long attention, an attack's path and a reconstruction take, a cancel, and the memory", [&line] { return bench_inspect(line.options); });
  add_bench_recipe(*bench, line);
  CLI::App* gemm = add_command(*bench, line, "gemm", "Rate and error of the fp32 matrix product", [&line, arguments] { return bench_gemm(line.options, *arguments); });
  gemm->add_option("--size", arguments->size, "Rows and columns; default 2048")->check(CLI::Range(16, 16384))->type_name("N");
  with_mkl(gemm);
}

}  // namespace mimir
