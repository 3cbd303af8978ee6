#pragma once

/// Some fields of each kind, as `mimir describe --json` gives them; PRESET_PATH stands for the recipe's file.
inline constexpr const char* kDescription = R"json({
  "program": "mimir", "build": "0", "protocol": 1, "registries": {}, "metrics": [],
  "presets": [{"name": "demo", "title": "Drawn pictures", "source": "ours", "path": "PRESET_PATH"}],
  "schema": [
    {"table": "", "key": "title", "type": "text", "default": "", "min": null, "max": null, "choices": [], "unit": "1", "help": "What it is for.", "source": "", "level": "common", "when": ""},
    {"table": "", "key": "seed", "type": "int", "default": 0, "min": 0, "max": 9007199254740991, "choices": [], "unit": "1", "help": "Every random number follows from it.", "source": "", "level": "common", "when": ""},
    {"table": "data", "key": "name", "type": "choice", "default": "demo", "min": null, "max": null, "choices": ["cifar10", "demo", "folder"], "unit": "1", "help": "Data set.", "source": "", "level": "common", "when": ""},
    {"table": "data", "key": "path", "type": "path", "default": "", "min": null, "max": null, "choices": [], "unit": "1", "help": "Folder of the data set.", "source": "", "level": "common", "when": ""},
    {"table": "pretrain", "key": "epochs", "type": "int", "default": 10, "min": 1, "max": 1000000, "choices": [], "unit": "epochs", "help": "Passes over the training images.", "source": "MIMIR, Tab. 8", "level": "common", "when": ""},
    {"table": "pretrain", "key": "mask_ratio", "type": "number", "default": 0.75, "min": 0, "max": 0.999, "choices": [], "unit": "1", "help": "Share of the patches that the encoder does not see.", "source": "He et al. 2022", "level": "common", "when": ""},
    {"table": "pretrain", "key": "norm_pix_loss", "type": "bool", "default": true, "min": null, "max": null, "choices": [], "unit": "1", "help": "Reconstruct normalised patches.", "source": "", "level": "advanced", "when": ""},
    {"table": "pretrain.attack", "key": "epsilon", "type": "number", "default": 0.03137254901960784, "min": 0, "max": null, "choices": [], "unit": "of [0,1]", "help": "Largest perturbation.", "source": "MIMIR, Sec. 5", "level": "common", "when": ""},
    {"table": "pretrain.information", "key": "estimator", "type": "choice", "default": "hsic", "min": null, "max": null, "choices": ["hsic", "none", "renyi"], "unit": "1", "help": "Measure of dependence.", "source": "", "level": "common", "when": ""},
    {"table": "pretrain.information", "key": "alpha", "type": "number", "default": 1.01, "min": 0.01, "max": 10, "choices": [], "unit": "1", "help": "Order of the entropy.", "source": "", "level": "advanced", "when": "pretrain.information.estimator=renyi"},
    {"table": "finetune", "key": "epochs", "type": "int", "default": 10, "min": 1, "max": 1000000, "choices": [], "unit": "epochs", "help": "Passes over the training images.", "source": "", "level": "common", "when": ""},
    {"table": "evaluate", "key": "attacks", "type": "list", "default": ["natural", "fgsm", "pgd-20"], "min": null, "max": null, "choices": [], "unit": "1", "help": "Tests in order.", "source": "", "level": "common", "when": ""},
    {"table": "evaluate", "key": "images", "type": "int", "default": 1000, "min": 0, "max": null, "choices": [], "unit": "images", "help": "Test images scored.", "source": "", "level": "common", "when": ""},
    {"table": "compute", "key": "device", "type": "text", "default": "auto", "min": null, "max": null, "choices": [], "unit": "1", "help": "auto, cpu, cuda or cuda:N.", "source": "", "level": "common", "when": ""},
    {"table": "compute", "key": "precision", "type": "choice", "default": "fp32", "min": null, "max": null, "choices": ["fp32", "bf16"], "unit": "1", "help": "Matrix products of training.", "source": "", "level": "common", "when": ""}
  ]
})json";

inline constexpr const char* kRecipe = R"(title = "Drawn pictures"
[data]
name = "demo"
train_images = 400
[pretrain]
epochs = 4
batch_size = 64
[pretrain.attack]
epsilon = "8/255"
[evaluate]
images = 500
)";
