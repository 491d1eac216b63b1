// The table of a library's functions, written once as a list of names.
//
// Swift calls SSL_new as the library's header declares it. What it reaches is a jump through a cell, defined here under
// that name and hidden from other shared objects: extension modules that bring the library along get their own.
// Cells and names stand in the order of the list, cells in memory that starts as zeros, so that neither costs a
// relocation. The linker finds what the list lacks: no library is linked.
#pragma once
#include "CGilaLibraries.h"

struct library {
  const char *const *files;  // tried in turn, ends with NULL
  const char *names;         // "SSL_new\0SSL_free\0…"
  void **cells;
  int loaded;
};
extern struct library gila_zlib, gila_bzip2, gila_lzma, gila_expat, gila_ffi_library, gila_sqlite, gila_crypto, gila_ssl,
    gila_curses, gila_panel;

#if defined(__x86_64__)
#define JUMP(name) "jmp *cell_" #name "(%rip)\n"
#elif defined(__aarch64__)
#define JUMP(name) "adrp x16, cell_" #name "\nldr x16, [x16, :lo12:cell_" #name "]\nbr x16\n"
#else
#error "binding.h: no jump through a cell for this processor"
#endif

#define TEXT(name) #name "\0"
#define ENTRY(name)                                                                        \
  ".globl " #name "\n.hidden " #name "\n.type " #name ", @function\n.p2align 3\n"          \
  #name ":\n" JUMP(name) ".size " #name ", .-" #name "\n"
#define CELL(name) "cell_" #name ": .quad 0\n"

/// Defines the functions FUNCTIONS(F) lists as F(name), and the library as `variable`.
#define LIBRARY(variable, FUNCTIONS, ...)                                                                       \
  __asm__(".text\n" FUNCTIONS(ENTRY));                                                                          \
  __asm__(".pushsection .bss." #variable "_cells,\"aw\",@nobits\n.p2align 3\n" #variable "_cells:\n" FUNCTIONS(CELL) \
          ".popsection\n");                                                                                     \
  extern void *variable##_cells[] __attribute__((visibility("hidden")));                                        \
  static const char variable##_names[] = FUNCTIONS(TEXT);                                                       \
  static const char *const variable##_files[] = {__VA_ARGS__, 0};                                               \
  struct library variable = {variable##_files, variable##_names, variable##_cells, 0};
