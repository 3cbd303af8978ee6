#include <ATen/Parallel.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>

#include "app/mimir/command.h"
#include "app/mimir/device.h"
#include "app/mimir/inspection.h"
#include "app/mimir/output.h"
#include "app/mimir/parameter_help.h"
#include "core/data/dataset.h"
#include "core/figure/inspection_figures.h"
#include "core/figure/inspection_parts.h"
#include "core/figure/svg.h"
#include "core/inspection/attack_path.h"
#include "core/service/service.h"
#include "core/store/files.h"
#include "core/store/media.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

struct Arguments {
  std::map<std::string, std::string> texts;  ///< as typed, by option
  std::map<std::string, bool> flags;
  std::map<std::string, std::vector<std::string>> lists;
  std::string output;
  std::string figure;
};

StopSource interrupted;

/// The code behind a name of error_code_name().
ErrorCode code_named(const std::string& name) {
  for (const ErrorCode code : {ErrorCode::usage, ErrorCode::input, ErrorCode::mismatch, ErrorCode::storage, ErrorCode::diverged,
                               ErrorCode::out_of_memory, ErrorCode::stopped}) {
    if (name == error_code_name(code)) return code;
  }
  return ErrorCode::defect;
}

WorkerRequest request_of(const std::string& kind, const Arguments& arguments, const Options& options) {
  WorkerRequest request{1, kind, nlohmann::json::object(), {}};
  for (const auto& [key, text] : arguments.texts) {
    if (!text.empty()) request.options[key] = text;
  }
  for (const auto& [key, flag] : arguments.flags) {
    if (flag) request.options[key] = true;
  }
  for (const auto& [key, list] : arguments.lists) {
    if (!list.empty()) request.options[key] = list;
  }
  request.options["seed"] = options.field("seed");
  return request;
}

Expected<Figure> figure_of(const std::string& kind, const WorkerAnswer& answer) {
  if (kind == "attack") return attack_figure(answer.result, answer.arrays);
  if (kind == "attend") return attention_figure(answer.result, answer.arrays);
  return reconstruction_figure(answer.result, answer.arrays);
}

std::string picture_name(const nlohmann::json& image, std::size_t place) {
  return image["index"].is_null() ? fmt::format("adversarial-own-{}.png", place) : fmt::format("adversarial-{}.png", image["index"].get<std::int64_t>());
}

/// The attacked images as 8-bit PNGs, rounded towards the clean ones; their names go into the JSON.
Expected<void> write_pictures(const std::filesystem::path& folder, WorkerAnswer& answer, nlohmann::json& files) {
  const at::Tensor clean = to_tensor(answer.arrays.at("clean")), adversarial = to_tensor(answer.arrays.at("adversarial"));
  const at::Tensor bytes = rounded_towards(clean, adversarial).permute({0, 2, 3, 1}).contiguous();  // [N, H, W, C]
  for (std::int64_t n = 0; n < bytes.size(0); ++n) {
    auto& image = answer.result["images"][static_cast<std::size_t>(n)];
    const std::string name = picture_name(image, static_cast<std::size_t>(n));
    const at::Tensor one = bytes[n];
    auto written = write_png(folder / name, one.size(1), one.size(0), static_cast<int>(one.size(2)),
                             {one.data_ptr<std::uint8_t>(), static_cast<std::size_t>(one.numel())});
    if (!written) return written;
    image["picture"] = name;
    files.push_back((folder / name).string());
  }
  return {};
}

/// Arrays, pictures, figure and JSON below --output; the figure also, or only, as --figure says.
Expected<void> write_all(const std::string& kind, const Arguments& arguments, WorkerAnswer& answer) {
  nlohmann::json files = nlohmann::json::array();
  const bool folder_wanted = !arguments.output.empty();
  const std::filesystem::path folder = arguments.output;
  std::error_code error;
  if (folder_wanted) {
    std::filesystem::create_directories(folder, error);
    if (error) return fail(ErrorCode::storage, "--output {}: the folder cannot be made: {}", arguments.output, error.message());
  }
  if (!answer.result["command"].is_null()) {
    std::string command = answer.result["command"].get<std::string>();
    if (folder_wanted) command += " --output " + shell_word(arguments.output);
    if (!arguments.figure.empty()) command += " --figure " + shell_word(arguments.figure);
    answer.result["command"] = std::move(command);
  }
  if (folder_wanted || !arguments.figure.empty()) {
    auto figure = figure_of(kind, answer);
    if (!figure) return pass_on(figure);
    const std::filesystem::path path = arguments.figure.empty() ? folder / (kind + ".svg") : std::filesystem::path(arguments.figure);
    if (auto written = write_svg_file(path, *figure); !written) return written;
    files.push_back(path.string());
  }
  if (folder_wanted) {
    // The name of an attend run's arrays is "attention", of the others the command's with its noun.
    const std::string name = kind == "attend" ? "attention" : kind == "reconstruct" ? "reconstruction" : kind;
    if (kind == "attack") {
      if (auto written = write_pictures(folder, answer, files); !written) return written;
    }
    Safetensors document;
    document.arrays = answer.arrays;
    document.metadata = {{"kind", kind}, {"result", answer.result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}};
    if (auto written = write_safetensors(folder / (name + ".safetensors"), document); !written) return written;
    files.push_back((folder / (name + ".safetensors")).string());
    const auto json = folder / (kind + ".json");
    files.push_back(json.string());
    answer.result["files"] = files;
    return write_file(json, answer.result.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  answer.result["files"] = files;
  return {};
}

/// A line for each image on stdout.
void print_summary(const std::string& kind, const nlohmann::json& result) {
  const auto name = [&](const nlohmann::json& index) { return detail::class_name(result, index); };
  for (const auto& image : result["images"]) {
    std::string line = image["index"].is_null() ? "picture" : fmt::format("image {}", image["index"].get<std::int64_t>());
    if (!image["label"].is_null()) line += fmt::format(" ({})", name(image["label"]));
    line += ": ";
    if (!image["prediction"].is_null()) line += fmt::format("{} {}", name(image["prediction"]), detail::percent(image["probability"]));
    if (image.contains("adversarial_prediction")) {
      const std::string step = result.contains("shown") ? fmt::format(" at step {} of {}", result["shown"]["step"].get<std::int64_t>(), result["shown"]["last"].get<std::int64_t>()) : "";
      line += fmt::format(" -> {} {}{}, L∞ {}, L2 {}", name(image["adversarial_prediction"]), detail::percent(image["adversarial_probability"]), step,
                          detail::short_number(image["linf"]), detail::short_number(image["l2"]));
    }
    if (image.contains("smallest_epsilon")) {
      line += image["smallest_epsilon"].is_null() ? fmt::format(", not broken up to {}", detail::short_number(image["up_to"]))
                                                  : fmt::format(", smallest epsilon {} ({:.3f}/255)", detail::short_number(image["smallest_epsilon"]),
                                                                255 * image["smallest_epsilon"].get<double>());
    }
    if (kind == "reconstruct") {
      line += fmt::format("{} patches masked, error masked {} visible {}, PSNR {} dB, SSIM {}", image["masked"].get<std::int64_t>(),
                          detail::short_number(image["error_masked"]), detail::short_number(image["error_visible"]), detail::short_number(image["psnr"]),
                          detail::short_number(image["ssim"]));
    }
    fmt::print("{}\n", line);
  }
  for (const auto& file : result["files"]) fmt::print("wrote {}\n", file.get<std::string>());
  if (result["command"].is_string()) fmt::print("again: {}\n", result["command"].get<std::string>());
}

Expected<int> inspect(const Options& options, const std::string& kind, const Arguments& arguments) {
  if (options.field("compute.precision") != "fp32") return fail(ErrorCode::usage, "--precision: models are looked at in fp32 alone");
  if (!arguments.figure.empty() && !arguments.figure.ends_with(".svg")) {
    return fail(ErrorCode::usage, "--figure {}: figures are written as SVG here, so the name must end in .svg", arguments.figure);
  }
  auto compute = compute_of(options);
  if (!compute) return pass_on(compute);
  at::set_num_threads(compute->threads);
  std::signal(SIGINT, [](int) { interrupted.request(Stop::now); });
  Service service(*compute, workspace_directory(options));
  const bool terminal = ::isatty(STDERR_FILENO) != 0 && !options.quiet;
  bool shown = false;
  WorkerAnswer answer = service.answer(request_of(kind, arguments, options), StopToken(interrupted), [&](const WorkerAnswer& part) {
    if (!terminal || part.part != AnswerPart::progress) return;
    fmt::print(stderr, "\r\033[K{} {} of {}", part.message, part.result["done"].get<std::int64_t>(), part.result["total"].get<std::int64_t>());
    shown = true;
  });
  if (shown) fmt::print(stderr, "\r\033[K");
  if (answer.part != AnswerPart::final) return tl::unexpected<Error>(Error{code_named(answer.code), answer.message, {}});
  if (auto written = write_all(kind, arguments, answer); !written) return pass_on(written);
  for (const auto& note : answer.result["notes"]) fmt::print(stderr, "note: {}\n", note.get<std::string>());
  if (options.json) print_json(answer.result);
  else if (!options.quiet) print_summary(kind, answer.result);
  return 0;
}

void add_kind(CLI::App& app, CommandLine& line, const std::string& kind, const char* help) {
  const ServiceEntry& entry = *services().find(kind);
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(app, line, kind, help, [&line, kind, arguments] { return inspect(line.options, kind, *arguments); });
  command->add_option("RUN", arguments->texts["run"], "A run, a checkpoint, or a file of weights with --model")->required()->type_name("RUN|CHECKPOINT|WEIGHTS");
  for (const Parameter& parameter : entry.info.parameters) {
    if (parameter.key == "run" || parameter.key == "seed") continue;  // the argument, and an option of every command
    const std::string option = "--" + parameter.key;
    const std::string says = fmt::format("{} ({})", parameter.help, parameter_range(parameter));
    if (parameter.type == ParameterType::boolean) {
      command->add_flag(option, arguments->flags[parameter.key], parameter.help);
    } else if (parameter.type == ParameterType::list) {
      command->add_option(option, arguments->lists[parameter.key], parameter.help)->type_name("KEY=VALUE")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->expected(1)->allow_extra_args(false);
    } else {
      command->add_option(option, arguments->texts[parameter.key], says)->type_name("VALUE");
    }
  }
  command->add_option("--output", arguments->output, "Folder for arrays (safetensors), figure (SVG), numbers (JSON) and pictures; default: none are written")->type_name("DIR");
  command->add_option("--figure", arguments->figure, "SVG file of the figure, in place of the one in --output")->type_name("FILE");
}

}  // namespace

void add_inspection(CLI::App& app, CommandLine& line) {
  add_kind(app, line, "attack", "Attack images and see how it goes, step by step");
  add_kind(app, line, "attend", "See what a Vision Transformer attends to, clean and attacked");
  add_kind(app, line, "reconstruct", "See what a masked autoencoder makes of masked images, clean or attacked");
}

}  // namespace mimir
