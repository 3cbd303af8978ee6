#pragma once

#include <QString>
#include <optional>

#include "core/base/parameter.h"
#include "widgets/form/form_schema.h"

namespace mimir {

/// A number as people type it: 0.1, 1e-4, 8/255, 2*8/255, (1+3)/4. Dots for decimals in any locale.
std::optional<double> evaluate_number(const QString& text);

/// The value as a form shows it: 8/255 where that is what a number on the scale of images means.
QString value_text(const FieldSchema& field, const Value& value);

/// The text as a recipe spells it: arithmetic carried out, spaces gone. None if it is not of the field's type.
std::optional<QString> canonical_text(const FieldSchema& field, const QString& text);

/// "8/255" for "8/225" or "8", if the typed text is likely to mean that.
std::optional<QString> likely_fraction(const FieldSchema& field, const QString& text);

}  // namespace mimir
