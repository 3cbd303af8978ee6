#include <QTest>

#include <algorithm>

#include "core/selftest/check.h"

using namespace mimir;
using namespace mimir::selftest;

/// Every reference file at hand, by the checks that `mimir selftest` runs. MIMIR_REFERENCE_DIR names another set.
class SelftestTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ReferenceFileAgrees_data();
  void ReferenceFileAgrees();
  void EveryCheckHasAFileOrSaysSo();
};

void SelftestTest::ReferenceFileAgrees_data() {
  QTest::addColumn<QString>("path");
  const auto files = reference_files(default_reference_directory());
  for (const auto& file : files) {
    QTest::newRow(file.filename().c_str()) << QString::fromStdString(file.string());
  }
  if (files.empty()) QTest::newRow("none") << QString();
}

void SelftestTest::ReferenceFileAgrees() {
  QFETCH(QString, path);
  if (path.isEmpty()) {
    QFAIL(qPrintable(QStringLiteral("there is no reference file in %1: the project has some in tests/reference")
                         .arg(QString::fromStdString(default_reference_directory().string()))));
  }
  const FileResult result = run_check(path.toStdString(), "cpu");
  if (!result.agrees && result.message.empty()) {
    QSKIP(qPrintable(QStringLiteral("the kind %1 has no check yet").arg(QString::fromStdString(result.kind))));
  }
  std::string text = result.message;
  for (const auto& tensor : result.tensors) {
    if (!(tensor.share <= 1)) text += "\n  " + tensor.name + ": " + std::to_string(tensor.share) + " of the tolerance";
  }
  qInfo("worst %.3g of the tolerance, %zu comparisons, %zu unchecked, %.2f s", result.worst, result.tensors.size(),
        result.unchecked.size(), result.seconds);
  for (const std::string& name : result.unchecked) qInfo("  unchecked: %s", name.c_str());
  QVERIFY2(*result.agrees, text.c_str());
}

void SelftestTest::EveryCheckHasAFileOrSaysSo() {
  std::vector<std::string> kinds;
  for (const auto& file : reference_files(default_reference_directory())) {
    if (file.extension() == ".json") {
      kinds.push_back(file.stem().string());
      continue;
    }
    const auto fixture = Fixture::read(file, "cpu");
    QVERIFY2(fixture.has_value(), file.c_str());
    kinds.push_back(fixture->kind);
  }
  QVERIFY(!kinds.empty());
  for (const std::string& id : checks().ids()) {
    if (std::find(kinds.begin(), kinds.end(), id) == kinds.end()) qInfo("no file of the kind %s", id.c_str());
  }
}

QTEST_APPLESS_MAIN(SelftestTest)
#include "selftest_test.moc"
