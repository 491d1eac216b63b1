import CGila
import GilaCore

/// Every builtin type in an order in which they can be readied.
enum BuiltinTypeList {
  static var all: [TypeRef] {
    let types: [TypeRef] = [
      Types.baseObject, Types.type, Types.unicode, Types.long, Types.tuple, Types.dict, Types.asyncGen,
      Types.bool, Types.byteArrayIter, Types.byteArray, Types.bytesIter, Types.bytes, Types.cFunction,
      Types.cMethod, Types.callIter, Types.capsule, Types.cell, Types.classMethodDescr, Types.classMethod,
      Types.code, Types.complex, Types.contextToken, Types.contextVar, Types.context, Types.coro, Types.dictItems,
      Types.dictIterItem, Types.dictIterKey, Types.dictIterValue, Types.dictKeys, Types.dictProxy,
      Types.dictRevIterItem,
      Types.dictRevIterKey, Types.dictRevIterValue, Types.dictValues, Types.ellipsis, Types.enumerate,
      Types.filter, Types.float, Types.frameLocalsProxy, Types.frame, Types.frozenSet, Types.function,
      Types.gen, Types.getSetDescr, Types.instanceMethod, Types.listIter, Types.listRevIter, Types.list,
      Types.longRangeIter, Types.map, Types.memberDescr, Types.memoryView, Types.methodDescr, Types.method,
      Types.moduleDef, Types.module, Types.oDictItems, Types.oDictIter, Types.oDictKeys, Types.oDictValues,
      Types.oDict, Types.pickleBuffer, Types.property, Types.rangeIter, Types.range, Types.reversed, Types.seqIter,
      Types.setIter, Types.set, Types.slice, Types.staticMethod, Types.stdPrinter, Types.superType, Types.traceBack,
      Types.tupleIter, Types.unicodeIter, Types.wrapperDescr, Types.zip, Types.genericAliasType, Types.asyncGenASend,
      Types.none, Types.notImplemented, Types.union, Types.weakrefCallableProxyType, Types.weakrefProxyType,
      Types.weakrefRefType, Types.asyncGenAThrow, Types.asyncGenWrappedValue, Types.coroWrapper, Types.anextAwaitable,
      Types.unicodeASCIIIter, Types.methodWrapper, Types.managedBuffer, Types.memoryIter, Types.namespace,
      Types.bytesIOBuf, Types.positionsIterator, Types.lineIterator, Types.encodingMap, Types.fieldNameIter,
      Types.formatterIter, Types.typeVar, Types.paramSpec, Types.paramSpecArgs, Types.paramSpecKwargs,
      Types.typeVarTuple, Types.typeAlias, Types.generic, Types.noDefault, Types.contextIter, Types.genericAliasIter,
      Types.coroAwaitWrapper, Types.bufferWrapper, Types.tokenMissing, Types.legacyEventHandler,
    ]
    let exceptions: [TypeRef] = [
      Exc.ArithmeticError, Exc.AssertionError, Exc.AttributeError, Exc.BaseException, Exc.BaseExceptionGroup,
      Exc.BlockingIOError, Exc.BrokenPipeError, Exc.BufferError, Exc.BytesWarning, Exc.ChildProcessError,
      Exc.ConnectionAbortedError, Exc.ConnectionError, Exc.ConnectionRefusedError, Exc.ConnectionResetError,
      Exc.DeprecationWarning, Exc.EOFError, Exc.EncodingWarning, Exc.Exception, Exc.FileExistsError,
      Exc.FileNotFoundError,
      Exc.FloatingPointError, Exc.FutureWarning, Exc.GeneratorExit, Exc.ImportError, Exc.ImportWarning,
      Exc.IndentationError, Exc.IndexError, Exc.InterruptedError, Exc.IsADirectoryError, Exc.KeyError,
      Exc.KeyboardInterrupt, Exc.LookupError, Exc.MemoryError, Exc.ModuleNotFoundError, Exc.NameError,
      Exc.NotADirectoryError, Exc.NotImplementedError, Exc.OSError, Exc.OverflowError, Exc.PendingDeprecationWarning,
      Exc.PermissionError, Exc.ProcessLookupError, Exc.RecursionError, Exc.ReferenceError, Exc.ResourceWarning,
      Exc.RuntimeError, Exc.RuntimeWarning, Exc.StopAsyncIteration, Exc.StopIteration, Exc.SyntaxError,
      Exc.SyntaxWarning, Exc.SystemError, Exc.SystemExit, Exc.TabError, Exc.TimeoutError, Exc.TypeError,
      Exc.UnboundLocalError, Exc.UnicodeDecodeError, Exc.UnicodeEncodeError, Exc.UnicodeError,
      Exc.UnicodeTranslateError,
      Exc.UnicodeWarning, Exc.UserWarning, Exc.ValueError, Exc.Warning, Exc.WindowsError, Exc.ZeroDivisionError,
      Exc.IncompleteInputError, Exc.PythonFinalizationError,
    ]
    return types + exceptions
  }
}
