#include <torch/torch.h>

#include "core/attacks/projections.h"
#include "core/inspection/attack_path.h"
#include "core/inspection/attention.h"
#include "core/inspection/faithfulness.h"
#include "core/service/attack_settings.h"
#include "core/service/pictures.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

/// What one picture's pass shows, as tensors of the answer. Maps are of the one image of the batch.
class Views {
 public:
  Views(const Subject& subject, const Settings& settings, Fusion fusion, StopToken stop)
      : subject_(subject), fusion_(fusion), discard_(settings.number("discard")), context_{.stop = stop} {}

  /// image: [1, C, S, S]. Adds the tensors of WORKER.md with `prefix` before their names; `chosen`: the class, -1 = predicted.
  AttentionPass add(const at::Tensor& image, const std::string& prefix, std::int64_t& chosen, Findings& findings) {
    auto& tensors = findings.tensors;
    const bool classifies = subject_.vit != nullptr;
    const AttentionPass pass = classifies ? attention_pass(*subject_.vit, image, context_, Graph::keep)
                                          : attention_pass(*subject_.autoencoder, image, context_);
    std::vector<at::Tensor> attention;
    for (const at::Tensor& weights : pass.attention) attention.push_back(weights.detach());
    const at::Tensor readout = readout_vector(mean_of_patches(), pass.tokens[0].size(1), image.options());
    check_cancelled(readout, context_);
    const at::Tensor rolled = attention_rollout(attention, fusion_, discard_);
    tensors[prefix + "attention"] = at::stack(attention, 1)[0];  // [D, H, T, T]
    tensors[prefix + "rollout"] = rolled[0];
    tensors[prefix + "rollout_map"] = patch_map(rolled, readout)[0];
    tensors[prefix + "raw_map"] = patch_map(attention.back(), readout)[0];
    tensors[prefix + "similarity"] = token_similarity(pass).select(1, 0);
    check_cancelled(readout, context_);
    tensors[prefix + "entropy"] = head_entropy(attention)[0];
    if (prefix.empty()) tensors["readout"] = readout;
    if (!classifies) return pass;
    if (chosen < 0) chosen = pass.logits[0].argmax(0).item<std::int64_t>();
    const auto gradients = attention_gradients(pass, at::full({1}, chosen, pass.logits.options().dtype(at::kLong)));
    check_cancelled(readout, context_);
    tensors[prefix + "gradient_rollout_map"] = patch_map(gradient_rollout(attention, gradients), readout)[0];
    tensors[prefix + "relevance_map"] = patch_map(relevance(attention, gradients), readout)[0];
    tensors[prefix + "logits"] = pass.logits[0];
    tensors[prefix + "layer_logits"] = layer_logits(*subject_.vit, pass).select(1, 0);
    return pass;
  }

  bool mean_of_patches() const { return !subject_.vit || subject_.vit->options().global_pool; }

 private:
  const Subject& subject_;
  Fusion fusion_;
  double discard_;
  ForwardContext context_;
};

struct Attacked {
  at::Tensor image;    ///< [1, C, S, S]; undefined: none is asked for
  at::Tensor labels;   ///< [1] int64, what an attack led away from; undefined without one
  at::Tensor targets;  ///< [1] int64, or undefined
};

/// A tensor of the request, or what an attack makes of the picture. logits: [1, K] of the clean one, undefined of an autoencoder.
Expected<Attacked> attacked_image(const Subject& subject, const AttackChoice& attack, const Pictures& pictures, const at::Tensor& logits,
                                    std::int64_t seed, const NamedArrays& arrays, const Job& job) {
  if (const auto array = arrays.find("adversarial"); array != arrays.end()) {
    const at::Tensor image = array->second.dtype == Dtype::f32 ? to_tensor(array->second) : at::Tensor();
    if (!image.defined() || image.numel() != pictures.images.numel() || image.dim() < 3 || image.size(-1) != subject.img_size) {
      return fail(ErrorCode::input, "the tensor `adversarial` must be [3, {0}, {0}] fp32", subject.img_size);
    }
    return Attacked{image.view_as(pictures.images).to(pictures.images.device()), {}, {}};
  }
  if (attack.name.empty()) return Attacked();
  if (!subject.classifier) {
    return fail(ErrorCode::mismatch, "{} holds a masked autoencoder, which has no answer to attack: leave --attack out, or use `mimir reconstruct`",
                subject.said());
  }
  AttackPathOptions options;
  options.attack = attack.name;
  options.settings = attack.settings;
  options.loss = attack.objective;
  const at::Tensor labels = pictures.labels_or(logits.argmax(1));
  auto targets = find_targets(attack, logits, labels, pictures.classes);
  if (!targets) return pass_on(targets);
  options.targets = *targets;
  options.patch_size = subject.patch_size;
  options.stop = job.stop;
  const PhiloxDraws draws(static_cast<std::uint64_t>(seed));
  const auto ids = pictures.ids();
  auto path = attack_path(*subject.classifier, pictures.images, labels, ids, draws, options);
  if (!path) return pass_on(path);
  return Attacked{path->adversarial, labels, *targets};
}

Expected<void> add_faithfulness(const Subject& subject, const Settings& settings, const at::Tensor& image, std::int64_t chosen,
                                const Job& job, Findings& findings) {
  const std::string name = settings.text("faithfulness");
  if (name == "none") return {};
  if (!subject.vit) return fail(ErrorCode::mismatch, "{} answers with no class, so no map of it can be tested", subject.said());
  auto& tensors = findings.tensors;
  const at::Tensor map = name == "raw" ? tensors["raw_map"].mean(0) : name == "rollout" ? tensors["rollout_map"]
                         : name == "relevance" ? tensors["relevance_map"] : tensors["gradient_rollout_map"];
  FaithfulnessOptions options;
  options.patch_size = subject.patch_size;
  options.label = chosen;
  options.context.stop = job.stop;
  const PhiloxDraws draws(static_cast<std::uint64_t>(settings.integer("seed")));
  const Faithfulness curves = faithfulness(*subject.vit, image[0], map, draws, options);
  for (const auto& [key, curve] : {std::pair{"share", curves.share}, {"deletion", curves.deletion}, {"insertion", curves.insertion},
                                   {"deletion_random", curves.deletion_random}, {"insertion_random", curves.insertion_random}}) {
    tensors[key] = curve.to(at::kFloat);
  }
  const auto area = [](const at::Tensor& curve) { return curve_area(curve).mean().item<double>(); };
  findings.result["faithfulness"] = {{"map", name}, {"deletion_area", area(curves.deletion)}, {"insertion_area", area(curves.insertion)},
                                     {"deletion_area_random", area(curves.deletion_random)},
                                     {"insertion_area_random", area(curves.insertion_random)}};
  return {};
}

nlohmann::json layers_json(const std::map<std::string, at::Tensor>& tensors) {
  nlohmann::json layers = nlohmann::json::array();
  const auto answers = tensors.find("layer_logits"), attacked = tensors.find("adversarial_layer_logits");
  if (answers == tensors.end()) return layers;
  for (std::int64_t l = 0; l < answers->second.size(0); ++l) {
    nlohmann::json layer = answer_json(answers->second[l], -1);
    layer.erase("margin");
    if (attacked != tensors.end()) {
      const nlohmann::json other = answer_json(attacked->second[l], -1);
      layer["adversarial_prediction"] = other["prediction"];
      layer["adversarial_probability"] = other["probability"];
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

Expected<Findings> attend(Warm& warm, const Settings& settings, const NamedArrays& arrays, const Job& job) {
  auto fusion = parse_fusion(settings.text("rollout"));
  if (!fusion) return pass_on(fusion);
  auto attack = read_attack(settings, /*objective_too=*/true);
  if (!attack) return pass_on(attack);
  auto subject = find_subject(warm, settings, Want::newest_stage);
  if (!subject) return pass_on(subject);
  if (!(*subject)->vit && !(*subject)->autoencoder) return fail(ErrorCode::mismatch, "{} is a linear model, which attends to nothing", (*subject)->said());
  auto pictures = find_pictures(warm, **subject, settings, arrays, job.stop);
  if (!pictures) return pass_on(pictures);
  if (pictures->images.size(0) != 1) return fail(ErrorCode::usage, "--image: one image at a time is attended to, not {}", pictures->images.size(0));

  Findings findings;
  auto& tensors = findings.tensors;
  std::int64_t chosen = -1;
  if (settings.given("class")) {
    if (!(*subject)->vit) return fail(ErrorCode::mismatch, "{} answers with no class, so --class has no meaning", (*subject)->said());
    auto named = parse_class(settings.text("class"), pictures->classes, (*subject)->vit->num_classes());
    if (!named) return pass_on(named);
    chosen = *named;
  }
  job.tell(0, 3, "clean");
  Views views(**subject, settings, *fusion, job.stop);
  const AttentionPass clean = views.add(pictures->images, "", chosen, findings);
  tensors["clean"] = pictures->images[0];

  findings.result = common_result("attend", **subject, *pictures, settings, warm, clean.logits);
  job.tell(1, 3, "attacked");
  auto attacked = attacked_image(**subject, *attack, *pictures, clean.logits, settings.integer("seed"), arrays, job);
  if (!attacked) return pass_on(attacked);
  const bool given = arrays.contains("adversarial");
  if (given) findings.result["command"] = nullptr;
  findings.result["attack"] = given ? nlohmann::json(nullptr) : attack_json(*attack, true);
  if (const at::Tensor& changed = attacked->image; changed.defined()) {
    if (!given) note_images_outside(findings.result, *attack, pictures->images, changed);
    const AttentionPass adversarial = views.add(changed, "adversarial_", chosen, findings);
    const AttentionDistance distance = attention_distance(clean, adversarial);
    tensors["adversarial"] = changed[0];
    tensors["distance"] = distance.total_variation[0];
    tensors["frobenius"] = distance.frobenius[0];
    tensors["divergence"] = distance.jensen_shannon[0];
    tensors["cosine"] = distance.cosine[0];
    tensors["cka"] = distance.cka[0].to(at::kFloat);
    auto& image = findings.result["images"][0];
    image["linf"] = perturbation_size(changed, pictures->images, Norm::linf).item<double>();
    image["l2"] = perturbation_size(changed, pictures->images, Norm::l2).item<double>();
    if (adversarial.logits.defined()) {
      const nlohmann::json answer = answer_json(adversarial.logits[0], pictures->label[0]);
      for (const auto& [key, value] : answer.items()) image["adversarial_" + key] = value;
    }
    if (attacked->labels.defined()) {
      image["target"] = attacked->targets.defined() ? nlohmann::json(attacked->targets.item<std::int64_t>()) : nlohmann::json(nullptr);
      image["success"] = attack_succeeded(adversarial.logits, attacked->labels, attacked->targets).item<bool>();
    }
  }
  findings.result["faithfulness"] = nullptr;
  job.tell(2, 3, "faithfulness");
  if (auto done = add_faithfulness(**subject, settings, pictures->images, chosen, job, findings); !done) return pass_on(done);

  const std::int64_t grid = (*subject)->img_size / (*subject)->patch_size;
  findings.result["layers"] = layers_json(tensors);
  findings.result["readout"] = views.mean_of_patches() ? "mean" : "class_token";
  findings.result["class"] = chosen >= 0 ? nlohmann::json(chosen) : nlohmann::json(nullptr);
  findings.result["class_dependent"] = (*subject)->vit != nullptr;
  findings.result["rollout"] = settings.text("rollout");
  findings.result["discard"] = settings.number("discard");
  findings.result["prefix_tokens"] = kPrefixTokens;
  findings.result["grid"] = {grid, grid};
  return findings;
}

std::vector<Parameter> parameters() {
  std::vector<Parameter> list = model_parameters("0", "Id of one image of the split, or a PNG or JPEG file.");
  list.push_back({.key = "rollout", .type = ParameterType::choice, .fallback = "mean", .choices = {"mean", "max", "min"}, .help = "How heads are fused in the rollout."});
  list.push_back({.key = "discard", .fallback = 0.0, .minimum = 0, .maximum = 1, .help = "Share of the smallest entries of each layer that the rollout leaves out."});
  list.push_back({.key = "class", .type = ParameterType::text, .fallback = "", .help = "Class of gradient rollout, relevance and faithfulness, a name or a number; the predicted one if not given."});
  for (Parameter& each : attack_parameters("", /*objective_too=*/true)) list.push_back(std::move(each));
  list.push_back({.key = "faithfulness", .type = ParameterType::choice, .fallback = "none",
                  .choices = {"none", "raw", "rollout", "gradient-rollout", "relevance"},
                  .help = "Deletion and insertion curves of this map against random orders."});
  return list;
}

const bool registered = services().add({{"attend", "Attention",
                                         "Abnar & Zuidema 2020; Chefer et al. 2021",
                                         "What a Vision Transformer attends to on an image, and where that parts on the attacked one.", parameters()},
                                        attend});

}  // namespace
}  // namespace mimir
