#pragma clang diagnostic ignored "-Wnullability-completeness"

// The object layouts of CPython 3.13 (x86-64 Linux, GIL build). Offsets are checked by Tests/ABI.
#pragma once
#include "gila/base.h"

typedef struct PyAsyncMethods_s {
  unaryfunc am_await;
  unaryfunc am_aiter;
  unaryfunc am_anext;
  sendfunc am_send;
} PyAsyncMethods;

typedef struct PyNumberMethods_s {
  binaryfunc nb_add;
  binaryfunc nb_subtract;
  binaryfunc nb_multiply;
  binaryfunc nb_remainder;
  binaryfunc nb_divmod;
  ternaryfunc nb_power;
  unaryfunc nb_negative;
  unaryfunc nb_positive;
  unaryfunc nb_absolute;
  inquiry nb_bool;
  unaryfunc nb_invert;
  binaryfunc nb_lshift;
  binaryfunc nb_rshift;
  binaryfunc nb_and;
  binaryfunc nb_xor;
  binaryfunc nb_or;
  unaryfunc nb_int;
  void *nb_reserved;
  unaryfunc nb_float;
  binaryfunc nb_inplace_add;
  binaryfunc nb_inplace_subtract;
  binaryfunc nb_inplace_multiply;
  binaryfunc nb_inplace_remainder;
  ternaryfunc nb_inplace_power;
  binaryfunc nb_inplace_lshift;
  binaryfunc nb_inplace_rshift;
  binaryfunc nb_inplace_and;
  binaryfunc nb_inplace_xor;
  binaryfunc nb_inplace_or;
  binaryfunc nb_floor_divide;
  binaryfunc nb_true_divide;
  binaryfunc nb_inplace_floor_divide;
  binaryfunc nb_inplace_true_divide;
  unaryfunc nb_index;
  binaryfunc nb_matrix_multiply;
  binaryfunc nb_inplace_matrix_multiply;
} PyNumberMethods;

typedef struct PySequenceMethods_s {
  lenfunc sq_length;
  binaryfunc sq_concat;
  ssizeargfunc sq_repeat;
  ssizeargfunc sq_item;
  void *was_sq_slice;
  ssizeobjargproc sq_ass_item;
  void *was_sq_ass_slice;
  objobjproc sq_contains;
  binaryfunc sq_inplace_concat;
  ssizeargfunc sq_inplace_repeat;
} PySequenceMethods;

typedef struct PyMappingMethods_s {
  lenfunc mp_length;
  binaryfunc mp_subscript;
  objobjargproc mp_ass_subscript;
} PyMappingMethods;

typedef struct PyBufferProcs_s {
  getbufferproc bf_getbuffer;
  releasebufferproc bf_releasebuffer;
} PyBufferProcs;

struct _specialization_cache {
  PyObject *getitem;
  uint32_t getitem_version;
  PyObject *init;
};

typedef struct PyHeapTypeObject_s {
  PyTypeObject ht_type;
  PyAsyncMethods as_async;
  PyNumberMethods as_number;
  PyMappingMethods as_mapping;
  PySequenceMethods as_sequence;
  PyBufferProcs as_buffer;
  PyObject *ht_name;
  PyObject *ht_slots;
  PyObject *ht_qualname;
  struct _dictkeysobject *ht_cached_keys;
  PyObject *ht_module;
  char *_ht_tpname;
  struct _specialization_cache _spec_cache;
} PyHeapTypeObject;

typedef struct PyType_Slot_s {
  int slot;
  void *pfunc;
} PyType_Slot;

typedef struct PyType_Spec_s {
  const char *name;
  int basicsize;
  int itemsize;
  unsigned int flags;
  PyType_Slot *slots;
} PyType_Spec;

typedef struct PyCompactUnicodeObject_s {
  PyASCIIObject _base;
  Py_ssize_t utf8_length;
  char *utf8;
} PyCompactUnicodeObject;

typedef struct {
  PyCompactUnicodeObject _base;
  union {
    void *any;
    Py_UCS1 *latin1;
    Py_UCS2 *ucs2;
    Py_UCS4 *ucs4;
  } data;
} PyUnicodeObject;

typedef struct PyBytesObject_s {
  PyVarObject ob_base;
  Py_hash_t ob_shash;
  char ob_sval[1];
} PyBytesObject;

typedef struct PyByteArrayObject_s {
  PyVarObject ob_base;
  Py_ssize_t ob_alloc;
  char *ob_bytes;
  char *ob_start;
  Py_ssize_t ob_exports;
} PyByteArrayObject;

typedef struct _PyUnicodeWriter {
  PyObject *buffer;
  void *data;
  int kind;
  Py_UCS4 maxchar;
  Py_ssize_t size;
  Py_ssize_t pos;
  Py_ssize_t min_length;
  Py_UCS4 min_char;
  unsigned char overallocate;
  unsigned char readonly;
} _PyUnicodeWriter;

typedef struct PyTupleObject_s {
  PyVarObject ob_base;
  PyObject * ob_item[1];
} PyTupleObject;

typedef struct PyListObject_s {
  PyVarObject ob_base;
  PyObject **ob_item;
  Py_ssize_t allocated;
} PyListObject;

typedef struct PyFloatObject_s {
  PyObject ob_base;
  double ob_fval;
} PyFloatObject;

typedef struct PyComplexObject_s {
  PyObject ob_base;
  Py_complex cval;
} PyComplexObject;

typedef struct PyDictObject_s {
  PyObject ob_base;
  Py_ssize_t ma_used;
  uint64_t ma_version_tag;
  PyDictKeysObject *ma_keys;
  PyDictValues *ma_values;
} PyDictObject;

typedef struct setentry_s {
  PyObject *key;
  Py_hash_t hash;
} setentry;

typedef struct PySetObject_s {
  PyObject ob_base;
  Py_ssize_t fill;
  Py_ssize_t used;
  Py_ssize_t mask;
  setentry *table;
  Py_hash_t hash;
  Py_ssize_t finger;
  setentry smalltable[8];
  PyObject *weakreflist;
} PySetObject;

typedef struct PySliceObject_s {
  PyObject ob_base;
  PyObject *start;
  PyObject *stop;
  PyObject *step;
} PySliceObject;

typedef struct PyCellObject_s {
  PyObject ob_base;
  PyObject *ob_ref;
} PyCellObject;

typedef struct PyMethodObject_s {
  PyObject ob_base;
  PyObject *im_func;
  PyObject *im_self;
  PyObject *im_weakreflist;
  vectorcallfunc vectorcall;
} PyMethodObject;

typedef struct PyInstanceMethodObject_s {
  PyObject ob_base;
  PyObject *func;
} PyInstanceMethodObject;

struct PyMethodDef {
  const char *ml_name;
  PyCFunction ml_meth;
  int ml_flags;
  const char *ml_doc;
};

typedef struct PyCFunctionObject_s {
  PyObject ob_base;
  PyMethodDef *m_ml;
  PyObject *m_self;
  PyObject *m_module;
  PyObject *m_weakreflist;
  vectorcallfunc vectorcall;
} PyCFunctionObject;

typedef struct PyCMethodObject_s {
  PyCFunctionObject func;
  PyTypeObject *mm_class;
} PyCMethodObject;

struct PyModuleDef {
  PyModuleDef_Base m_base;
  const char *m_name;
  const char *m_doc;
  Py_ssize_t m_size;
  PyMethodDef *m_methods;
  PyModuleDef_Slot *m_slots;
  traverseproc m_traverse;
  inquiry m_clear;
  freefunc m_free;
};

struct PyModuleDef_Slot {
  int slot;
  void *value;
};

struct PyGetSetDef {
  const char *name;
  getter get;
  setter set;
  const char *doc;
  void *closure;
};

struct PyMemberDef {
  const char *name;
  int type;
  Py_ssize_t offset;
  int flags;
  const char *doc;
};

typedef struct PyDescrObject_s {
  PyObject ob_base;
  PyTypeObject *d_type;
  PyObject *d_name;
  PyObject *d_qualname;
} PyDescrObject;

struct wrapperbase {
  const char *name;
  int offset;
  void *function;
  wrapperfunc wrapper;
  const char *doc;
  int flags;
  PyObject *name_strobj;
};

typedef struct PyMethodDescrObject_s {
  PyDescrObject d_common;
  PyMethodDef *d_method;
  vectorcallfunc vectorcall;
} PyMethodDescrObject;

typedef struct PyGetSetDescrObject_s {
  PyDescrObject d_common;
  PyGetSetDef *d_getset;
} PyGetSetDescrObject;

typedef struct PyMemberDescrObject_s {
  PyDescrObject d_common;
  PyMemberDef *d_member;
} PyMemberDescrObject;

typedef struct PyWrapperDescrObject_s {
  PyDescrObject d_common;
  struct wrapperbase *d_base;
  void *d_wrapped;
} PyWrapperDescrObject;

struct _Py_buffer {
  void *buf;
  PyObject *obj;
  Py_ssize_t len;
  Py_ssize_t itemsize;
  int readonly;
  int ndim;
  char *format;
  Py_ssize_t *shape;
  Py_ssize_t *strides;
  Py_ssize_t *suboffsets;
  void *internal;
};

typedef struct _PyManagedBufferObject {
  PyObject ob_base;
  int flags;
  Py_ssize_t exports;
  Py_buffer master;
} _PyManagedBufferObject;

typedef struct PyMemoryViewObject_s {
  PyVarObject ob_base;
  _PyManagedBufferObject *mbuf;
  Py_hash_t hash;
  int flags;
  Py_ssize_t exports;
  Py_buffer view;
  PyObject *weakreflist;
  Py_ssize_t ob_array[1];
} PyMemoryViewObject;

typedef struct PyFunctionObject_s {
  PyObject ob_base;
  PyObject *func_globals;
  PyObject *func_builtins;
  PyObject *func_name;
  PyObject *func_qualname;
  PyObject *func_code;
  PyObject *func_defaults;
  PyObject *func_kwdefaults;
  PyObject *func_closure;
  PyObject *func_doc;
  PyObject *func_dict;
  PyObject *func_weakreflist;
  PyObject *func_module;
  PyObject *func_annotations;
  PyObject *func_typeparams;
  vectorcallfunc vectorcall;
  uint32_t func_version;
} PyFunctionObject;

typedef struct PyGenObject_s {
  PyObject ob_base;
  PyObject *gi_weakreflist;
  PyObject *gi_name;
  PyObject *gi_qualname;
  _PyErr_StackItem gi_exc_state;
  PyObject *gi_origin_or_finalizer;
  char gi_hooks_inited;
  char gi_closed;
  char gi_running_async;
  int8_t gi_frame_state;
  PyObject * gi_iframe[1];
} PyGenObject;

struct _traceback {
  PyObject ob_base;
  PyTracebackObject *tb_next;
  PyFrameObject *tb_frame;
  int tb_lasti;
  int tb_lineno;
};

typedef struct PyBaseExceptionObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
} PyBaseExceptionObject;

typedef struct PyBaseExceptionGroupObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *msg;
  PyObject *excs;
} PyBaseExceptionGroupObject;

typedef struct PySyntaxErrorObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *msg;
  PyObject *filename;
  PyObject *lineno;
  PyObject *offset;
  PyObject *end_lineno;
  PyObject *end_offset;
  PyObject *text;
  PyObject *print_file_and_line;
} PySyntaxErrorObject;

typedef struct PyImportErrorObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *msg;
  PyObject *name;
  PyObject *path;
  PyObject *name_from;
} PyImportErrorObject;

typedef struct PyUnicodeErrorObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *encoding;
  PyObject *object;
  Py_ssize_t start;
  Py_ssize_t end;
  PyObject *reason;
} PyUnicodeErrorObject;

typedef struct PySystemExitObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *code;
} PySystemExitObject;

typedef struct PyOSErrorObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *myerrno;
  PyObject *strerror;
  PyObject *filename;
  PyObject *filename2;
  Py_ssize_t written;
} PyOSErrorObject;

typedef struct PyStopIterationObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *value;
} PyStopIterationObject;

typedef struct PyNameErrorObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *name;
} PyNameErrorObject;

typedef struct PyAttributeErrorObject_s {
  PyObject ob_base;
  PyObject *dict;
  PyObject *args;
  PyObject *notes;
  PyObject *traceback;
  PyObject *context;
  PyObject *cause;
  char suppress_context;
  PyObject *obj;
  PyObject *name;
} PyAttributeErrorObject;

struct _PyWeakReference {
  PyObject ob_base;
  PyObject *wr_object;
  PyObject *wr_callback;
  Py_hash_t hash;
  PyWeakReference *wr_prev;
  PyWeakReference *wr_next;
  vectorcallfunc vectorcall;
};

typedef struct PyDateTime_CAPI_s {
  PyTypeObject *DateType;
  PyTypeObject *DateTimeType;
  PyTypeObject *TimeType;
  PyTypeObject *DeltaType;
  PyTypeObject *TZInfoType;
  PyObject *TimeZone_UTC;
  PyObject *(*Date_FromDate)(int, int, int, PyTypeObject *);
  PyObject *(*DateTime_FromDateAndTime)(int, int, int, int, int, int, int, PyObject *, PyTypeObject *);
  PyObject *(*Time_FromTime)(int, int, int, int, PyObject *, PyTypeObject *);
  PyObject *(*Delta_FromDelta)(int, int, int, int, PyTypeObject *);
  PyObject *(*TimeZone_FromTimeZone)(PyObject *, PyObject *);
  PyObject *(*DateTime_FromTimestamp)(PyObject *, PyObject *, PyObject *);
  PyObject *(*Date_FromTimestamp)(PyObject *, PyObject *);
  PyObject *(*DateTime_FromDateAndTimeAndFold)(int, int, int, int, int, int, int, PyObject *, int, PyTypeObject *);
  PyObject *(*Time_FromTimeAndFold)(int, int, int, int, PyObject *, int, PyTypeObject *);
} PyDateTime_CAPI;

typedef struct PyDateTime_Delta_s {
  PyObject ob_base;
  Py_hash_t hashcode;
  int days;
  int seconds;
  int microseconds;
} PyDateTime_Delta;

typedef struct PyDateTime_TZInfo_s {
  PyObject ob_base;
} PyDateTime_TZInfo;

typedef struct _PyDateTime_BaseTZInfo {
  PyObject ob_base;
  Py_hash_t hashcode;
  char hastzinfo;
} _PyDateTime_BaseTZInfo;

typedef struct PyDateTime_Date_s {
  PyObject ob_base;
  Py_hash_t hashcode;
  char hastzinfo;
  unsigned char data[4];
} PyDateTime_Date;

typedef struct _PyDateTime_BaseTime {
  PyObject ob_base;
  Py_hash_t hashcode;
  char hastzinfo;
  unsigned char data[6];
} _PyDateTime_BaseTime;

typedef struct PyDateTime_Time_s {
  PyObject ob_base;
  Py_hash_t hashcode;
  char hastzinfo;
  unsigned char data[6];
  unsigned char fold;
  PyObject *tzinfo;
} PyDateTime_Time;

typedef struct _PyDateTime_BaseDateTime {
  PyObject ob_base;
  Py_hash_t hashcode;
  char hastzinfo;
  unsigned char data[10];
} _PyDateTime_BaseDateTime;

typedef struct PyDateTime_DateTime_s {
  PyObject ob_base;
  Py_hash_t hashcode;
  char hastzinfo;
  unsigned char data[10];
  unsigned char fold;
  PyObject *tzinfo;
} PyDateTime_DateTime;

typedef struct PyStructSequence_Field_s {
  const char *name;
  const char *doc;
} PyStructSequence_Field;

typedef struct PyStructSequence_Desc_s {
  const char *name;
  const char *doc;
  PyStructSequence_Field *fields;
  int n_in_sequence;
} PyStructSequence_Desc;

typedef struct PyMemAllocatorEx_s {
  void *ctx;
  void *(*malloc)(void *, size_t);
  void *(*calloc)(void *, size_t, size_t);
  void *(*realloc)(void *, void *, size_t);
  void (*free)(void *, void *);
} PyMemAllocatorEx;

typedef struct PyCompilerFlags_s {
  int cf_flags;
  int cf_feature_version;
} PyCompilerFlags;

typedef struct PyInterpreterConfig_s {
  int use_main_obmalloc;
  int allow_fork;
  int allow_exec;
  int allow_threads;
  int allow_daemon_threads;
  int check_multi_interp_extensions;
  int gil;
} PyInterpreterConfig;
enum { PyInterpreterConfig_DEFAULT_GIL = 0, PyInterpreterConfig_SHARED_GIL = 1, PyInterpreterConfig_OWN_GIL = 2 };

/// How a step of starting an interpreter went (PEP 587): `_type` is 0 for success, 1 for an error, 2 for an exit.
typedef struct {
  int _type;
  const char *func;
  const char *err_msg;
  int exitcode;
} PyStatus;
