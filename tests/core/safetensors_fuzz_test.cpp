#include <QTest>

#include "tests/support/frame_mutations.h"

using namespace mimir;

/// Minutes under a sanitizer, which turns a read outside the file or a giant allocation into a failure.
class SafetensorsFuzzTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void AHundredThousandDamagedFilesNeverCrashTheReader() { QVERIFY(test::survives_mutations(100'000, 1)); }
  void AHundredThousandDamagedFramesNeverCrashTheWorkersReader() { QVERIFY(test::frames_survive_mutations(100'000, 1)); }
};

QTEST_APPLESS_MAIN(SafetensorsFuzzTest)
#include "safetensors_fuzz_test.moc"
