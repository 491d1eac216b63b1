// liblzma: the functions that Gila calls.
#include "binding.h"

#define FUNCTIONS(F) \
  F(lzma_alone_decoder) F(lzma_alone_encoder) F(lzma_auto_decoder) F(lzma_check_is_supported) F(lzma_code) \
  F(lzma_easy_encoder) F(lzma_end) F(lzma_get_check) F(lzma_lzma_preset) F(lzma_properties_decode) \
  F(lzma_properties_encode) F(lzma_properties_size) F(lzma_raw_decoder) F(lzma_raw_encoder) F(lzma_stream_decoder) \
  F(lzma_stream_encoder)

LIBRARY(gila_lzma, FUNCTIONS, "liblzma.so.5")
