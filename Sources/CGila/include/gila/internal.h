#pragma clang diagnostic ignored "-Wnullability-completeness"
// C functions by which Gila's own targets meet, beside the exported API. Each is implemented once, in the target named.
#pragma once
#include "gila/inline.h"

// GilaModel
// PyObject_GenericGetAttr without the error of a missing attribute.
PyObject *_Nullable gila_generic_optional_attribute(PyObject *_Nonnull o, PyObject *_Nonnull name);
void _PyErr_SetKeyError(PyObject *key);
PyObject *_PyObject_LookupSpecial(PyObject *self, PyObject *name);            // new, bound; NULL without error if absent
PyObject *_PyObject_MakeTpCall(PyThreadState *ts, PyObject *callable, PyObject *const *args, Py_ssize_t n, PyObject *keywords);
PyObject *gila_call_vector(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *keywords);
PyObject *_PyNamespace_New(PyObject *dict);
PyObject *_PyNumber_Index(PyObject *o);
Py_ssize_t _PySys_GetSizeOf(PyObject *o);
void gila_gc_track(PyObject *o);
void gila_collect_if_due(void);                                               // GilaLifetime: at the eval breaker
PyObject *_PyType_GetDict(PyTypeObject *type);                                // borrowed
int _PyObject_IsInstanceDictEmpty(PyObject *o);
PyObject *gila_intern(const char *text);                                      // GilaText: immortal, borrowed
PyObject *_PyErr_FormatFromCause(PyObject *exc, PyObject *message);           // message stolen; chains the current exception
int gila_enter_recursive_call(const char *where);                             // 0, or -1 with RecursionError
// 0, or -1 with ImportError: a module that keeps its state for the whole process is not for the current interpreter.
int gila_check_interpreter_support(PyObject *name);
// dict
PyObject *_PyDict_GetItem_Identifier_(PyObject *dict, const char *name);
int _PyDict_DelItemIf(PyObject *dict, PyObject *key, int (*predicate)(PyObject *value, void *arg), void *arg);
PyObject *gila_dict_from_keys(PyObject *type, PyObject *iterable, PyObject *value);
// GilaNumbers
PyObject *_PyLong_Format(PyObject *number, int base);                         // with prefix 0b 0o 0x
PyObject *_PyLong_Lshift(PyObject *number, size_t bits);
PyObject *_PyLong_Rshift(PyObject *number, size_t bits);
PyObject *_PyLong_DivmodNear(PyObject *a, PyObject *b);
// The format(value, spec) of numbers: spec is a str.
PyObject *gila_long_format(PyObject *number, PyObject *spec);
PyObject *gila_float_format(PyObject *number, PyObject *spec);
PyObject *gila_complex_format(PyObject *number, PyObject *spec);
// GilaText
// Whether names of encodings and error handlers are looked up before they are needed (-X dev).
void gila_check_codec_names(bool on);
PyObject *gila_unicode_from_format(const char *format, gila_va *arguments);   // PyUnicode_FromFormat on wrapped arguments
int _PyUnicode_Equal(PyObject *a, PyObject *b);
int _PyUnicode_EqualToASCIIString(PyObject *a, const char *ascii);
PyObject *_PyUnicode_AsUTF8String(PyObject *s, const char *errors);
Py_hash_t _Py_HashBytes(const void *bytes, Py_ssize_t n);
PyObject *gila_unicode_format_spec(PyObject *s, PyObject *spec);              // format(str, spec)
// GilaContainers
// The next key of a set and its hash, borrowed; 0 at the end.
int _PySet_NextEntry(PyObject *set, Py_ssize_t *position, PyObject **key, Py_hash_t *hash);
int _PySet_Update(PyObject *set, PyObject *iterable);
PyObject *gila_list_extend(PyObject *list, PyObject *iterable);               // None, new
// GilaEval
PyObject *gila_eval_code(PyObject *code, PyObject *globals, PyObject *locals);
PyObject *gila_generator_finalize_warning(PyObject *generator);
// shims.c to Swift
PyObject *gila_err_format(PyObject *type, const char *format, gila_va *arguments);
int gila_arg_parse(PyObject *const *args, Py_ssize_t n, PyObject *kwdict, PyObject *kwnames, const char *format, const char *const *keywords, gila_va *arguments);
PyObject *gila_build_value(const char *format, gila_va *arguments, int flags);
PyVarObject *_PyObject_GC_Resize(PyVarObject *o, Py_ssize_t n);
PyObject *gila_bytes_from_format(const char *format, gila_va *arguments);
int gila_unpack_check(PyObject *args, const char *name, Py_ssize_t least, Py_ssize_t most);
PyObject *gila_call_built(PyObject *callable, PyObject *built);
void gila_unraisable(PyObject *message);
void gila_sys_write(const char *name, PyObject *text);
int gila_audit_active(void);
int gila_audit(const char *event, PyObject *built);
// GilaImport: a new interpreter whose thread state becomes the current one, or NULL with an exception set in the old one.
PyThreadState *gila_interpreter_new(unsigned long features, int whence);
void gila_run_exit_functions(void);                                           // what atexit registered
int gila_warn(PyObject *category, PyObject *message, Py_ssize_t level, PyObject *source);
PyObject *PyMarshal_ReadObjectFromString(const char *bytes, Py_ssize_t n);
PyObject *PyMarshal_WriteObjectToString(PyObject *value, int version);
// GilaMappings: attribute values kept in instances
PyDictKeysObject *gila_shared_keys_new(Py_ssize_t capacity);
void gila_shared_keys_free(PyDictKeysObject *keys);
PyObject *gila_instance_get(PyObject *o, PyObject *name);                     // new; NULL without error if absent
int gila_instance_set(PyObject *o, PyObject *name, PyObject *value);          // 0, -1; value NULL deletes: -2 if absent
PyObject *gila_instance_dict(PyObject *o);                                    // borrowed, made if need be
int gila_instance_traverse(PyObject *o, visitproc visit, void *context);
void gila_instance_clear(PyObject *o);                                        // at deallocation
void gila_instance_break(PyObject *o);                                        // for tp_clear
PyObject *gila_dict_lookup(PyObject *dict, PyObject *key, Py_hash_t hash, int *failed);   // borrowed
PyObject *gila_union(PyObject *a, PyObject *b);                               // a | b of types, or NotImplemented
int gila_super_arguments(PyObject **type, PyObject **object);                 // GilaEval: of zero-argument super(), borrowed
PyObject *gila_eval_body(PyObject *function, PyObject *globals, PyObject *locals);  // GilaEval: a class body
// GilaEval meets the rest
PyObject *gila_suggestion(PyObject *candidates, PyObject *name);              // the most similar of a list of str, or None
void gila_thread_free_stack(PyThreadState *ts);                               // GilaEval: frames of a thread that ended
void gila_lock_switch(PyThreadState *ts);                                     // the lock: another thread asked for it
PyObject *PyAnextAwaitable_New(PyObject *awaitable, PyObject *fallback);      // GilaEval: anext(iterator, default)
void gila_code_extra_free(PyObject *code);                                    // GilaEval: co_extra slots
PyObject **gila_dict_value_slot(PyObject *dict, PyObject *name, int *failed); // GilaMappings: where a str key's value is
Py_ssize_t gila_shared_keys_index(PyDictKeysObject *keys, PyObject *name);    // GilaMappings: -1 if absent
PyObject *gila_make_typevar(PyObject *name, PyObject *bound, PyObject *constraints);   // evaluators, may be NULL
PyObject *gila_make_paramspec(PyObject *name);
PyObject *gila_make_typevartuple(PyObject *name);
PyObject *gila_subscript_generic(PyObject *params);
PyObject *gila_make_typealias(PyObject *args);                                // tuple of name, parameters, evaluator
PyObject *gila_set_typeparam_default(PyObject *param, PyObject *evaluator);
// GilaModel: modules, generic types
PyObject *gila_new_function(PyObject *type);                                  // __new__ of a type with a tp_new in C
void gila_set_package_context(PyObject *full_name);                           // of the extension about to be initialised; NULL ends it
PyObject *gila_type_parameters(PyObject *args);                               // the type variables in a tuple of types
PyObject *gila_substitute_parameters(PyObject *alias, PyObject *args, PyObject *parameters, PyObject *item);
// GilaModulesRuntime: the import statement
PyObject *gila_import_name(PyObject *builtins, PyObject *globals, PyObject *locals, PyObject *name, PyObject *from_list, PyObject *level);
int gila_shadows(PyObject *origin, PyObject *name);                           // 1: lies beside the program, 2: and is named as a module of the library
PyObject *gila_import_from(PyObject *module, PyObject *name);                 // new
// GilaThreads: the lock and thread states
PyThreadState *_Nonnull gila_lock_release(const char *reason);                         // gives the lock up; what to take it back with
void gila_lock_take(PyThreadState *ts);
void gila_thread_adopt(PyThreadState *ts);                                    // the first thread of an interpreter takes its lock
int gila_acquire_lock(PyThread_type_lock lock, int64_t nanoseconds, int interruptible);   // <0: no limit; PY_LOCK_* result
PyObject *gila_current_frames(void);                                          // dict of thread ident to frame
PyObject *gila_current_exceptions(void);
double gila_switch_interval(void);                                            // seconds
void gila_set_switch_interval(double seconds);
void gila_before_fork(void);
void gila_after_fork_parent(void);
void gila_after_fork_child(void);
void gila_end_waits_at(void *_Nonnull thread, uintptr_t bit);                 // of its request word, as signals do
void gila_rouse(void *_Nonnull thread);                                       // for a signal's handler that set the bit
void gila_after_fork_forget_threads(void);                                    // in the child, after the hooks of Python
// GilaModulesRuntime: tracemalloc. Only called while allocations are traced.
int gila_trace_block(void *block, size_t size);                               // 0, or -1 if there is no room for the trace
void gila_trace_forget(void *block);
