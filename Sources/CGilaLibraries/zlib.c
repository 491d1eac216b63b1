// zlib: the functions that Gila calls.
#include "binding.h"

#define FUNCTIONS(F) \
  F(adler32) F(crc32) F(deflate) F(deflateCopy) F(deflateEnd) F(deflateInit2_) F(deflateSetDictionary) F(inflate) \
  F(inflateCopy) F(inflateEnd) F(inflateInit2_) F(inflateSetDictionary) F(zlibVersion)

LIBRARY(gila_zlib, FUNCTIONS, "libz.so.1")
