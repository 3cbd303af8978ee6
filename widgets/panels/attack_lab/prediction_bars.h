#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

#include "widgets/theme/theme.h"

namespace mimir {

/// The largest probabilities, clean above adversarial; the class that each stands for is named, the true one marked.
class PredictionBars : public QWidget {
  Q_OBJECT

 public:
  struct Row {
    QString name;
    double clean = 0;
    std::optional<double> adversarial;  ///< none: not known
    bool is_true = false;
    bool predicted = false;  ///< of the adversarial picture
  };

  explicit PredictionBars(Theme& theme, QWidget* parent = nullptr);
  void set_rows(std::vector<Row> rows);
  const std::vector<Row>& rows() const { return rows_; }
  void set_stale(bool stale);

  QSize sizeHint() const override { return {300, 220}; }
  QSize minimumSizeHint() const override { return {220, 150}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  std::vector<Row> rows_;
  bool stale_ = false;
};

/// The `count` classes with the largest clean or adversarial probability; the last makes room for the label where that is not
/// among them, -1: it is not known. `adversarial` may be empty: not known.
std::vector<PredictionBars::Row> top_rows(const std::vector<float>& clean, const std::vector<float>& adversarial, int label, int count,
                                          const std::function<QString(int)>& name);

}  // namespace mimir
