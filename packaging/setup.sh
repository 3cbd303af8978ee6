# Sourced by ./workbench and ./check: what a fresh Debian 12 needs before CMake can run. Everything here is
# done once; where it is already done it costs a moment.
#   mimir_setup                packages of the system, then libtorch
#   mimir_build PRESET         configure and build build/PRESET

set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."

LIBTORCH_VERSION=2.13.0
LIBTORCH_ARCHIVE="https://download.pytorch.org/libtorch/cpu/libtorch-shared-with-deps-$LIBTORCH_VERSION%2Bcpu.zip"
LIBTORCH_HEADER=include/torch/csrc/api/include/torch/torch.h
PACKAGES=(build-essential cmake ninja-build ccache unzip pkg-config
  qt6-base-dev qt6-svg-dev libqcustomplot-dev libopencv-core-dev libopencv-imgproc-dev libsqlitecpp-dev libsqlite3-dev libtomlplusplus-dev
  libcli11-dev nlohmann-json3-dev libfmt-dev libexpected-dev libjpeg62-turbo-dev libpng-dev
  desktop-file-utils appstream python3 python3-pip ca-certificates)

say() { printf '%s\n' "$*" >&2; }
give_up() { say "$*"; exit 1; }

install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    return 0  # another distribution: CMake names what is missing
  fi
  local package missing=()
  for package in "${PACKAGES[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      root=(sudo)
    else
      give_up "These packages are missing; as root, run: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    fi
  fi
  local install=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
  say "Installing ${missing[*]}"
  # The lists of a fresh system are empty, those of an old one name files that are gone.
  if ! apt-get install --simulate "${missing[@]}" >/dev/null 2>&1 || ! "${install[@]}" >&2; then
    "${root[@]}" apt-get update -q >&2
    "${install[@]}" >&2 || give_up "apt-get could not install ${missing[*]}: see its message above."
  fi
}

# Whether a libtorch is given: on CMAKE_PREFIX_PATH of the environment or of the build folder's cache.
libtorch_is_given() {
  local prefixes="${CMAKE_PREFIX_PATH:-}" prefix cache=build/release/CMakeCache.txt
  [ -f "$cache" ] && prefixes+=":$(sed -n -e 's/^CMAKE_PREFIX_PATH:[A-Z]*=//p' -e 's/^Libtorch_ROOT_GIVEN:INTERNAL=//p' "$cache")"
  while read -r prefix; do
    prefix="${prefix%/}"
    prefix="${prefix%/share/cmake}"
    [ -n "$prefix" ] && [ -f "$prefix/$LIBTORCH_HEADER" ] && return 0
  done < <(tr ':;' '\n\n' <<<"$prefixes")
  return 1
}

# download URL FILE, by whatever there is.
download() {
  if command -v curl >/dev/null; then curl -fL --retry 2 -o "$2" "$1"
  elif command -v wget >/dev/null; then wget -O "$2" "$1"
  else python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$2"
  fi
}

# The CPU wheel, into the folder $1. The first pip that has one wins: the plain torch would be a CUDA build of
# gigabytes. Any Python's wheel holds the same C++ libraries, so a second try pins one.
download_wheel() {
  local python pin log="$1/pip.log"
  for python in python3 /usr/bin/python3; do
    "$python" -m pip --version >/dev/null 2>&1 || continue
    for pin in "" "--python-version 311 --only-binary=:all:"; do
      # shellcheck disable=SC2086 — the pin is two words or none
      "$python" -m pip download "torch==$LIBTORCH_VERSION+cpu" --no-deps --disable-pip-version-check $pin -d "$1" >"$log" 2>&1 && return 0
    done
  done
  return 1
}

# unpack ARCHIVE ROOT: headers and the libraries that a C++ program loads, into third_party/libtorch. The
# folder appears whole or not at all.
unpack() {
  local folder=third_party/libtorch.part
  unzip -q "$1" "$2/include/*" "$2/lib/libtorch.so" "$2/lib/libtorch_cpu.so" "$2/lib/libc10.so" "$2/lib/libgomp*" -d "$folder/unpacked" &&
    [ -f "$folder/unpacked/$2/$LIBTORCH_HEADER" ] && [ -f "$folder/unpacked/$2/lib/libtorch_cpu.so" ] &&
    mv "$folder/unpacked/$2" third_party/libtorch
}

fetch_libtorch() {
  libtorch_is_given && return 0
  [ -f "third_party/libtorch/$LIBTORCH_HEADER" ] && return 0
  mkdir -p third_party
  exec 9>third_party/.lock
  flock 9  # ./check and ./workbench may start together
  if [ ! -f "third_party/libtorch/$LIBTORCH_HEADER" ]; then
    rm -rf third_party/libtorch third_party/libtorch.part
    mkdir third_party/libtorch.part
    say "Fetching libtorch $LIBTORCH_VERSION for the CPU (about 190 MB, once)"
    if download_wheel third_party/libtorch.part && unpack third_party/libtorch.part/torch-*.whl torch; then :
    elif say "pip has no CPU build of torch $LIBTORCH_VERSION; fetching PyTorch's archive" &&
      download "$LIBTORCH_ARCHIVE" third_party/libtorch.part/libtorch.zip >&2 &&
      unpack third_party/libtorch.part/libtorch.zip libtorch; then :
    else
      rm -rf third_party/libtorch.part
      give_up "libtorch could not be fetched: unpack one (2.11 or newer) from https://pytorch.org and give its folder, CMAKE_PREFIX_PATH=/path/to/libtorch $0"
    fi
    rm -rf third_party/libtorch.part
  fi
  exec 9>&-
}

mimir_setup() {
  install_packages
  fetch_libtorch
}

# A libtorch of the environment goes into the cache, so that a later build finds it without.
mimir_build() {
  local given=()
  [ -n "${CMAKE_PREFIX_PATH:-}" ] && given=("-DCMAKE_PREFIX_PATH=${CMAKE_PREFIX_PATH//:/;}")
  mkdir -p build
  say "Building build/$1"
  if ! cmake --preset "$1" "${given[@]}" >"build/configure-$1.log" 2>&1; then
    cat "build/configure-$1.log" >&2
    return 1
  fi
  cmake --build --preset "$1" >&2
}
