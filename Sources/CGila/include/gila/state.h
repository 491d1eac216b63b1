#pragma clang diagnostic ignored "-Wnullability-completeness"
// Interpreter state, thread state and frames. Nothing that changes lives outside them.
#pragma once
#include "gila/layouts.h"

/// The first 304 bytes are where CPython 3.13 has them; extensions read and write some of them inline.
struct _ts {
  PyThreadState *prev;
  PyThreadState *next;
  PyInterpreterState *interp;
  uintptr_t eval_breaker;
  struct {
    unsigned int initialized : 1;
    unsigned int bound : 1;
    unsigned int unbound : 1;
    unsigned int bound_gilstate : 1;
    unsigned int active : 1;
    unsigned int finalizing : 1;
    unsigned int cleared : 1;
    unsigned int finalized : 1;
    unsigned int : 24;
  } _status;
  int _whence;
  int state;
  int py_recursion_remaining;
  int py_recursion_limit;
  int c_recursion_remaining;
  int recursion_headroom;
  int tracing;
  int what_event;
  struct _PyInterpreterFrame *current_frame;
  Py_tracefunc c_profilefunc;
  Py_tracefunc c_tracefunc;
  PyObject *c_profileobj;
  PyObject *c_traceobj;
  PyObject *current_exception;
  _PyErr_StackItem *exc_info;
  PyObject *dict;
  int gilstate_counter;
  PyObject *async_exc;
  unsigned long thread_id;
  unsigned long native_thread_id;
  PyObject *delete_later;
  uintptr_t critical_section;
  int coroutine_origin_tracking_depth;
  PyObject *async_gen_firstiter;
  PyObject *async_gen_finalizer;
  PyObject *context;
  uint64_t context_ver;
  uint64_t id;
  _PyStackChunk *datastack_chunk;
  PyObject **datastack_top;
  PyObject **datastack_limit;
  _PyErr_StackItem exc_state;
  PyObject *previous_executor;
  uint64_t dict_global_version;
  PyObject *threading_local_key;
  PyObject *threading_local_sentinel;
};

/// What Gila keeps of a thread behind CPython's fields.
typedef struct gila_thread {
  PyThreadState base;
  /// Lowest native stack address that Python code may reach before RecursionError.
  uintptr_t stack_limit;
  uintptr_t stack_hard_limit;
  /// Nesting of _Py_Dealloc once it has begun to defer (trashcan).
  int dealloc_depth;
  /// Record of this thread in the lock (GilaLock's own struct).
  void *lock_record;
  /// Counts of takes of this thread state by PyGILState_Ensure, tracing depth and so on are in `base`.
  void *thread_handle;
  PyObject *excepthook_args;
  /// Instrumentation version this thread saw last.
  uint64_t instrumentation_version;
  /// Native function whose tracing is disabled while a trace function runs.
  int trace_opcodes;
  /// Where this thread's small objects come from: the heap of its interpreter's owner.
  struct gila_heap *heap;
  void *spare[24];
} gila_thread;

/// One generation of the cycle collector: list head, threshold, count.
typedef struct gila_gc_head {
  uintptr_t next;
  uintptr_t prev;
} gila_gc_head;
typedef struct gila_gc_generation {
  gila_gc_head head;
  int threshold;
  int count;
  Py_ssize_t collections;
  Py_ssize_t collected;
  Py_ssize_t uncollectable;
} gila_gc_generation;

/// A 16 KiB pool of equal blocks; the head takes the first 64 bytes (GilaCore/Memory/SmallBlocks.swift).
typedef struct gila_pool {
  void *free;
  struct gila_pool *next;
  struct gila_pool *previous;
  int32_t used;
  int32_t size_class;
  size_t untouched;
  size_t block_size;
  uint8_t linked;
  uint8_t parked;
} gila_pool;
#define GILA_SMALL_CLASSES 33
typedef struct gila_heap gila_heap;
struct gila_heap {
  gila_pool *usable[GILA_SMALL_CLASSES];
  gila_pool *empty;
  /// While allocations are traced, pools wait here instead of in `usable`: every call then takes the slow way.
  gila_pool *parked[GILA_SMALL_CLASSES];
  int traced;
};
/// Whether tracemalloc records allocations: looked at where blocks come from libc.
extern int gila_memory_traced;
static inline int gila_memory_is_traced(void) { return gila_memory_traced; }
static inline void gila_set_memory_traced(int on) { gila_memory_traced = on; }
/// The address range that pools of all interpreters are cut from; set once at start.
extern uintptr_t gila_pools_start;
extern uintptr_t gila_pools_end;
extern uintptr_t gila_pools_fresh;
static inline uintptr_t gila_get_pools_start(void) { return gila_pools_start; }
static inline uintptr_t gila_get_pools_end(void) { return gila_pools_end; }
/// Where the next pool will be.
static inline uintptr_t gila_get_pools_fresh(void) { return __atomic_load_n(&gila_pools_fresh, __ATOMIC_RELAXED); }
static inline void gila_set_pools(uintptr_t start, uintptr_t end) {
  gila_pools_start = start;
  gila_pools_fresh = start;
  gila_pools_end = end;
}
static inline uintptr_t gila_take_pool(size_t size) {
  uintptr_t at = __atomic_fetch_add(&gila_pools_fresh, size, __ATOMIC_RELAXED);
  return at + size <= gila_pools_end ? at : 0;
}

struct _is {
  PyInterpreterState *next;
  int64_t id;
  PyThreadState *threads_head;
  PyThreadState *main_thread;
  gila_heap heap;
  uint64_t next_thread_id;
  /// The GIL of this interpreter (GilaLock's object).
  void *lock;
  int finalizing;
  int initialized;
  PyObject *sysdict;
  PyObject *builtins;
  PyObject *modules;
  PyObject *importlib;
  PyObject *import_func;
  PyObject *dict;
  PyObject *codec_search_path;
  PyObject *codec_search_cache;
  PyObject *codec_error_registry;
  PyObject *interned;
  PyObject *before_forkers;
  PyObject *after_forkers_child;
  PyObject *after_forkers_parent;
  /// Cycle collector.
  gila_gc_generation generations[3];
  gila_gc_generation permanent;
  int gc_enabled;
  int gc_collecting;
  int gc_debug;
  PyObject *gc_garbage;
  PyObject *gc_callbacks;
  Py_ssize_t long_lived_total;
  Py_ssize_t long_lived_pending;
  /// Type attribute cache and version tags.
  unsigned int next_type_version;
  uint32_t next_function_version;
  uint64_t dict_version;
  void *type_cache;
  /// Recursion limit of new threads, coroutine origin depth, switch interval.
  int recursion_limit;
  int int_max_str_digits;
  /// Instrumentation (sys.settrace, sys.setprofile, sys.monitoring).
  uint64_t instrumentation_version;
  PyObject *monitoring_tools[8];
  uint32_t monitoring_events[20];
  /// Signals and pending calls.
  void *pending;
  /// Frozen configuration (GilaImport's own struct).
  void *config;
  PyObject *audit_hooks;
  PyObject *atexit_callbacks;
  /// Named slots for the singletons of modules and types: see `InterpreterSlot` in GilaCore.
  PyObject *slots[256];
  /// The interpreter that the lock, the memory, the type versions and the interned text belong to: the main interpreter
  /// for itself and for all that share its lock (PEP 684: "shared GIL").
  PyInterpreterState *owner;
  /// What the interpreter allows: the bits of GilaCore/State/InterpreterFeatures.swift.
  unsigned long features;
  /// How it came to be (`_interpreters.WHENCE_…`).
  int whence;
  /// References by id; with `counts_id_references` the interpreter ends with the last of them.
  int counts_id_references;
  Py_ssize_t id_references;
  /// The thread that runs code in `__main__` by `_interpreters` or as the program.
  PyThreadState *running_main;
  /// The import lock (GilaModulesRuntime's own object).
  void *import_lock;
  /// What extension modules are checked for: 0 as configured, 1 on, -1 off.
  int extension_check_override;
  void *spare[64];
};

/// A frame on a thread's data stack, or inside a generator object. Offsets are fixed; machine code may rely on them.
struct _PyInterpreterFrame {
  struct _PyInterpreterFrame *previous;
  PyCodeObject *code;           // owned
  PyObject *func;               // owned function object
  PyObject *globals;            // borrowed from func
  PyObject *builtins;           // borrowed from func
  PyObject *locals;             // owned mapping of class and module bodies, else NULL
  PyFrameObject *frame_obj;     // owned, NULL until asked for
  const uint64_t *ip;           // next executable instruction, saved whenever anything can observe it
  PyObject **sp;                // saved stack pointer, one past the top
  int64_t traced_unit;          // the unit that tracing saw last in this frame, -1 at first
  uint8_t owner;                // gila_frame_owner
  uint8_t state;
  uint16_t flags;
  uint32_t return_offset;
  void *executable;             // the plain executable form of the code (GilaEval)
  PyObject *localsplus[1];      // locals, cells, free variables, then the value stack
};

enum gila_frame_owner { GILA_FRAME_THREAD = 0, GILA_FRAME_GENERATOR = 1, GILA_FRAME_OBJECT = 2, GILA_FRAME_ENTRY = 3 };

/// The frame object Python sees; line number at 40, where Cython stores it.
struct _frame {
  PyObject ob_base;
  PyFrameObject *f_back;
  struct _PyInterpreterFrame *f_frame;
  PyObject *f_trace;
  int f_lineno;
  char f_trace_lines;
  char f_trace_opcodes;
  PyObject *f_extra_locals;
  PyObject *f_locals_cache;
  PyObject *_f_frame_data[1];   // room for the frame once it has outlived its activation
};

extern __thread PyThreadState *gila_tls __attribute__((tls_model("initial-exec")));
/// The thread state that PyGILState_Ensure uses in this thread, whether it holds the lock or not.
extern __thread PyThreadState *gila_tls_gilstate __attribute__((tls_model("initial-exec")));
static inline PyThreadState *_Nullable gila_gilstate_ts(void) { return gila_tls_gilstate; }
static inline void gila_set_gilstate_ts(PyThreadState *_Nullable ts) { gila_tls_gilstate = ts; }
static inline PyThreadState *_Nullable gila_ts_or_null(void) { return gila_tls; }
static inline PyThreadState *_Nonnull gila_ts(void) { return gila_tls; }
static inline void gila_set_ts(PyThreadState *_Nullable ts) { gila_tls = ts; }

/// The key table of a dict: this head, then 2^log2_size indices of 1, 2, 4 or 8 bytes, then the entries in insertion order.
/// Kind 0: entries of key and value, all keys exact str (the hash is in the str). Kind 1: hash, key, value.
struct _dictkeysobject {
  uint8_t log2_size;
  uint8_t log2_index_bytes;  // log2 of the index table's size in bytes
  uint8_t kind;
  uint8_t shared;            // the attribute names of a class (values live in its instances)
  uint32_t version;          // 0: none; changes when the set of keys does
  Py_ssize_t usable;
  Py_ssize_t nentries;
};
/// The table of every empty dict.
struct gila_empty_keys {
  struct _dictkeysobject head;
  signed char indices[8];
};
extern struct gila_empty_keys gila_empty_keys;
static inline struct _dictkeysobject *_Nonnull gila_empty_keys_head(void) { return &gila_empty_keys.head; }

/// The empty tuple with its collector's head, never tracked.
struct gila_empty_tuple {
  gila_gc_head head;
  PyTupleObject tuple;
};
extern struct gila_empty_tuple gila_empty_tuple;
static inline PyObject *_Nonnull gila_empty_tuple_object(void) { return (PyObject *)&gila_empty_tuple.tuple; }

/// Iterators over a sequence by index: list, tuple, reversed list, sequence protocol. `seq` is NULL once exhausted.
typedef struct gila_seq_iterator {
  PyObject ob_base;
  Py_ssize_t index;
  PyObject *seq;
} gila_seq_iterator;
/// range_iterator: `start` moves on, `len` counts down.
typedef struct gila_range_iterator {
  PyObject ob_base;
  long start;
  long step;
  long len;
} gila_range_iterator;
/// range: four ints.
typedef struct gila_range {
  PyObject ob_base;
  PyObject *start;
  PyObject *stop;
  PyObject *step;
  PyObject *length;
} gila_range;
