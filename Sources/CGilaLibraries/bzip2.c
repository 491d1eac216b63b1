// libbz2: the functions that Gila calls. Its soname differs between systems.
#include "binding.h"

#define FUNCTIONS(F) \
  F(BZ2_bzCompress) F(BZ2_bzCompressEnd) F(BZ2_bzCompressInit) F(BZ2_bzDecompress) F(BZ2_bzDecompressEnd) \
  F(BZ2_bzDecompressInit)

LIBRARY(gila_bzip2, FUNCTIONS, "libbz2.so.1.0", "libbz2.so.1")
