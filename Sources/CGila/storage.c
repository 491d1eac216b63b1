// Storage of singletons and thread-locals.
#include "CGila.h"

PyObject _Py_NoneStruct = {{_Py_IMMORTAL_REFCNT}, &_PyNone_Type};
PyObject _Py_EllipsisObject = {{_Py_IMMORTAL_REFCNT}, &PyEllipsis_Type};
PyObject _Py_NotImplementedStruct = {{_Py_IMMORTAL_REFCNT}, &_PyNotImplemented_Type};
PyLongObject _Py_TrueStruct = {{{_Py_IMMORTAL_REFCNT}, &PyBool_Type}, {8, {1}}};
PyLongObject _Py_FalseStruct = {{{_Py_IMMORTAL_REFCNT}, &PyBool_Type}, {1, {0}}};

__thread PyThreadState *gila_tls;
__thread PyThreadState *gila_tls_gilstate;
uintptr_t gila_pools_start, gila_pools_end, gila_pools_fresh;
int gila_memory_traced;

char _PyByteArray_empty_string[] = "";
const char *Py_hexdigits = "0123456789abcdef";
const unsigned long Py_Version = 0x030d00f0;
const char *Py_FileSystemDefaultEncoding = "utf-8";
const char *Py_FileSystemDefaultEncodeErrors = "surrogateescape";
int (*PyOS_InputHook)(void);
char *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *);
PyThreadState *_PyOS_ReadlineTState;

void *gila_missing(const char *name) {
  // A thread without a state cannot keep an exception: it gets the failure alone.
  if (gila_ts_or_null()) PyErr_Format(PyExc_SystemError, "%s is not implemented in Gila", name);
  return NULL;
}
struct gila_empty_keys gila_empty_keys = {{0, 3, 0, 0, 1, 0, 0}, {-1, -1, -1, -1, -1, -1, -1, -1}};
PyObject *gila_names[256];

#define SMALL1(tag, d) {{{_Py_IMMORTAL_REFCNT}, &PyLong_Type}, {tag, {d}}}
#define SMALL4(d) SMALL1(8, d), SMALL1(8, d + 1), SMALL1(8, d + 2), SMALL1(8, d + 3)
#define SMALL16(d) SMALL4(d), SMALL4(d + 4), SMALL4(d + 8), SMALL4(d + 12)
#define SMALL64(d) SMALL16(d), SMALL16(d + 16), SMALL16(d + 32), SMALL16(d + 48)
PyLongObject gila_small_ints[5 + 257] = {
    SMALL1(10, 5), SMALL1(10, 4), SMALL1(10, 3), SMALL1(10, 2), SMALL1(10, 1), SMALL1(1, 0),
    SMALL64(1), SMALL64(65), SMALL64(129), SMALL16(193), SMALL16(209), SMALL16(225), SMALL16(241)};

struct gila_empty_tuple gila_empty_tuple = {{0, 0}, {{{{_Py_IMMORTAL_REFCNT}, &PyTuple_Type}, 0}, {0}}};
const char *const PyStructSequence_UnnamedField = "unnamed field";

// Kinds of ASCII characters for the macros Py_ISALPHA and the like of C headers: 1 lower, 2 upper, 4 digit, 8 space,
// 16 hexadecimal digit.
const unsigned int _Py_ctype_table[256] = {
    ['\t' ... '\r'] = 8, [' '] = 8, ['0' ... '9'] = 4 | 16, ['A' ... 'F'] = 2 | 16, ['G' ... 'Z'] = 2,
    ['a' ... 'f'] = 1 | 16, ['g' ... 'z'] = 1};
#define SAME4(n) n, n + 1, n + 2, n + 3
#define SAME16(n) SAME4(n), SAME4(n + 4), SAME4(n + 8), SAME4(n + 12)
#define SAME64(n) SAME16(n), SAME16(n + 16), SAME16(n + 32), SAME16(n + 48)
#define SAME26(n) SAME16(n), SAME4(n + 16), SAME4(n + 20), n + 24, n + 25
const unsigned char _Py_ctype_tolower[256] = {
    SAME64(0), 64, SAME26('a'), SAME4(91), 95, 96, SAME26('a'), SAME4(123), 127, SAME64(128), SAME64(192)};
const unsigned char _Py_ctype_toupper[256] = {
    SAME64(0), 64, SAME26('A'), SAME4(91), 95, 96, SAME26('A'), SAME4(123), 127, SAME64(128), SAME64(192)};
