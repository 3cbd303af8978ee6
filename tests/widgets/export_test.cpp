#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/plot/plot_export.h"

#include <nlohmann/json.hpp>

using namespace mimir;
using test::TemporaryFolder;

namespace {

const QString kRun = QStringLiteral("run-a");
const QString kName = QStringLiteral("hsic-1e-4 · s0");

/// A plot of 300 points with values that no short decimal hits.
struct Plot : MetricPlot {
  std::vector<Point> points;
  explicit Plot(Theme& theme) : MetricPlot(theme) {
    for (int step = 0; step < 300; ++step) points.push_back({1, step, 1000 + step / 3.0, 0.05 + std::exp(-step / 70.0) / 3 + 0.01 * std::sin(step)});
    set_title(QStringLiteral("Reconstruction"), QStringLiteral("loss, masked patches"));
    PlotOptions options = this->options();
    options.x_title = true;
    options.y = ScaleKind::linear;
    set_options(options);
    set_runs({{kRun, kName, 0}});
    set_series(kRun, RunSeries(points));
    resize(640, 300);
  }
};

/// What stands as text in an SVG.
QStringList texts_of(const QByteArray& svg) {
  QStringList texts;
  QXmlStreamReader xml(svg);
  while (!xml.atEnd()) {
    if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == QLatin1String("text")) texts += xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
  }
  return xml.hasError() ? QStringList{xml.errorString()} : texts;
}

/// The longest line of an SVG, in its own coordinates.
std::vector<QPointF> longest_line_of(const QByteArray& svg) {
  std::vector<QPointF> longest;
  QXmlStreamReader xml(svg);
  while (!xml.atEnd()) {
    if (xml.readNext() != QXmlStreamReader::StartElement || xml.name() != QLatin1String("polyline")) continue;
    std::vector<QPointF> line;
    for (const QString& pair : xml.attributes().value(QLatin1String("points")).toString().split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
      line.emplace_back(pair.section(QLatin1Char(','), 0, 0).toDouble(), pair.section(QLatin1Char(','), 1).toDouble());
    }
    if (line.size() > longest.size()) longest = line;
  }
  return longest;
}

/// The objects' streams of a PDF, unpacked.
QList<QByteArray> streams_of(const QByteArray& pdf) {
  QList<QByteArray> streams;
  for (qsizetype at = pdf.indexOf("stream\n"); at >= 0; at = pdf.indexOf("stream\n", at)) {
    at += 7;
    const qsizetype end = pdf.indexOf("endstream", at);
    const QByteArray packed = pdf.mid(at, end - at);
    const quint32 room = 16U << 20;  // qUncompress wants to know how much at most
    QByteArray header(4, 0);
    for (int i = 0; i < 4; ++i) header[i] = static_cast<char>(room >> (24 - 8 * i));
    const QByteArray plain = qUncompress(header + packed);
    streams += plain.isEmpty() ? packed : plain;
    at = end + 9;  // behind the word, which holds "stream" itself
  }
  return streams;
}

/// The text that a reader of a PDF would copy, by each of its fonts' tables from glyphs to characters.
QStringList texts_of_pdf(const QByteArray& pdf) {
  QList<std::map<uint, uint>> fonts;
  QByteArray page;
  for (const QByteArray& stream : streams_of(pdf)) {
    if (stream.contains("beginbfrange") || stream.contains("beginbfchar")) {
      std::map<uint, uint> characters;
      static const QRegularExpression range(QStringLiteral("<([0-9a-fA-F]{4})>\\s*<([0-9a-fA-F]{4})>\\s*<([0-9a-fA-F]{4})>"));
      for (auto match = range.globalMatch(QString::fromLatin1(stream)); match.hasNext();) {
        const auto found = match.next();
        const uint from = found.captured(1).toUInt(nullptr, 16), to = found.captured(2).toUInt(nullptr, 16), first = found.captured(3).toUInt(nullptr, 16);
        for (uint glyph = from; glyph <= to; ++glyph) characters[glyph] = first + glyph - from;
      }
      static const QRegularExpression list(QStringLiteral("<([0-9a-fA-F]{4})>\\s*<([0-9a-fA-F]{4})>\\s*\\[([^\\]]*)\\]"));
      for (auto match = list.globalMatch(QString::fromLatin1(stream)); match.hasNext();) {
        const auto found = match.next();
        uint glyph = found.captured(1).toUInt(nullptr, 16);
        static const QRegularExpression one(QStringLiteral("<([0-9a-fA-F]{4})>"));
        for (auto each = one.globalMatch(found.captured(3)); each.hasNext();) characters[glyph++] = each.next().captured(1).toUInt(nullptr, 16);
      }
      fonts += characters;
    } else if (stream.contains("\nBT")) {
      page += stream;
    }
  }
  QStringList texts;
  static const QRegularExpression shown(QStringLiteral("<([0-9a-fA-F]{4,})>"));
  for (const auto& characters : fonts) {
    QString text;
    for (auto match = shown.globalMatch(QString::fromLatin1(page)); match.hasNext();) {
      const QString glyphs = match.next().captured(1);
      for (qsizetype i = 0; i + 4 <= glyphs.size(); i += 4) {
        const auto found = characters.find(glyphs.mid(i, 4).toUInt(nullptr, 16));
        text += found == characters.end() ? QChar(u'?') : QChar(found->second);
      }
    }
    texts += text;
  }
  return texts;
}

double parsed(const QByteArray& field) {
  if (field == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (field == "inf" || field == "-inf") return field[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  double value = -1;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size() ? value : -12345;
}

}  // namespace

class ExportTest : public QObject {
  Q_OBJECT

  Theme theme_;

 private Q_SLOTS:
  void initTestCase() { theme_.apply(*qobject_cast<QApplication*>(QCoreApplication::instance())); }

  void AnSvgHasItsTextAsText() {
    const Plot plot(theme_);
    const QStringList texts = texts_of(render_plot(plot, {}));
    for (const QString& text : {QStringLiteral("Reconstruction"), QStringLiteral("loss, masked patches"), kName, QStringLiteral("optimiser step"), QStringLiteral("0.20"), QStringLiteral("100")}) {
      QVERIFY2(texts.contains(text), qPrintable(text + QStringLiteral(" is not among ") + texts.join(QLatin1Char('|'))));
    }
  }

  void APdfHasItsTextAsText() {
    const Plot plot(theme_);
    PlotExport options;
    options.format = PlotFormat::pdf;
    const QByteArray pdf = render_plot(plot, options);
    QVERIFY(pdf.contains("/FontFile2") || pdf.contains("/FontFile3"));  // the fonts travel with it
    const QString all = texts_of_pdf(pdf).join(QLatin1Char('\n'));
    for (const QString& text : {QStringLiteral("Reconstruction"), QStringLiteral("masked"), QStringLiteral("hsic"), QStringLiteral("optimiser"), QStringLiteral("0.20")}) {
      QVERIFY2(all.contains(text), qPrintable(text + QStringLiteral(" is not in ") + all));
    }
  }

  /// From run.db through reader, series and CSV and back: every bit.
  void ACsvEqualsTheDatabaseToTheLastDigit() {
    const TemporaryFolder folder;
    Recipe recipe;
    recipe.pretrain.emplace();
    const RunFolder run = Workspace(folder.path()).create_run("exact", recipe, nlohmann::json::object()).value();
    const std::vector<double> values{0.1 + 0.2, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 123456789.123456789, std::nextafter(1.0, 2.0),
                                     std::numeric_limits<double>::quiet_NaN(), HUGE_VAL, -HUGE_VAL, 2.2250738585072014e-308, 1e-5, 100000, 6.02214076e23};
    {
      const auto writer = std::move(RunWriter::open(run, {"pretrain"}).value());
      writer->begin_segment("pretrain", 0, 100);
      for (std::size_t i = 0; i < values.size(); ++i) writer->scalar("pretrain/loss", static_cast<std::int64_t>(i), values[i]);
      writer->end_segment(SegmentState::finished);
      QVERIFY_OK(writer->close());
    }
    RunReader reader(run);
    const auto points = reader.points("pretrain/loss");
    QVERIFY_OK(points);
    QCOMPARE(points->size(), values.size());
    MetricPlot plot(theme_);
    plot.set_runs({{kRun, kName, 0}});
    plot.set_series(kRun, RunSeries(*points));
    PlotExport options;
    options.format = PlotFormat::csv;
    const QList<QByteArray> lines = render_plot(plot, options).trimmed().split('\n');
    QCOMPARE(lines.size(), static_cast<qsizetype>(values.size()) + 1);
    QCOMPARE(lines[0], QByteArray("run,measured,segment,step,time,value,replaced"));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const QList<QByteArray> fields = lines[static_cast<qsizetype>(i) + 1].split(',');
      QCOMPARE(fields[3].toLongLong(), static_cast<qlonglong>(i));
      QCOMPARE(std::bit_cast<std::uint64_t>(parsed(fields[4])), std::bit_cast<std::uint64_t>((*points)[i].time));
      const double value = parsed(fields[5]);
      if (std::isnan(values[i])) {
        QVERIFY(std::isnan(value));
        continue;
      }
      QCOMPARE(std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>((*points)[i].value));
      QCOMPARE(value, values[i]);  // SQLite keeps no sign of zero
    }
  }

  /// Two points fix a straight axis; the curve drawn from the CSV along it lies on that of the picture.
  void TheCurveDrawnFromTheCsvLiesOnThatOfThePicture() {
    const Plot plot(theme_);
    const std::vector<QPointF> line = longest_line_of(render_plot(plot, {}));
    const QList<QByteArray> rows = plot_csv(plot.data()).trimmed().split('\n').mid(1);
    QCOMPARE(line.size(), plot.points.size());  // not thinned unless asked for
    QCOMPARE(rows.size(), static_cast<qsizetype>(line.size()));
    const auto x = [&](qsizetype i) { return rows[i].split(',')[3].toDouble(); };
    const auto y = [&](qsizetype i) { return parsed(rows[i].split(',')[5]); };
    const qsizetype last = rows.size() - 1;
    const double x_scale = (line.back().x() - line.front().x()) / (x(last) - x(0)), y_scale = (line.back().y() - line.front().y()) / (y(last) - y(0));
    QVERIFY(x_scale > 0 && y_scale < 0);
    for (qsizetype i = 0; i <= last; ++i) {
      const QPointF drawn = line[static_cast<std::size_t>(i)];
      QVERIFY2(std::abs(line.front().x() + x_scale * (x(i) - x(0)) - drawn.x()) < 0.02, qPrintable(QString::number(i)));
      QVERIFY2(std::abs(line.front().y() + y_scale * (y(i) - y(0)) - drawn.y()) < 0.02, qPrintable(QString::number(i)));
    }
  }
};

QTEST_MAIN(ExportTest)
#include "export_test.moc"
