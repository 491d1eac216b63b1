import CGila

/// Borrowed pointers to the builtin types. They are immortal and have static storage.
public enum Types {
  @inlinable @inline(__always) public static var asyncGen: TypeRef { gila_type_PyAsyncGen_Type() }
  @inlinable @inline(__always) public static var baseObject: TypeRef { gila_type_PyBaseObject_Type() }
  @inlinable @inline(__always) public static var bool: TypeRef { gila_type_PyBool_Type() }
  @inlinable @inline(__always) public static var byteArrayIter: TypeRef { gila_type_PyByteArrayIter_Type() }
  @inlinable @inline(__always) public static var byteArray: TypeRef { gila_type_PyByteArray_Type() }
  @inlinable @inline(__always) public static var bytesIter: TypeRef { gila_type_PyBytesIter_Type() }
  @inlinable @inline(__always) public static var bytes: TypeRef { gila_type_PyBytes_Type() }
  @inlinable @inline(__always) public static var cFunction: TypeRef { gila_type_PyCFunction_Type() }
  @inlinable @inline(__always) public static var cMethod: TypeRef { gila_type_PyCMethod_Type() }
  @inlinable @inline(__always) public static var callIter: TypeRef { gila_type_PyCallIter_Type() }
  @inlinable @inline(__always) public static var capsule: TypeRef { gila_type_PyCapsule_Type() }
  @inlinable @inline(__always) public static var cell: TypeRef { gila_type_PyCell_Type() }
  @inlinable @inline(__always) public static var classMethodDescr: TypeRef { gila_type_PyClassMethodDescr_Type() }
  @inlinable @inline(__always) public static var classMethod: TypeRef { gila_type_PyClassMethod_Type() }
  @inlinable @inline(__always) public static var code: TypeRef { gila_type_PyCode_Type() }
  @inlinable @inline(__always) public static var complex: TypeRef { gila_type_PyComplex_Type() }
  @inlinable @inline(__always) public static var contextToken: TypeRef { gila_type_PyContextToken_Type() }
  @inlinable @inline(__always) public static var contextVar: TypeRef { gila_type_PyContextVar_Type() }
  @inlinable @inline(__always) public static var context: TypeRef { gila_type_PyContext_Type() }
  @inlinable @inline(__always) public static var coro: TypeRef { gila_type_PyCoro_Type() }
  @inlinable @inline(__always) public static var dictItems: TypeRef { gila_type_PyDictItems_Type() }
  @inlinable @inline(__always) public static var dictIterItem: TypeRef { gila_type_PyDictIterItem_Type() }
  @inlinable @inline(__always) public static var dictIterKey: TypeRef { gila_type_PyDictIterKey_Type() }
  @inlinable @inline(__always) public static var dictIterValue: TypeRef { gila_type_PyDictIterValue_Type() }
  @inlinable @inline(__always) public static var dictKeys: TypeRef { gila_type_PyDictKeys_Type() }
  @inlinable @inline(__always) public static var dictProxy: TypeRef { gila_type_PyDictProxy_Type() }
  @inlinable @inline(__always) public static var dictRevIterItem: TypeRef { gila_type_PyDictRevIterItem_Type() }
  @inlinable @inline(__always) public static var dictRevIterKey: TypeRef { gila_type_PyDictRevIterKey_Type() }
  @inlinable @inline(__always) public static var dictRevIterValue: TypeRef { gila_type_PyDictRevIterValue_Type() }
  @inlinable @inline(__always) public static var dictValues: TypeRef { gila_type_PyDictValues_Type() }
  @inlinable @inline(__always) public static var dict: TypeRef { gila_type_PyDict_Type() }
  @inlinable @inline(__always) public static var ellipsis: TypeRef { gila_type_PyEllipsis_Type() }
  @inlinable @inline(__always) public static var enumerate: TypeRef { gila_type_PyEnum_Type() }
  @inlinable @inline(__always) public static var filter: TypeRef { gila_type_PyFilter_Type() }
  @inlinable @inline(__always) public static var float: TypeRef { gila_type_PyFloat_Type() }
  @inlinable @inline(__always) public static var frameLocalsProxy: TypeRef { gila_type_PyFrameLocalsProxy_Type() }
  @inlinable @inline(__always) public static var frame: TypeRef { gila_type_PyFrame_Type() }
  @inlinable @inline(__always) public static var frozenSet: TypeRef { gila_type_PyFrozenSet_Type() }
  @inlinable @inline(__always) public static var function: TypeRef { gila_type_PyFunction_Type() }
  @inlinable @inline(__always) public static var gen: TypeRef { gila_type_PyGen_Type() }
  @inlinable @inline(__always) public static var getSetDescr: TypeRef { gila_type_PyGetSetDescr_Type() }
  @inlinable @inline(__always) public static var instanceMethod: TypeRef { gila_type_PyInstanceMethod_Type() }
  @inlinable @inline(__always) public static var listIter: TypeRef { gila_type_PyListIter_Type() }
  @inlinable @inline(__always) public static var listRevIter: TypeRef { gila_type_PyListRevIter_Type() }
  @inlinable @inline(__always) public static var list: TypeRef { gila_type_PyList_Type() }
  @inlinable @inline(__always) public static var longRangeIter: TypeRef { gila_type_PyLongRangeIter_Type() }
  @inlinable @inline(__always) public static var long: TypeRef { gila_type_PyLong_Type() }
  @inlinable @inline(__always) public static var map: TypeRef { gila_type_PyMap_Type() }
  @inlinable @inline(__always) public static var memberDescr: TypeRef { gila_type_PyMemberDescr_Type() }
  @inlinable @inline(__always) public static var memoryView: TypeRef { gila_type_PyMemoryView_Type() }
  @inlinable @inline(__always) public static var methodDescr: TypeRef { gila_type_PyMethodDescr_Type() }
  @inlinable @inline(__always) public static var method: TypeRef { gila_type_PyMethod_Type() }
  @inlinable @inline(__always) public static var moduleDef: TypeRef { gila_type_PyModuleDef_Type() }
  @inlinable @inline(__always) public static var module: TypeRef { gila_type_PyModule_Type() }
  @inlinable @inline(__always) public static var oDictItems: TypeRef { gila_type_PyODictItems_Type() }
  @inlinable @inline(__always) public static var oDictIter: TypeRef { gila_type_PyODictIter_Type() }
  @inlinable @inline(__always) public static var oDictKeys: TypeRef { gila_type_PyODictKeys_Type() }
  @inlinable @inline(__always) public static var oDictValues: TypeRef { gila_type_PyODictValues_Type() }
  @inlinable @inline(__always) public static var oDict: TypeRef { gila_type_PyODict_Type() }
  @inlinable @inline(__always) public static var pickleBuffer: TypeRef { gila_type_PyPickleBuffer_Type() }
  @inlinable @inline(__always) public static var property: TypeRef { gila_type_PyProperty_Type() }
  @inlinable @inline(__always) public static var rangeIter: TypeRef { gila_type_PyRangeIter_Type() }
  @inlinable @inline(__always) public static var range: TypeRef { gila_type_PyRange_Type() }
  @inlinable @inline(__always) public static var reversed: TypeRef { gila_type_PyReversed_Type() }
  @inlinable @inline(__always) public static var seqIter: TypeRef { gila_type_PySeqIter_Type() }
  @inlinable @inline(__always) public static var setIter: TypeRef { gila_type_PySetIter_Type() }
  @inlinable @inline(__always) public static var set: TypeRef { gila_type_PySet_Type() }
  @inlinable @inline(__always) public static var slice: TypeRef { gila_type_PySlice_Type() }
  @inlinable @inline(__always) public static var staticMethod: TypeRef { gila_type_PyStaticMethod_Type() }
  @inlinable @inline(__always) public static var stdPrinter: TypeRef { gila_type_PyStdPrinter_Type() }
  @inlinable @inline(__always) public static var superType: TypeRef { gila_type_PySuper_Type() }
  @inlinable @inline(__always) public static var traceBack: TypeRef { gila_type_PyTraceBack_Type() }
  @inlinable @inline(__always) public static var tupleIter: TypeRef { gila_type_PyTupleIter_Type() }
  @inlinable @inline(__always) public static var tuple: TypeRef { gila_type_PyTuple_Type() }
  @inlinable @inline(__always) public static var type: TypeRef { gila_type_PyType_Type() }
  @inlinable @inline(__always) public static var unicodeIter: TypeRef { gila_type_PyUnicodeIter_Type() }
  @inlinable @inline(__always) public static var unicode: TypeRef { gila_type_PyUnicode_Type() }
  @inlinable @inline(__always) public static var wrapperDescr: TypeRef { gila_type_PyWrapperDescr_Type() }
  @inlinable @inline(__always) public static var zip: TypeRef { gila_type_PyZip_Type() }
  @inlinable @inline(__always) public static var genericAliasType: TypeRef { gila_type_Py_GenericAliasType() }
  @inlinable @inline(__always) public static var asyncGenASend: TypeRef { gila_type__PyAsyncGenASend_Type() }
  @inlinable @inline(__always) public static var none: TypeRef { gila_type__PyNone_Type() }
  @inlinable @inline(__always) public static var notImplemented: TypeRef { gila_type__PyNotImplemented_Type() }
  @inlinable @inline(__always) public static var union: TypeRef { gila_type__PyUnion_Type() }
  @inlinable @inline(__always) public static var weakrefCallableProxyType: TypeRef {
    gila_type__PyWeakref_CallableProxyType()
  }
  @inlinable @inline(__always) public static var weakrefProxyType: TypeRef { gila_type__PyWeakref_ProxyType() }
  @inlinable @inline(__always) public static var weakrefRefType: TypeRef { gila_type__PyWeakref_RefType() }
  @inlinable @inline(__always) public static var asyncGenAThrow: TypeRef { gila_type_PyAsyncGenAThrow_Type() }
  @inlinable @inline(__always) public static var asyncGenWrappedValue: TypeRef {
    gila_type_PyAsyncGenWrappedValue_Type()
  }
  @inlinable @inline(__always) public static var coroWrapper: TypeRef { gila_type_PyCoroWrapper_Type() }
  @inlinable @inline(__always) public static var anextAwaitable: TypeRef { gila_type_PyAnextAwaitable_Type() }
  @inlinable @inline(__always) public static var unicodeASCIIIter: TypeRef { gila_type_PyUnicodeASCIIIter_Type() }
  @inlinable @inline(__always) public static var methodWrapper: TypeRef { gila_type_PyMethodWrapper_Type() }
  @inlinable @inline(__always) public static var managedBuffer: TypeRef { gila_type_PyManagedBuffer_Type() }
  @inlinable @inline(__always) public static var memoryIter: TypeRef { gila_type_PyMemoryIter_Type() }
  @inlinable @inline(__always) public static var namespace: TypeRef { gila_type_PyNamespace_Type() }
  @inlinable @inline(__always) public static var bytesIOBuf: TypeRef { gila_type_PyBytesIOBuf_Type() }
  @inlinable @inline(__always) public static var positionsIterator: TypeRef { gila_type_PyPositionsIterator_Type() }
  @inlinable @inline(__always) public static var lineIterator: TypeRef { gila_type_PyLineIterator_Type() }
  @inlinable @inline(__always) public static var encodingMap: TypeRef { gila_type_PyEncodingMap_Type() }
  @inlinable @inline(__always) public static var fieldNameIter: TypeRef { gila_type_PyFieldNameIter_Type() }
  @inlinable @inline(__always) public static var formatterIter: TypeRef { gila_type_PyFormatterIter_Type() }
  @inlinable @inline(__always) public static var typeVar: TypeRef { gila_type_PyTypeVar_Type() }
  @inlinable @inline(__always) public static var paramSpec: TypeRef { gila_type_PyParamSpec_Type() }
  @inlinable @inline(__always) public static var paramSpecArgs: TypeRef { gila_type_PyParamSpecArgs_Type() }
  @inlinable @inline(__always) public static var paramSpecKwargs: TypeRef { gila_type_PyParamSpecKwargs_Type() }
  @inlinable @inline(__always) public static var typeVarTuple: TypeRef { gila_type_PyTypeVarTuple_Type() }
  @inlinable @inline(__always) public static var typeAlias: TypeRef { gila_type_PyTypeAlias_Type() }
  @inlinable @inline(__always) public static var generic: TypeRef { gila_type_PyGeneric_Type() }
  @inlinable @inline(__always) public static var noDefault: TypeRef { gila_type_PyNoDefault_Type() }
  @inlinable @inline(__always) public static var contextIter: TypeRef { gila_type_PyContextIter_Type() }
  @inlinable @inline(__always) public static var genericAliasIter: TypeRef { gila_type_PyGenericAliasIter_Type() }
  @inlinable @inline(__always) public static var coroAwaitWrapper: TypeRef { gila_type_PyCoroAwaitWrapper_Type() }
  @inlinable @inline(__always) public static var bufferWrapper: TypeRef { gila_type_PyBufferWrapper_Type() }
  @inlinable @inline(__always) public static var tokenMissing: TypeRef { gila_type_PyTokenMissing_Type() }
  @inlinable @inline(__always) public static var legacyEventHandler: TypeRef { gila_type_PyLegacyEventHandler_Type() }
}

/// Borrowed pointers to the builtin exception types, named as in Python.
public enum Exc {
  @inlinable @inline(__always) public static var ArithmeticError: TypeRef { gila_exc_type_ArithmeticError() }
  @inlinable @inline(__always) public static var AssertionError: TypeRef { gila_exc_type_AssertionError() }
  @inlinable @inline(__always) public static var AttributeError: TypeRef { gila_exc_type_AttributeError() }
  @inlinable @inline(__always) public static var BaseException: TypeRef { gila_exc_type_BaseException() }
  @inlinable @inline(__always) public static var BaseExceptionGroup: TypeRef { gila_exc_type_BaseExceptionGroup() }
  @inlinable @inline(__always) public static var BlockingIOError: TypeRef { gila_exc_type_BlockingIOError() }
  @inlinable @inline(__always) public static var BrokenPipeError: TypeRef { gila_exc_type_BrokenPipeError() }
  @inlinable @inline(__always) public static var BufferError: TypeRef { gila_exc_type_BufferError() }
  @inlinable @inline(__always) public static var BytesWarning: TypeRef { gila_exc_type_BytesWarning() }
  @inlinable @inline(__always) public static var ChildProcessError: TypeRef { gila_exc_type_ChildProcessError() }
  @inlinable @inline(__always) public static var ConnectionAbortedError: TypeRef {
    gila_exc_type_ConnectionAbortedError()
  }
  @inlinable @inline(__always) public static var ConnectionError: TypeRef { gila_exc_type_ConnectionError() }
  @inlinable @inline(__always) public static var ConnectionRefusedError: TypeRef {
    gila_exc_type_ConnectionRefusedError()
  }
  @inlinable @inline(__always) public static var ConnectionResetError: TypeRef { gila_exc_type_ConnectionResetError() }
  @inlinable @inline(__always) public static var DeprecationWarning: TypeRef { gila_exc_type_DeprecationWarning() }
  @inlinable @inline(__always) public static var EOFError: TypeRef { gila_exc_type_EOFError() }
  @inlinable @inline(__always) public static var EncodingWarning: TypeRef { gila_exc_type_EncodingWarning() }
  @inlinable @inline(__always) public static var Exception: TypeRef { gila_exc_type_Exception() }
  @inlinable @inline(__always) public static var FileExistsError: TypeRef { gila_exc_type_FileExistsError() }
  @inlinable @inline(__always) public static var FileNotFoundError: TypeRef { gila_exc_type_FileNotFoundError() }
  @inlinable @inline(__always) public static var FloatingPointError: TypeRef { gila_exc_type_FloatingPointError() }
  @inlinable @inline(__always) public static var FutureWarning: TypeRef { gila_exc_type_FutureWarning() }
  @inlinable @inline(__always) public static var GeneratorExit: TypeRef { gila_exc_type_GeneratorExit() }
  @inlinable @inline(__always) public static var ImportError: TypeRef { gila_exc_type_ImportError() }
  @inlinable @inline(__always) public static var ImportWarning: TypeRef { gila_exc_type_ImportWarning() }
  @inlinable @inline(__always) public static var IndentationError: TypeRef { gila_exc_type_IndentationError() }
  @inlinable @inline(__always) public static var IndexError: TypeRef { gila_exc_type_IndexError() }
  @inlinable @inline(__always) public static var InterruptedError: TypeRef { gila_exc_type_InterruptedError() }
  @inlinable @inline(__always) public static var IsADirectoryError: TypeRef { gila_exc_type_IsADirectoryError() }
  @inlinable @inline(__always) public static var KeyError: TypeRef { gila_exc_type_KeyError() }
  @inlinable @inline(__always) public static var KeyboardInterrupt: TypeRef { gila_exc_type_KeyboardInterrupt() }
  @inlinable @inline(__always) public static var LookupError: TypeRef { gila_exc_type_LookupError() }
  @inlinable @inline(__always) public static var MemoryError: TypeRef { gila_exc_type_MemoryError() }
  @inlinable @inline(__always) public static var ModuleNotFoundError: TypeRef { gila_exc_type_ModuleNotFoundError() }
  @inlinable @inline(__always) public static var NameError: TypeRef { gila_exc_type_NameError() }
  @inlinable @inline(__always) public static var NotADirectoryError: TypeRef { gila_exc_type_NotADirectoryError() }
  @inlinable @inline(__always) public static var NotImplementedError: TypeRef { gila_exc_type_NotImplementedError() }
  @inlinable @inline(__always) public static var OSError: TypeRef { gila_exc_type_OSError() }
  @inlinable @inline(__always) public static var OverflowError: TypeRef { gila_exc_type_OverflowError() }
  @inlinable @inline(__always) public static var PendingDeprecationWarning: TypeRef {
    gila_exc_type_PendingDeprecationWarning()
  }
  @inlinable @inline(__always) public static var PermissionError: TypeRef { gila_exc_type_PermissionError() }
  @inlinable @inline(__always) public static var ProcessLookupError: TypeRef { gila_exc_type_ProcessLookupError() }
  @inlinable @inline(__always) public static var RecursionError: TypeRef { gila_exc_type_RecursionError() }
  @inlinable @inline(__always) public static var ReferenceError: TypeRef { gila_exc_type_ReferenceError() }
  @inlinable @inline(__always) public static var ResourceWarning: TypeRef { gila_exc_type_ResourceWarning() }
  @inlinable @inline(__always) public static var RuntimeError: TypeRef { gila_exc_type_RuntimeError() }
  @inlinable @inline(__always) public static var RuntimeWarning: TypeRef { gila_exc_type_RuntimeWarning() }
  @inlinable @inline(__always) public static var StopAsyncIteration: TypeRef { gila_exc_type_StopAsyncIteration() }
  @inlinable @inline(__always) public static var StopIteration: TypeRef { gila_exc_type_StopIteration() }
  @inlinable @inline(__always) public static var SyntaxError: TypeRef { gila_exc_type_SyntaxError() }
  @inlinable @inline(__always) public static var SyntaxWarning: TypeRef { gila_exc_type_SyntaxWarning() }
  @inlinable @inline(__always) public static var SystemError: TypeRef { gila_exc_type_SystemError() }
  @inlinable @inline(__always) public static var SystemExit: TypeRef { gila_exc_type_SystemExit() }
  @inlinable @inline(__always) public static var TabError: TypeRef { gila_exc_type_TabError() }
  @inlinable @inline(__always) public static var TimeoutError: TypeRef { gila_exc_type_TimeoutError() }
  @inlinable @inline(__always) public static var TypeError: TypeRef { gila_exc_type_TypeError() }
  @inlinable @inline(__always) public static var UnboundLocalError: TypeRef { gila_exc_type_UnboundLocalError() }
  @inlinable @inline(__always) public static var UnicodeDecodeError: TypeRef { gila_exc_type_UnicodeDecodeError() }
  @inlinable @inline(__always) public static var UnicodeEncodeError: TypeRef { gila_exc_type_UnicodeEncodeError() }
  @inlinable @inline(__always) public static var UnicodeError: TypeRef { gila_exc_type_UnicodeError() }
  @inlinable @inline(__always) public static var UnicodeTranslateError: TypeRef {
    gila_exc_type_UnicodeTranslateError()
  }
  @inlinable @inline(__always) public static var UnicodeWarning: TypeRef { gila_exc_type_UnicodeWarning() }
  @inlinable @inline(__always) public static var UserWarning: TypeRef { gila_exc_type_UserWarning() }
  @inlinable @inline(__always) public static var ValueError: TypeRef { gila_exc_type_ValueError() }
  @inlinable @inline(__always) public static var Warning: TypeRef { gila_exc_type_Warning() }
  @inlinable @inline(__always) public static var WindowsError: TypeRef { gila_exc_type_WindowsError() }
  @inlinable @inline(__always) public static var ZeroDivisionError: TypeRef { gila_exc_type_ZeroDivisionError() }
  @inlinable @inline(__always) public static var IncompleteInputError: TypeRef { gila_exc_type_IncompleteInputError() }
  @inlinable @inline(__always) public static var PythonFinalizationError: TypeRef {
    gila_exc_type_PythonFinalizationError()
  }
}
