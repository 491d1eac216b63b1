// Weak stand-ins for internal functions whose Swift side is not written yet: each raises SystemError naming itself.
#include <stddef.h>
void *gila_missing(const char *name);
#define MISSING(name, result) \
  __attribute__((weak)) long name(void) { gila_missing(#name); return result; }
MISSING(_PyErr_FormatFromCause, 0)
