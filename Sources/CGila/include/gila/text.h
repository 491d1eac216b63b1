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

// Codec functions of GilaText that take an error handler's name; for _codecs, _io and others.
PyObject *_PyUnicode_EncodeUTF7(PyObject *s, const char *errors);
PyObject *_PyUnicode_EncodeUTF16(PyObject *s, const char *errors, int byteorder);
PyObject *_PyUnicode_EncodeUTF32(PyObject *s, const char *errors, int byteorder);
PyObject *_PyUnicode_AsLatin1String(PyObject *s, const char *errors);
PyObject *_PyUnicode_AsASCIIString(PyObject *s, const char *errors);
PyObject *_PyUnicode_EncodeCharmap(PyObject *s, PyObject *mapping, const char *errors);
PyObject *_PyUnicode_DecodeUnicodeEscapeStateful(const char *p, Py_ssize_t n, const char *errors, Py_ssize_t *consumed);
PyObject *_PyUnicode_DecodeRawUnicodeEscapeStateful(const char *p, Py_ssize_t n, const char *errors, Py_ssize_t *consumed);
PyObject *_PyCodec_Lookup(const char *encoding);
PyObject *_PyCodec_LookupTextEncoding(const char *encoding, const char *alternate);
PyObject *_PyCodec_DecodeText(PyObject *o, const char *encoding, const char *errors);
PyObject *_PyCodec_EncodeText(PyObject *s, const char *encoding, const char *errors);
PyObject *_PyCodecInfo_GetIncrementalDecoder(PyObject *info, const char *errors);
PyObject *_PyCodecInfo_GetIncrementalEncoder(PyObject *info, const char *errors);
PyObject *gila_formatter_parser(PyObject *s);                 // _string.formatter_parser
PyObject *gila_formatter_field_name_split(PyObject *s);       // _string.formatter_field_name_split
PyObject *gila_unicode_decode_escape_warning(PyObject *s, const char *p, int is_bytes);
/// Finds the character of a Unicode name or alias; 0 when there is none. Implemented beside unicodedata.
int gila_unicode_character_named(const char *name, Py_ssize_t n, Py_UCS4 *character, int allow_sequences);
/// Writes the name of a character and returns its length; 0 when it has none.
Py_ssize_t gila_unicode_name(Py_UCS4 character, char *buffer, Py_ssize_t size);
Py_ssize_t gila_interned_count(void);
