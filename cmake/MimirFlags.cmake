# The one place for compiler flags: every target of the project links mimir_flags.
add_library(mimir_flags INTERFACE)
target_compile_features(mimir_flags INTERFACE cxx_std_20)
target_include_directories(mimir_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(mimir_flags INTERFACE -Wall -Wextra -Wpedantic -Wno-unknown-pragmas)
target_compile_definitions(mimir_flags INTERFACE QT_NO_KEYWORDS)
if(MIMIR_WERROR)
  target_compile_options(mimir_flags INTERFACE -Werror)
endif()
if(NOT MIMIR_SANITIZER STREQUAL "none")
  # gcc 12 sees uninitialised values in the standard library's own variants and functions once they are instrumented.
  target_compile_options(mimir_flags INTERFACE -fsanitize=${MIMIR_SANITIZER} -fno-omit-frame-pointer -g1
    -Wno-maybe-uninitialized)
  target_link_options(mimir_flags INTERFACE -fsanitize=${MIMIR_SANITIZER})
endif()
