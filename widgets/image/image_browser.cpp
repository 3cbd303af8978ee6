#include "widgets/image/image_browser.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QSignalBlocker>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/format.h"
#include "widgets/image/array_picture.h"
#include "widgets/image/image_list_model.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kLeastPage = 24;
constexpr int kMostPage = 240;
constexpr int kListMargin = 8;  ///< px that the list keeps for itself
constexpr int kSoonMs = 120;
const QString kTopic = QStringLiteral("images");

template <typename T>
std::optional<T> value_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<T>();
}

}  // namespace

ImageBrowser::ImageBrowser(Session& session, QWidget* parent) : QWidget(parent), session_(&session), model_(new ImageListModel(this)), list_(new QListView), message_(new QLabel), page_(kLeastPage) {
  list_->setModel(model_);
  list_->setItemDelegate(new ImageDelegate(session.theme(), list_));
  list_->setViewMode(QListView::IconMode);
  list_->setMovement(QListView::Static);
  list_->setResizeMode(QListView::Adjust);
  list_->setUniformItemSizes(true);
  list_->setSelectionMode(QAbstractItemView::SingleSelection);
  list_->setMouseTracking(true);
  list_->setAccessibleName(tr("Pictures of the data set"));
  message_->setWordWrap(true);
  message_->setAlignment(Qt::AlignCenter);
  message_->setProperty("role", QStringLiteral("label"));
  auto* pages = new QStackedLayout(this);
  pages->addWidget(list_);
  pages->addWidget(message_);
  filters_ = make_filters();

  soon_.setSingleShot(true);
  soon_.setInterval(kSoonMs);
  connect(&soon_, &QTimer::timeout, this, &ImageBrowser::ask);
  // By the selection: a list that gets the focus makes some picture its current one, which nobody has chosen.
  connect(list_->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this](const QItemSelection& selected) {
    if (!selected.isEmpty()) choose_row(selected.indexes().front().row());
  });
  connect(list_, &QListView::activated, this, [this](const QModelIndex& row) { choose_row(row.row()); });
  const auto another_model = [this] {
    const nlohmann::json question = session_->question();
    const QString model = question.empty() ? QString() : QString::fromStdString(question.at("run").get<std::string>());
    if (model == asked_model_) return;
    asked_model_ = model;
    offset_ = 0;
    ask_soon();
  };
  connect(&session, &Session::run_selected, this, another_model);
  connect(&session, &Session::checkpoint_selected, this, another_model);
  connect(&session, &Session::image_selected, this, &ImageBrowser::follow_selection);
  another_model();
}

ImageBrowser::~ImageBrowser() = default;

QWidget* ImageBrowser::make_filters() {
  Theme& theme = session_->theme();
  auto* filters = new QWidget;
  auto* row = new QHBoxLayout(filters);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  class_ = new QComboBox;
  class_->setAccessibleName(tr("Only images of this class"));
  class_->addItem(tr("All classes"), QString());
  class_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  class_->setMaximumWidth(120);
  show_ = new QComboBox;
  show_->setAccessibleName(tr("Which images, in which order"));
  show_->addItem(tr("All"), QStringList{QStringLiteral("all"), QStringLiteral("index")});
  show_->addItem(tr("Wrong"), QStringList{QStringLiteral("wrong"), QStringLiteral("index")});
  show_->addItem(tr("Right"), QStringList{QStringLiteral("right"), QStringLiteral("index")});
  show_->addItem(tr("Smallest margin"), QStringList{QStringLiteral("all"), QStringLiteral("margin")});
  show_->setToolTip(tr("Smallest margin: nearest to the border of the decision first"));
  const auto button = [&](const char* name, const QString& tip, int pages) {
    auto* tool = new QToolButton;
    tool->setIcon(icon(theme, QLatin1String(name)));
    tool->setToolTip(tip);
    tool->setAccessibleName(tip);
    connect(tool, &QToolButton::clicked, this, [this, pages] { turn(pages, Choose::nothing); });
    return tool;
  };
  back_ = button("step-prev", tr("Earlier images"), -1);
  on_ = button("step-next", tr("More images"), 1);
  for (QWidget* each : {static_cast<QWidget*>(class_), static_cast<QWidget*>(show_), static_cast<QWidget*>(back_), static_cast<QWidget*>(on_)}) row->addWidget(each);
  const auto filtered = [this] {
    offset_ = 0;
    ask_soon();
  };
  connect(class_, &QComboBox::currentIndexChanged, this, filtered);
  connect(show_, &QComboBox::currentIndexChanged, this, filtered);
  return filters;
}

void ImageBrowser::ask_soon() {
  stale_ = true;
  if (isVisible()) soon_.start();
}

void ImageBrowser::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (stale_) soon_.start();
}

void ImageBrowser::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (room() > page_ && offset_ + page_ < total_) ask_soon();
}

int ImageBrowser::room() const {
  const QSize cell = ImageDelegate::kCell;
  const int columns = (width() - kListMargin) / cell.width(), rows = (height() - kListMargin) / cell.height();
  return std::min(columns * rows, kMostPage);
}

bool ImageBrowser::settled() const { return !soon_.isActive() && !session_->worker().asks(this, kTopic); }

void ImageBrowser::ask() {
  nlohmann::json options = session_->question();
  if (options.empty()) {
    model_->set_images({});
    return;
  }
  if (room() > page_) {
    page_ = room();
    offset_ = offset_ / page_ * page_;
  }
  const QStringList which = show_->currentData().toStringList();
  options.erase("image");
  options["show"] = which.at(0).toStdString();
  options["order"] = which.at(1).toStdString();
  options["offset"] = offset_;
  options["count"] = page_;
  if (const QString name = class_->currentData().toString(); !name.isEmpty()) options["class"] = name.toStdString();
  stale_ = false;
  session_->worker().ask(this, kTopic, "images", std::move(options), [this](const Worker::Answer& answer) { answered(answer); });
}

void ImageBrowser::answered(const Worker::Answer& answer) {
  auto* pages = static_cast<QStackedLayout*>(layout());
  if (answer->part == AnswerPart::progress) {
    Q_EMIT summary_changed(tr("looking through the images …"));
    return;
  }
  if (answer->part == AnswerPart::final) {
    show_page(*answer);
    return;
  }
  if (answer->part != AnswerPart::error) return;
  model_->set_images({});
  const QString problem = QString::fromStdString(answer->message);
  message_->setText(problem);
  pages->setCurrentIndex(1);
  Q_EMIT summary_changed({});
  Q_EMIT page_changed(problem);
}

void ImageBrowser::show_page(const WorkerAnswer& answer) {
  const nlohmann::json& result = answer.result;
  QStringList classes;
  for (const std::string& name : class_names(result)) classes << QString::fromStdString(name);
  const auto name_of = [&](std::optional<int> label) { return !label ? tr("unknown") : *label >= 0 && *label < classes.size() ? classes[*label] : tr("class %1").arg(*label); };
  std::vector<ListedImage> images;
  const auto pictures = answer.arrays.find("images");
  std::int64_t at = 0;
  for (const auto& each : result.value("images", nlohmann::json::array())) {
    ListedImage image;
    const auto label = value_of<int>(each, "label"), prediction = value_of<int>(each, "prediction");
    image.index = value_of<std::int64_t>(each, "index").value_or(0);
    image.name = name_of(label);
    if (prediction && label) image.right = *prediction == *label;
    image.answer = name_of(prediction);
    image.margin = value_of<double>(each, "margin");
    if (pictures != answer.arrays.end()) image.picture = picture_of(pictures->second, at);
    ++at;
    images.push_back(std::move(image));
  }
  total_ = value_of<int>(result, "total").value_or(static_cast<int>(images.size()));
  if (classes != classes_) {
    classes_ = classes;
    const QSignalBlocker blocker(class_);
    const QString before = class_->currentData().toString();
    class_->clear();
    class_->addItem(tr("All classes"), QString());
    for (const QString& name : classes_) class_->addItem(name, name);
    class_->setCurrentIndex(std::max(class_->findData(before), 0));
  }
  const bool none = images.empty();
  message_->setText(tr("No image is like this among the %1 that were looked at.").arg(value_of<int>(result, "scanned").value_or(0)));
  static_cast<QStackedLayout*>(layout())->setCurrentIndex(none ? 1 : 0);
  {
    const QSignalBlocker blocker(list_->selectionModel());
    model_->set_images(std::move(images));
  }
  back_->setEnabled(offset_ > 0);
  on_->setEnabled(offset_ + page_ < total_);
  const QString split = session_->image().split;
  Q_EMIT summary_changed(none ? tr("%1 split").arg(split) : tr("%1 split · %2–%3 of %4").arg(split).arg(offset_ + 1).arg(offset_ + model_->rowCount()).arg(number_text(total_, 6)));
  if (choose_ != Choose::nothing && !none) choose_row(choose_ == Choose::first ? 0 : model_->rowCount() - 1);
  choose_ = Choose::nothing;
  follow_selection();
  Q_EMIT page_changed({});
}

void ImageBrowser::turn(int pages, Choose choose) {
  const int next = offset_ + pages * page_;
  if (next < 0 || next >= std::max(total_, 1)) return;
  offset_ = next;
  choose_ = choose;
  ask();
}

void ImageBrowser::step(int by) {
  if (stale_ && !isVisible()) {  // there is no page to walk through: the split's next one
    const ImageChoice& now = session_->image();
    return session_->select_image({now.split, now.file.isEmpty() ? std::max<std::int64_t>(now.index + by, 0) : 0, {}});
  }
  const int row = session_->image().file.isEmpty() ? model_->row_of(session_->image().index) : -1;
  if (row < 0 && model_->rowCount() > 0) return choose_row(by > 0 ? 0 : model_->rowCount() - 1);
  const int next = row + by;
  if (next < 0) return turn(-1, Choose::last);
  if (next >= model_->rowCount()) return turn(1, Choose::first);
  choose_row(next);
}

void ImageBrowser::choose_row(int row) {
  const ListedImage& image = model_->images()[static_cast<std::size_t>(row)];
  session_->select_image({session_->image().split, image.index, {}});
}

void ImageBrowser::follow_selection() {
  const ImageChoice& image = session_->image();
  const int row = image.file.isEmpty() ? model_->row_of(image.index) : -1;
  const QSignalBlocker blocker(list_->selectionModel());
  if (row < 0) list_->selectionModel()->clear();
  else list_->selectionModel()->setCurrentIndex(model_->index(row), QItemSelectionModel::ClearAndSelect);
  if (row >= 0) list_->scrollTo(model_->index(row));
  list_->viewport()->update();
}

QImage ImageBrowser::selected_thumbnail() const {
  const int row = session_->image().file.isEmpty() ? model_->row_of(session_->image().index) : -1;
  return row < 0 ? QImage() : model_->images()[static_cast<std::size_t>(row)].picture;
}

QString ImageBrowser::selected_name() const {
  const int row = session_->image().file.isEmpty() ? model_->row_of(session_->image().index) : -1;
  return row < 0 ? QString() : model_->images()[static_cast<std::size_t>(row)].name;
}

}  // namespace mimir
