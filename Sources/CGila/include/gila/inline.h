#pragma clang diagnostic ignored "-Wnullability-completeness"
// Inline primitives Swift cannot express: counts, singletons, argument lists of C-variadic functions, atomics on C fields.
#pragma once
#include "gila/types.h"
#include "gila/state.h"
#include "gila/api.h"

extern PyObject _Py_NoneStruct;
extern PyObject _Py_EllipsisObject;
extern PyObject _Py_NotImplementedStruct;
extern PyLongObject _Py_TrueStruct;
extern PyLongObject _Py_FalseStruct;

static inline PyObject *_Nonnull gila_none(void) { return &_Py_NoneStruct; }
static inline PyObject *_Nonnull gila_ellipsis(void) { return &_Py_EllipsisObject; }
static inline PyObject *_Nonnull gila_not_implemented(void) { return &_Py_NotImplementedStruct; }
static inline PyObject *_Nonnull gila_true(void) { return (PyObject *)&_Py_TrueStruct; }
static inline PyObject *_Nonnull gila_false(void) { return (PyObject *)&_Py_FalseStruct; }

/// The name (by address) of struct sequence fields that have none.
extern const char *const PyStructSequence_UnnamedField;
static inline const char *_Nonnull gila_unnamed_field(void) { return PyStructSequence_UnnamedField; }

/// The ints from -5 to 256: immortal.
extern PyLongObject gila_small_ints[262];
static inline PyObject *_Nonnull gila_small_int(Py_ssize_t v) { return (PyObject *)&gila_small_ints[v + 5]; }

static inline void gila_incref(PyObject *_Nonnull o) {
  uint32_t n = o->ob_refcnt_split[0] + 1;
  if (n) o->ob_refcnt_split[0] = n;
}
static inline void gila_decref(PyObject *_Nonnull o) {
  if ((int32_t)o->ob_refcnt < 0) return;
  if (--o->ob_refcnt == 0) _Py_Dealloc(o);
}
static inline bool gila_is_immortal(PyObject *_Nonnull o) { return (int32_t)o->ob_refcnt < 0; }
static inline void gila_set_immortal(PyObject *_Nonnull o) { o->ob_refcnt = _Py_IMMORTAL_REFCNT; }

/// Bit-fields of a str's state as one word, so that Swift reads it with one load.
static inline uint32_t gila_unicode_state(PyObject *_Nonnull o) { return *(uint32_t *)((char *)o + 32); }
static inline void gila_set_unicode_state(PyObject *_Nonnull o, uint32_t s) { *(uint32_t *)((char *)o + 32) = s; }

/// Swift cannot define or call C-variadic functions: shims in shims.c wrap their arguments in this.
typedef struct gila_va {
  va_list ap;
} gila_va;
static inline int gila_va_int(gila_va *_Nonnull v) { return va_arg(v->ap, int); }
static inline unsigned int gila_va_uint(gila_va *_Nonnull v) { return va_arg(v->ap, unsigned int); }
static inline long gila_va_long(gila_va *_Nonnull v) { return va_arg(v->ap, long); }
static inline unsigned long gila_va_ulong(gila_va *_Nonnull v) { return va_arg(v->ap, unsigned long); }
static inline long long gila_va_longlong(gila_va *_Nonnull v) { return va_arg(v->ap, long long); }
static inline double gila_va_double(gila_va *_Nonnull v) { return va_arg(v->ap, double); }
static inline void *_Nullable gila_va_pointer(gila_va *_Nonnull v) { return va_arg(v->ap, void *); }

/// The three words libc keeps behind macros.
static inline int *_Nonnull gila_errno_location(void) {
  extern int *__errno_location(void);
  return __errno_location();
}

// Atomics on fields of C structs.
static inline uintptr_t gila_atomic_load(const uintptr_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline uintptr_t gila_relaxed_load(const uintptr_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
static inline void gila_atomic_or(uintptr_t *_Nonnull p, uintptr_t bits) { __atomic_fetch_or(p, bits, __ATOMIC_SEQ_CST); }
static inline void gila_atomic_and(uintptr_t *_Nonnull p, uintptr_t bits) { __atomic_fetch_and(p, bits, __ATOMIC_SEQ_CST); }
static inline bool gila_atomic_cas_u8(uint8_t *_Nonnull p, uint8_t expected, uint8_t desired) {
  return __atomic_compare_exchange_n(p, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/// A rough address of the top of the native stack.
static inline uintptr_t gila_stack_pointer(void) { return (uintptr_t)__builtin_frame_address(0); }

/// A failed function's exception, or a stub that raises SystemError naming itself.
void *_Nullable gila_missing(const char *_Nonnull name);

/// Bits of a thread's eval breaker: what the instruction loop looks at on calls and back-edges.
#define GILA_BREAK_LOCK 1
#define GILA_BREAK_SIGNALS 2
#define GILA_BREAK_PENDING 4
#define GILA_BREAK_ASYNC_EXCEPTION 8
#define GILA_BREAK_GC 16
/// Set as long as the thread is traced or profiled: frames change to the instrumented form.
#define GILA_BREAK_TRACE 32
static inline uintptr_t *_Nonnull gila_eval_breaker(PyThreadState *_Nonnull ts) { return &ts->eval_breaker; }

/// Where a tuple's, a list's items are.
static inline PyObject **_Nonnull gila_tuple_items(PyObject *_Nonnull t) { return ((PyTupleObject *)t)->ob_item; }
static inline PyObject **_Nullable gila_list_items(PyObject *_Nonnull l) { return ((PyListObject *)l)->ob_item; }

/// Immortal interned names that the runtime itself looks up: see `Dunder` in GilaCore.
extern PyObject *gila_names[256];
static inline PyObject *_Nonnull gila_name(intptr_t i) { return gila_names[i]; }
static inline void gila_set_name(intptr_t i, PyObject *_Nonnull name) { gila_names[i] = name; }
