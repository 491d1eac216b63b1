#pragma once
#include <ffi.h>
// libffi, as Debian's libffi-dev has it: its descriptions of C's types are variables, its long double is not Swift's.
#include <string.h>
static inline ffi_type *_Nonnull gila_ffi(int kind) {
  switch (kind) {
  case FFI_TYPE_SINT8: return &ffi_type_sint8;
  case FFI_TYPE_UINT8: return &ffi_type_uint8;
  case FFI_TYPE_SINT16: return &ffi_type_sint16;
  case FFI_TYPE_UINT16: return &ffi_type_uint16;
  case FFI_TYPE_SINT32: return &ffi_type_sint32;
  case FFI_TYPE_UINT32: return &ffi_type_uint32;
  case FFI_TYPE_SINT64: return &ffi_type_sint64;
  case FFI_TYPE_UINT64: return &ffi_type_uint64;
  case FFI_TYPE_FLOAT: return &ffi_type_float;
  case FFI_TYPE_DOUBLE: return &ffi_type_double;
  case FFI_TYPE_LONGDOUBLE: return &ffi_type_longdouble;
  case FFI_TYPE_POINTER: return &ffi_type_pointer;
  default: return &ffi_type_void;
  }
}
static inline double gila_long_double_get(const void *_Nonnull p) { long double v; memcpy(&v, p, sizeof v); return (double)v; }
static inline void gila_long_double_set(void *_Nonnull p, double d) { long double v = d; memcpy(p, &v, sizeof v); }
static inline int gila_ffi_default_abi(void) { return FFI_DEFAULT_ABI; }
static inline ffi_status gila_ffi_prepare(ffi_cif *_Nonnull c, unsigned n, ffi_type *_Nonnull result, ffi_type *_Nullable *_Nonnull arguments) {
  return ffi_prep_cif(c, FFI_DEFAULT_ABI, n, result, arguments);
}
