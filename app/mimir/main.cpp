#include <cstdio>

#include "core/base/version.h"

int main() { std::printf("mimir %s\n", mimir::version()); }
