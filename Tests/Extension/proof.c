// A C extension that uses every calling convention, types of both kinds, and the macros that read objects directly.
// It is compiled against CPython's own headers and must behave the same on Gila (see test_proof.py).
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <errno.h>
#include <unistd.h>

typedef struct {
  PyObject *error;
  PyObject *counter_type;
} module_state;

// MARK: Calling conventions

static PyObject *no_arguments(PyObject *self, PyObject *unused) {
  if (unused != NULL) return PyErr_Format(PyExc_AssertionError, "METH_NOARGS got an argument");
  return PyUnicode_FromString("none");
}
static PyObject *one_argument(PyObject *self, PyObject *argument) { return Py_BuildValue("(sO)", "one", argument); }
static PyObject *positional(PyObject *self, PyObject *args) {
  int i;
  const char *text;
  double d = 2.5;
  if (!PyArg_ParseTuple(args, "is|d:positional", &i, &text, &d)) return NULL;
  return Py_BuildValue("{s:i,s:s,s:d}", "i", i, "text", text, "d", d);
}
static PyObject *with_keywords(PyObject *self, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"", "b", "flag", "items", NULL};
  Py_ssize_t a;
  PyObject *b = Py_None, *items = NULL;
  int flag = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "n|Op$O!:with_keywords", names, &a, &b, &flag, &PyList_Type, &items))
    return NULL;
  return Py_BuildValue("nOiO", a, b, flag, items ? items : Py_None);
}
static PyObject *fast(PyObject *self, PyObject *const *args, Py_ssize_t n) {
  Py_ssize_t total = 0;
  for (Py_ssize_t i = 0; i < n; i++) {
    Py_ssize_t v = PyLong_AsSsize_t(args[i]);
    if (v == -1 && PyErr_Occurred()) return NULL;
    total += v;
  }
  return PyLong_FromSsize_t(total);
}
static PyObject *fast_keywords(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names) {
  PyObject *d = PyDict_New();
  if (!d) return NULL;
  Py_ssize_t k = names ? PyTuple_GET_SIZE(names) : 0;
  for (Py_ssize_t i = 0; i < k; i++)
    if (PyDict_SetItem(d, PyTuple_GET_ITEM(names, i), args[n + i]) < 0) {
      Py_DECREF(d);
      return NULL;
    }
  return Py_BuildValue("nN", n, d);
}

// MARK: All the formats of PyArg_ParseTuple

static int converter(PyObject *o, void *out) {
  if (!PyLong_Check(o)) {
    PyErr_SetString(PyExc_TypeError, "converter wants an int");
    return 0;
  }
  *(long *)out = PyLong_AsLong(o) * 2;
  return 1;
}
static PyObject *parse(PyObject *self, PyObject *args) {
  const char *format;
  PyObject *rest;
  if (!PyArg_ParseTuple(args, "sO!", &format, &PyTuple_Type, &rest)) return NULL;
#define ONE(text, type, build)               \
  if (strcmp(format, text) == 0) {           \
    type v = 0;                              \
    if (!PyArg_ParseTuple(rest, text, &v)) return NULL; \
    return Py_BuildValue(build, v);          \
  }
  ONE("b", unsigned char, "b")
  ONE("B", unsigned char, "B")
  ONE("h", short, "h")
  ONE("H", unsigned short, "H")
  ONE("i", int, "i")
  ONE("I", unsigned int, "I")
  ONE("l", long, "l")
  ONE("k", unsigned long, "k")
  ONE("L", long long, "L")
  ONE("K", unsigned long long, "K")
  ONE("n", Py_ssize_t, "n")
  ONE("f", float, "f")
  ONE("d", double, "d")
  ONE("c", char, "c")
  ONE("C", int, "C")
  ONE("p", int, "i")
  ONE("s", const char *, "s")
  ONE("z", const char *, "z")
  ONE("y", const char *, "y")
  ONE("S", PyObject *, "O")
  ONE("U", PyObject *, "O")
  ONE("Y", PyObject *, "O")
  ONE("O", PyObject *, "O")
#undef ONE
  if (strcmp(format, "D") == 0) {
    Py_complex z;
    if (!PyArg_ParseTuple(rest, "D", &z)) return NULL;
    return Py_BuildValue("D", &z);
  }
  if (strcmp(format, "s#") == 0 || strcmp(format, "z#") == 0 || strcmp(format, "y#") == 0) {
    const char *p;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(rest, format, &p, &n)) return NULL;
    return Py_BuildValue("y#n", p, n, n);
  }
  if (strcmp(format, "s*") == 0 || strcmp(format, "z*") == 0 || strcmp(format, "y*") == 0 || strcmp(format, "w*") == 0) {
    Py_buffer b;
    if (!PyArg_ParseTuple(rest, format, &b)) return NULL;
    PyObject *r = Py_BuildValue("y#n", b.buf, b.len, b.len);
    PyBuffer_Release(&b);
    return r;
  }
  if (strcmp(format, "es") == 0 || strcmp(format, "et") == 0) {
    char *p = NULL;
    if (!PyArg_ParseTuple(rest, format, "latin-1", &p)) return NULL;
    PyObject *r = PyBytes_FromString(p);
    PyMem_Free(p);
    return r;
  }
  if (strcmp(format, "es#") == 0) {
    char *p = NULL;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(rest, format, "utf-16-le", &p, &n)) return NULL;
    PyObject *r = PyBytes_FromStringAndSize(p, n);
    PyMem_Free(p);
    return r;
  }
  if (strcmp(format, "O&") == 0) {
    long v;
    if (!PyArg_ParseTuple(rest, "O&:parse", converter, &v)) return NULL;
    return PyLong_FromLong(v);
  }
  if (strcmp(format, "(ii)s") == 0) {
    int a, b;
    const char *s;
    if (!PyArg_ParseTuple(rest, "(ii)s:nested", &a, &b, &s)) return NULL;
    return Py_BuildValue("[(ii)s]", a, b, s);
  }
  if (strcmp(format, ";") == 0) {
    int a;
    if (!PyArg_ParseTuple(rest, "i;one int wanted", &a)) return NULL;
    return PyLong_FromLong(a);
  }
  return PyErr_Format(PyExc_ValueError, "unknown format %s", format);
}
static PyObject *unpack(PyObject *self, PyObject *args) {
  PyObject *a = NULL, *b = NULL;
  if (!PyArg_UnpackTuple(args, "unpack", 1, 2, &a, &b)) return NULL;
  return PyTuple_Pack(2, a, b ? b : Py_None);
}

// MARK: Macros that read and write objects directly

static PyObject *reverse_list(PyObject *self, PyObject *list) {
  if (!PyList_Check(list)) return PyErr_Format(PyExc_TypeError, "expected list, got %s", Py_TYPE(list)->tp_name);
  Py_ssize_t n = PyList_GET_SIZE(list);
  PyObject *result = PyList_New(n);
  if (!result) return NULL;
  for (Py_ssize_t i = 0; i < n; i++) PyList_SET_ITEM(result, i, Py_NewRef(PyList_GET_ITEM(list, n - 1 - i)));
  return result;
}
static PyObject *reverse_tuple(PyObject *self, PyObject *tuple) {
  if (!PyTuple_CheckExact(tuple)) return PyErr_Format(PyExc_TypeError, "expected tuple");
  Py_ssize_t n = PyTuple_GET_SIZE(tuple);
  PyObject *result = PyTuple_New(n);
  if (!result) return NULL;
  for (Py_ssize_t i = 0; i < n; i++) PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(tuple, n - 1 - i)));
  return result;
}
static PyObject *describe(PyObject *self, PyObject *o) {
  if (PyBool_Check(o)) return PyUnicode_FromFormat("bool %d", o == Py_True);
  if (PyLong_Check(o)) {
    if (PyUnstable_Long_IsCompact((PyLongObject *)o))
      return PyUnicode_FromFormat("compact %zd", PyUnstable_Long_CompactValue((PyLongObject *)o));
    int overflow;
    long v = PyLong_AsLongAndOverflow(o, &overflow);
    return PyUnicode_FromFormat("int %ld overflow %d", v, overflow);
  }
  if (PyFloat_Check(o)) {
    char *text = PyOS_double_to_string(PyFloat_AS_DOUBLE(o), 'r', 0, 0, NULL);
    PyObject *r = PyUnicode_FromFormat("float %s", text);
    PyMem_Free(text);
    return r;
  }
  if (PyBytes_Check(o)) {
    unsigned sum = 0;
    for (Py_ssize_t i = 0; i < PyBytes_GET_SIZE(o); i++) sum += (unsigned char)PyBytes_AS_STRING(o)[i];
    return PyUnicode_FromFormat("bytes %zd %u", PyBytes_GET_SIZE(o), sum);
  }
  if (PyUnicode_Check(o)) {
    Py_UCS4 most = 0;
    int kind = PyUnicode_KIND(o);
    const void *data = PyUnicode_DATA(o);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(o); i++) {
      Py_UCS4 c = PyUnicode_READ(kind, data, i);
      if (c > most) most = c;
    }
    return PyUnicode_FromFormat("str kind %d ascii %d most %u", kind, PyUnicode_IS_ASCII(o), (unsigned)most);
  }
  if (PyDict_Check(o)) {
    PyObject *key, *value;
    Py_ssize_t position = 0, n = 0;
    while (PyDict_Next(o, &position, &key, &value)) n++;
    return PyUnicode_FromFormat("dict %zd %zd", n, PyDict_GET_SIZE(o));
  }
  if (PyAnySet_Check(o)) return PyUnicode_FromFormat("set %zd", PySet_GET_SIZE(o));
  if (Py_IsNone(o)) return PyUnicode_FromString("None");
  if (PyCFunction_Check(o)) return PyUnicode_FromFormat("cfunction flags %d", PyCFunction_GET_FLAGS(o));
  if (PyMethod_Check(o)) return PyUnicode_FromFormat("method of %R", PyMethod_GET_SELF(o));
  return PyUnicode_FromFormat("%s %R", Py_TYPE(o)->tp_name, o);
}
static PyObject *make_text(PyObject *self, PyObject *args) {
  Py_ssize_t n;
  int c;
  if (!PyArg_ParseTuple(args, "nC", &n, &c)) return NULL;
  PyObject *s = PyUnicode_New(n, c);
  if (!s) return NULL;
  for (Py_ssize_t i = 0; i < n; i++) PyUnicode_WRITE(PyUnicode_KIND(s), PyUnicode_DATA(s), i, c);
  return s;
}

// MARK: Exceptions, calls, threads

static PyObject *catch_error(PyObject *self, PyObject *callable) {
  PyObject *result = PyObject_CallNoArgs(callable);
  if (result) return result;
  if (PyErr_ExceptionMatches(PyExc_LookupError)) {
    PyObject *e = PyErr_GetRaisedException();
    PyObject *r = Py_BuildValue("sOO", "caught", (PyObject *)Py_TYPE(e), PyException_GetTraceback(e) ? Py_True : Py_False);
    Py_DECREF(e);
    return r;
  }
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  PyErr_Restore(type, value, traceback);
  return NULL;
}
static PyObject *raise_error(PyObject *self, PyObject *text) {
  module_state *state = PyModule_GetState(self);
  return PyErr_Format(state->error, "%U / %.3s / %5d / %x / %zd / %c / %A", text, "abcdef", 42, 255, (Py_ssize_t)-1, 'q', text);
}
static PyObject *raise_errno(PyObject *self, PyObject *name) {
  errno = ENOENT;
  return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
}
static PyObject *call_many(PyObject *self, PyObject *f) {
  PyObject *a = PyObject_CallFunction(f, "is", 1, "x");
  PyObject *b = PyObject_CallFunctionObjArgs(f, Py_None, Py_True, NULL);
  PyObject *args[] = {NULL, Py_False, Py_None};
  PyObject *c = PyObject_Vectorcall(f, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
  PyObject *text = PyUnicode_FromString("a-b-c");
  PyObject *d = text ? PyObject_CallMethod(text, "split", "s", "-") : NULL;
  Py_XDECREF(text);
  if (!a || !b || !c || !d) return NULL;
  return Py_BuildValue("NNNN", a, b, c, d);
}
static PyObject *without_lock(PyObject *self, PyObject *n) {
  long count = PyLong_AsLong(n), total = 0;
  if (count == -1 && PyErr_Occurred()) return NULL;
  Py_BEGIN_ALLOW_THREADS
  for (long i = 0; i < count; i++) total += i;
  Py_END_ALLOW_THREADS
  return PyLong_FromLong(total);
}
static PyObject *iterate(PyObject *self, PyObject *o) {
  PyObject *it = PyObject_GetIter(o), *list, *item;
  if (!it) return NULL;
  list = PyList_New(0);
  while ((item = PyIter_Next(it))) {
    PyList_Append(list, item);
    Py_DECREF(item);
  }
  Py_DECREF(it);
  if (PyErr_Occurred()) Py_CLEAR(list);
  return list;
}
static PyObject *protocols(PyObject *self, PyObject *o) {
  PyObject *slice = PySequence_GetSlice(o, 1, 3), *twice = PySequence_Repeat(o, 2), *sum = PySequence_Concat(o, o);
  if (!slice || !twice || !sum) return NULL;
  return Py_BuildValue("NNNnii", slice, twice, sum, PySequence_Size(o), PyObject_HasAttrString(o, "index"),
                       PyObject_HasAttrString(o, "no_such"));
}
static PyObject *mappings(PyObject *self, PyObject *o) {
  if (PyMapping_SetItemString(o, "new", Py_True) < 0) return NULL;
  PyObject *missing = NULL;
  int found = PyMapping_GetOptionalItemString(o, "missing", &missing);
  return Py_BuildValue("NiiNN", PyMapping_GetItemString(o, "new"), found, PyMapping_HasKeyString(o, "new"), PyMapping_Keys(o),
                       PyMapping_Items(o));
}

// MARK: A heap type from a spec: members, computed attributes, methods, collected

typedef struct {
  PyObject_HEAD
  PyObject *payload;
  Py_ssize_t count;
  double ratio;
  char flag;
} Counter;

static int counter_init(Counter *self, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"start", "payload", NULL};
  PyObject *payload = NULL;
  self->count = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|nO", names, &self->count, &payload)) return -1;
  Py_XSETREF(self->payload, Py_XNewRef(payload));
  return 0;
}
static int counter_traverse(Counter *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(self->payload);
  return 0;
}
static int counter_clear(Counter *self) {
  Py_CLEAR(self->payload);
  return 0;
}
static Py_ssize_t counters_freed;
static void counter_dealloc(Counter *self) {
  PyTypeObject *type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  counter_clear(self);
  type->tp_free(self);
  Py_DECREF(type);
  counters_freed++;
}
static PyObject *counter_next(Counter *self) {
  if (self->count >= 5) return NULL;
  return PyLong_FromSsize_t(self->count++);
}
static PyObject *counter_repr(Counter *self) { return PyUnicode_FromFormat("<Counter %zd>", self->count); }
static PyObject *counter_add(PyObject *a, PyObject *b) {
  if (!PyLong_Check(b)) Py_RETURN_NOTIMPLEMENTED;
  return PyLong_FromSsize_t(((Counter *)a)->count + PyLong_AsSsize_t(b));
}
static Py_ssize_t counter_length(Counter *self) { return self->count; }
static PyObject *counter_item(Counter *self, Py_ssize_t i) {
  if (i < 0 || i >= self->count) {
    PyErr_SetString(PyExc_IndexError, "counter index out of range");
    return NULL;
  }
  return PyLong_FromSsize_t(i * i);
}
static PyObject *counter_bump(Counter *self, PyTypeObject *cls, PyObject *const *args, Py_ssize_t n, PyObject *names) {
  module_state *state = PyType_GetModuleState(cls);
  if (!state) return NULL;
  if (n > 1) return PyErr_Format(state->error, "too many");
  self->count += n ? PyLong_AsSsize_t(args[0]) : 1;
  return Py_NewRef(self);
}
static PyObject *counter_class(PyObject *cls, PyObject *unused) { return Py_NewRef(cls); }
static PyObject *counter_static(PyObject *null, PyObject *o) { return Py_BuildValue("Oi", o, null == NULL); }
static PyObject *counter_get_double(Counter *self, void *factor) { return PyLong_FromSsize_t(self->count * (Py_ssize_t)factor); }
static int counter_set_double(Counter *self, PyObject *v, void *factor) {
  if (!v) {
    PyErr_SetString(PyExc_TypeError, "cannot delete double");
    return -1;
  }
  Py_ssize_t n = PyLong_AsSsize_t(v);
  if (n == -1 && PyErr_Occurred()) return -1;
  self->count = n / (Py_ssize_t)factor;
  return 0;
}
static PyMethodDef counter_methods[] = {
    {"bump", (PyCFunction)(void (*)(void))counter_bump, METH_METHOD | METH_FASTCALL | METH_KEYWORDS, "bump($self, n=1, /)\n--\n\nCount on."},
    {"cls", counter_class, METH_NOARGS | METH_CLASS, NULL},
    {"static", counter_static, METH_O | METH_STATIC, NULL},
    {NULL}};
static PyMemberDef counter_members[] = {
    {"payload", Py_T_OBJECT_EX, offsetof(Counter, payload), 0, "what it carries"},
    {"count", Py_T_PYSSIZET, offsetof(Counter, count), Py_READONLY, NULL},
    {"ratio", Py_T_DOUBLE, offsetof(Counter, ratio), 0, NULL},
    {"flag", Py_T_BOOL, offsetof(Counter, flag), 0, NULL},
    {NULL}};
static PyGetSetDef counter_getset[] = {
    {"double", (getter)counter_get_double, (setter)counter_set_double, "twice the count", (void *)2}, {NULL}};
static PyType_Slot counter_slots[] = {
    {Py_tp_doc, "Counter(start=0, payload=None)\n--\n\nCounts."},
    {Py_tp_init, counter_init},
    {Py_tp_traverse, counter_traverse},
    {Py_tp_clear, counter_clear},
    {Py_tp_dealloc, counter_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, counter_next},
    {Py_tp_repr, counter_repr},
    {Py_nb_add, counter_add},
    {Py_sq_length, counter_length},
    {Py_sq_item, counter_item},
    {Py_tp_methods, counter_methods},
    {Py_tp_members, counter_members},
    {Py_tp_getset, counter_getset},
    {0, NULL}};
static PyType_Spec counter_spec = {
    .name = "proof.Counter",
    .basicsize = sizeof(Counter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = counter_slots};
static PyObject *freed(PyObject *self, PyObject *unused) { return PyLong_FromSsize_t(counters_freed); }

// MARK: A static type that inherits from list

typedef struct {
  PyListObject list;
  int pushes;
} Stack;
static PyObject *stack_push(Stack *self, PyObject *o) {
  self->pushes++;
  if (PyList_Append((PyObject *)self, o) < 0) return NULL;
  Py_RETURN_NONE;
}
static PyMethodDef stack_methods[] = {{"push", (PyCFunction)stack_push, METH_O, "push(o)"}, {NULL}};
static PyMemberDef stack_members[] = {{"pushes", Py_T_INT, offsetof(Stack, pushes), 0, NULL}, {NULL}};
static PyTypeObject stack_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "proof.Stack",
    .tp_basicsize = sizeof(Stack),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = stack_methods,
    .tp_members = stack_members,
};

// MARK: Struct sequences and capsules

static PyTypeObject point_type;
static PyStructSequence_Field point_fields[] = {{"x", "abscissa"}, {"y", NULL}, {"hidden", NULL}, {NULL}};
static PyStructSequence_Desc point_desc = {"proof.Point", "A point.", point_fields, 2};
static PyObject *point(PyObject *self, PyObject *unused) {
  PyObject *p = PyStructSequence_New(&point_type);
  if (!p) return NULL;
  for (int i = 0; i < 3; i++) PyStructSequence_SET_ITEM(p, i, PyLong_FromLong(i + 10));
  return p;
}
static int secret = 77;
static PyObject *capsule(PyObject *self, PyObject *unused) { return PyCapsule_New(&secret, "proof.secret", NULL); }
static PyObject *open_capsule(PyObject *self, PyObject *c) {
  int *p = PyCapsule_GetPointer(c, "proof.secret");
  return p ? PyLong_FromLong(*p) : NULL;
}

// MARK: The module

// MARK: Monitoring

/// Fires one event of each kind about `codelike`, as code of a compiler would; the results.
static PyObject *monitored(PyObject *self, PyObject *codelike) {
  static const uint8_t events[] = {
      PY_MONITORING_EVENT_PY_START, PY_MONITORING_EVENT_PY_RESUME, PY_MONITORING_EVENT_PY_RETURN,
      PY_MONITORING_EVENT_PY_YIELD, PY_MONITORING_EVENT_CALL, PY_MONITORING_EVENT_LINE, PY_MONITORING_EVENT_JUMP,
      PY_MONITORING_EVENT_BRANCH, PY_MONITORING_EVENT_RAISE, PY_MONITORING_EVENT_EXCEPTION_HANDLED,
      PY_MONITORING_EVENT_PY_UNWIND, PY_MONITORING_EVENT_PY_THROW, PY_MONITORING_EVENT_RERAISE,
      PY_MONITORING_EVENT_STOP_ITERATION};
  enum { COUNT = sizeof events };
  static PyMonitoringState states[COUNT];
  static uint64_t version;
  PyObject *results = PyList_New(0), *value = PyLong_FromLong(77);
  if (!results || !value) return NULL;
  if (PyMonitoring_EnterScope(states, &version, events, COUNT) < 0) return NULL;
  for (int i = 0; i < COUNT; i++) {
    int r = 0;
    int raises = i >= 8 && i <= 12;
    if (raises) PyErr_SetString(PyExc_KeyError, "fired");
    switch (events[i]) {
    case PY_MONITORING_EVENT_PY_START: r = PyMonitoring_FirePyStartEvent(&states[i], codelike, 1); break;
    case PY_MONITORING_EVENT_PY_RESUME: r = PyMonitoring_FirePyResumeEvent(&states[i], codelike, 2); break;
    case PY_MONITORING_EVENT_PY_RETURN: r = PyMonitoring_FirePyReturnEvent(&states[i], codelike, 3, value); break;
    case PY_MONITORING_EVENT_PY_YIELD: r = PyMonitoring_FirePyYieldEvent(&states[i], codelike, 4, value); break;
    case PY_MONITORING_EVENT_CALL: r = PyMonitoring_FireCallEvent(&states[i], codelike, 5, codelike, value); break;
    case PY_MONITORING_EVENT_LINE: r = PyMonitoring_FireLineEvent(&states[i], codelike, 6, 606); break;
    case PY_MONITORING_EVENT_JUMP: r = PyMonitoring_FireJumpEvent(&states[i], codelike, 7, value); break;
    case PY_MONITORING_EVENT_BRANCH: r = PyMonitoring_FireBranchEvent(&states[i], codelike, 8, value); break;
    case PY_MONITORING_EVENT_RAISE: r = PyMonitoring_FireRaiseEvent(&states[i], codelike, 9); break;
    case PY_MONITORING_EVENT_EXCEPTION_HANDLED:
      r = PyMonitoring_FireExceptionHandledEvent(&states[i], codelike, 10);
      break;
    case PY_MONITORING_EVENT_PY_UNWIND: r = PyMonitoring_FirePyUnwindEvent(&states[i], codelike, 11); break;
    case PY_MONITORING_EVENT_PY_THROW: r = PyMonitoring_FirePyThrowEvent(&states[i], codelike, 12); break;
    case PY_MONITORING_EVENT_RERAISE: r = PyMonitoring_FireReraiseEvent(&states[i], codelike, 13); break;
    default: r = PyMonitoring_FireStopIterationEvent(&states[i], codelike, 14, value); break;
    }
    PyObject *raised = PyErr_GetRaisedException();
    PyObject *item = Py_BuildValue("(iiN)", i, r, raised ? PyObject_Repr(raised) : Py_NewRef(Py_None));
    Py_XDECREF(raised);
    if (!item || PyList_Append(results, item) < 0) return NULL;
    Py_DECREF(item);
  }
  Py_DECREF(value);
  if (PyMonitoring_ExitScope() < 0) return NULL;
  return results;
}

// MARK: The process

static PyObject *number(PyObject *self, PyObject *args) {
  const char *text;
  int base;
  if (!PyArg_ParseTuple(args, "si", &text, &base)) return NULL;
  char *end, *signed_end;
  errno = 0;
  unsigned long u = PyOS_strtoul(text, &end, base);
  int error = errno;
  errno = 0;
  long s = PyOS_strtol(text, &signed_end, base);
  return Py_BuildValue("(kniIlni)", u, (Py_ssize_t)(end - text), error != 0, 0, s, (Py_ssize_t)(signed_end - text), errno != 0);
}
static int sign(int n) { return (n > 0) - (n < 0); }
static PyObject *compared(PyObject *self, PyObject *args) {
  const char *a, *b;
  Py_ssize_t n;
  if (!PyArg_ParseTuple(args, "ssn", &a, &b, &n)) return NULL;
  return Py_BuildValue("(ii)", sign(PyOS_mystricmp(a, b)), sign(PyOS_mystrnicmp(a, b, n)));
}
static PyObject *locale_text(PyObject *self, PyObject *bytes) {
  size_t size = 0, place = 0;
  wchar_t *wide = Py_DecodeLocale(PyBytes_AsString(bytes), &size);
  if (!wide) return PyErr_Format(PyExc_ValueError, "no text");
  char *back = Py_EncodeLocale(wide, &place);
  PyObject *r = Py_BuildValue("(u#y)", wide, (Py_ssize_t)size, back);
  PyMem_RawFree(wide);
  PyMem_Free(back);
  return r;
}
static PyObject *stack_effect(PyObject *self, PyObject *args) {
  int op, argument;
  if (!PyArg_ParseTuple(args, "ii", &op, &argument)) return NULL;
  return Py_BuildValue(
      "(iiii)", PyCompile_OpcodeStackEffect(op, argument), PyCompile_OpcodeStackEffectWithJump(op, argument, -1),
      PyCompile_OpcodeStackEffectWithJump(op, argument, 0), PyCompile_OpcodeStackEffectWithJump(op, argument, 1));
}
/// The lines of a file with these bytes, at most seven characters at a time.
static PyObject *lines(PyObject *self, PyObject *bytes) {
  char buffer[8];
  FILE *f = tmpfile();
  PyObject *list = PyList_New(0);
  if (!f || !list) return NULL;
  fwrite(PyBytes_AS_STRING(bytes), 1, PyBytes_GET_SIZE(bytes), f);
  rewind(f);
  while (Py_UniversalNewlineFgets(buffer, sizeof buffer, f, NULL)) {
    PyObject *line = PyBytes_FromString(buffer);
    if (!line || PyList_Append(list, line) < 0) return NULL;
    Py_DECREF(line);
  }
  fclose(f);
  return list;
}
struct search {
  PyObject *wanted;
  int found;
};
static int visited(PyObject *object, void *arg) {
  struct search *s = arg;
  if (object == s->wanted) s->found++;
  return !s->found;
}
/// Whether the collector knows an object.
static PyObject *tracked(PyObject *self, PyObject *object) {
  struct search s = {object, 0};
  PyUnstable_GC_VisitObjects(visited, &s);
  return PyBool_FromLong(s.found);
}
static PyObject *forget_weak_references(PyObject *self, PyObject *object) {
  PyUnstable_Object_ClearWeakRefsNoCallbacks(object);
  return Py_BuildValue("(ii)", PyType_SUPPORTS_WEAKREFS(Py_TYPE(object)), *PyObject_GET_WEAKREFS_LISTPTR(object) == NULL);
}
static PyObject *about_process(PyObject *self, PyObject *unused) {
  PyHash_FuncDef *hash = PyHash_GetFuncDef();
  PyMemAllocatorEx a;
  PyObject *sizes = PyList_New(0);
  for (int domain = 0; domain < 3; domain++) {
    PyMem_GetAllocator((PyMemAllocatorDomain)domain, &a);
    char *p = a.calloc(a.ctx, 3, 5);
    p = a.realloc(a.ctx, p, 100);
    PyObject *n = PyLong_FromLong(p[14] + 100);
    a.free(a.ctx, p);
    if (!n || PyList_Append(sizes, n) < 0) return NULL;
    Py_DECREF(n);
  }
  PyObject *bytes = PyBytes_FromString("hash");
  int same = hash->hash("hash", 4) == PyObject_Hash(bytes);
  Py_DECREF(bytes);
  Py_Initialize();
  return Py_BuildValue(
      "(siiiNNi)", hash->name, hash->hash_bits, hash->seed_bits, same, sizes, PyThread_GetInfo(),
      PySignal_SetWakeupFd(-1));
}
/// The first line of a file with these bytes, as an interactive program reads it.
static PyObject *read_line(PyObject *self, PyObject *bytes) {
  FILE *f = tmpfile();
  if (!f) return NULL;
  fwrite(PyBytes_AS_STRING(bytes), 1, PyBytes_GET_SIZE(bytes), f);
  rewind(f);
  char *line = PyOS_Readline(f, stdout, "");
  fclose(f);
  if (!line) return NULL;
  PyObject *r = PyBytes_FromString(line);
  PyMem_Free(line);
  return r;
}
static PyObject *opener(PyObject *path, void *data) {
  return Py_BuildValue("(sON)", (char *)data, path, PyUnicode_FromString("opened"));
}
static PyObject *open_code(PyObject *self, PyObject *unused) {
  int first = PyFile_SetOpenCodeHook(opener, "hook");
  int second = PyFile_SetOpenCodeHook(opener, "hook");
  if (first < 0 || second == 0) return PyErr_Format(PyExc_AssertionError, "hooks");
  PyErr_Clear();
  return PyFile_OpenCode("/some/path");
}
static PyObject *compiler_flags(PyObject *self, PyObject *unused) {
  PyCompilerFlags flags = _PyCompilerFlags_INIT;
  int any = PyEval_MergeCompilerFlags(&flags);
  return Py_BuildValue("(ii)", any, flags.cf_flags);
}
static void say(const char *text) { (void)!write(1, text, strlen(text)); }
static void last(void) { say("last\n"); }
static void last_but_one(void) { say("last but one\n"); }
static void with_data(void *data) { say(data); }
static PyObject *at_exit(PyObject *self, PyObject *unused) {
  PyInterpreterState *interpreter = PyInterpreterState_Get();
  int results = Py_AtExit(last) | Py_AtExit(last_but_one);
  results |= PyUnstable_AtExit(interpreter, with_data, "first\n");
  results |= PyUnstable_AtExit(interpreter, with_data, "second\n");
  return PyLong_FromLong(results);
}

static PyMethodDef methods[] = {
    {"no_arguments", no_arguments, METH_NOARGS, "no_arguments($module, /)\n--\n\nTakes nothing."},
    {"one_argument", one_argument, METH_O, NULL},
    {"positional", positional, METH_VARARGS, NULL},
    {"with_keywords", (PyCFunction)(void (*)(void))with_keywords, METH_VARARGS | METH_KEYWORDS, NULL},
    {"fast", (PyCFunction)(void (*)(void))fast, METH_FASTCALL, NULL},
    {"fast_keywords", (PyCFunction)(void (*)(void))fast_keywords, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"parse", parse, METH_VARARGS, NULL},
    {"unpack", unpack, METH_VARARGS, NULL},
    {"reverse_list", reverse_list, METH_O, NULL},
    {"reverse_tuple", reverse_tuple, METH_O, NULL},
    {"describe", describe, METH_O, NULL},
    {"make_text", make_text, METH_VARARGS, NULL},
    {"catch_error", catch_error, METH_O, NULL},
    {"raise_error", raise_error, METH_O, NULL},
    {"raise_errno", raise_errno, METH_O, NULL},
    {"call_many", call_many, METH_O, NULL},
    {"without_lock", without_lock, METH_O, NULL},
    {"iterate", iterate, METH_O, NULL},
    {"protocols", protocols, METH_O, NULL},
    {"mappings", mappings, METH_O, NULL},
    {"freed", freed, METH_NOARGS, NULL},
    {"point", point, METH_NOARGS, NULL},
    {"capsule", capsule, METH_NOARGS, NULL},
    {"monitored", monitored, METH_O, NULL},
    {"number", number, METH_VARARGS, NULL},
    {"compared", compared, METH_VARARGS, NULL},
    {"locale_text", locale_text, METH_O, NULL},
    {"stack_effect", stack_effect, METH_VARARGS, NULL},
    {"lines", lines, METH_O, NULL},
    {"tracked", tracked, METH_O, NULL},
    {"forget_weak_references", forget_weak_references, METH_O, NULL},
    {"about_process", about_process, METH_NOARGS, NULL},
    {"read_line", read_line, METH_O, NULL},
    {"open_code", open_code, METH_NOARGS, NULL},
    {"compiler_flags", compiler_flags, METH_NOARGS, NULL},
    {"at_exit", at_exit, METH_NOARGS, NULL},
    {"open_capsule", open_capsule, METH_O, NULL},
    {NULL}};

static int proof_exec(PyObject *module) {
  module_state *state = PyModule_GetState(module);
  state->error = PyErr_NewExceptionWithDoc("proof.Error", "What proof raises.", PyExc_ValueError, NULL);
  if (!state->error || PyModule_AddObjectRef(module, "Error", state->error) < 0) return -1;
  state->counter_type = PyType_FromModuleAndSpec(module, &counter_spec, NULL);
  if (!state->counter_type || PyModule_AddType(module, (PyTypeObject *)state->counter_type) < 0) return -1;
  stack_type.tp_base = &PyList_Type;
  if (PyModule_AddType(module, &stack_type) < 0) return -1;
  if (point_type.tp_name == NULL && PyStructSequence_InitType2(&point_type, &point_desc) < 0) return -1;
  if (PyModule_AddType(module, &point_type) < 0) return -1;
  return PyModule_AddIntConstant(module, "answer", 42) < 0 || PyModule_AddStringConstant(module, "name", "proof") < 0 ? -1 : 0;
}
static int proof_traverse(PyObject *module, visitproc visit, void *arg) {
  module_state *state = PyModule_GetState(module);
  Py_VISIT(state->error);
  Py_VISIT(state->counter_type);
  return 0;
}
static int proof_clear(PyObject *module) {
  module_state *state = PyModule_GetState(module);
  Py_CLEAR(state->error);
  Py_CLEAR(state->counter_type);
  return 0;
}
static PyModuleDef_Slot proof_slots[] = {{Py_mod_exec, proof_exec}, {0, NULL}};
static PyModuleDef proof_module = {
    PyModuleDef_HEAD_INIT, .m_name = "proof", .m_doc = "Proves that extensions work.", .m_size = sizeof(module_state),
    .m_methods = methods, .m_slots = proof_slots, .m_traverse = proof_traverse, .m_clear = proof_clear};
PyMODINIT_FUNC PyInit_proof(void) { return PyModuleDef_Init(&proof_module); }
