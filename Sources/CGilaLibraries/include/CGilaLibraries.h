// C libraries that are loaded when a module first needs them, so that a start pays for none of them.
#pragma once

enum gila_library {
  GILA_ZLIB,
  GILA_BZIP2,
  GILA_LZMA,
  GILA_EXPAT,
  GILA_FFI,
  GILA_SQLITE,
  GILA_CRYPTO,
  GILA_SSL,
  GILA_CURSES,
  GILA_PANEL,
};

/// Loads a library and binds its functions. NULL, or why that failed. Call it before the first use of any function of
/// the library; calling it again costs nothing. One thread at a time.
const char *_Nullable gila_load_library(enum gila_library library);
