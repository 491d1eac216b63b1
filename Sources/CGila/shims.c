// The C-variadic functions of the API: each wraps its arguments and calls a function that Swift can define.
#include "CGila.h"

#define START(last) gila_va v; va_start(v.ap, last)
#define END va_end(v.ap)

PyObject *PyErr_Format(PyObject *type, const char *format, ...) {
  START(format);
  gila_err_format(type, format, &v);
  END;
  return NULL;
}
PyObject *PyErr_FormatV(PyObject *type, const char *format, va_list ap) {
  gila_va v;
  va_copy(v.ap, ap);
  gila_err_format(type, format, &v);
  END;
  return NULL;
}
PyObject *PyUnicode_FromFormat(const char *format, ...) {
  START(format);
  PyObject *r = gila_unicode_from_format(format, &v);
  END;
  return r;
}
PyObject *PyUnicode_FromFormatV(const char *format, va_list ap) {
  gila_va v;
  va_copy(v.ap, ap);
  PyObject *r = gila_unicode_from_format(format, &v);
  END;
  return r;
}
extern PyObject *gila_bytes_from_format(const char *format, gila_va *v);
PyObject *PyBytes_FromFormat(const char *format, ...) {
  START(format);
  PyObject *r = gila_bytes_from_format(format, &v);
  END;
  return r;
}
PyObject *PyBytes_FromFormatV(const char *format, va_list ap) {
  gila_va v;
  va_copy(v.ap, ap);
  PyObject *r = gila_bytes_from_format(format, &v);
  END;
  return r;
}
static PyObject **tuple_items(PyObject *t) { return ((PyTupleObject *)t)->ob_item; }
int PyArg_ParseTuple(PyObject *args, const char *format, ...) {
  START(format);
  int r = gila_arg_parse(tuple_items(args), PyTuple_Size(args), NULL, NULL, format, NULL, &v);
  END;
  return r;
}
int PyArg_VaParse(PyObject *args, const char *format, va_list ap) {
  gila_va v;
  va_copy(v.ap, ap);
  int r = gila_arg_parse(tuple_items(args), PyTuple_Size(args), NULL, NULL, format, NULL, &v);
  END;
  return r;
}
int PyArg_Parse(PyObject *arg, const char *format, ...) {
  START(format);
  int r = gila_arg_parse(&arg, -1, NULL, NULL, format, NULL, &v);
  END;
  return r;
}
int _PyArg_ParseStack(PyObject *const *args, Py_ssize_t n, const char *format, ...) {
  START(format);
  int r = gila_arg_parse(args, n, NULL, NULL, format, NULL, &v);
  END;
  return r;
}
int PyArg_ParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format, char *const *keywords, ...) {
  START(keywords);
  int r = gila_arg_parse(tuple_items(args), PyTuple_Size(args), kwargs, NULL, format, (const char *const *)keywords, &v);
  END;
  return r;
}
int PyArg_VaParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format, char *const *keywords, va_list ap) {
  gila_va v;
  va_copy(v.ap, ap);
  int r = gila_arg_parse(tuple_items(args), PyTuple_Size(args), kwargs, NULL, format, (const char *const *)keywords, &v);
  END;
  return r;
}
extern int gila_unpack_check(PyObject *args, const char *name, Py_ssize_t least, Py_ssize_t most);
int PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t least, Py_ssize_t most, ...) {
  if (gila_unpack_check(args, name, least, most) < 0) return 0;
  START(most);
  Py_ssize_t n = PyTuple_Size(args);
  for (Py_ssize_t i = 0; i < n; i++) *va_arg(v.ap, PyObject **) = tuple_items(args)[i];
  END;
  return 1;
}
PyObject *Py_BuildValue(const char *format, ...) {
  START(format);
  PyObject *r = gila_build_value(format, &v, 0);
  END;
  return r;
}
PyObject *Py_VaBuildValue(const char *format, va_list ap) {
  gila_va v;
  va_copy(v.ap, ap);
  PyObject *r = gila_build_value(format, &v, 0);
  END;
  return r;
}
extern PyObject *gila_call_built(PyObject *callable, PyObject *built);  // steals built
PyObject *PyObject_CallFunction(PyObject *callable, const char *format, ...) {
  if (!format || !*format) return PyObject_CallNoArgs(callable);
  START(format);
  PyObject *args = gila_build_value(format, &v, 0);
  END;
  return gila_call_built(callable, args);
}
PyObject *PyObject_CallMethod(PyObject *self, const char *name, const char *format, ...) {
  PyObject *callable = PyObject_GetAttrString(self, name);
  if (!callable) return NULL;
  PyObject *r;
  if (!format || !*format) {
    r = PyObject_CallNoArgs(callable);
  } else {
    START(format);
    PyObject *args = gila_build_value(format, &v, 0);
    END;
    r = gila_call_built(callable, args);
  }
  gila_decref(callable);
  return r;
}
static PyObject *call_objects(PyObject *callable, PyObject *self, gila_va *v) {
  va_list count;
  va_copy(count, v->ap);
  Py_ssize_t n = self ? 1 : 0;
  while (va_arg(count, PyObject *)) n++;
  va_end(count);
  PyObject *small[8], **args = n <= 8 ? small : PyMem_Malloc(n * sizeof(PyObject *));
  if (!args) return PyErr_NoMemory();
  Py_ssize_t i = 0;
  if (self) args[i++] = self;
  while (i < n) args[i++] = va_arg(v->ap, PyObject *);
  PyObject *r = PyObject_Vectorcall(callable, args, n, NULL);
  if (args != small) PyMem_Free(args);
  return r;
}
PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...) {
  START(callable);
  PyObject *r = call_objects(callable, NULL, &v);
  END;
  return r;
}
PyObject *PyObject_CallMethodObjArgs(PyObject *self, PyObject *name, ...) {
  PyObject *callable = PyObject_GetAttr(self, name);
  if (!callable) return NULL;
  START(name);
  PyObject *r = call_objects(callable, NULL, &v);
  END;
  gila_decref(callable);
  return r;
}
int PyOS_vsnprintf(char *text, size_t size, const char *format, va_list ap) { return vsnprintf(text, size, format, ap); }
int PyOS_snprintf(char *text, size_t size, const char *format, ...) {
  START(format);
  int n = vsnprintf(text, size, format, v.ap);
  END;
  return n;
}
extern void gila_unraisable(PyObject *message);  // steals, may be NULL
void PyErr_FormatUnraisable(const char *format, ...) {
  PyObject *exception = PyErr_GetRaisedException();
  PyObject *message = NULL;
  if (format) {
    START(format);
    message = gila_unicode_from_format(format, &v);
    END;
    if (!message) PyErr_Clear();
  }
  PyErr_SetRaisedException(exception);
  gila_unraisable(message);
}
extern void gila_sys_write(const char *name, PyObject *text);  // steals
#define SYS_WRITE(function, name)                       \
  void function(const char *format, ...) {              \
    PyObject *exception = PyErr_GetRaisedException();   \
    START(format);                                      \
    gila_sys_write(name, gila_unicode_from_format(format, &v)); \
    END;                                                \
    PyErr_SetRaisedException(exception);                \
  }
SYS_WRITE(PySys_FormatStdout, "stdout")
SYS_WRITE(PySys_FormatStderr, "stderr")
#define SYS_PRINTF(function, name)                      \
  void function(const char *format, ...) {              \
    PyObject *exception = PyErr_GetRaisedException();   \
    char buffer[1001];                                  \
    START(format);                                      \
    vsnprintf(buffer, sizeof buffer, format, v.ap);     \
    END;                                                \
    gila_sys_write(name, PyUnicode_FromString(buffer)); \
    PyErr_SetRaisedException(exception);                \
  }
SYS_PRINTF(PySys_WriteStdout, "stdout")
SYS_PRINTF(PySys_WriteStderr, "stderr")
int PySys_Audit(const char *event, const char *format, ...) {
  extern int gila_audit_active(void);
  extern int gila_audit(const char *event, PyObject *built);
  if (!gila_audit_active()) return 0;
  PyObject *built = NULL;
  if (format && *format) {
    START(format);
    built = gila_build_value(format, &v, 0);
    END;
    if (!built) return -1;
  }
  return gila_audit(event, built);
}
PyObject *PyTuple_Pack(Py_ssize_t n, ...) {
  PyObject *t = PyTuple_New(n);
  if (!t) return NULL;
  START(n);
  for (Py_ssize_t i = 0; i < n; i++) {
    PyObject *o = va_arg(v.ap, PyObject *);
    gila_incref(o);
    tuple_items(t)[i] = o;
  }
  END;
  return t;
}
int PyErr_WarnFormat(PyObject *category, Py_ssize_t level, const char *format, ...) {
  extern int gila_warn(PyObject *category, PyObject *message, Py_ssize_t level, PyObject *source);  // steals message
  START(format);
  PyObject *message = gila_unicode_from_format(format, &v);
  END;
  return message ? gila_warn(category, message, level, NULL) : -1;
}
int PyErr_ResourceWarning(PyObject *source, Py_ssize_t level, const char *format, ...) {
  extern int gila_warn(PyObject *category, PyObject *message, Py_ssize_t level, PyObject *source);
  START(format);
  PyObject *message = gila_unicode_from_format(format, &v);
  END;
  return message ? gila_warn(PyExc_ResourceWarning, message, level, source) : -1;
}
int PyErr_WarnExplicitFormat(PyObject *category, const char *filename, int line, const char *module, PyObject *registry,
                             const char *format, ...) {
  START(format);
  PyObject *message = gila_unicode_from_format(format, &v);
  END;
  if (!message) return -1;
  const char *text = PyUnicode_AsUTF8(message);
  int r = text ? PyErr_WarnExplicit(category, text, filename, line, module, registry) : -1;
  gila_decref(message);
  return r;
}
