#pragma clang diagnostic ignored "-Wnullability-completeness"
// The head of every object, the function types of slots, and the few structs whose form a table cannot show.
#pragma once
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdbool.h>
#include <sys/types.h>
#include <wchar.h>
#include "gila/constants.h"

typedef ssize_t Py_ssize_t;
typedef Py_ssize_t Py_hash_t;
typedef size_t Py_uhash_t;
typedef uint32_t Py_UCS4;
typedef uint16_t Py_UCS2;
typedef uint8_t Py_UCS1;
typedef uint32_t digit;
typedef int32_t sdigit;
typedef int64_t PyTime_t;
typedef unsigned long PyThread_ident_t;
typedef void *PyThread_type_lock;

typedef struct _typeobject PyTypeObject;
typedef struct _is PyInterpreterState;
typedef struct _ts PyThreadState;
typedef struct _frame PyFrameObject;
typedef struct PyCodeObject PyCodeObject;
typedef struct PyMethodDef PyMethodDef;
typedef struct PyMemberDef PyMemberDef;
typedef struct PyGetSetDef PyGetSetDef;
typedef struct PyModuleDef PyModuleDef;
typedef struct PyModuleDef_Slot PyModuleDef_Slot;
typedef struct _PyWeakReference PyWeakReference;
typedef struct _traceback PyTracebackObject;
typedef struct _Py_buffer Py_buffer;
typedef struct PyCriticalSection PyCriticalSection;
typedef struct PyCriticalSection2 PyCriticalSection2;
typedef struct _dictkeysobject PyDictKeysObject;
typedef struct _dictvalues PyDictValues;
typedef struct _PyExecutorArray _PyExecutorArray;
typedef struct _PyCoCached _PyCoCached;
typedef struct _PyCoMonitoringData _PyCoMonitoringData;
struct _PyInterpreterFrame;
typedef struct _PyInterpreterFrame _PyInterpreterFrame;

/// The count is one signed 64-bit number whose low half alone says whether the object is immortal.
typedef struct _object {
  union {
    Py_ssize_t ob_refcnt;
    uint32_t ob_refcnt_split[2];
  };
  PyTypeObject *ob_type;
} PyObject;

typedef struct {
  PyObject ob_base;
  Py_ssize_t ob_size;
} PyVarObject;

typedef PyObject *(*unaryfunc)(PyObject *);
typedef PyObject *(*binaryfunc)(PyObject *, PyObject *);
typedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*inquiry)(PyObject *);
typedef Py_ssize_t (*lenfunc)(PyObject *);
typedef PyObject *(*ssizeargfunc)(PyObject *, Py_ssize_t);
typedef int (*ssizeobjargproc)(PyObject *, Py_ssize_t, PyObject *);
typedef int (*objobjargproc)(PyObject *, PyObject *, PyObject *);
typedef int (*objobjproc)(PyObject *, PyObject *);
typedef int (*visitproc)(PyObject *, void *);
typedef int (*traverseproc)(PyObject *, visitproc, void *);
typedef void (*freefunc)(void *);
typedef void (*destructor)(PyObject *);
typedef PyObject *(*getattrfunc)(PyObject *, char *);
typedef PyObject *(*getattrofunc)(PyObject *, PyObject *);
typedef int (*setattrfunc)(PyObject *, char *, PyObject *);
typedef int (*setattrofunc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*reprfunc)(PyObject *);
typedef Py_hash_t (*hashfunc)(PyObject *);
typedef PyObject *(*richcmpfunc)(PyObject *, PyObject *, int);
typedef PyObject *(*getiterfunc)(PyObject *);
typedef PyObject *(*iternextfunc)(PyObject *);
typedef PyObject *(*descrgetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*descrsetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*initproc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *);
typedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t);
typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *);
typedef int (*sendfunc_int)(PyObject *, PyObject *, PyObject **);
typedef enum { PYGEN_RETURN_ = 0, PYGEN_ERROR_ = -1, PYGEN_NEXT_ = 1 } PySendResult;
typedef PySendResult (*sendfunc)(PyObject *, PyObject *, PyObject **);
typedef int (*getbufferproc)(PyObject *, Py_buffer *, int);
typedef void (*releasebufferproc)(PyObject *, Py_buffer *);
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef PyObject *(*PyCFunctionWithKeywords)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*PyCFunctionFast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*PyCFunctionFastWithKeywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
typedef PyObject *(*PyCMethod)(PyObject *, PyTypeObject *, PyObject *const *, size_t, PyObject *);
typedef PyObject *(*getter)(PyObject *, void *);
typedef int (*setter)(PyObject *, PyObject *, void *);
typedef PyObject *(*wrapperfunc)(PyObject *, PyObject *, void *);
typedef PyObject *(*wrapperfunc_kwds)(PyObject *, PyObject *, void *, PyObject *);
typedef void (*PyCapsule_Destructor)(PyObject *);
typedef int (*Py_tracefunc)(PyObject *, PyFrameObject *, int, PyObject *);
typedef void (*PyOS_sighandler_t)(int);
typedef int (*PyDict_WatchCallback)(int, PyObject *, PyObject *, PyObject *);
typedef int (*PyType_WatchCallback)(PyTypeObject *);
typedef int (*PyCode_WatchCallback)(int, PyCodeObject *);
typedef int (*PyFunction_WatchCallback)(int, PyObject *, PyObject *);
typedef int PyDict_WatchEvent;
typedef int PyCodeEvent;
typedef int PyFunction_WatchEvent;
typedef int PyGILState_STATE;
typedef int PyLockStatus;
typedef int PyMemAllocatorDomain;
typedef int PyMonitoringEvent;
typedef int PyRefTracerEvent;
typedef int (*PyRefTracer)(PyObject *, PyRefTracerEvent, void *);
typedef PyObject *(*Py_OpenCodeHookFunction)(PyObject *, void *);
typedef void (*atexit_datacallbackfunc)(void *);
typedef PyObject *(*_PyFrameEvalFunction)(PyThreadState *, _PyInterpreterFrame *, int);
typedef int (*gcvisitobjects_t)(PyObject *, void *);

typedef struct {
  double real;
  double imag;
} Py_complex;


struct _typeobject {
  PyVarObject ob_base;
  const char *tp_name;
  Py_ssize_t tp_basicsize;
  Py_ssize_t tp_itemsize;
  destructor tp_dealloc;
  Py_ssize_t tp_vectorcall_offset;
  getattrfunc tp_getattr;
  setattrfunc tp_setattr;
  struct PyAsyncMethods_s *tp_as_async;
  reprfunc tp_repr;
  struct PyNumberMethods_s *tp_as_number;
  struct PySequenceMethods_s *tp_as_sequence;
  struct PyMappingMethods_s *tp_as_mapping;
  hashfunc tp_hash;
  ternaryfunc tp_call;
  reprfunc tp_str;
  getattrofunc tp_getattro;
  setattrofunc tp_setattro;
  struct PyBufferProcs_s *tp_as_buffer;
  unsigned long tp_flags;
  const char *tp_doc;
  traverseproc tp_traverse;
  inquiry tp_clear;
  richcmpfunc tp_richcompare;
  Py_ssize_t tp_weaklistoffset;
  getiterfunc tp_iter;
  iternextfunc tp_iternext;
  PyMethodDef *tp_methods;
  PyMemberDef *tp_members;
  PyGetSetDef *tp_getset;
  PyTypeObject *tp_base;
  PyObject *tp_dict;
  descrgetfunc tp_descr_get;
  descrsetfunc tp_descr_set;
  Py_ssize_t tp_dictoffset;
  initproc tp_init;
  allocfunc tp_alloc;
  newfunc tp_new;
  freefunc tp_free;
  inquiry tp_is_gc;
  PyObject *tp_bases;
  PyObject *tp_mro;
  PyObject *tp_cache;
  void *tp_subclasses;
  PyObject *tp_weaklist;
  destructor tp_del;
  unsigned int tp_version_tag;
  destructor tp_finalize;
  vectorcallfunc tp_vectorcall;
  unsigned char tp_watched;
  uint16_t tp_versions_used;
};

typedef struct _PyLongValue {
  uintptr_t lv_tag;
  digit ob_digit[1];
} _PyLongValue;

typedef struct _longobject {
  PyObject ob_base;
  _PyLongValue long_value;
} PyLongObject;

typedef struct {
  PyObject ob_base;
  Py_ssize_t length;
  Py_hash_t hash;
  struct {
    unsigned int interned : 2;
    unsigned int kind : 3;
    unsigned int compact : 1;
    unsigned int ascii : 1;
    unsigned int statically_allocated : 1;
    unsigned int : 24;
  } state;
} PyASCIIObject;

typedef struct {
  uint8_t _bits;
} PyMutex;

typedef struct _Py_tss_t {
  int _is_initialized;
  pthread_key_t _key;
} Py_tss_t;

typedef struct {
  Py_hash_t (*const hash)(const void *, Py_ssize_t);
  const char *name;
  const int hash_bits;
  const int seed_bits;
} PyHash_FuncDef;

typedef struct PyModuleDef_Base {
  PyObject ob_base;
  PyObject *(*m_init)(void);
  Py_ssize_t m_index;
  PyObject *m_copy;
} PyModuleDef_Base;

typedef struct _err_stackitem {
  PyObject *exc_value;
  struct _err_stackitem *previous_item;
} _PyErr_StackItem;

typedef struct _stack_chunk {
  struct _stack_chunk *previous;
  size_t size;
  size_t top;
  PyObject *data[1];
} _PyStackChunk;

struct PyCodeObject {
  PyVarObject ob_base;
  PyObject *co_consts;
  PyObject *co_names;
  PyObject *co_exceptiontable;
  int co_flags;
  int co_argcount;
  int co_posonlyargcount;
  int co_kwonlyargcount;
  int co_stacksize;
  int co_firstlineno;
  int co_nlocalsplus;
  int co_framesize;
  int co_nlocals;
  int co_ncellvars;
  int co_nfreevars;
  uint32_t co_version;
  PyObject *co_localsplusnames;
  PyObject *co_localspluskinds;
  PyObject *co_filename;
  PyObject *co_name;
  PyObject *co_qualname;
  PyObject *co_linetable;
  PyObject *co_weakreflist;
  void *co_executors;  // Gila: the executable form (struct of GilaEval), NULL until first run
  void *_co_cached;
  uintptr_t _co_instrumentation_version;
  void *_co_monitoring;
  int _co_firsttraceable;
  void *co_extra;
  char co_code_adaptive[1];
};
