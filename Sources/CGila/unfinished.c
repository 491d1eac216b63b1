// Weak stand-ins for internal functions whose Swift side is not written yet: each raises SystemError naming itself.
#include <stddef.h>
void *gila_missing(const char *name);
#define MISSING(name, result) \
  __attribute__((weak)) long name(void) { gila_missing(#name); return result; }
MISSING(gila_unicode_name, 0)
MISSING(gila_unicode_character_named, -1)
MISSING(gila_make_typevar, 0)
MISSING(gila_make_paramspec, 0)
MISSING(gila_make_typevartuple, 0)
MISSING(gila_subscript_generic, 0)
MISSING(gila_make_typealias, 0)
MISSING(gila_set_typeparam_default, 0)
// No lock yet: nobody asks for it.
__attribute__((weak)) void gila_lock_switch(void *ts) { (void)ts; }
MISSING(_PyErr_FormatFromCause, 0)
