#include <torch/torch.h>

#include <stdexcept>

#include "core/models/model_options.h"
#include "core/models/position_embedding.h"
#include "core/selftest/check.h"
#include "core/selftest/fixture_models.h"
#include "core/store/files.h"

namespace mimir::selftest {
namespace {

void check_patchify(const Fixture& fixture, Comparison& comparison) {
  const std::int64_t patch_size = fixture.config["patch_size"];
  const at::Tensor patches = patchify(fixture.tensor("in.images"), patch_size);
  comparison.check("out.patches", patches);
  comparison.check("out.images", unpatchify(patches, patch_size));
}

void check_sincos(const Fixture& fixture, Comparison& comparison) {
  const at::Tensor table =
      sincos_position_embedding(fixture.config["embed_dim"], fixture.config["grid_size"], fixture.config["cls_token"]);
  const at::Device device(fixture.device);
  comparison.check("out.pos_embed", table.to(device));
  comparison.check("out.pos_embed_fp32", table.to(at::kFloat).to(device));
}

void check_interpolate(const Fixture& fixture, Comparison& comparison) {
  comparison.check("out.pos_embed", interpolate_position_embedding(fixture.tensor("in.pos_embed"), fixture.config["to_grid"]));
}

void check_mae_forward(const Fixture& fixture, Comparison& comparison) {
  MaskedAutoencoder model = fixture_autoencoder(fixture);
  const bool formula = fixture.config.value("images", "") == "formula";
  at::Tensor images, adversarial;
  if (formula) {
    images = formula_images(fixture);
    const at::Tensor i = at::arange(images.numel(), images.options().dtype(at::kDouble));
    adversarial = (images.to(at::kDouble) + 0.03 * at::cos(1.7 * i).view(images.sizes())).clamp(0, 1).to(at::kFloat);
  } else {
    images = fixture.tensor("in.images");
    adversarial = fixture.tensor("in.adv_images");
  }
  const auto run = [&](const at::Tensor& clean, const at::Tensor& input) {
    const PatchMask mask = make_patch_mask(fixture.tensor("in.noise"), fixture.config["mask_ratio"]);
    const Reconstruction result = model->forward(input, mask);
    const at::Tensor target = reconstruction_target(clean, model->options().patch_size, fixture.config["norm_pix_loss"]);
    return std::tuple(mask, result, reconstruction_error(result.prediction, target, mask.mask).mean());
  };
  adversarial.requires_grad_();
  const auto [mask, result, loss] = run(images, adversarial);
  const auto check = [&](const char* name, const at::Tensor& actual) {
    if (fixture.has(name)) comparison.check(name, actual);
  };
  check("out.ids_shuffle", mask.ids_shuffle);
  check("out.ids_restore", mask.ids_restore);
  check("out.mask", mask.mask);
  check("out.latent", result.latent);
  check("out.pred", result.prediction);
  check("out.loss", loss);
  check("out.patch_tokens", model->patch_embed->forward(adversarial, {}));
  if (fixture.has("out.loss_clean_input")) check("out.loss_clean_input", std::get<2>(run(images, images)));
  check_parameter_gradients(comparison, fixture, *model, loss, {{"adv_images", adversarial}});

  // The same in double: the sharp comparison.
  model->to(at::kDouble);
  check("out.loss_fp64", std::get<2>(run(images.to(at::kDouble), adversarial.to(at::kDouble))));
}

void check_classifier_forward(const Fixture& fixture, Comparison& comparison) {
  VitClassifier model = fixture_classifier(fixture);
  const bool formula = fixture.config.value("images", "") == "formula";
  const at::Tensor images = formula ? formula_images(fixture) : fixture.tensor("in.images");
  images.requires_grad_();
  const at::Tensor features = model->features(images);
  const at::Tensor pre_logits = model->pre_logits(features);
  const at::Tensor logits = model->forward(images);
  const auto check = [&](const char* name, const at::Tensor& actual) {
    if (fixture.has(name)) comparison.check(name, actual);
  };
  check("out.features", features);
  check("out.features_cls", features.select(1, 0));
  check("out.features_last", features.select(1, features.size(1) - 1));
  check("out.pre_logits", pre_logits);
  check("out.logits", logits);
  if (fixture.has("in.labels")) {
    const at::Tensor labels = fixture.tensor("in.labels");
    const at::Tensor loss = at::cross_entropy_loss(logits, labels);
    check("out.loss", loss);
    if (fixture.has("grad.images_checksum")) {
      const at::Tensor gradient = torch::autograd::grad({loss}, {images}, {}, /*retain_graph=*/true)[0].to(at::kDouble);
      comparison.check("grad.images_checksum", at::stack({gradient.sum(), gradient.square().sum()}));
    }
    check_parameter_gradients(comparison, fixture, *model, loss, {{"images", images}});
    model->to(at::kDouble);
    check("out.loss_fp64", at::cross_entropy_loss(model->forward(images.to(at::kDouble)), labels));
  }
}

/// Entries of models.json unfolded: [prefix, first, last, [[suffix, shape], …]] stands for one block after another.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> unfold(const nlohmann::json& keys) {
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> entries;
  for (const auto& key : keys) {
    if (key[1].is_array()) {
      entries.emplace_back(key[0], key[1].get<std::vector<std::int64_t>>());
      continue;
    }
    for (std::int64_t i = key[1]; i <= key[2].get<std::int64_t>(); ++i) {
      for (const auto& part : key[3]) {
        entries.emplace_back(fmt::format("{}.{}.{}", key[0].get<std::string>(), i, part[0].get<std::string>()),
                             part[1].get<std::vector<std::int64_t>>());
      }
    }
  }
  return entries;
}

nlohmann::json read_json(const Fixture& fixture) {
  auto text = read_text(fixture.path);
  if (!text) throw ErrorException(std::move(text.error()));
  return nlohmann::json::parse(*text);
}

/// Names, order, shapes and counts of every vit_* and mae_vit_* row; the other families come with their models.
void check_models(const Fixture& fixture, Comparison& comparison) {
  const nlohmann::json document = read_json(fixture);
  for (const auto& row : document["models"]) {
    const std::string name = row["name"];
    const bool autoencoder = name.starts_with("mae_");
    const std::string base = autoencoder ? name.substr(4) : name;
    if (!base.starts_with("vit_")) continue;
    const auto& args = row["args"];
    ModelRecipe recipe;
    recipe.name = base;
    recipe.img_size = args["img_size"];
    recipe.patch_size = args["patch_size"];
    recipe.global_pool = args.value("global_pool", true);
    const auto options = resolve_model(recipe, args.value("num_classes", std::int64_t{0}));
    const std::string label = fmt::format("{} {}/{}", name, recipe.img_size, recipe.patch_size);
    if (!options) {
      comparison.require(label, false);
      continue;
    }
    std::shared_ptr<torch::nn::Module> model;
    if (autoencoder) model = MaskedAutoencoder(*options).ptr();
    else model = VitClassifier(*options).ptr();
    const auto expected = unfold(row["keys"]);
    const auto actual = model->named_parameters();
    std::int64_t parameters = 0, trainable = 0;
    bool same = expected.size() == actual.size();
    for (std::size_t i = 0; same && i < expected.size(); ++i) {
      const at::Tensor& tensor = actual[i].value();
      same = actual[i].key() == expected[i].first && tensor.sizes() == at::IntArrayRef(expected[i].second);
      parameters += tensor.numel();
      if (tensor.requires_grad()) trainable += tensor.numel();
    }
    comparison.require(label + " state dict", same);
    comparison.require(label + " parameters", parameters == row["parameters"] && trainable == row["trainable"]);
  }
}

/// Each statistic within the stored range over five seeds, widened by half its width (sampling noise).
void check_init_stats(const Fixture& fixture, Comparison& comparison) {
  const nlohmann::json stats = read_json(fixture);
  ModelRecipe recipe;
  recipe.name = std::string(stats["model"]).substr(4);
  recipe.img_size = stats["args"]["img_size"];
  recipe.patch_size = stats["args"]["patch_size"];
  const auto options = resolve_model(recipe, 0);
  if (!options) throw ErrorException(options.error());
  MaskedAutoencoder model(*options);
  initialise_masked_autoencoder(*model, 0);
  for (const auto& [name, entry] : stats["entries"].items()) {
    const at::Tensor tensor = model->named_parameters()[name].detach().to(at::kDouble);
    const std::pair<const char*, double> measured[] = {{"mean", tensor.mean().item<double>()},
                                                       {"std", tensor.std(/*unbiased=*/false).item<double>()},
                                                       {"min", tensor.min().item<double>()},
                                                       {"max", tensor.max().item<double>()}};
    for (const auto& [what, value] : measured) {
      const double low = entry[what][0], high = entry[what][1];
      // Extremes of a few hundred normal draws scatter widely; a bound is never exceeded.
      const double slack = (high - low) + 1e-6 + (entry.contains("bound") ? 0.02 * entry["bound"].get<double>() : 0.0);
      comparison.require(name + " " + what, value >= low - slack && value <= high + slack);
    }
    if (entry.contains("bound")) comparison.require(name + " bound", tensor.abs().max().item<double>() <= entry["bound"].get<double>() * (1 + 1e-6));
  }
}

const bool registered[] = {
    checks().add({{"patchify", "Patches and back", "MIMIR, code", ""}, check_patchify}),
    checks().add({{"pos_embed_sincos", "Sin-cos position table", "MIMIR, code", ""}, check_sincos}),
    checks().add({{"pos_embed_interpolate", "Resized position embedding", "MIMIR, code", ""}, check_interpolate}),
    checks().add({{"mae_forward", "Masked autoencoder", "MIMIR, code", ""}, check_mae_forward}),
    checks().add({{"classifier_forward", "Classifier", "MIMIR, code", ""}, check_classifier_forward}),
    checks().add({{"models", "Names, shapes and counts", "MIMIR, code", ""}, check_models}),
    checks().add({{"init_stats", "Statistics of fresh weights", "MIMIR, code", ""}, check_init_stats}),
};

}  // namespace
}  // namespace mimir::selftest
