// liblzma, as Debian's liblzma-dev has it.
#pragma once
#include <lzma.h>
// An initialiser macro, and constants that are macros with casts.
static inline lzma_stream gila_lzma_stream(void) { lzma_stream s = LZMA_STREAM_INIT; return s; }
static inline lzma_vli gila_lzma_unknown(void) { return LZMA_VLI_UNKNOWN; }
static inline uint32_t gila_lzma_tell_checks(void) { return LZMA_TELL_ANY_CHECK | LZMA_TELL_NO_CHECK; }
