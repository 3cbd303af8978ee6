#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/base/parameter.h"
#include "core/service/service.h"

namespace mimir {

/// The pictures that a request is about, as the model takes them.
struct Pictures {
  at::Tensor images;                  ///< [N, C, S, S] fp32 in [0,1], on the device
  std::vector<std::int64_t> index;    ///< [N] id in the split, -1 for a picture of one's own
  std::vector<std::int64_t> label;    ///< [N] class, -1 where it is not known
  std::vector<std::string> classes;   ///< names: the data set's, for a picture of one's own the checkpoint's; may be empty
  std::string split;
  DataRecipe data;                    ///< meaningless for a picture of one's own
  std::int64_t split_size = 0;        ///< 0: a picture of one's own
  std::vector<std::string> notes;     ///< what was done to a picture, in sentences
  bool said_by_options = true;        ///< false: it came as a tensor, so that no command line can name it
  std::string image_option;           ///< the value of --image that names them, paths made absolute

  bool own() const { return split_size == 0; }
  std::vector<std::int64_t> ids() const;  ///< names for draws: the index, 0 … for pictures of one's own
  at::Tensor labels_or(const at::Tensor& prediction) const;  ///< [N] int64: the label, else the prediction
};

/// Options that every kind about a model takes: run, model, data, split, image, seed.
std::vector<Parameter> model_parameters(std::string image_fallback, std::string image_help);

/// The model, by the options "run" and "model".
Expected<std::shared_ptr<const Subject>> find_subject(Warm& warm, const Settings& settings, Want want);
/// The same with a classifier; `mismatch` for a masked autoencoder.
Expected<std::shared_ptr<const Subject>> find_classifier(Warm& warm, const Settings& settings);

struct ChosenSplit {
  DataRecipe data;
  std::shared_ptr<const Split> split;
};
/// By the options "data" and "split"; without "data" what the model was trained on.
Expected<ChosenSplit> find_split(Warm& warm, const Subject& subject, const Settings& settings, StopToken stop);

/// The tensor "image" of the request, else the option "image": ids, or a file.
Expected<Pictures> find_pictures(Warm& warm, const Subject& subject, const Settings& settings, const NamedArrays& arrays, StopToken stop);
/// Pictures of a split, by id.
Expected<Pictures> pictures_of(const ChosenSplit& chosen, const std::string& split, std::vector<std::int64_t> ids, c10::Device device);

/// A class by its name or number; `usage` error if there is none.
Expected<std::int64_t> parse_class(const std::string& text, const std::vector<std::string>& classes, std::int64_t count);

/// "3,1,4"; none if a part is no number.
std::optional<std::vector<std::int64_t>> parse_ids(const std::string& text);

/// checkpoint, data, seed, notes, command and images (index, label, and with logits [N, K] prediction, probability,
/// margin) of a result. `kind` is the command's name.
nlohmann::json common_result(const std::string& kind, const Subject& subject, const Pictures& pictures, const Settings& settings,
                             const Warm& warm, const at::Tensor& logits = {});

/// prediction, probability and margin (null without a label) of one row of logits [K].
nlohmann::json answer_json(const at::Tensor& logits, std::int64_t label);

/// A finite number, or null.
nlohmann::json number_or_null(double value);

}  // namespace mimir
