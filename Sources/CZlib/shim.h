// zlib, as Debian's zlib1g-dev has it.
#pragma once
#include <zlib.h>
// The initialisers are macros that pass the size of the header's own structure.
static inline int gila_deflate_init(z_stream *_Nonnull z, int level, int method, int bits, int memory, int strategy) {
  return deflateInit2(z, level, method, bits, memory, strategy);
}
static inline int gila_inflate_init(z_stream *_Nonnull z, int bits) { return inflateInit2(z, bits); }
