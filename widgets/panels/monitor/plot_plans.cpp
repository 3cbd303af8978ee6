#include "widgets/panels/monitor/plot_plans.h"

#include <QCoreApplication>
#include <algorithm>
#include <initializer_list>

#include "widgets/format.h"

namespace mimir {
namespace {

struct Row {
  const char* title;
  const char* caption;
  const char* metric;
  const char* adversarial = nullptr;
  bool per_epoch = false;
  bool exact = false;
};

#define T(text) QT_TRANSLATE_NOOP("PlotPlans", text)

constexpr Row kPretrainEssentials[] = {
    {T("Reconstruction"), T("loss, masked patches"), "pretrain/reconstruction"},
    {T("Information"), T("of attacked input and latent"), "pretrain/information"},
    {T("Mutual information"), T("Rényi, bits, probe batch"), "pretrain/probe/renyi_clean", "pretrain/probe/renyi_adversarial", true},
    {T("Probe reconstruction"), T("fixed masks"), "pretrain/probe/reconstruction_clean", "pretrain/probe/reconstruction_adversarial", true},
    {T("Gradient norm"), "", "pretrain/grad_norm"},
    {T("Throughput"), T("images / s"), "pretrain/images_per_second"},
};
constexpr Row kFinetuneEssentials[] = {
    {T("Loss"), T("what the optimiser minimises"), "finetune/loss"},
    {T("Accuracy"), T("held-out images, clean and PGD-10"), "finetune/natural_accuracy", "finetune/robust_accuracy", true},
    {T("Training accuracy"), T("attacked batch"), "finetune/train_robust_accuracy"},
    {T("Overfitting gap"), T("training minus held-out"), "finetune/overfitting_gap", nullptr, true},
    {T("FGSM accuracy"), T("held-out images"), "finetune/fgsm_accuracy", nullptr, true},
    {T("Learning rate"), "", "finetune/learning_rate", nullptr, false, true},
};
constexpr Row kPretrainInformation[] = {
    {T("Information"), T("of attacked input and latent"), "pretrain/information"},
    {T("Weighted information"), T("as added to the loss"), "pretrain/information_weighted"},
    {T("Mutual information"), T("Rényi, bits, probe batch"), "pretrain/probe/renyi_clean", "pretrain/probe/renyi_adversarial", true},
    {T("HSIC"), T("probe batch"), "pretrain/probe/hsic_clean", "pretrain/probe/hsic_adversarial", true},
    {T("Gradient ratio"), T("penalty over reconstruction"), "pretrain/probe/information_gradient_ratio", nullptr, true},
    {T("Smallest eigenvalue"), T("latent kernel"), "pretrain/probe/smallest_eigenvalue", nullptr, true},
};
constexpr Row kPretrainRobustness[] = {
    {T("Probe reconstruction"), T("fixed masks"), "pretrain/probe/reconstruction_clean", "pretrain/probe/reconstruction_adversarial", true},
    {T("Attack gain"), T("probe batch"), "pretrain/probe/attack_gain", nullptr, true},
    {T("Saturation"), T("share of pixels at the bound"), "pretrain/attack_saturation"},
    {T("Zero gradients"), T("share of pixels"), "pretrain/attack_zero_gradient"},
};
constexpr Row kFinetuneRobustness[] = {
    {T("Accuracy"), T("held-out images, clean and PGD-10"), "finetune/natural_accuracy", "finetune/robust_accuracy", true},
    {T("Held-out loss"), T("nats, clean and PGD-10"), "finetune/natural_loss", "finetune/robust_loss", true},
    {T("FGSM accuracy"), T("held-out images"), "finetune/fgsm_accuracy", nullptr, true},
    {T("Training accuracy"), T("attacked batch"), "finetune/train_robust_accuracy"},
    {T("Overfitting gap"), T("training minus held-out"), "finetune/overfitting_gap", nullptr, true},
    {T("Epsilon"), T("of the attack"), "finetune/epsilon", nullptr, false, true},
};
constexpr Row kPretrainSpeed[] = {
    {T("Throughput"), T("images / s"), "pretrain/images_per_second"},
    {T("Data wait"), T("share of a step"), "pretrain/data_wait"},
    {T("Memory"), T("MiB"), "pretrain/memory"},
    {T("Learning rate"), "", "pretrain/learning_rate", nullptr, false, true},
};
constexpr Row kFinetuneSpeed[] = {
    {T("Throughput"), T("images / s"), "finetune/images_per_second"},
    {T("Data wait"), T("share of a step"), "finetune/data_wait"},
    {T("Memory"), T("MiB"), "finetune/memory"},
    {T("Learning rate"), "", "finetune/learning_rate", nullptr, false, true},
};

#undef T

template <std::size_t N>
QList<PlotPlan> made(const Row (&rows)[N]) {
  QList<PlotPlan> plans;
  for (const Row& row : rows) {
    plans.append({QCoreApplication::translate("PlotPlans", row.title), QCoreApplication::translate("PlotPlans", row.caption),
                  QString::fromLatin1(row.metric), QString::fromLatin1(row.adversarial), row.per_epoch, row.exact});
  }
  return plans;
}

QList<PlotPlan> all_of(const QString& stage, const RunRecord& record) {
  std::size_t most = 0;
  for (const auto& [metric, points] : record.points) most = std::max(most, points.size());
  QList<PlotPlan> plans;
  for (const auto& [metric, points] : record.points) {
    const QString name = QString::fromStdString(metric);
    if (!name.startsWith(stage + QLatin1Char('/'))) continue;
    const auto info = record.metrics.find(metric);
    const QString unit = info == record.metrics.end() || info->second.unit == "1" ? QString() : QString::fromStdString(info->second.unit);
    plans.append({metric_title(name), unit, name, {}, points.size() * 4 < most, name.endsWith(QLatin1String("/learning_rate")) || name.endsWith(QLatin1String("/epsilon"))});
  }
  return plans;
}

}  // namespace

QList<PlotPlan> plot_plans(PlotLayout layout, const QString& stage, const RunRecord* record) {
  const bool pretrain = stage == QLatin1String("pretrain"), finetune = stage == QLatin1String("finetune");
  if (layout == PlotLayout::all || (!pretrain && !finetune)) return record ? all_of(stage, *record) : QList<PlotPlan>();
  switch (layout) {
    case PlotLayout::essentials: return pretrain ? made(kPretrainEssentials) : made(kFinetuneEssentials);
    case PlotLayout::information: return pretrain ? made(kPretrainInformation) : QList<PlotPlan>();
    case PlotLayout::robustness: return pretrain ? made(kPretrainRobustness) : made(kFinetuneRobustness);
    case PlotLayout::speed: return pretrain ? made(kPretrainSpeed) : made(kFinetuneSpeed);
    case PlotLayout::all: break;
  }
  return {};
}

}  // namespace mimir
