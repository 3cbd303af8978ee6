# Run with every build, so that a program names the commit it was built from and not the one it was configured at:
# cmake -DMIMIR_SOURCE_DIR=… -DPROJECT_VERSION=… -DHEADER=… -P WriteVersion.cmake. The header is left alone where it says so already.
execute_process(COMMAND git describe --always --dirty --abbrev=12 WORKING_DIRECTORY "${MIMIR_SOURCE_DIR}"
  OUTPUT_VARIABLE MIMIR_GIT_REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT MIMIR_GIT_REVISION)
  set(MIMIR_GIT_REVISION unknown)
endif()
configure_file("${MIMIR_SOURCE_DIR}/core/base/mimir_version.h.in" "${HEADER}" @ONLY)
