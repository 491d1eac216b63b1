// Weak stand-ins for internal functions whose Swift side is not written yet: each raises SystemError naming itself.
#include <stddef.h>
void *gila_missing(const char *name);
#define MISSING(name, result) \
  __attribute__((weak)) long name(void) { gila_missing(#name); return result; }
MISSING(_PyErr_FormatFromCause, 0)
#include <stdint.h>
// Memory is not traced: both say so with the value that CPython's return while tracemalloc is off.
int PyTraceMalloc_Track(unsigned int domain, uintptr_t pointer, size_t size) { return -2; }
int PyTraceMalloc_Untrack(unsigned int domain, uintptr_t pointer) { return -2; }
