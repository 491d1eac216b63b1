#pragma clang diagnostic ignored "-Wnullability-completeness"

// Storage of every builtin type and exception. Extensions address these symbols directly; Swift goes through the accessors.
#pragma once
#include "gila/layouts.h"

extern PyTypeObject PyAsyncGen_Type;
static inline PyTypeObject *_Nonnull gila_type_PyAsyncGen_Type(void) { return &PyAsyncGen_Type; }
extern PyTypeObject PyBaseObject_Type;
static inline PyTypeObject *_Nonnull gila_type_PyBaseObject_Type(void) { return &PyBaseObject_Type; }
extern PyTypeObject PyBool_Type;
static inline PyTypeObject *_Nonnull gila_type_PyBool_Type(void) { return &PyBool_Type; }
extern PyTypeObject PyByteArrayIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyByteArrayIter_Type(void) { return &PyByteArrayIter_Type; }
extern PyTypeObject PyByteArray_Type;
static inline PyTypeObject *_Nonnull gila_type_PyByteArray_Type(void) { return &PyByteArray_Type; }
extern PyTypeObject PyBytesIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyBytesIter_Type(void) { return &PyBytesIter_Type; }
extern PyTypeObject PyBytes_Type;
static inline PyTypeObject *_Nonnull gila_type_PyBytes_Type(void) { return &PyBytes_Type; }
extern PyTypeObject PyCFunction_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCFunction_Type(void) { return &PyCFunction_Type; }
extern PyTypeObject PyCMethod_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCMethod_Type(void) { return &PyCMethod_Type; }
extern PyTypeObject PyCallIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCallIter_Type(void) { return &PyCallIter_Type; }
extern PyTypeObject PyCapsule_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCapsule_Type(void) { return &PyCapsule_Type; }
extern PyTypeObject PyCell_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCell_Type(void) { return &PyCell_Type; }
extern PyTypeObject PyClassMethodDescr_Type;
static inline PyTypeObject *_Nonnull gila_type_PyClassMethodDescr_Type(void) { return &PyClassMethodDescr_Type; }
extern PyTypeObject PyClassMethod_Type;
static inline PyTypeObject *_Nonnull gila_type_PyClassMethod_Type(void) { return &PyClassMethod_Type; }
extern PyTypeObject PyCode_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCode_Type(void) { return &PyCode_Type; }
extern PyTypeObject PyComplex_Type;
static inline PyTypeObject *_Nonnull gila_type_PyComplex_Type(void) { return &PyComplex_Type; }
extern PyTypeObject PyContextToken_Type;
static inline PyTypeObject *_Nonnull gila_type_PyContextToken_Type(void) { return &PyContextToken_Type; }
extern PyTypeObject PyContextVar_Type;
static inline PyTypeObject *_Nonnull gila_type_PyContextVar_Type(void) { return &PyContextVar_Type; }
extern PyTypeObject PyContext_Type;
static inline PyTypeObject *_Nonnull gila_type_PyContext_Type(void) { return &PyContext_Type; }
extern PyTypeObject PyCoro_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCoro_Type(void) { return &PyCoro_Type; }
extern PyTypeObject PyDictItems_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictItems_Type(void) { return &PyDictItems_Type; }
extern PyTypeObject PyDictIterItem_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictIterItem_Type(void) { return &PyDictIterItem_Type; }
extern PyTypeObject PyDictIterKey_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictIterKey_Type(void) { return &PyDictIterKey_Type; }
extern PyTypeObject PyDictIterValue_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictIterValue_Type(void) { return &PyDictIterValue_Type; }
extern PyTypeObject PyDictKeys_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictKeys_Type(void) { return &PyDictKeys_Type; }
extern PyTypeObject PyDictProxy_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictProxy_Type(void) { return &PyDictProxy_Type; }
extern PyTypeObject PyDictRevIterItem_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictRevIterItem_Type(void) { return &PyDictRevIterItem_Type; }
extern PyTypeObject PyDictRevIterKey_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictRevIterKey_Type(void) { return &PyDictRevIterKey_Type; }
extern PyTypeObject PyDictRevIterValue_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictRevIterValue_Type(void) { return &PyDictRevIterValue_Type; }
extern PyTypeObject PyDictValues_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDictValues_Type(void) { return &PyDictValues_Type; }
extern PyTypeObject PyDict_Type;
static inline PyTypeObject *_Nonnull gila_type_PyDict_Type(void) { return &PyDict_Type; }
extern PyTypeObject PyEllipsis_Type;
static inline PyTypeObject *_Nonnull gila_type_PyEllipsis_Type(void) { return &PyEllipsis_Type; }
extern PyTypeObject PyEnum_Type;
static inline PyTypeObject *_Nonnull gila_type_PyEnum_Type(void) { return &PyEnum_Type; }
extern PyTypeObject PyFilter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFilter_Type(void) { return &PyFilter_Type; }
extern PyTypeObject PyFloat_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFloat_Type(void) { return &PyFloat_Type; }
extern PyTypeObject PyFrameLocalsProxy_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFrameLocalsProxy_Type(void) { return &PyFrameLocalsProxy_Type; }
extern PyTypeObject PyFrame_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFrame_Type(void) { return &PyFrame_Type; }
extern PyTypeObject PyFrozenSet_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFrozenSet_Type(void) { return &PyFrozenSet_Type; }
extern PyTypeObject PyFunction_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFunction_Type(void) { return &PyFunction_Type; }
extern PyTypeObject PyGen_Type;
static inline PyTypeObject *_Nonnull gila_type_PyGen_Type(void) { return &PyGen_Type; }
extern PyTypeObject PyGetSetDescr_Type;
static inline PyTypeObject *_Nonnull gila_type_PyGetSetDescr_Type(void) { return &PyGetSetDescr_Type; }
extern PyTypeObject PyInstanceMethod_Type;
static inline PyTypeObject *_Nonnull gila_type_PyInstanceMethod_Type(void) { return &PyInstanceMethod_Type; }
extern PyTypeObject PyListIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyListIter_Type(void) { return &PyListIter_Type; }
extern PyTypeObject PyListRevIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyListRevIter_Type(void) { return &PyListRevIter_Type; }
extern PyTypeObject PyList_Type;
static inline PyTypeObject *_Nonnull gila_type_PyList_Type(void) { return &PyList_Type; }
extern PyTypeObject PyLongRangeIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyLongRangeIter_Type(void) { return &PyLongRangeIter_Type; }
extern PyTypeObject PyLong_Type;
static inline PyTypeObject *_Nonnull gila_type_PyLong_Type(void) { return &PyLong_Type; }
extern PyTypeObject PyMap_Type;
static inline PyTypeObject *_Nonnull gila_type_PyMap_Type(void) { return &PyMap_Type; }
extern PyTypeObject PyMemberDescr_Type;
static inline PyTypeObject *_Nonnull gila_type_PyMemberDescr_Type(void) { return &PyMemberDescr_Type; }
extern PyTypeObject PyMemoryView_Type;
static inline PyTypeObject *_Nonnull gila_type_PyMemoryView_Type(void) { return &PyMemoryView_Type; }
extern PyTypeObject PyMethodDescr_Type;
static inline PyTypeObject *_Nonnull gila_type_PyMethodDescr_Type(void) { return &PyMethodDescr_Type; }
extern PyTypeObject PyMethod_Type;
static inline PyTypeObject *_Nonnull gila_type_PyMethod_Type(void) { return &PyMethod_Type; }
extern PyTypeObject PyModuleDef_Type;
static inline PyTypeObject *_Nonnull gila_type_PyModuleDef_Type(void) { return &PyModuleDef_Type; }
extern PyTypeObject PyModule_Type;
static inline PyTypeObject *_Nonnull gila_type_PyModule_Type(void) { return &PyModule_Type; }
extern PyTypeObject PyODictItems_Type;
static inline PyTypeObject *_Nonnull gila_type_PyODictItems_Type(void) { return &PyODictItems_Type; }
extern PyTypeObject PyODictIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyODictIter_Type(void) { return &PyODictIter_Type; }
extern PyTypeObject PyODictKeys_Type;
static inline PyTypeObject *_Nonnull gila_type_PyODictKeys_Type(void) { return &PyODictKeys_Type; }
extern PyTypeObject PyODictValues_Type;
static inline PyTypeObject *_Nonnull gila_type_PyODictValues_Type(void) { return &PyODictValues_Type; }
extern PyTypeObject PyODict_Type;
static inline PyTypeObject *_Nonnull gila_type_PyODict_Type(void) { return &PyODict_Type; }
extern PyTypeObject PyPickleBuffer_Type;
static inline PyTypeObject *_Nonnull gila_type_PyPickleBuffer_Type(void) { return &PyPickleBuffer_Type; }
extern PyTypeObject PyProperty_Type;
static inline PyTypeObject *_Nonnull gila_type_PyProperty_Type(void) { return &PyProperty_Type; }
extern PyTypeObject PyRangeIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyRangeIter_Type(void) { return &PyRangeIter_Type; }
extern PyTypeObject PyRange_Type;
static inline PyTypeObject *_Nonnull gila_type_PyRange_Type(void) { return &PyRange_Type; }
extern PyTypeObject PyReversed_Type;
static inline PyTypeObject *_Nonnull gila_type_PyReversed_Type(void) { return &PyReversed_Type; }
extern PyTypeObject PySeqIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PySeqIter_Type(void) { return &PySeqIter_Type; }
extern PyTypeObject PySetIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PySetIter_Type(void) { return &PySetIter_Type; }
extern PyTypeObject PySet_Type;
static inline PyTypeObject *_Nonnull gila_type_PySet_Type(void) { return &PySet_Type; }
extern PyTypeObject PySlice_Type;
static inline PyTypeObject *_Nonnull gila_type_PySlice_Type(void) { return &PySlice_Type; }
extern PyTypeObject PyStaticMethod_Type;
static inline PyTypeObject *_Nonnull gila_type_PyStaticMethod_Type(void) { return &PyStaticMethod_Type; }
extern PyTypeObject PyStdPrinter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyStdPrinter_Type(void) { return &PyStdPrinter_Type; }
extern PyTypeObject PySuper_Type;
static inline PyTypeObject *_Nonnull gila_type_PySuper_Type(void) { return &PySuper_Type; }
extern PyTypeObject PyTraceBack_Type;
static inline PyTypeObject *_Nonnull gila_type_PyTraceBack_Type(void) { return &PyTraceBack_Type; }
extern PyTypeObject PyTupleIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyTupleIter_Type(void) { return &PyTupleIter_Type; }
extern PyTypeObject PyTuple_Type;
static inline PyTypeObject *_Nonnull gila_type_PyTuple_Type(void) { return &PyTuple_Type; }
extern PyTypeObject PyType_Type;
static inline PyTypeObject *_Nonnull gila_type_PyType_Type(void) { return &PyType_Type; }
extern PyTypeObject PyUnicodeIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyUnicodeIter_Type(void) { return &PyUnicodeIter_Type; }
extern PyTypeObject PyUnicode_Type;
static inline PyTypeObject *_Nonnull gila_type_PyUnicode_Type(void) { return &PyUnicode_Type; }
extern PyTypeObject PyWrapperDescr_Type;
static inline PyTypeObject *_Nonnull gila_type_PyWrapperDescr_Type(void) { return &PyWrapperDescr_Type; }
extern PyTypeObject PyZip_Type;
static inline PyTypeObject *_Nonnull gila_type_PyZip_Type(void) { return &PyZip_Type; }
extern PyTypeObject Py_GenericAliasType;
static inline PyTypeObject *_Nonnull gila_type_Py_GenericAliasType(void) { return &Py_GenericAliasType; }
extern PyTypeObject _PyAsyncGenASend_Type;
static inline PyTypeObject *_Nonnull gila_type__PyAsyncGenASend_Type(void) { return &_PyAsyncGenASend_Type; }
extern PyTypeObject _PyNone_Type;
static inline PyTypeObject *_Nonnull gila_type__PyNone_Type(void) { return &_PyNone_Type; }
extern PyTypeObject _PyNotImplemented_Type;
static inline PyTypeObject *_Nonnull gila_type__PyNotImplemented_Type(void) { return &_PyNotImplemented_Type; }
extern PyTypeObject _PyUnion_Type;
static inline PyTypeObject *_Nonnull gila_type__PyUnion_Type(void) { return &_PyUnion_Type; }
extern PyTypeObject _PyWeakref_CallableProxyType;
static inline PyTypeObject *_Nonnull gila_type__PyWeakref_CallableProxyType(void) { return &_PyWeakref_CallableProxyType; }
extern PyTypeObject _PyWeakref_ProxyType;
static inline PyTypeObject *_Nonnull gila_type__PyWeakref_ProxyType(void) { return &_PyWeakref_ProxyType; }
extern PyTypeObject _PyWeakref_RefType;
static inline PyTypeObject *_Nonnull gila_type__PyWeakref_RefType(void) { return &_PyWeakref_RefType; }
extern PyTypeObject PyAsyncGenAThrow_Type;
static inline PyTypeObject *_Nonnull gila_type_PyAsyncGenAThrow_Type(void) { return &PyAsyncGenAThrow_Type; }
extern PyTypeObject PyAsyncGenWrappedValue_Type;
static inline PyTypeObject *_Nonnull gila_type_PyAsyncGenWrappedValue_Type(void) { return &PyAsyncGenWrappedValue_Type; }
extern PyTypeObject PyCoroWrapper_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCoroWrapper_Type(void) { return &PyCoroWrapper_Type; }
extern PyTypeObject PyAnextAwaitable_Type;
static inline PyTypeObject *_Nonnull gila_type_PyAnextAwaitable_Type(void) { return &PyAnextAwaitable_Type; }
extern PyTypeObject PyUnicodeASCIIIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyUnicodeASCIIIter_Type(void) { return &PyUnicodeASCIIIter_Type; }
extern PyTypeObject PyMethodWrapper_Type;
static inline PyTypeObject *_Nonnull gila_type_PyMethodWrapper_Type(void) { return &PyMethodWrapper_Type; }
extern PyTypeObject PyManagedBuffer_Type;
static inline PyTypeObject *_Nonnull gila_type_PyManagedBuffer_Type(void) { return &PyManagedBuffer_Type; }
extern PyTypeObject PyMemoryIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyMemoryIter_Type(void) { return &PyMemoryIter_Type; }
extern PyTypeObject PyNamespace_Type;
static inline PyTypeObject *_Nonnull gila_type_PyNamespace_Type(void) { return &PyNamespace_Type; }
extern PyTypeObject PyBytesIOBuf_Type;
static inline PyTypeObject *_Nonnull gila_type_PyBytesIOBuf_Type(void) { return &PyBytesIOBuf_Type; }
extern PyTypeObject PyPositionsIterator_Type;
static inline PyTypeObject *_Nonnull gila_type_PyPositionsIterator_Type(void) { return &PyPositionsIterator_Type; }
extern PyTypeObject PyLineIterator_Type;
static inline PyTypeObject *_Nonnull gila_type_PyLineIterator_Type(void) { return &PyLineIterator_Type; }
extern PyTypeObject PyEncodingMap_Type;
static inline PyTypeObject *_Nonnull gila_type_PyEncodingMap_Type(void) { return &PyEncodingMap_Type; }
extern PyTypeObject PyFieldNameIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFieldNameIter_Type(void) { return &PyFieldNameIter_Type; }
extern PyTypeObject PyFormatterIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyFormatterIter_Type(void) { return &PyFormatterIter_Type; }
extern PyTypeObject PyTypeVar_Type;
static inline PyTypeObject *_Nonnull gila_type_PyTypeVar_Type(void) { return &PyTypeVar_Type; }
extern PyTypeObject PyParamSpec_Type;
static inline PyTypeObject *_Nonnull gila_type_PyParamSpec_Type(void) { return &PyParamSpec_Type; }
extern PyTypeObject PyParamSpecArgs_Type;
static inline PyTypeObject *_Nonnull gila_type_PyParamSpecArgs_Type(void) { return &PyParamSpecArgs_Type; }
extern PyTypeObject PyParamSpecKwargs_Type;
static inline PyTypeObject *_Nonnull gila_type_PyParamSpecKwargs_Type(void) { return &PyParamSpecKwargs_Type; }
extern PyTypeObject PyTypeVarTuple_Type;
static inline PyTypeObject *_Nonnull gila_type_PyTypeVarTuple_Type(void) { return &PyTypeVarTuple_Type; }
extern PyTypeObject PyTypeAlias_Type;
static inline PyTypeObject *_Nonnull gila_type_PyTypeAlias_Type(void) { return &PyTypeAlias_Type; }
extern PyTypeObject PyGeneric_Type;
static inline PyTypeObject *_Nonnull gila_type_PyGeneric_Type(void) { return &PyGeneric_Type; }
extern PyTypeObject PyNoDefault_Type;
static inline PyTypeObject *_Nonnull gila_type_PyNoDefault_Type(void) { return &PyNoDefault_Type; }
extern PyTypeObject PyContextIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyContextIter_Type(void) { return &PyContextIter_Type; }
extern PyTypeObject PyGenericAliasIter_Type;
static inline PyTypeObject *_Nonnull gila_type_PyGenericAliasIter_Type(void) { return &PyGenericAliasIter_Type; }
extern PyTypeObject PyCoroAwaitWrapper_Type;
static inline PyTypeObject *_Nonnull gila_type_PyCoroAwaitWrapper_Type(void) { return &PyCoroAwaitWrapper_Type; }
extern PyTypeObject PyBufferWrapper_Type;
static inline PyTypeObject *_Nonnull gila_type_PyBufferWrapper_Type(void) { return &PyBufferWrapper_Type; }
extern PyTypeObject PyTokenMissing_Type;
static inline PyTypeObject *_Nonnull gila_type_PyTokenMissing_Type(void) { return &PyTokenMissing_Type; }
extern PyTypeObject PyLegacyEventHandler_Type;
static inline PyTypeObject *_Nonnull gila_type_PyLegacyEventHandler_Type(void) { return &PyLegacyEventHandler_Type; }
extern PyTypeObject gila_exc_ArithmeticError;
extern PyObject *PyExc_ArithmeticError;
static inline PyTypeObject *_Nonnull gila_exc_type_ArithmeticError(void) { return &gila_exc_ArithmeticError; }
extern PyTypeObject gila_exc_AssertionError;
extern PyObject *PyExc_AssertionError;
static inline PyTypeObject *_Nonnull gila_exc_type_AssertionError(void) { return &gila_exc_AssertionError; }
extern PyTypeObject gila_exc_AttributeError;
extern PyObject *PyExc_AttributeError;
static inline PyTypeObject *_Nonnull gila_exc_type_AttributeError(void) { return &gila_exc_AttributeError; }
extern PyTypeObject gila_exc_BaseException;
extern PyObject *PyExc_BaseException;
static inline PyTypeObject *_Nonnull gila_exc_type_BaseException(void) { return &gila_exc_BaseException; }
extern PyTypeObject gila_exc_BaseExceptionGroup;
extern PyObject *PyExc_BaseExceptionGroup;
static inline PyTypeObject *_Nonnull gila_exc_type_BaseExceptionGroup(void) { return &gila_exc_BaseExceptionGroup; }
extern PyTypeObject gila_exc_BlockingIOError;
extern PyObject *PyExc_BlockingIOError;
static inline PyTypeObject *_Nonnull gila_exc_type_BlockingIOError(void) { return &gila_exc_BlockingIOError; }
extern PyTypeObject gila_exc_BrokenPipeError;
extern PyObject *PyExc_BrokenPipeError;
static inline PyTypeObject *_Nonnull gila_exc_type_BrokenPipeError(void) { return &gila_exc_BrokenPipeError; }
extern PyTypeObject gila_exc_BufferError;
extern PyObject *PyExc_BufferError;
static inline PyTypeObject *_Nonnull gila_exc_type_BufferError(void) { return &gila_exc_BufferError; }
extern PyTypeObject gila_exc_BytesWarning;
extern PyObject *PyExc_BytesWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_BytesWarning(void) { return &gila_exc_BytesWarning; }
extern PyTypeObject gila_exc_ChildProcessError;
extern PyObject *PyExc_ChildProcessError;
static inline PyTypeObject *_Nonnull gila_exc_type_ChildProcessError(void) { return &gila_exc_ChildProcessError; }
extern PyTypeObject gila_exc_ConnectionAbortedError;
extern PyObject *PyExc_ConnectionAbortedError;
static inline PyTypeObject *_Nonnull gila_exc_type_ConnectionAbortedError(void) { return &gila_exc_ConnectionAbortedError; }
extern PyTypeObject gila_exc_ConnectionError;
extern PyObject *PyExc_ConnectionError;
static inline PyTypeObject *_Nonnull gila_exc_type_ConnectionError(void) { return &gila_exc_ConnectionError; }
extern PyTypeObject gila_exc_ConnectionRefusedError;
extern PyObject *PyExc_ConnectionRefusedError;
static inline PyTypeObject *_Nonnull gila_exc_type_ConnectionRefusedError(void) { return &gila_exc_ConnectionRefusedError; }
extern PyTypeObject gila_exc_ConnectionResetError;
extern PyObject *PyExc_ConnectionResetError;
static inline PyTypeObject *_Nonnull gila_exc_type_ConnectionResetError(void) { return &gila_exc_ConnectionResetError; }
extern PyTypeObject gila_exc_DeprecationWarning;
extern PyObject *PyExc_DeprecationWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_DeprecationWarning(void) { return &gila_exc_DeprecationWarning; }
extern PyTypeObject gila_exc_EOFError;
extern PyObject *PyExc_EOFError;
static inline PyTypeObject *_Nonnull gila_exc_type_EOFError(void) { return &gila_exc_EOFError; }
extern PyTypeObject gila_exc_EncodingWarning;
extern PyObject *PyExc_EncodingWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_EncodingWarning(void) { return &gila_exc_EncodingWarning; }
extern PyTypeObject gila_exc_Exception;
extern PyObject *PyExc_Exception;
static inline PyTypeObject *_Nonnull gila_exc_type_Exception(void) { return &gila_exc_Exception; }
extern PyTypeObject gila_exc_FileExistsError;
extern PyObject *PyExc_FileExistsError;
static inline PyTypeObject *_Nonnull gila_exc_type_FileExistsError(void) { return &gila_exc_FileExistsError; }
extern PyTypeObject gila_exc_FileNotFoundError;
extern PyObject *PyExc_FileNotFoundError;
static inline PyTypeObject *_Nonnull gila_exc_type_FileNotFoundError(void) { return &gila_exc_FileNotFoundError; }
extern PyTypeObject gila_exc_FloatingPointError;
extern PyObject *PyExc_FloatingPointError;
static inline PyTypeObject *_Nonnull gila_exc_type_FloatingPointError(void) { return &gila_exc_FloatingPointError; }
extern PyTypeObject gila_exc_FutureWarning;
extern PyObject *PyExc_FutureWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_FutureWarning(void) { return &gila_exc_FutureWarning; }
extern PyTypeObject gila_exc_GeneratorExit;
extern PyObject *PyExc_GeneratorExit;
static inline PyTypeObject *_Nonnull gila_exc_type_GeneratorExit(void) { return &gila_exc_GeneratorExit; }
extern PyTypeObject gila_exc_ImportError;
extern PyObject *PyExc_ImportError;
static inline PyTypeObject *_Nonnull gila_exc_type_ImportError(void) { return &gila_exc_ImportError; }
extern PyTypeObject gila_exc_ImportWarning;
extern PyObject *PyExc_ImportWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_ImportWarning(void) { return &gila_exc_ImportWarning; }
extern PyTypeObject gila_exc_IndentationError;
extern PyObject *PyExc_IndentationError;
static inline PyTypeObject *_Nonnull gila_exc_type_IndentationError(void) { return &gila_exc_IndentationError; }
extern PyTypeObject gila_exc_IndexError;
extern PyObject *PyExc_IndexError;
static inline PyTypeObject *_Nonnull gila_exc_type_IndexError(void) { return &gila_exc_IndexError; }
extern PyTypeObject gila_exc_InterruptedError;
extern PyObject *PyExc_InterruptedError;
static inline PyTypeObject *_Nonnull gila_exc_type_InterruptedError(void) { return &gila_exc_InterruptedError; }
extern PyTypeObject gila_exc_IsADirectoryError;
extern PyObject *PyExc_IsADirectoryError;
static inline PyTypeObject *_Nonnull gila_exc_type_IsADirectoryError(void) { return &gila_exc_IsADirectoryError; }
extern PyTypeObject gila_exc_KeyError;
extern PyObject *PyExc_KeyError;
static inline PyTypeObject *_Nonnull gila_exc_type_KeyError(void) { return &gila_exc_KeyError; }
extern PyTypeObject gila_exc_KeyboardInterrupt;
extern PyObject *PyExc_KeyboardInterrupt;
static inline PyTypeObject *_Nonnull gila_exc_type_KeyboardInterrupt(void) { return &gila_exc_KeyboardInterrupt; }
extern PyTypeObject gila_exc_LookupError;
extern PyObject *PyExc_LookupError;
static inline PyTypeObject *_Nonnull gila_exc_type_LookupError(void) { return &gila_exc_LookupError; }
extern PyTypeObject gila_exc_MemoryError;
extern PyObject *PyExc_MemoryError;
static inline PyTypeObject *_Nonnull gila_exc_type_MemoryError(void) { return &gila_exc_MemoryError; }
extern PyTypeObject gila_exc_ModuleNotFoundError;
extern PyObject *PyExc_ModuleNotFoundError;
static inline PyTypeObject *_Nonnull gila_exc_type_ModuleNotFoundError(void) { return &gila_exc_ModuleNotFoundError; }
extern PyTypeObject gila_exc_NameError;
extern PyObject *PyExc_NameError;
static inline PyTypeObject *_Nonnull gila_exc_type_NameError(void) { return &gila_exc_NameError; }
extern PyTypeObject gila_exc_NotADirectoryError;
extern PyObject *PyExc_NotADirectoryError;
static inline PyTypeObject *_Nonnull gila_exc_type_NotADirectoryError(void) { return &gila_exc_NotADirectoryError; }
extern PyTypeObject gila_exc_NotImplementedError;
extern PyObject *PyExc_NotImplementedError;
static inline PyTypeObject *_Nonnull gila_exc_type_NotImplementedError(void) { return &gila_exc_NotImplementedError; }
extern PyTypeObject gila_exc_OSError;
extern PyObject *PyExc_OSError;
static inline PyTypeObject *_Nonnull gila_exc_type_OSError(void) { return &gila_exc_OSError; }
extern PyTypeObject gila_exc_OverflowError;
extern PyObject *PyExc_OverflowError;
static inline PyTypeObject *_Nonnull gila_exc_type_OverflowError(void) { return &gila_exc_OverflowError; }
extern PyTypeObject gila_exc_PendingDeprecationWarning;
extern PyObject *PyExc_PendingDeprecationWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_PendingDeprecationWarning(void) { return &gila_exc_PendingDeprecationWarning; }
extern PyTypeObject gila_exc_PermissionError;
extern PyObject *PyExc_PermissionError;
static inline PyTypeObject *_Nonnull gila_exc_type_PermissionError(void) { return &gila_exc_PermissionError; }
extern PyTypeObject gila_exc_ProcessLookupError;
extern PyObject *PyExc_ProcessLookupError;
static inline PyTypeObject *_Nonnull gila_exc_type_ProcessLookupError(void) { return &gila_exc_ProcessLookupError; }
extern PyTypeObject gila_exc_RecursionError;
extern PyObject *PyExc_RecursionError;
static inline PyTypeObject *_Nonnull gila_exc_type_RecursionError(void) { return &gila_exc_RecursionError; }
extern PyTypeObject gila_exc_ReferenceError;
extern PyObject *PyExc_ReferenceError;
static inline PyTypeObject *_Nonnull gila_exc_type_ReferenceError(void) { return &gila_exc_ReferenceError; }
extern PyTypeObject gila_exc_ResourceWarning;
extern PyObject *PyExc_ResourceWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_ResourceWarning(void) { return &gila_exc_ResourceWarning; }
extern PyTypeObject gila_exc_RuntimeError;
extern PyObject *PyExc_RuntimeError;
static inline PyTypeObject *_Nonnull gila_exc_type_RuntimeError(void) { return &gila_exc_RuntimeError; }
extern PyTypeObject gila_exc_RuntimeWarning;
extern PyObject *PyExc_RuntimeWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_RuntimeWarning(void) { return &gila_exc_RuntimeWarning; }
extern PyTypeObject gila_exc_StopAsyncIteration;
extern PyObject *PyExc_StopAsyncIteration;
static inline PyTypeObject *_Nonnull gila_exc_type_StopAsyncIteration(void) { return &gila_exc_StopAsyncIteration; }
extern PyTypeObject gila_exc_StopIteration;
extern PyObject *PyExc_StopIteration;
static inline PyTypeObject *_Nonnull gila_exc_type_StopIteration(void) { return &gila_exc_StopIteration; }
extern PyTypeObject gila_exc_SyntaxError;
extern PyObject *PyExc_SyntaxError;
static inline PyTypeObject *_Nonnull gila_exc_type_SyntaxError(void) { return &gila_exc_SyntaxError; }
extern PyTypeObject gila_exc_SyntaxWarning;
extern PyObject *PyExc_SyntaxWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_SyntaxWarning(void) { return &gila_exc_SyntaxWarning; }
extern PyTypeObject gila_exc_SystemError;
extern PyObject *PyExc_SystemError;
static inline PyTypeObject *_Nonnull gila_exc_type_SystemError(void) { return &gila_exc_SystemError; }
extern PyTypeObject gila_exc_SystemExit;
extern PyObject *PyExc_SystemExit;
static inline PyTypeObject *_Nonnull gila_exc_type_SystemExit(void) { return &gila_exc_SystemExit; }
extern PyTypeObject gila_exc_TabError;
extern PyObject *PyExc_TabError;
static inline PyTypeObject *_Nonnull gila_exc_type_TabError(void) { return &gila_exc_TabError; }
extern PyTypeObject gila_exc_TimeoutError;
extern PyObject *PyExc_TimeoutError;
static inline PyTypeObject *_Nonnull gila_exc_type_TimeoutError(void) { return &gila_exc_TimeoutError; }
extern PyTypeObject gila_exc_TypeError;
extern PyObject *PyExc_TypeError;
static inline PyTypeObject *_Nonnull gila_exc_type_TypeError(void) { return &gila_exc_TypeError; }
extern PyTypeObject gila_exc_UnboundLocalError;
extern PyObject *PyExc_UnboundLocalError;
static inline PyTypeObject *_Nonnull gila_exc_type_UnboundLocalError(void) { return &gila_exc_UnboundLocalError; }
extern PyTypeObject gila_exc_UnicodeDecodeError;
extern PyObject *PyExc_UnicodeDecodeError;
static inline PyTypeObject *_Nonnull gila_exc_type_UnicodeDecodeError(void) { return &gila_exc_UnicodeDecodeError; }
extern PyTypeObject gila_exc_UnicodeEncodeError;
extern PyObject *PyExc_UnicodeEncodeError;
static inline PyTypeObject *_Nonnull gila_exc_type_UnicodeEncodeError(void) { return &gila_exc_UnicodeEncodeError; }
extern PyTypeObject gila_exc_UnicodeError;
extern PyObject *PyExc_UnicodeError;
static inline PyTypeObject *_Nonnull gila_exc_type_UnicodeError(void) { return &gila_exc_UnicodeError; }
extern PyTypeObject gila_exc_UnicodeTranslateError;
extern PyObject *PyExc_UnicodeTranslateError;
static inline PyTypeObject *_Nonnull gila_exc_type_UnicodeTranslateError(void) { return &gila_exc_UnicodeTranslateError; }
extern PyTypeObject gila_exc_UnicodeWarning;
extern PyObject *PyExc_UnicodeWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_UnicodeWarning(void) { return &gila_exc_UnicodeWarning; }
extern PyTypeObject gila_exc_UserWarning;
extern PyObject *PyExc_UserWarning;
static inline PyTypeObject *_Nonnull gila_exc_type_UserWarning(void) { return &gila_exc_UserWarning; }
extern PyTypeObject gila_exc_ValueError;
extern PyObject *PyExc_ValueError;
static inline PyTypeObject *_Nonnull gila_exc_type_ValueError(void) { return &gila_exc_ValueError; }
extern PyTypeObject gila_exc_Warning;
extern PyObject *PyExc_Warning;
static inline PyTypeObject *_Nonnull gila_exc_type_Warning(void) { return &gila_exc_Warning; }
extern PyTypeObject gila_exc_WindowsError;
extern PyObject *PyExc_WindowsError;
static inline PyTypeObject *_Nonnull gila_exc_type_WindowsError(void) { return &gila_exc_WindowsError; }
extern PyTypeObject gila_exc_ZeroDivisionError;
extern PyObject *PyExc_ZeroDivisionError;
static inline PyTypeObject *_Nonnull gila_exc_type_ZeroDivisionError(void) { return &gila_exc_ZeroDivisionError; }
extern PyTypeObject gila_exc_IncompleteInputError;
extern PyObject *PyExc_IncompleteInputError;
static inline PyTypeObject *_Nonnull gila_exc_type_IncompleteInputError(void) { return &gila_exc_IncompleteInputError; }
extern PyObject *PyExc_EnvironmentError;
extern PyObject *PyExc_IOError;
extern PyTypeObject gila_exc_PythonFinalizationError;
extern PyObject *PyExc_PythonFinalizationError;
static inline PyTypeObject *_Nonnull gila_exc_type_PythonFinalizationError(void) { return &gila_exc_PythonFinalizationError; }
