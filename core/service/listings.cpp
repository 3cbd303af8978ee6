#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/attacks/losses.h"
#include "core/data/subset.h"
#include "core/service/pictures.h"
#include "core/store/annotations.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr std::size_t kScoresKept = 4;

Expected<Findings> checkpoints(Warm& warm, const Settings& settings, const NamedArrays&, const Job&) {
  auto run = Workspace(warm.workspace()).find_run(settings.text("run"));
  if (!run) return pass_on(run);
  auto rows = RunReader(*run).checkpoints();
  if (!rows) return pass_on(rows);
  std::sort(rows->begin(), rows->end(), [](const CheckpointRow& a, const CheckpointRow& b) {
    const auto rank = [](const CheckpointRow& row) { return row.stage == "pretrain" ? 0 : 1; };
    return std::tuple(rank(a), a.step, a.kind) < std::tuple(rank(b), b.step, b.kind);
  });
  nlohmann::json list = nlohmann::json::array();
  for (const CheckpointRow& row : *rows) {
    std::error_code error;
    const auto path = std::filesystem::absolute(run->path() / row.path, error);
    const auto bytes = std::filesystem::file_size(path, error);
    if (error) continue;  // removed to free space
    list.push_back({{"stage", row.stage}, {"step", row.step}, {"kind", row.kind}, {"path", path.string()}, {"bytes", bytes}});
  }
  const auto annotations = read_annotations(*run);
  const auto chosen = default_checkpoint(*run, Want::newest_stage);
  Findings findings;
  findings.result = {{"run", {{"id", run->id()}, {"name", annotations && !annotations->name.empty() ? annotations->name : run->name()}, {"path", run->path().string()}}},
                     {"default", chosen ? nlohmann::json(chosen->string()) : nlohmann::json(nullptr)},
                     {"checkpoints", std::move(list)}};
  return findings;
}

/// One score for each id, `kBatch` at a time.
std::vector<ImageScore> score_images(const Subject& subject, const Split& split, std::span<const std::int64_t> ids, c10::Device device, const Job& job) {
  at::NoGradGuard no_grad;
  std::vector<ImageScore> scores;
  for (std::size_t begin = 0; begin < ids.size(); begin += kBatch) {
    job.tell(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(ids.size()), "scores");
    const auto part = ids.subspan(begin, std::min<std::size_t>(kBatch, ids.size() - begin));
    const at::Tensor logits = subject.classifier->forward(split.fetch_float(part).to(device), {.stop = job.stop}).to(at::kCPU, at::kDouble);
    const at::Tensor margins = margin(logits, split.labels(part)), best = logits.argmax(1);
    const at::Tensor probability = std::get<0>(logits.softmax(1).max(1));
    for (std::size_t i = 0; i < part.size(); ++i) {
      const auto n = static_cast<std::int64_t>(i);
      scores.push_back({part[i], best[n].item<std::int64_t>(), probability[n].item<double>(), margins[n].item<double>()});
    }
  }
  return scores;
}

/// The scores of `scan` images of the split, from memory if they are there.
const std::vector<ImageScore>& scanned(Warm& warm, const std::shared_ptr<const Subject>& subject, const ChosenSplit& chosen,
                                       const std::string& split, std::int64_t scan, const Job& job) {
  std::list<Scores>& kept = warm.scores();
  for (auto each = kept.begin(); each != kept.end(); ++each) {
    if (each->subject != subject || !(each->data == chosen.data) || each->split != split || each->scan != scan) continue;
    kept.splice(kept.begin(), kept, each);
    return kept.front().scores;
  }
  const auto part = take_balanced(*chosen.split, scan);
  auto scores = score_images(*subject, *chosen.split, part->ids(), warm.compute().device, job);
  kept.push_front({subject, chosen.data, split, scan, std::move(scores)});
  if (kept.size() > kScoresKept) kept.pop_back();
  return kept.front().scores;
}

/// Ids of the images that are wanted, all pages.
Expected<std::vector<std::int64_t>> wanted_images(Warm& warm, const std::shared_ptr<const Subject>& subject, const ChosenSplit& chosen,
                                                  const Settings& settings, const Job& job, std::int64_t& looked_at) {
  const std::string show = settings.text("show");
  const bool by_margin = settings.text("order") == "margin", needs_scores = show != "all" || by_margin;
  if (needs_scores && !subject->classifier) {
    return fail(ErrorCode::mismatch, "{} classifies nothing, so its images can neither be filtered by the answer nor sorted by the margin", subject->said());
  }
  std::int64_t of_class = -1;
  if (settings.given("class")) {
    const auto& names = chosen.split->classes();
    auto parsed = parse_class(settings.text("class"), names, static_cast<std::int64_t>(names.size()));
    if (!parsed) return fail(parsed.error().code, "--class: {}", parsed.error().message);
    of_class = *parsed;
  }
  std::vector<std::int64_t> ids;
  const auto add = [&](std::int64_t id) {
    if (of_class < 0 || chosen.split->label(id) == of_class) ids.push_back(id);
  };
  if (!needs_scores) {
    for (const std::int64_t id : chosen.split->ids()) add(id);
    looked_at = chosen.split->size();
    return ids;
  }
  std::vector<ImageScore> scores = scanned(warm, subject, chosen, settings.text("split"), settings.integer("scan"), job);
  looked_at = static_cast<std::int64_t>(scores.size());
  if (by_margin) std::stable_sort(scores.begin(), scores.end(), [](const auto& a, const auto& b) { return std::abs(a.margin) < std::abs(b.margin); });
  for (const ImageScore& score : scores) {
    const bool right = score.prediction == chosen.split->label(score.id);
    if (show == "all" || right == (show == "right")) add(score.id);
  }
  return ids;
}

Expected<Findings> images(Warm& warm, const Settings& settings, const NamedArrays& arrays, const Job& job) {
  auto subject = find_subject(warm, settings, Want::newest_stage);
  if (!subject) return pass_on(subject);
  std::int64_t total = 0, looked_at = 0;
  Expected<Pictures> pictures = fail(ErrorCode::defect, "no pictures");
  if (settings.given("image") || arrays.contains("image")) {
    pictures = find_pictures(warm, **subject, settings, arrays, job.stop);
    if (!pictures) return pass_on(pictures);
    total = looked_at = pictures->images.size(0);
  } else {
    auto chosen = find_split(warm, **subject, settings, job.stop);
    if (!chosen) return pass_on(chosen);
    auto ids = wanted_images(warm, *subject, *chosen, settings, job, looked_at);
    if (!ids) return pass_on(ids);
    total = static_cast<std::int64_t>(ids->size());
    const std::int64_t begin = std::min(settings.integer("offset"), total), end = std::min(begin + settings.integer("count"), total);
    pictures = pictures_of(*chosen, settings.text("split"), {ids->begin() + begin, ids->begin() + end}, warm.compute().device);
    if (!pictures) return pass_on(pictures);
  }
  at::Tensor logits;
  if ((*subject)->classifier && pictures->images.size(0) > 0) {
    at::NoGradGuard no_grad;
    logits = (*subject)->classifier->forward(pictures->images, {.stop = job.stop});
  }
  Findings findings;
  findings.result = common_result("images", **subject, *pictures, settings, warm, logits);
  findings.result["command"] = nullptr;  // a listing is of the worker alone
  findings.result["total"] = total;
  findings.result["scanned"] = looked_at;
  findings.tensors["images"] = (pictures->images * 255).round().to(at::kByte);
  return findings;
}

std::vector<Parameter> run_parameter() { return {{.key = "run", .type = ParameterType::text, .fallback = "", .help = "A run."}}; }

std::vector<Parameter> image_parameters() {
  std::vector<Parameter> list = model_parameters("", "Ids of images, or a PNG or JPEG file; empty: a page of the split.");
  list.push_back({.key = "class", .type = ParameterType::text, .fallback = "", .help = "Only images of this class, a name or a number."});
  list.push_back({.key = "show", .type = ParameterType::choice, .fallback = "all", .choices = {"all", "wrong", "right"}, .help = "Only images that are answered so."});
  list.push_back({.key = "order", .type = ParameterType::choice, .fallback = "index", .choices = {"index", "margin"}, .help = "Margin: nearest to the border of the decision first."});
  list.push_back({.key = "offset", .type = ParameterType::integer, .fallback = 0LL, .minimum = 0, .help = "First image of the page."});
  list.push_back({.key = "count", .type = ParameterType::integer, .fallback = 24LL, .minimum = 0, .maximum = 1000, .help = "Images of the page."});
  list.push_back({.key = "scan", .type = ParameterType::integer, .fallback = 1000LL, .minimum = 0, .help = "Images looked at for show and order, even over the classes; 0 = all."});
  return list;
}

const bool registered[] = {
    services().add({{"checkpoints", "Checkpoints", "", "The checkpoints of a run.", run_parameter()}, checkpoints}),
    services().add({{"images", "Images", "", "Images of a data set, by page, filter and order, with a model's answers.", image_parameters()}, images}),
};

}  // namespace
}  // namespace mimir
