#pragma clang diagnostic ignored "-Wnullability-completeness"
// Static storage of the text singletons: they are immortal and shared by all interpreters.
#pragma once
#include "gila/inline.h"

/// The str of each Latin-1 character, the str and bytes of length 0, the bytes of each single byte.
extern char gila_latin1_storage[256][64] __attribute__((aligned(16)));
extern char gila_empty_str_storage[64] __attribute__((aligned(16)));
extern char gila_byte_storage[256][48] __attribute__((aligned(16)));
extern char gila_empty_bytes_storage[48] __attribute__((aligned(16)));
/// The key of SipHash for str and bytes; set once at start from PYTHONHASHSEED or the system's random numbers.
extern uint64_t gila_hash_key[2];

static inline PyObject *_Nonnull gila_latin1(uint32_t c) { return (PyObject *)gila_latin1_storage[c & 255]; }
static inline PyObject *_Nonnull gila_empty_str(void) { return (PyObject *)gila_empty_str_storage; }
static inline PyObject *_Nonnull gila_byte(uint32_t c) { return (PyObject *)gila_byte_storage[c & 255]; }
static inline PyObject *_Nonnull gila_empty_bytes(void) { return (PyObject *)gila_empty_bytes_storage; }
static inline uint64_t gila_hash_key0(void) { return gila_hash_key[0]; }
static inline uint64_t gila_hash_key1(void) { return gila_hash_key[1]; }
static inline void gila_set_hash_key(uint64_t k0, uint64_t k1) {
  gila_hash_key[0] = k0;
  gila_hash_key[1] = k1;
}
static inline char *_Nonnull gila_bytearray_empty(void) {
  extern char _PyByteArray_empty_string[];
  return _PyByteArray_empty_string;
}
