// libbzip2, as Debian's libbz2-dev has it.
#pragma once
#include <bzlib.h>
