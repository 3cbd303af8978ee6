#pragma once

#include <QTest>

/// Fails the test with the error's sentence.
#define QVERIFY_OK(expected) QVERIFY2((expected).has_value(), (expected) ? "" : (expected).error().message.c_str())

/// The call failed, with this code, and says `part` in its sentence.
#define QVERIFY_FAILS(expected, error_code, part)                                                              \
  do {                                                                                                         \
    QVERIFY(!(expected).has_value());                                                                          \
    QVERIFY2((expected).error().code == (error_code), (expected).error().message.c_str());                     \
    QVERIFY2((expected).error().message.find(part) != std::string::npos, (expected).error().message.c_str()); \
  } while (false)
