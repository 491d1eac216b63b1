// Weak stand-ins for internal functions whose Swift side is not written yet: each raises SystemError naming itself.
#include <stddef.h>
void *gila_missing(const char *name);
#define MISSING(name, result) \
  __attribute__((weak)) long name(void) { gila_missing(#name); return result; }
MISSING(gila_arg_parse, 0)
MISSING(gila_unpack_check, -1)
MISSING(gila_build_value, 0)
MISSING(gila_call_built, 0)
MISSING(gila_unicode_name, 0)
MISSING(gila_unicode_character_named, -1)
MISSING(gila_anext_default, 0)
