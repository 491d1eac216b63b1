// Opening a library and filling its cells.
#include "binding.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *load(struct library *library) {
  if (library->loaded) return 0;
  void *handle = 0;
  for (const char *const *file = library->files; *file && !handle; file++) handle = dlopen(*file, RTLD_LAZY | RTLD_LOCAL);
  if (!handle) return dlerror();
  int i = 0;
  for (const char *name = library->names; *name; name += strlen(name) + 1, i++) {
    library->cells[i] = dlsym(handle, name);
    if (!library->cells[i]) {
      const char *wrong = dlerror();
      return wrong ? wrong : "a library lacks a function";
    }
  }
  library->loaded = 1;
  return 0;
}

const char *gila_load_library(enum gila_library library) {
  static struct library *const all[] = {
      [GILA_ZLIB] = &gila_zlib,        [GILA_BZIP2] = &gila_bzip2,   [GILA_LZMA] = &gila_lzma,     [GILA_EXPAT] = &gila_expat,
      [GILA_FFI] = &gila_ffi_library,  [GILA_SQLITE] = &gila_sqlite, [GILA_CRYPTO] = &gila_crypto, [GILA_SSL] = &gila_ssl,
      [GILA_CURSES] = &gila_curses,    [GILA_PANEL] = &gila_panel,
  };
  return load(all[library]);
}
