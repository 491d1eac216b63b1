// libffi: the functions that Gila calls, and its descriptions of C's types.
#include "binding.h"

#include <ffi.h>
#include <stdint.h>

#define FUNCTIONS(F) \
  F(ffi_call) F(ffi_closure_alloc) F(ffi_closure_free) F(ffi_prep_cif) F(ffi_prep_closure_loc)

// Variables cannot be bound late. The library looks at what a description says, not at which one it is.
#define DESCRIBE(name, c, kind) \
  ffi_type ffi_type_##name __attribute__((visibility("hidden"))) = {sizeof(c), _Alignof(c), FFI_TYPE_##kind, 0};
DESCRIBE(sint8, int8_t, SINT8)
DESCRIBE(uint8, uint8_t, UINT8)
DESCRIBE(sint16, int16_t, SINT16)
DESCRIBE(uint16, uint16_t, UINT16)
DESCRIBE(sint32, int32_t, SINT32)
DESCRIBE(uint32, uint32_t, UINT32)
DESCRIBE(sint64, int64_t, SINT64)
DESCRIBE(uint64, uint64_t, UINT64)
DESCRIBE(float, float, FLOAT)
DESCRIBE(double, double, DOUBLE)
DESCRIBE(longdouble, long double, LONGDOUBLE)
DESCRIBE(pointer, void *, POINTER)
DESCRIBE(void, char, VOID)

LIBRARY(gila_ffi_library, FUNCTIONS, "libffi.so.8", "libffi.so.7")
