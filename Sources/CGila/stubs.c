// A weak definition of every exported function, so that any wheel loads; the strong definition of the same name wins.
// What is still missing raises SystemError naming the function.
#define GILA_STUBS
#include <stddef.h>
void *gila_missing(const char *name);

__attribute__((weak)) long PyAIter_Check(void) { gila_missing("PyAIter_Check"); return -1; }
__attribute__((weak)) long PyArg_ValidateKeywordArguments(void) { gila_missing("PyArg_ValidateKeywordArguments"); return -1; }
__attribute__((weak)) void *PyAsyncGen_New(void) { return gila_missing("PyAsyncGen_New"); }
__attribute__((weak)) void *PyBool_FromLong(void) { return gila_missing("PyBool_FromLong"); }
__attribute__((weak)) void PyBuffer_FillContiguousStrides(void) { gila_missing("PyBuffer_FillContiguousStrides"); }
__attribute__((weak)) long PyBuffer_FillInfo(void) { gila_missing("PyBuffer_FillInfo"); return -1; }
__attribute__((weak)) long PyBuffer_FromContiguous(void) { gila_missing("PyBuffer_FromContiguous"); return -1; }
__attribute__((weak)) void *PyBuffer_GetPointer(void) { return gila_missing("PyBuffer_GetPointer"); }
__attribute__((weak)) long PyBuffer_IsContiguous(void) { gila_missing("PyBuffer_IsContiguous"); return -1; }
__attribute__((weak)) void PyBuffer_Release(void) { gila_missing("PyBuffer_Release"); }
__attribute__((weak)) long PyBuffer_SizeFromFormat(void) { gila_missing("PyBuffer_SizeFromFormat"); return -1; }
__attribute__((weak)) long PyBuffer_ToContiguous(void) { gila_missing("PyBuffer_ToContiguous"); return -1; }
__attribute__((weak)) void *PyByteArray_AsString(void) { return gila_missing("PyByteArray_AsString"); }
__attribute__((weak)) void *PyByteArray_Concat(void) { return gila_missing("PyByteArray_Concat"); }
__attribute__((weak)) void *PyByteArray_FromObject(void) { return gila_missing("PyByteArray_FromObject"); }
__attribute__((weak)) void *PyByteArray_FromStringAndSize(void) { return gila_missing("PyByteArray_FromStringAndSize"); }
__attribute__((weak)) long PyByteArray_Resize(void) { gila_missing("PyByteArray_Resize"); return -1; }
__attribute__((weak)) long PyByteArray_Size(void) { gila_missing("PyByteArray_Size"); return -1; }
__attribute__((weak)) void *PyBytes_AsString(void) { return gila_missing("PyBytes_AsString"); }
__attribute__((weak)) long PyBytes_AsStringAndSize(void) { gila_missing("PyBytes_AsStringAndSize"); return -1; }
__attribute__((weak)) void PyBytes_Concat(void) { gila_missing("PyBytes_Concat"); }
__attribute__((weak)) void PyBytes_ConcatAndDel(void) { gila_missing("PyBytes_ConcatAndDel"); }
__attribute__((weak)) void *PyBytes_DecodeEscape(void) { return gila_missing("PyBytes_DecodeEscape"); }
__attribute__((weak)) void *PyBytes_FromObject(void) { return gila_missing("PyBytes_FromObject"); }
__attribute__((weak)) void *PyBytes_FromString(void) { return gila_missing("PyBytes_FromString"); }
__attribute__((weak)) void *PyBytes_FromStringAndSize(void) { return gila_missing("PyBytes_FromStringAndSize"); }
__attribute__((weak)) void *PyBytes_Repr(void) { return gila_missing("PyBytes_Repr"); }
__attribute__((weak)) long PyBytes_Size(void) { gila_missing("PyBytes_Size"); return -1; }
__attribute__((weak)) long PyCFunction_GetFlags(void) { gila_missing("PyCFunction_GetFlags"); return -1; }
__attribute__((weak)) long PyCFunction_GetFunction(void) { gila_missing("PyCFunction_GetFunction"); return -1; }
__attribute__((weak)) void *PyCFunction_GetSelf(void) { return gila_missing("PyCFunction_GetSelf"); }
__attribute__((weak)) void *PyCFunction_New(void) { return gila_missing("PyCFunction_New"); }
__attribute__((weak)) void *PyCFunction_NewEx(void) { return gila_missing("PyCFunction_NewEx"); }
__attribute__((weak)) void *PyCMethod_New(void) { return gila_missing("PyCMethod_New"); }
__attribute__((weak)) void *PyCallIter_New(void) { return gila_missing("PyCallIter_New"); }
__attribute__((weak)) long PyCallable_Check(void) { gila_missing("PyCallable_Check"); return -1; }
__attribute__((weak)) void *PyCapsule_GetContext(void) { return gila_missing("PyCapsule_GetContext"); }
__attribute__((weak)) long PyCapsule_GetDestructor(void) { gila_missing("PyCapsule_GetDestructor"); return -1; }
__attribute__((weak)) void *PyCapsule_GetName(void) { return gila_missing("PyCapsule_GetName"); }
__attribute__((weak)) void *PyCapsule_GetPointer(void) { return gila_missing("PyCapsule_GetPointer"); }
__attribute__((weak)) void *PyCapsule_Import(void) { return gila_missing("PyCapsule_Import"); }
__attribute__((weak)) long PyCapsule_IsValid(void) { gila_missing("PyCapsule_IsValid"); return -1; }
__attribute__((weak)) void *PyCapsule_New(void) { return gila_missing("PyCapsule_New"); }
__attribute__((weak)) long PyCapsule_SetContext(void) { gila_missing("PyCapsule_SetContext"); return -1; }
__attribute__((weak)) long PyCapsule_SetDestructor(void) { gila_missing("PyCapsule_SetDestructor"); return -1; }
__attribute__((weak)) long PyCapsule_SetName(void) { gila_missing("PyCapsule_SetName"); return -1; }
__attribute__((weak)) long PyCapsule_SetPointer(void) { gila_missing("PyCapsule_SetPointer"); return -1; }
__attribute__((weak)) void *PyCell_Get(void) { return gila_missing("PyCell_Get"); }
__attribute__((weak)) void *PyCell_New(void) { return gila_missing("PyCell_New"); }
__attribute__((weak)) long PyCell_Set(void) { gila_missing("PyCell_Set"); return -1; }
__attribute__((weak)) void *PyClassMethod_New(void) { return gila_missing("PyClassMethod_New"); }
__attribute__((weak)) long PyCode_AddWatcher(void) { gila_missing("PyCode_AddWatcher"); return -1; }
__attribute__((weak)) long PyCode_Addr2Line(void) { gila_missing("PyCode_Addr2Line"); return -1; }
__attribute__((weak)) long PyCode_Addr2Location(void) { gila_missing("PyCode_Addr2Location"); return -1; }
__attribute__((weak)) long PyCode_ClearWatcher(void) { gila_missing("PyCode_ClearWatcher"); return -1; }
__attribute__((weak)) void *PyCode_GetCellvars(void) { return gila_missing("PyCode_GetCellvars"); }
__attribute__((weak)) void *PyCode_GetCode(void) { return gila_missing("PyCode_GetCode"); }
__attribute__((weak)) void *PyCode_GetFreevars(void) { return gila_missing("PyCode_GetFreevars"); }
__attribute__((weak)) void *PyCode_GetVarnames(void) { return gila_missing("PyCode_GetVarnames"); }
__attribute__((weak)) void *PyCode_NewEmpty(void) { return gila_missing("PyCode_NewEmpty"); }
__attribute__((weak)) void *PyCode_Optimize(void) { return gila_missing("PyCode_Optimize"); }
__attribute__((weak)) void *PyCodec_BackslashReplaceErrors(void) { return gila_missing("PyCodec_BackslashReplaceErrors"); }
__attribute__((weak)) void *PyCodec_Decode(void) { return gila_missing("PyCodec_Decode"); }
__attribute__((weak)) void *PyCodec_Decoder(void) { return gila_missing("PyCodec_Decoder"); }
__attribute__((weak)) void *PyCodec_Encode(void) { return gila_missing("PyCodec_Encode"); }
__attribute__((weak)) void *PyCodec_Encoder(void) { return gila_missing("PyCodec_Encoder"); }
__attribute__((weak)) void *PyCodec_IgnoreErrors(void) { return gila_missing("PyCodec_IgnoreErrors"); }
__attribute__((weak)) void *PyCodec_IncrementalDecoder(void) { return gila_missing("PyCodec_IncrementalDecoder"); }
__attribute__((weak)) void *PyCodec_IncrementalEncoder(void) { return gila_missing("PyCodec_IncrementalEncoder"); }
__attribute__((weak)) long PyCodec_KnownEncoding(void) { gila_missing("PyCodec_KnownEncoding"); return -1; }
__attribute__((weak)) void *PyCodec_LookupError(void) { return gila_missing("PyCodec_LookupError"); }
__attribute__((weak)) void *PyCodec_NameReplaceErrors(void) { return gila_missing("PyCodec_NameReplaceErrors"); }
__attribute__((weak)) long PyCodec_Register(void) { gila_missing("PyCodec_Register"); return -1; }
__attribute__((weak)) long PyCodec_RegisterError(void) { gila_missing("PyCodec_RegisterError"); return -1; }
__attribute__((weak)) void *PyCodec_ReplaceErrors(void) { return gila_missing("PyCodec_ReplaceErrors"); }
__attribute__((weak)) void *PyCodec_StreamReader(void) { return gila_missing("PyCodec_StreamReader"); }
__attribute__((weak)) void *PyCodec_StreamWriter(void) { return gila_missing("PyCodec_StreamWriter"); }
__attribute__((weak)) void *PyCodec_StrictErrors(void) { return gila_missing("PyCodec_StrictErrors"); }
__attribute__((weak)) long PyCodec_Unregister(void) { gila_missing("PyCodec_Unregister"); return -1; }
__attribute__((weak)) void *PyCodec_XMLCharRefReplaceErrors(void) { return gila_missing("PyCodec_XMLCharRefReplaceErrors"); }
__attribute__((weak)) long PyCompile_OpcodeStackEffect(void) { gila_missing("PyCompile_OpcodeStackEffect"); return -1; }
__attribute__((weak)) long PyCompile_OpcodeStackEffectWithJump(void) { gila_missing("PyCompile_OpcodeStackEffectWithJump"); return -1; }
__attribute__((weak)) void *PyComplex_FromCComplex(void) { return gila_missing("PyComplex_FromCComplex"); }
__attribute__((weak)) void *PyComplex_FromDoubles(void) { return gila_missing("PyComplex_FromDoubles"); }
__attribute__((weak)) double PyComplex_ImagAsDouble(void) { gila_missing("PyComplex_ImagAsDouble"); return -1.0; }
__attribute__((weak)) double PyComplex_RealAsDouble(void) { gila_missing("PyComplex_RealAsDouble"); return -1.0; }
__attribute__((weak)) long PyContextVar_Get(void) { gila_missing("PyContextVar_Get"); return -1; }
__attribute__((weak)) void *PyContextVar_New(void) { return gila_missing("PyContextVar_New"); }
__attribute__((weak)) long PyContextVar_Reset(void) { gila_missing("PyContextVar_Reset"); return -1; }
__attribute__((weak)) void *PyContextVar_Set(void) { return gila_missing("PyContextVar_Set"); }
__attribute__((weak)) void *PyContext_Copy(void) { return gila_missing("PyContext_Copy"); }
__attribute__((weak)) void *PyContext_CopyCurrent(void) { return gila_missing("PyContext_CopyCurrent"); }
__attribute__((weak)) long PyContext_Enter(void) { gila_missing("PyContext_Enter"); return -1; }
__attribute__((weak)) long PyContext_Exit(void) { gila_missing("PyContext_Exit"); return -1; }
__attribute__((weak)) void *PyContext_New(void) { return gila_missing("PyContext_New"); }
__attribute__((weak)) void *PyCoro_New(void) { return gila_missing("PyCoro_New"); }
__attribute__((weak)) void PyCriticalSection2_Begin(void) { gila_missing("PyCriticalSection2_Begin"); }
__attribute__((weak)) void PyCriticalSection2_End(void) { gila_missing("PyCriticalSection2_End"); }
__attribute__((weak)) void PyCriticalSection_Begin(void) { gila_missing("PyCriticalSection_Begin"); }
__attribute__((weak)) void PyCriticalSection_End(void) { gila_missing("PyCriticalSection_End"); }
__attribute__((weak)) long PyDescr_IsData(void) { gila_missing("PyDescr_IsData"); return -1; }
__attribute__((weak)) void *PyDescr_NewClassMethod(void) { return gila_missing("PyDescr_NewClassMethod"); }
__attribute__((weak)) void *PyDescr_NewGetSet(void) { return gila_missing("PyDescr_NewGetSet"); }
__attribute__((weak)) void *PyDescr_NewMember(void) { return gila_missing("PyDescr_NewMember"); }
__attribute__((weak)) void *PyDescr_NewMethod(void) { return gila_missing("PyDescr_NewMethod"); }
__attribute__((weak)) void *PyDescr_NewWrapper(void) { return gila_missing("PyDescr_NewWrapper"); }
__attribute__((weak)) void *PyDictProxy_New(void) { return gila_missing("PyDictProxy_New"); }
__attribute__((weak)) long PyDict_AddWatcher(void) { gila_missing("PyDict_AddWatcher"); return -1; }
__attribute__((weak)) void PyDict_Clear(void) { gila_missing("PyDict_Clear"); }
__attribute__((weak)) long PyDict_ClearWatcher(void) { gila_missing("PyDict_ClearWatcher"); return -1; }
__attribute__((weak)) long PyDict_Contains(void) { gila_missing("PyDict_Contains"); return -1; }
__attribute__((weak)) long PyDict_ContainsString(void) { gila_missing("PyDict_ContainsString"); return -1; }
__attribute__((weak)) void *PyDict_Copy(void) { return gila_missing("PyDict_Copy"); }
__attribute__((weak)) long PyDict_DelItem(void) { gila_missing("PyDict_DelItem"); return -1; }
__attribute__((weak)) long PyDict_DelItemString(void) { gila_missing("PyDict_DelItemString"); return -1; }
__attribute__((weak)) void *PyDict_GetItem(void) { return gila_missing("PyDict_GetItem"); }
__attribute__((weak)) long PyDict_GetItemRef(void) { gila_missing("PyDict_GetItemRef"); return -1; }
__attribute__((weak)) void *PyDict_GetItemString(void) { return gila_missing("PyDict_GetItemString"); }
__attribute__((weak)) long PyDict_GetItemStringRef(void) { gila_missing("PyDict_GetItemStringRef"); return -1; }
__attribute__((weak)) void *PyDict_GetItemWithError(void) { return gila_missing("PyDict_GetItemWithError"); }
__attribute__((weak)) void *PyDict_Items(void) { return gila_missing("PyDict_Items"); }
__attribute__((weak)) void *PyDict_Keys(void) { return gila_missing("PyDict_Keys"); }
__attribute__((weak)) long PyDict_Merge(void) { gila_missing("PyDict_Merge"); return -1; }
__attribute__((weak)) long PyDict_MergeFromSeq2(void) { gila_missing("PyDict_MergeFromSeq2"); return -1; }
__attribute__((weak)) void *PyDict_New(void) { return gila_missing("PyDict_New"); }
__attribute__((weak)) long PyDict_Next(void) { gila_missing("PyDict_Next"); return -1; }
__attribute__((weak)) long PyDict_Pop(void) { gila_missing("PyDict_Pop"); return -1; }
__attribute__((weak)) long PyDict_PopString(void) { gila_missing("PyDict_PopString"); return -1; }
__attribute__((weak)) void *PyDict_SetDefault(void) { return gila_missing("PyDict_SetDefault"); }
__attribute__((weak)) long PyDict_SetDefaultRef(void) { gila_missing("PyDict_SetDefaultRef"); return -1; }
__attribute__((weak)) long PyDict_SetItem(void) { gila_missing("PyDict_SetItem"); return -1; }
__attribute__((weak)) long PyDict_SetItemString(void) { gila_missing("PyDict_SetItemString"); return -1; }
__attribute__((weak)) long PyDict_Size(void) { gila_missing("PyDict_Size"); return -1; }
__attribute__((weak)) long PyDict_Unwatch(void) { gila_missing("PyDict_Unwatch"); return -1; }
__attribute__((weak)) long PyDict_Update(void) { gila_missing("PyDict_Update"); return -1; }
__attribute__((weak)) void *PyDict_Values(void) { return gila_missing("PyDict_Values"); }
__attribute__((weak)) long PyDict_Watch(void) { gila_missing("PyDict_Watch"); return -1; }
__attribute__((weak)) long PyErr_BadArgument(void) { gila_missing("PyErr_BadArgument"); return -1; }
__attribute__((weak)) void PyErr_BadInternalCall(void) { gila_missing("PyErr_BadInternalCall"); }
__attribute__((weak)) long PyErr_CheckSignals(void) { gila_missing("PyErr_CheckSignals"); return -1; }
__attribute__((weak)) void PyErr_Clear(void) { gila_missing("PyErr_Clear"); }
__attribute__((weak)) void PyErr_Display(void) { gila_missing("PyErr_Display"); }
__attribute__((weak)) void PyErr_DisplayException(void) { gila_missing("PyErr_DisplayException"); }
__attribute__((weak)) long PyErr_ExceptionMatches(void) { gila_missing("PyErr_ExceptionMatches"); return -1; }
__attribute__((weak)) void PyErr_Fetch(void) { gila_missing("PyErr_Fetch"); }
__attribute__((weak)) void PyErr_GetExcInfo(void) { gila_missing("PyErr_GetExcInfo"); }
__attribute__((weak)) void *PyErr_GetHandledException(void) { return gila_missing("PyErr_GetHandledException"); }
__attribute__((weak)) void *PyErr_GetRaisedException(void) { return gila_missing("PyErr_GetRaisedException"); }
__attribute__((weak)) long PyErr_GivenExceptionMatches(void) { gila_missing("PyErr_GivenExceptionMatches"); return -1; }
__attribute__((weak)) void *PyErr_NewException(void) { return gila_missing("PyErr_NewException"); }
__attribute__((weak)) void *PyErr_NewExceptionWithDoc(void) { return gila_missing("PyErr_NewExceptionWithDoc"); }
__attribute__((weak)) void *PyErr_NoMemory(void) { return gila_missing("PyErr_NoMemory"); }
__attribute__((weak)) void PyErr_NormalizeException(void) { gila_missing("PyErr_NormalizeException"); }
__attribute__((weak)) void *PyErr_Occurred(void) { return gila_missing("PyErr_Occurred"); }
__attribute__((weak)) void PyErr_Print(void) { gila_missing("PyErr_Print"); }
__attribute__((weak)) void PyErr_PrintEx(void) { gila_missing("PyErr_PrintEx"); }
__attribute__((weak)) void *PyErr_ProgramText(void) { return gila_missing("PyErr_ProgramText"); }
__attribute__((weak)) void *PyErr_ProgramTextObject(void) { return gila_missing("PyErr_ProgramTextObject"); }
__attribute__((weak)) void PyErr_RangedSyntaxLocationObject(void) { gila_missing("PyErr_RangedSyntaxLocationObject"); }
__attribute__((weak)) void PyErr_Restore(void) { gila_missing("PyErr_Restore"); }
__attribute__((weak)) void PyErr_SetExcInfo(void) { gila_missing("PyErr_SetExcInfo"); }
__attribute__((weak)) void *PyErr_SetFromErrno(void) { return gila_missing("PyErr_SetFromErrno"); }
__attribute__((weak)) void *PyErr_SetFromErrnoWithFilename(void) { return gila_missing("PyErr_SetFromErrnoWithFilename"); }
__attribute__((weak)) void *PyErr_SetFromErrnoWithFilenameObject(void) { return gila_missing("PyErr_SetFromErrnoWithFilenameObject"); }
__attribute__((weak)) void *PyErr_SetFromErrnoWithFilenameObjects(void) { return gila_missing("PyErr_SetFromErrnoWithFilenameObjects"); }
__attribute__((weak)) void PyErr_SetHandledException(void) { gila_missing("PyErr_SetHandledException"); }
__attribute__((weak)) void *PyErr_SetImportError(void) { return gila_missing("PyErr_SetImportError"); }
__attribute__((weak)) void *PyErr_SetImportErrorSubclass(void) { return gila_missing("PyErr_SetImportErrorSubclass"); }
__attribute__((weak)) void PyErr_SetInterrupt(void) { gila_missing("PyErr_SetInterrupt"); }
__attribute__((weak)) long PyErr_SetInterruptEx(void) { gila_missing("PyErr_SetInterruptEx"); return -1; }
__attribute__((weak)) void PyErr_SetNone(void) { gila_missing("PyErr_SetNone"); }
__attribute__((weak)) void PyErr_SetObject(void) { gila_missing("PyErr_SetObject"); }
__attribute__((weak)) void PyErr_SetRaisedException(void) { gila_missing("PyErr_SetRaisedException"); }
__attribute__((weak)) void PyErr_SetString(void) { gila_missing("PyErr_SetString"); }
__attribute__((weak)) void PyErr_SyntaxLocation(void) { gila_missing("PyErr_SyntaxLocation"); }
__attribute__((weak)) void PyErr_SyntaxLocationEx(void) { gila_missing("PyErr_SyntaxLocationEx"); }
__attribute__((weak)) void PyErr_SyntaxLocationObject(void) { gila_missing("PyErr_SyntaxLocationObject"); }
__attribute__((weak)) long PyErr_WarnEx(void) { gila_missing("PyErr_WarnEx"); return -1; }
__attribute__((weak)) long PyErr_WarnExplicit(void) { gila_missing("PyErr_WarnExplicit"); return -1; }
__attribute__((weak)) long PyErr_WarnExplicitObject(void) { gila_missing("PyErr_WarnExplicitObject"); return -1; }
__attribute__((weak)) void PyErr_WriteUnraisable(void) { gila_missing("PyErr_WriteUnraisable"); }
__attribute__((weak)) void PyEval_AcquireThread(void) { gila_missing("PyEval_AcquireThread"); }
__attribute__((weak)) void *PyEval_EvalCode(void) { return gila_missing("PyEval_EvalCode"); }
__attribute__((weak)) void *PyEval_EvalCodeEx(void) { return gila_missing("PyEval_EvalCodeEx"); }
__attribute__((weak)) void *PyEval_EvalFrame(void) { return gila_missing("PyEval_EvalFrame"); }
__attribute__((weak)) void *PyEval_EvalFrameEx(void) { return gila_missing("PyEval_EvalFrameEx"); }
__attribute__((weak)) void *PyEval_GetBuiltins(void) { return gila_missing("PyEval_GetBuiltins"); }
__attribute__((weak)) void *PyEval_GetFrame(void) { return gila_missing("PyEval_GetFrame"); }
__attribute__((weak)) void *PyEval_GetFrameBuiltins(void) { return gila_missing("PyEval_GetFrameBuiltins"); }
__attribute__((weak)) void *PyEval_GetFrameGlobals(void) { return gila_missing("PyEval_GetFrameGlobals"); }
__attribute__((weak)) void *PyEval_GetFrameLocals(void) { return gila_missing("PyEval_GetFrameLocals"); }
__attribute__((weak)) void *PyEval_GetFuncDesc(void) { return gila_missing("PyEval_GetFuncDesc"); }
__attribute__((weak)) void *PyEval_GetFuncName(void) { return gila_missing("PyEval_GetFuncName"); }
__attribute__((weak)) void *PyEval_GetGlobals(void) { return gila_missing("PyEval_GetGlobals"); }
__attribute__((weak)) void *PyEval_GetLocals(void) { return gila_missing("PyEval_GetLocals"); }
__attribute__((weak)) void PyEval_InitThreads(void) { gila_missing("PyEval_InitThreads"); }
__attribute__((weak)) long PyEval_MergeCompilerFlags(void) { gila_missing("PyEval_MergeCompilerFlags"); return -1; }
__attribute__((weak)) void PyEval_ReleaseThread(void) { gila_missing("PyEval_ReleaseThread"); }
__attribute__((weak)) void PyEval_RestoreThread(void) { gila_missing("PyEval_RestoreThread"); }
__attribute__((weak)) void *PyEval_SaveThread(void) { return gila_missing("PyEval_SaveThread"); }
__attribute__((weak)) void PyEval_SetProfile(void) { gila_missing("PyEval_SetProfile"); }
__attribute__((weak)) void PyEval_SetProfileAllThreads(void) { gila_missing("PyEval_SetProfileAllThreads"); }
__attribute__((weak)) void PyEval_SetTrace(void) { gila_missing("PyEval_SetTrace"); }
__attribute__((weak)) void PyEval_SetTraceAllThreads(void) { gila_missing("PyEval_SetTraceAllThreads"); }
__attribute__((weak)) void *PyExceptionClass_Name(void) { return gila_missing("PyExceptionClass_Name"); }
__attribute__((weak)) void *PyException_GetArgs(void) { return gila_missing("PyException_GetArgs"); }
__attribute__((weak)) void *PyException_GetCause(void) { return gila_missing("PyException_GetCause"); }
__attribute__((weak)) void *PyException_GetContext(void) { return gila_missing("PyException_GetContext"); }
__attribute__((weak)) void *PyException_GetTraceback(void) { return gila_missing("PyException_GetTraceback"); }
__attribute__((weak)) void PyException_SetArgs(void) { gila_missing("PyException_SetArgs"); }
__attribute__((weak)) void PyException_SetCause(void) { gila_missing("PyException_SetCause"); }
__attribute__((weak)) void PyException_SetContext(void) { gila_missing("PyException_SetContext"); }
__attribute__((weak)) long PyException_SetTraceback(void) { gila_missing("PyException_SetTraceback"); return -1; }
__attribute__((weak)) void *PyFile_FromFd(void) { return gila_missing("PyFile_FromFd"); }
__attribute__((weak)) void *PyFile_GetLine(void) { return gila_missing("PyFile_GetLine"); }
__attribute__((weak)) void *PyFile_NewStdPrinter(void) { return gila_missing("PyFile_NewStdPrinter"); }
__attribute__((weak)) void *PyFile_OpenCode(void) { return gila_missing("PyFile_OpenCode"); }
__attribute__((weak)) void *PyFile_OpenCodeObject(void) { return gila_missing("PyFile_OpenCodeObject"); }
__attribute__((weak)) long PyFile_SetOpenCodeHook(void) { gila_missing("PyFile_SetOpenCodeHook"); return -1; }
__attribute__((weak)) long PyFile_WriteObject(void) { gila_missing("PyFile_WriteObject"); return -1; }
__attribute__((weak)) long PyFile_WriteString(void) { gila_missing("PyFile_WriteString"); return -1; }
__attribute__((weak)) double PyFloat_AsDouble(void) { gila_missing("PyFloat_AsDouble"); return -1.0; }
__attribute__((weak)) void *PyFloat_FromDouble(void) { return gila_missing("PyFloat_FromDouble"); }
__attribute__((weak)) void *PyFloat_FromString(void) { return gila_missing("PyFloat_FromString"); }
__attribute__((weak)) void *PyFloat_GetInfo(void) { return gila_missing("PyFloat_GetInfo"); }
__attribute__((weak)) double PyFloat_GetMax(void) { gila_missing("PyFloat_GetMax"); return -1.0; }
__attribute__((weak)) double PyFloat_GetMin(void) { gila_missing("PyFloat_GetMin"); return -1.0; }
__attribute__((weak)) long PyFloat_Pack2(void) { gila_missing("PyFloat_Pack2"); return -1; }
__attribute__((weak)) long PyFloat_Pack4(void) { gila_missing("PyFloat_Pack4"); return -1; }
__attribute__((weak)) long PyFloat_Pack8(void) { gila_missing("PyFloat_Pack8"); return -1; }
__attribute__((weak)) double PyFloat_Unpack2(void) { gila_missing("PyFloat_Unpack2"); return -1.0; }
__attribute__((weak)) double PyFloat_Unpack4(void) { gila_missing("PyFloat_Unpack4"); return -1.0; }
__attribute__((weak)) double PyFloat_Unpack8(void) { gila_missing("PyFloat_Unpack8"); return -1.0; }
__attribute__((weak)) void PyFrame_FastToLocals(void) { gila_missing("PyFrame_FastToLocals"); }
__attribute__((weak)) long PyFrame_FastToLocalsWithError(void) { gila_missing("PyFrame_FastToLocalsWithError"); return -1; }
__attribute__((weak)) void *PyFrame_GetBack(void) { return gila_missing("PyFrame_GetBack"); }
__attribute__((weak)) void *PyFrame_GetBuiltins(void) { return gila_missing("PyFrame_GetBuiltins"); }
__attribute__((weak)) void *PyFrame_GetCode(void) { return gila_missing("PyFrame_GetCode"); }
__attribute__((weak)) void *PyFrame_GetGenerator(void) { return gila_missing("PyFrame_GetGenerator"); }
__attribute__((weak)) void *PyFrame_GetGlobals(void) { return gila_missing("PyFrame_GetGlobals"); }
__attribute__((weak)) long PyFrame_GetLasti(void) { gila_missing("PyFrame_GetLasti"); return -1; }
__attribute__((weak)) long PyFrame_GetLineNumber(void) { gila_missing("PyFrame_GetLineNumber"); return -1; }
__attribute__((weak)) void *PyFrame_GetLocals(void) { return gila_missing("PyFrame_GetLocals"); }
__attribute__((weak)) void *PyFrame_GetVar(void) { return gila_missing("PyFrame_GetVar"); }
__attribute__((weak)) void *PyFrame_GetVarString(void) { return gila_missing("PyFrame_GetVarString"); }
__attribute__((weak)) void PyFrame_LocalsToFast(void) { gila_missing("PyFrame_LocalsToFast"); }
__attribute__((weak)) void *PyFrame_New(void) { return gila_missing("PyFrame_New"); }
__attribute__((weak)) void *PyFrozenSet_New(void) { return gila_missing("PyFrozenSet_New"); }
__attribute__((weak)) long PyFunction_AddWatcher(void) { gila_missing("PyFunction_AddWatcher"); return -1; }
__attribute__((weak)) long PyFunction_ClearWatcher(void) { gila_missing("PyFunction_ClearWatcher"); return -1; }
__attribute__((weak)) void *PyFunction_GetAnnotations(void) { return gila_missing("PyFunction_GetAnnotations"); }
__attribute__((weak)) void *PyFunction_GetClosure(void) { return gila_missing("PyFunction_GetClosure"); }
__attribute__((weak)) void *PyFunction_GetCode(void) { return gila_missing("PyFunction_GetCode"); }
__attribute__((weak)) void *PyFunction_GetDefaults(void) { return gila_missing("PyFunction_GetDefaults"); }
__attribute__((weak)) void *PyFunction_GetGlobals(void) { return gila_missing("PyFunction_GetGlobals"); }
__attribute__((weak)) void *PyFunction_GetKwDefaults(void) { return gila_missing("PyFunction_GetKwDefaults"); }
__attribute__((weak)) void *PyFunction_GetModule(void) { return gila_missing("PyFunction_GetModule"); }
__attribute__((weak)) void *PyFunction_New(void) { return gila_missing("PyFunction_New"); }
__attribute__((weak)) void *PyFunction_NewWithQualName(void) { return gila_missing("PyFunction_NewWithQualName"); }
__attribute__((weak)) long PyFunction_SetAnnotations(void) { gila_missing("PyFunction_SetAnnotations"); return -1; }
__attribute__((weak)) long PyFunction_SetClosure(void) { gila_missing("PyFunction_SetClosure"); return -1; }
__attribute__((weak)) long PyFunction_SetDefaults(void) { gila_missing("PyFunction_SetDefaults"); return -1; }
__attribute__((weak)) long PyFunction_SetKwDefaults(void) { gila_missing("PyFunction_SetKwDefaults"); return -1; }
__attribute__((weak)) void PyFunction_SetVectorcall(void) { gila_missing("PyFunction_SetVectorcall"); }
__attribute__((weak)) long PyGC_Collect(void) { gila_missing("PyGC_Collect"); return -1; }
__attribute__((weak)) long PyGC_Disable(void) { gila_missing("PyGC_Disable"); return -1; }
__attribute__((weak)) long PyGC_Enable(void) { gila_missing("PyGC_Enable"); return -1; }
__attribute__((weak)) long PyGC_IsEnabled(void) { gila_missing("PyGC_IsEnabled"); return -1; }
__attribute__((weak)) long PyGILState_Check(void) { gila_missing("PyGILState_Check"); return -1; }
__attribute__((weak)) long PyGILState_Ensure(void) { gila_missing("PyGILState_Ensure"); return -1; }
__attribute__((weak)) void *PyGILState_GetThisThreadState(void) { return gila_missing("PyGILState_GetThisThreadState"); }
__attribute__((weak)) void PyGILState_Release(void) { gila_missing("PyGILState_Release"); }
__attribute__((weak)) void *PyGen_GetCode(void) { return gila_missing("PyGen_GetCode"); }
__attribute__((weak)) void *PyGen_New(void) { return gila_missing("PyGen_New"); }
__attribute__((weak)) void *PyGen_NewWithQualName(void) { return gila_missing("PyGen_NewWithQualName"); }
__attribute__((weak)) void *PyHash_GetFuncDef(void) { return gila_missing("PyHash_GetFuncDef"); }
__attribute__((weak)) void *PyImport_AddModule(void) { return gila_missing("PyImport_AddModule"); }
__attribute__((weak)) void *PyImport_AddModuleObject(void) { return gila_missing("PyImport_AddModuleObject"); }
__attribute__((weak)) void *PyImport_AddModuleRef(void) { return gila_missing("PyImport_AddModuleRef"); }
__attribute__((weak)) long PyImport_AppendInittab(void) { gila_missing("PyImport_AppendInittab"); return -1; }
__attribute__((weak)) void *PyImport_ExecCodeModule(void) { return gila_missing("PyImport_ExecCodeModule"); }
__attribute__((weak)) void *PyImport_ExecCodeModuleEx(void) { return gila_missing("PyImport_ExecCodeModuleEx"); }
__attribute__((weak)) void *PyImport_ExecCodeModuleObject(void) { return gila_missing("PyImport_ExecCodeModuleObject"); }
__attribute__((weak)) void *PyImport_ExecCodeModuleWithPathnames(void) { return gila_missing("PyImport_ExecCodeModuleWithPathnames"); }
__attribute__((weak)) void *PyImport_GetImporter(void) { return gila_missing("PyImport_GetImporter"); }
__attribute__((weak)) long PyImport_GetMagicNumber(void) { gila_missing("PyImport_GetMagicNumber"); return -1; }
__attribute__((weak)) void *PyImport_GetMagicTag(void) { return gila_missing("PyImport_GetMagicTag"); }
__attribute__((weak)) void *PyImport_GetModule(void) { return gila_missing("PyImport_GetModule"); }
__attribute__((weak)) void *PyImport_GetModuleDict(void) { return gila_missing("PyImport_GetModuleDict"); }
__attribute__((weak)) void *PyImport_Import(void) { return gila_missing("PyImport_Import"); }
__attribute__((weak)) long PyImport_ImportFrozenModule(void) { gila_missing("PyImport_ImportFrozenModule"); return -1; }
__attribute__((weak)) long PyImport_ImportFrozenModuleObject(void) { gila_missing("PyImport_ImportFrozenModuleObject"); return -1; }
__attribute__((weak)) void *PyImport_ImportModule(void) { return gila_missing("PyImport_ImportModule"); }
__attribute__((weak)) void *PyImport_ImportModuleLevel(void) { return gila_missing("PyImport_ImportModuleLevel"); }
__attribute__((weak)) void *PyImport_ImportModuleLevelObject(void) { return gila_missing("PyImport_ImportModuleLevelObject"); }
__attribute__((weak)) void *PyImport_ImportModuleNoBlock(void) { return gila_missing("PyImport_ImportModuleNoBlock"); }
__attribute__((weak)) void *PyImport_ReloadModule(void) { return gila_missing("PyImport_ReloadModule"); }
__attribute__((weak)) long PyIndex_Check(void) { gila_missing("PyIndex_Check"); return -1; }
__attribute__((weak)) void *PyInit__imp(void) { return gila_missing("PyInit__imp"); }
__attribute__((weak)) void *PyInstanceMethod_Function(void) { return gila_missing("PyInstanceMethod_Function"); }
__attribute__((weak)) void *PyInstanceMethod_New(void) { return gila_missing("PyInstanceMethod_New"); }
__attribute__((weak)) void PyInterpreterState_Clear(void) { gila_missing("PyInterpreterState_Clear"); }
__attribute__((weak)) void PyInterpreterState_Delete(void) { gila_missing("PyInterpreterState_Delete"); }
__attribute__((weak)) void *PyInterpreterState_Get(void) { return gila_missing("PyInterpreterState_Get"); }
__attribute__((weak)) void *PyInterpreterState_GetDict(void) { return gila_missing("PyInterpreterState_GetDict"); }
__attribute__((weak)) long PyInterpreterState_GetID(void) { gila_missing("PyInterpreterState_GetID"); return -1; }
__attribute__((weak)) void *PyInterpreterState_Head(void) { return gila_missing("PyInterpreterState_Head"); }
__attribute__((weak)) void *PyInterpreterState_Main(void) { return gila_missing("PyInterpreterState_Main"); }
__attribute__((weak)) void *PyInterpreterState_New(void) { return gila_missing("PyInterpreterState_New"); }
__attribute__((weak)) void *PyInterpreterState_Next(void) { return gila_missing("PyInterpreterState_Next"); }
__attribute__((weak)) void *PyInterpreterState_ThreadHead(void) { return gila_missing("PyInterpreterState_ThreadHead"); }
__attribute__((weak)) long PyIter_Check(void) { gila_missing("PyIter_Check"); return -1; }
__attribute__((weak)) void *PyIter_Next(void) { return gila_missing("PyIter_Next"); }
__attribute__((weak)) long PyIter_Send(void) { gila_missing("PyIter_Send"); return -1; }
__attribute__((weak)) long PyList_Append(void) { gila_missing("PyList_Append"); return -1; }
__attribute__((weak)) void *PyList_AsTuple(void) { return gila_missing("PyList_AsTuple"); }
__attribute__((weak)) long PyList_Clear(void) { gila_missing("PyList_Clear"); return -1; }
__attribute__((weak)) long PyList_Extend(void) { gila_missing("PyList_Extend"); return -1; }
__attribute__((weak)) void *PyList_GetItem(void) { return gila_missing("PyList_GetItem"); }
__attribute__((weak)) void *PyList_GetItemRef(void) { return gila_missing("PyList_GetItemRef"); }
__attribute__((weak)) void *PyList_GetSlice(void) { return gila_missing("PyList_GetSlice"); }
__attribute__((weak)) long PyList_Insert(void) { gila_missing("PyList_Insert"); return -1; }
__attribute__((weak)) void *PyList_New(void) { return gila_missing("PyList_New"); }
__attribute__((weak)) long PyList_Reverse(void) { gila_missing("PyList_Reverse"); return -1; }
__attribute__((weak)) long PyList_SetItem(void) { gila_missing("PyList_SetItem"); return -1; }
__attribute__((weak)) long PyList_SetSlice(void) { gila_missing("PyList_SetSlice"); return -1; }
__attribute__((weak)) long PyList_Size(void) { gila_missing("PyList_Size"); return -1; }
__attribute__((weak)) long PyList_Sort(void) { gila_missing("PyList_Sort"); return -1; }
__attribute__((weak)) double PyLong_AsDouble(void) { gila_missing("PyLong_AsDouble"); return -1.0; }
__attribute__((weak)) long PyLong_AsInt(void) { gila_missing("PyLong_AsInt"); return -1; }
__attribute__((weak)) long PyLong_AsLong(void) { gila_missing("PyLong_AsLong"); return -1; }
__attribute__((weak)) long PyLong_AsLongAndOverflow(void) { gila_missing("PyLong_AsLongAndOverflow"); return -1; }
__attribute__((weak)) long PyLong_AsLongLong(void) { gila_missing("PyLong_AsLongLong"); return -1; }
__attribute__((weak)) long PyLong_AsLongLongAndOverflow(void) { gila_missing("PyLong_AsLongLongAndOverflow"); return -1; }
__attribute__((weak)) long PyLong_AsNativeBytes(void) { gila_missing("PyLong_AsNativeBytes"); return -1; }
__attribute__((weak)) long PyLong_AsSize_t(void) { gila_missing("PyLong_AsSize_t"); return -1; }
__attribute__((weak)) long PyLong_AsSsize_t(void) { gila_missing("PyLong_AsSsize_t"); return -1; }
__attribute__((weak)) long PyLong_AsUnsignedLong(void) { gila_missing("PyLong_AsUnsignedLong"); return -1; }
__attribute__((weak)) long PyLong_AsUnsignedLongLong(void) { gila_missing("PyLong_AsUnsignedLongLong"); return -1; }
__attribute__((weak)) long PyLong_AsUnsignedLongLongMask(void) { gila_missing("PyLong_AsUnsignedLongLongMask"); return -1; }
__attribute__((weak)) long PyLong_AsUnsignedLongMask(void) { gila_missing("PyLong_AsUnsignedLongMask"); return -1; }
__attribute__((weak)) void *PyLong_AsVoidPtr(void) { return gila_missing("PyLong_AsVoidPtr"); }
__attribute__((weak)) void *PyLong_FromDouble(void) { return gila_missing("PyLong_FromDouble"); }
__attribute__((weak)) void *PyLong_FromLong(void) { return gila_missing("PyLong_FromLong"); }
__attribute__((weak)) void *PyLong_FromLongLong(void) { return gila_missing("PyLong_FromLongLong"); }
__attribute__((weak)) void *PyLong_FromNativeBytes(void) { return gila_missing("PyLong_FromNativeBytes"); }
__attribute__((weak)) void *PyLong_FromSize_t(void) { return gila_missing("PyLong_FromSize_t"); }
__attribute__((weak)) void *PyLong_FromSsize_t(void) { return gila_missing("PyLong_FromSsize_t"); }
__attribute__((weak)) void *PyLong_FromString(void) { return gila_missing("PyLong_FromString"); }
__attribute__((weak)) void *PyLong_FromUnicodeObject(void) { return gila_missing("PyLong_FromUnicodeObject"); }
__attribute__((weak)) void *PyLong_FromUnsignedLong(void) { return gila_missing("PyLong_FromUnsignedLong"); }
__attribute__((weak)) void *PyLong_FromUnsignedLongLong(void) { return gila_missing("PyLong_FromUnsignedLongLong"); }
__attribute__((weak)) void *PyLong_FromUnsignedNativeBytes(void) { return gila_missing("PyLong_FromUnsignedNativeBytes"); }
__attribute__((weak)) void *PyLong_FromVoidPtr(void) { return gila_missing("PyLong_FromVoidPtr"); }
__attribute__((weak)) void *PyLong_GetInfo(void) { return gila_missing("PyLong_GetInfo"); }
__attribute__((weak)) long PyMapping_Check(void) { gila_missing("PyMapping_Check"); return -1; }
__attribute__((weak)) void *PyMapping_GetItemString(void) { return gila_missing("PyMapping_GetItemString"); }
__attribute__((weak)) long PyMapping_GetOptionalItem(void) { gila_missing("PyMapping_GetOptionalItem"); return -1; }
__attribute__((weak)) long PyMapping_GetOptionalItemString(void) { gila_missing("PyMapping_GetOptionalItemString"); return -1; }
__attribute__((weak)) long PyMapping_HasKey(void) { gila_missing("PyMapping_HasKey"); return -1; }
__attribute__((weak)) long PyMapping_HasKeyString(void) { gila_missing("PyMapping_HasKeyString"); return -1; }
__attribute__((weak)) long PyMapping_HasKeyStringWithError(void) { gila_missing("PyMapping_HasKeyStringWithError"); return -1; }
__attribute__((weak)) long PyMapping_HasKeyWithError(void) { gila_missing("PyMapping_HasKeyWithError"); return -1; }
__attribute__((weak)) void *PyMapping_Items(void) { return gila_missing("PyMapping_Items"); }
__attribute__((weak)) void *PyMapping_Keys(void) { return gila_missing("PyMapping_Keys"); }
__attribute__((weak)) long PyMapping_Length(void) { gila_missing("PyMapping_Length"); return -1; }
__attribute__((weak)) long PyMapping_SetItemString(void) { gila_missing("PyMapping_SetItemString"); return -1; }
__attribute__((weak)) long PyMapping_Size(void) { gila_missing("PyMapping_Size"); return -1; }
__attribute__((weak)) void *PyMapping_Values(void) { return gila_missing("PyMapping_Values"); }
__attribute__((weak)) void *PyMem_Calloc(void) { return gila_missing("PyMem_Calloc"); }
__attribute__((weak)) void PyMem_Free(void) { gila_missing("PyMem_Free"); }
__attribute__((weak)) void PyMem_GetAllocator(void) { gila_missing("PyMem_GetAllocator"); }
__attribute__((weak)) void *PyMem_Malloc(void) { return gila_missing("PyMem_Malloc"); }
__attribute__((weak)) void *PyMem_RawCalloc(void) { return gila_missing("PyMem_RawCalloc"); }
__attribute__((weak)) void PyMem_RawFree(void) { gila_missing("PyMem_RawFree"); }
__attribute__((weak)) void *PyMem_RawMalloc(void) { return gila_missing("PyMem_RawMalloc"); }
__attribute__((weak)) void *PyMem_RawRealloc(void) { return gila_missing("PyMem_RawRealloc"); }
__attribute__((weak)) void *PyMem_Realloc(void) { return gila_missing("PyMem_Realloc"); }
__attribute__((weak)) void PyMem_SetAllocator(void) { gila_missing("PyMem_SetAllocator"); }
__attribute__((weak)) void PyMem_SetupDebugHooks(void) { gila_missing("PyMem_SetupDebugHooks"); }
__attribute__((weak)) void *PyMember_GetOne(void) { return gila_missing("PyMember_GetOne"); }
__attribute__((weak)) long PyMember_SetOne(void) { gila_missing("PyMember_SetOne"); return -1; }
__attribute__((weak)) void *PyMemoryView_FromBuffer(void) { return gila_missing("PyMemoryView_FromBuffer"); }
__attribute__((weak)) void *PyMemoryView_FromMemory(void) { return gila_missing("PyMemoryView_FromMemory"); }
__attribute__((weak)) void *PyMemoryView_FromObject(void) { return gila_missing("PyMemoryView_FromObject"); }
__attribute__((weak)) void *PyMemoryView_GetContiguous(void) { return gila_missing("PyMemoryView_GetContiguous"); }
__attribute__((weak)) void *PyMethod_Function(void) { return gila_missing("PyMethod_Function"); }
__attribute__((weak)) void *PyMethod_New(void) { return gila_missing("PyMethod_New"); }
__attribute__((weak)) void *PyMethod_Self(void) { return gila_missing("PyMethod_Self"); }
__attribute__((weak)) void *PyModuleDef_Init(void) { return gila_missing("PyModuleDef_Init"); }
__attribute__((weak)) long PyModule_Add(void) { gila_missing("PyModule_Add"); return -1; }
__attribute__((weak)) long PyModule_AddFunctions(void) { gila_missing("PyModule_AddFunctions"); return -1; }
__attribute__((weak)) long PyModule_AddIntConstant(void) { gila_missing("PyModule_AddIntConstant"); return -1; }
__attribute__((weak)) long PyModule_AddObject(void) { gila_missing("PyModule_AddObject"); return -1; }
__attribute__((weak)) long PyModule_AddObjectRef(void) { gila_missing("PyModule_AddObjectRef"); return -1; }
__attribute__((weak)) long PyModule_AddStringConstant(void) { gila_missing("PyModule_AddStringConstant"); return -1; }
__attribute__((weak)) long PyModule_AddType(void) { gila_missing("PyModule_AddType"); return -1; }
__attribute__((weak)) void *PyModule_Create2(void) { return gila_missing("PyModule_Create2"); }
__attribute__((weak)) long PyModule_ExecDef(void) { gila_missing("PyModule_ExecDef"); return -1; }
__attribute__((weak)) void *PyModule_FromDefAndSpec2(void) { return gila_missing("PyModule_FromDefAndSpec2"); }
__attribute__((weak)) void *PyModule_GetDef(void) { return gila_missing("PyModule_GetDef"); }
__attribute__((weak)) void *PyModule_GetDict(void) { return gila_missing("PyModule_GetDict"); }
__attribute__((weak)) void *PyModule_GetFilename(void) { return gila_missing("PyModule_GetFilename"); }
__attribute__((weak)) void *PyModule_GetFilenameObject(void) { return gila_missing("PyModule_GetFilenameObject"); }
__attribute__((weak)) void *PyModule_GetName(void) { return gila_missing("PyModule_GetName"); }
__attribute__((weak)) void *PyModule_GetNameObject(void) { return gila_missing("PyModule_GetNameObject"); }
__attribute__((weak)) void *PyModule_GetState(void) { return gila_missing("PyModule_GetState"); }
__attribute__((weak)) void *PyModule_New(void) { return gila_missing("PyModule_New"); }
__attribute__((weak)) void *PyModule_NewObject(void) { return gila_missing("PyModule_NewObject"); }
__attribute__((weak)) long PyModule_SetDocString(void) { gila_missing("PyModule_SetDocString"); return -1; }
__attribute__((weak)) long PyMonitoring_ExitScope(void) { gila_missing("PyMonitoring_ExitScope"); return -1; }
__attribute__((weak)) void PyMutex_Lock(void) { gila_missing("PyMutex_Lock"); }
__attribute__((weak)) void PyMutex_Unlock(void) { gila_missing("PyMutex_Unlock"); }
__attribute__((weak)) void *PyNumber_Absolute(void) { return gila_missing("PyNumber_Absolute"); }
__attribute__((weak)) void *PyNumber_Add(void) { return gila_missing("PyNumber_Add"); }
__attribute__((weak)) void *PyNumber_And(void) { return gila_missing("PyNumber_And"); }
__attribute__((weak)) long PyNumber_AsSsize_t(void) { gila_missing("PyNumber_AsSsize_t"); return -1; }
__attribute__((weak)) long PyNumber_Check(void) { gila_missing("PyNumber_Check"); return -1; }
__attribute__((weak)) void *PyNumber_Divmod(void) { return gila_missing("PyNumber_Divmod"); }
__attribute__((weak)) void *PyNumber_Float(void) { return gila_missing("PyNumber_Float"); }
__attribute__((weak)) void *PyNumber_FloorDivide(void) { return gila_missing("PyNumber_FloorDivide"); }
__attribute__((weak)) void *PyNumber_InPlaceAdd(void) { return gila_missing("PyNumber_InPlaceAdd"); }
__attribute__((weak)) void *PyNumber_InPlaceAnd(void) { return gila_missing("PyNumber_InPlaceAnd"); }
__attribute__((weak)) void *PyNumber_InPlaceFloorDivide(void) { return gila_missing("PyNumber_InPlaceFloorDivide"); }
__attribute__((weak)) void *PyNumber_InPlaceLshift(void) { return gila_missing("PyNumber_InPlaceLshift"); }
__attribute__((weak)) void *PyNumber_InPlaceMatrixMultiply(void) { return gila_missing("PyNumber_InPlaceMatrixMultiply"); }
__attribute__((weak)) void *PyNumber_InPlaceMultiply(void) { return gila_missing("PyNumber_InPlaceMultiply"); }
__attribute__((weak)) void *PyNumber_InPlaceOr(void) { return gila_missing("PyNumber_InPlaceOr"); }
__attribute__((weak)) void *PyNumber_InPlacePower(void) { return gila_missing("PyNumber_InPlacePower"); }
__attribute__((weak)) void *PyNumber_InPlaceRemainder(void) { return gila_missing("PyNumber_InPlaceRemainder"); }
__attribute__((weak)) void *PyNumber_InPlaceRshift(void) { return gila_missing("PyNumber_InPlaceRshift"); }
__attribute__((weak)) void *PyNumber_InPlaceSubtract(void) { return gila_missing("PyNumber_InPlaceSubtract"); }
__attribute__((weak)) void *PyNumber_InPlaceTrueDivide(void) { return gila_missing("PyNumber_InPlaceTrueDivide"); }
__attribute__((weak)) void *PyNumber_InPlaceXor(void) { return gila_missing("PyNumber_InPlaceXor"); }
__attribute__((weak)) void *PyNumber_Index(void) { return gila_missing("PyNumber_Index"); }
__attribute__((weak)) void *PyNumber_Invert(void) { return gila_missing("PyNumber_Invert"); }
__attribute__((weak)) void *PyNumber_Long(void) { return gila_missing("PyNumber_Long"); }
__attribute__((weak)) void *PyNumber_Lshift(void) { return gila_missing("PyNumber_Lshift"); }
__attribute__((weak)) void *PyNumber_MatrixMultiply(void) { return gila_missing("PyNumber_MatrixMultiply"); }
__attribute__((weak)) void *PyNumber_Multiply(void) { return gila_missing("PyNumber_Multiply"); }
__attribute__((weak)) void *PyNumber_Negative(void) { return gila_missing("PyNumber_Negative"); }
__attribute__((weak)) void *PyNumber_Or(void) { return gila_missing("PyNumber_Or"); }
__attribute__((weak)) void *PyNumber_Positive(void) { return gila_missing("PyNumber_Positive"); }
__attribute__((weak)) void *PyNumber_Power(void) { return gila_missing("PyNumber_Power"); }
__attribute__((weak)) void *PyNumber_Remainder(void) { return gila_missing("PyNumber_Remainder"); }
__attribute__((weak)) void *PyNumber_Rshift(void) { return gila_missing("PyNumber_Rshift"); }
__attribute__((weak)) void *PyNumber_Subtract(void) { return gila_missing("PyNumber_Subtract"); }
__attribute__((weak)) void *PyNumber_ToBase(void) { return gila_missing("PyNumber_ToBase"); }
__attribute__((weak)) void *PyNumber_TrueDivide(void) { return gila_missing("PyNumber_TrueDivide"); }
__attribute__((weak)) void *PyNumber_Xor(void) { return gila_missing("PyNumber_Xor"); }
__attribute__((weak)) long PyODict_DelItem(void) { gila_missing("PyODict_DelItem"); return -1; }
__attribute__((weak)) void *PyODict_New(void) { return gila_missing("PyODict_New"); }
__attribute__((weak)) long PyODict_SetItem(void) { gila_missing("PyODict_SetItem"); return -1; }
__attribute__((weak)) void PyOS_AfterFork(void) { gila_missing("PyOS_AfterFork"); }
__attribute__((weak)) void PyOS_AfterFork_Child(void) { gila_missing("PyOS_AfterFork_Child"); }
__attribute__((weak)) void PyOS_AfterFork_Parent(void) { gila_missing("PyOS_AfterFork_Parent"); }
__attribute__((weak)) void PyOS_BeforeFork(void) { gila_missing("PyOS_BeforeFork"); }
__attribute__((weak)) void *PyOS_FSPath(void) { return gila_missing("PyOS_FSPath"); }
__attribute__((weak)) long PyOS_InterruptOccurred(void) { gila_missing("PyOS_InterruptOccurred"); return -1; }
__attribute__((weak)) void *PyOS_Readline(void) { return gila_missing("PyOS_Readline"); }
__attribute__((weak)) void *PyOS_double_to_string(void) { return gila_missing("PyOS_double_to_string"); }
__attribute__((weak)) long PyOS_getsig(void) { gila_missing("PyOS_getsig"); return -1; }
__attribute__((weak)) long PyOS_mystricmp(void) { gila_missing("PyOS_mystricmp"); return -1; }
__attribute__((weak)) long PyOS_mystrnicmp(void) { gila_missing("PyOS_mystrnicmp"); return -1; }
__attribute__((weak)) long PyOS_setsig(void) { gila_missing("PyOS_setsig"); return -1; }
__attribute__((weak)) double PyOS_string_to_double(void) { gila_missing("PyOS_string_to_double"); return -1.0; }
__attribute__((weak)) long PyOS_strtol(void) { gila_missing("PyOS_strtol"); return -1; }
__attribute__((weak)) long PyOS_strtoul(void) { gila_missing("PyOS_strtoul"); return -1; }
__attribute__((weak)) void *PyObject_ASCII(void) { return gila_missing("PyObject_ASCII"); }
__attribute__((weak)) long PyObject_AsFileDescriptor(void) { gila_missing("PyObject_AsFileDescriptor"); return -1; }
__attribute__((weak)) void *PyObject_Bytes(void) { return gila_missing("PyObject_Bytes"); }
__attribute__((weak)) void *PyObject_Call(void) { return gila_missing("PyObject_Call"); }
__attribute__((weak)) void PyObject_CallFinalizer(void) { gila_missing("PyObject_CallFinalizer"); }
__attribute__((weak)) long PyObject_CallFinalizerFromDealloc(void) { gila_missing("PyObject_CallFinalizerFromDealloc"); return -1; }
__attribute__((weak)) void *PyObject_CallNoArgs(void) { return gila_missing("PyObject_CallNoArgs"); }
__attribute__((weak)) void *PyObject_CallObject(void) { return gila_missing("PyObject_CallObject"); }
__attribute__((weak)) void *PyObject_CallOneArg(void) { return gila_missing("PyObject_CallOneArg"); }
__attribute__((weak)) void *PyObject_Calloc(void) { return gila_missing("PyObject_Calloc"); }
__attribute__((weak)) long PyObject_CheckBuffer(void) { gila_missing("PyObject_CheckBuffer"); return -1; }
__attribute__((weak)) void PyObject_ClearManagedDict(void) { gila_missing("PyObject_ClearManagedDict"); }
__attribute__((weak)) void PyObject_ClearWeakRefs(void) { gila_missing("PyObject_ClearWeakRefs"); }
__attribute__((weak)) long PyObject_CopyData(void) { gila_missing("PyObject_CopyData"); return -1; }
__attribute__((weak)) long PyObject_DelAttr(void) { gila_missing("PyObject_DelAttr"); return -1; }
__attribute__((weak)) long PyObject_DelAttrString(void) { gila_missing("PyObject_DelAttrString"); return -1; }
__attribute__((weak)) long PyObject_DelItem(void) { gila_missing("PyObject_DelItem"); return -1; }
__attribute__((weak)) long PyObject_DelItemString(void) { gila_missing("PyObject_DelItemString"); return -1; }
__attribute__((weak)) void *PyObject_Dir(void) { return gila_missing("PyObject_Dir"); }
__attribute__((weak)) void *PyObject_Format(void) { return gila_missing("PyObject_Format"); }
__attribute__((weak)) void PyObject_Free(void) { gila_missing("PyObject_Free"); }
__attribute__((weak)) void PyObject_GC_Del(void) { gila_missing("PyObject_GC_Del"); }
__attribute__((weak)) long PyObject_GC_IsFinalized(void) { gila_missing("PyObject_GC_IsFinalized"); return -1; }
__attribute__((weak)) long PyObject_GC_IsTracked(void) { gila_missing("PyObject_GC_IsTracked"); return -1; }
__attribute__((weak)) void PyObject_GC_Track(void) { gila_missing("PyObject_GC_Track"); }
__attribute__((weak)) void PyObject_GC_UnTrack(void) { gila_missing("PyObject_GC_UnTrack"); }
__attribute__((weak)) void *PyObject_GET_WEAKREFS_LISTPTR(void) { return gila_missing("PyObject_GET_WEAKREFS_LISTPTR"); }
__attribute__((weak)) void *PyObject_GenericGetAttr(void) { return gila_missing("PyObject_GenericGetAttr"); }
__attribute__((weak)) void *PyObject_GenericGetDict(void) { return gila_missing("PyObject_GenericGetDict"); }
__attribute__((weak)) long PyObject_GenericHash(void) { gila_missing("PyObject_GenericHash"); return -1; }
__attribute__((weak)) long PyObject_GenericSetAttr(void) { gila_missing("PyObject_GenericSetAttr"); return -1; }
__attribute__((weak)) long PyObject_GenericSetDict(void) { gila_missing("PyObject_GenericSetDict"); return -1; }
__attribute__((weak)) void *PyObject_GetAIter(void) { return gila_missing("PyObject_GetAIter"); }
__attribute__((weak)) void *PyObject_GetAttr(void) { return gila_missing("PyObject_GetAttr"); }
__attribute__((weak)) void *PyObject_GetAttrString(void) { return gila_missing("PyObject_GetAttrString"); }
__attribute__((weak)) long PyObject_GetBuffer(void) { gila_missing("PyObject_GetBuffer"); return -1; }
__attribute__((weak)) void *PyObject_GetItem(void) { return gila_missing("PyObject_GetItem"); }
__attribute__((weak)) void *PyObject_GetItemData(void) { return gila_missing("PyObject_GetItemData"); }
__attribute__((weak)) void *PyObject_GetIter(void) { return gila_missing("PyObject_GetIter"); }
__attribute__((weak)) long PyObject_GetOptionalAttr(void) { gila_missing("PyObject_GetOptionalAttr"); return -1; }
__attribute__((weak)) long PyObject_GetOptionalAttrString(void) { gila_missing("PyObject_GetOptionalAttrString"); return -1; }
__attribute__((weak)) void *PyObject_GetTypeData(void) { return gila_missing("PyObject_GetTypeData"); }
__attribute__((weak)) long PyObject_HasAttr(void) { gila_missing("PyObject_HasAttr"); return -1; }
__attribute__((weak)) long PyObject_HasAttrString(void) { gila_missing("PyObject_HasAttrString"); return -1; }
__attribute__((weak)) long PyObject_HasAttrStringWithError(void) { gila_missing("PyObject_HasAttrStringWithError"); return -1; }
__attribute__((weak)) long PyObject_HasAttrWithError(void) { gila_missing("PyObject_HasAttrWithError"); return -1; }
__attribute__((weak)) long PyObject_Hash(void) { gila_missing("PyObject_Hash"); return -1; }
__attribute__((weak)) long PyObject_HashNotImplemented(void) { gila_missing("PyObject_HashNotImplemented"); return -1; }
__attribute__((weak)) long PyObject_IS_GC(void) { gila_missing("PyObject_IS_GC"); return -1; }
__attribute__((weak)) void *PyObject_Init(void) { return gila_missing("PyObject_Init"); }
__attribute__((weak)) void *PyObject_InitVar(void) { return gila_missing("PyObject_InitVar"); }
__attribute__((weak)) long PyObject_IsInstance(void) { gila_missing("PyObject_IsInstance"); return -1; }
__attribute__((weak)) long PyObject_IsSubclass(void) { gila_missing("PyObject_IsSubclass"); return -1; }
__attribute__((weak)) long PyObject_IsTrue(void) { gila_missing("PyObject_IsTrue"); return -1; }
__attribute__((weak)) long PyObject_Length(void) { gila_missing("PyObject_Length"); return -1; }
__attribute__((weak)) long PyObject_LengthHint(void) { gila_missing("PyObject_LengthHint"); return -1; }
__attribute__((weak)) void *PyObject_Malloc(void) { return gila_missing("PyObject_Malloc"); }
__attribute__((weak)) long PyObject_Not(void) { gila_missing("PyObject_Not"); return -1; }
__attribute__((weak)) long PyObject_Print(void) { gila_missing("PyObject_Print"); return -1; }
__attribute__((weak)) void *PyObject_Realloc(void) { return gila_missing("PyObject_Realloc"); }
__attribute__((weak)) void *PyObject_Repr(void) { return gila_missing("PyObject_Repr"); }
__attribute__((weak)) void *PyObject_RichCompare(void) { return gila_missing("PyObject_RichCompare"); }
__attribute__((weak)) long PyObject_RichCompareBool(void) { gila_missing("PyObject_RichCompareBool"); return -1; }
__attribute__((weak)) void *PyObject_SelfIter(void) { return gila_missing("PyObject_SelfIter"); }
__attribute__((weak)) long PyObject_SetAttr(void) { gila_missing("PyObject_SetAttr"); return -1; }
__attribute__((weak)) long PyObject_SetAttrString(void) { gila_missing("PyObject_SetAttrString"); return -1; }
__attribute__((weak)) long PyObject_SetItem(void) { gila_missing("PyObject_SetItem"); return -1; }
__attribute__((weak)) long PyObject_Size(void) { gila_missing("PyObject_Size"); return -1; }
__attribute__((weak)) void *PyObject_Str(void) { return gila_missing("PyObject_Str"); }
__attribute__((weak)) void *PyObject_Type(void) { return gila_missing("PyObject_Type"); }
__attribute__((weak)) void *PyObject_Vectorcall(void) { return gila_missing("PyObject_Vectorcall"); }
__attribute__((weak)) void *PyObject_VectorcallDict(void) { return gila_missing("PyObject_VectorcallDict"); }
__attribute__((weak)) void *PyObject_VectorcallMethod(void) { return gila_missing("PyObject_VectorcallMethod"); }
__attribute__((weak)) long PyObject_VisitManagedDict(void) { gila_missing("PyObject_VisitManagedDict"); return -1; }
__attribute__((weak)) void *PyPickleBuffer_FromObject(void) { return gila_missing("PyPickleBuffer_FromObject"); }
__attribute__((weak)) void *PyPickleBuffer_GetBuffer(void) { return gila_missing("PyPickleBuffer_GetBuffer"); }
__attribute__((weak)) long PyPickleBuffer_Release(void) { gila_missing("PyPickleBuffer_Release"); return -1; }
__attribute__((weak)) long PyRun_AnyFile(void) { gila_missing("PyRun_AnyFile"); return -1; }
__attribute__((weak)) long PyRun_AnyFileEx(void) { gila_missing("PyRun_AnyFileEx"); return -1; }
__attribute__((weak)) long PyRun_AnyFileExFlags(void) { gila_missing("PyRun_AnyFileExFlags"); return -1; }
__attribute__((weak)) long PyRun_AnyFileFlags(void) { gila_missing("PyRun_AnyFileFlags"); return -1; }
__attribute__((weak)) void *PyRun_File(void) { return gila_missing("PyRun_File"); }
__attribute__((weak)) void *PyRun_FileEx(void) { return gila_missing("PyRun_FileEx"); }
__attribute__((weak)) void *PyRun_FileExFlags(void) { return gila_missing("PyRun_FileExFlags"); }
__attribute__((weak)) void *PyRun_FileFlags(void) { return gila_missing("PyRun_FileFlags"); }
__attribute__((weak)) long PyRun_InteractiveLoop(void) { gila_missing("PyRun_InteractiveLoop"); return -1; }
__attribute__((weak)) long PyRun_InteractiveLoopFlags(void) { gila_missing("PyRun_InteractiveLoopFlags"); return -1; }
__attribute__((weak)) long PyRun_InteractiveOne(void) { gila_missing("PyRun_InteractiveOne"); return -1; }
__attribute__((weak)) long PyRun_InteractiveOneFlags(void) { gila_missing("PyRun_InteractiveOneFlags"); return -1; }
__attribute__((weak)) long PyRun_InteractiveOneObject(void) { gila_missing("PyRun_InteractiveOneObject"); return -1; }
__attribute__((weak)) long PyRun_SimpleFile(void) { gila_missing("PyRun_SimpleFile"); return -1; }
__attribute__((weak)) long PyRun_SimpleFileEx(void) { gila_missing("PyRun_SimpleFileEx"); return -1; }
__attribute__((weak)) long PyRun_SimpleFileExFlags(void) { gila_missing("PyRun_SimpleFileExFlags"); return -1; }
__attribute__((weak)) long PyRun_SimpleString(void) { gila_missing("PyRun_SimpleString"); return -1; }
__attribute__((weak)) long PyRun_SimpleStringFlags(void) { gila_missing("PyRun_SimpleStringFlags"); return -1; }
__attribute__((weak)) void *PyRun_String(void) { return gila_missing("PyRun_String"); }
__attribute__((weak)) void *PyRun_StringFlags(void) { return gila_missing("PyRun_StringFlags"); }
__attribute__((weak)) void *PySeqIter_New(void) { return gila_missing("PySeqIter_New"); }
__attribute__((weak)) long PySequence_Check(void) { gila_missing("PySequence_Check"); return -1; }
__attribute__((weak)) void *PySequence_Concat(void) { return gila_missing("PySequence_Concat"); }
__attribute__((weak)) long PySequence_Contains(void) { gila_missing("PySequence_Contains"); return -1; }
__attribute__((weak)) long PySequence_Count(void) { gila_missing("PySequence_Count"); return -1; }
__attribute__((weak)) long PySequence_DelItem(void) { gila_missing("PySequence_DelItem"); return -1; }
__attribute__((weak)) long PySequence_DelSlice(void) { gila_missing("PySequence_DelSlice"); return -1; }
__attribute__((weak)) void *PySequence_Fast(void) { return gila_missing("PySequence_Fast"); }
__attribute__((weak)) void *PySequence_GetItem(void) { return gila_missing("PySequence_GetItem"); }
__attribute__((weak)) void *PySequence_GetSlice(void) { return gila_missing("PySequence_GetSlice"); }
__attribute__((weak)) long PySequence_In(void) { gila_missing("PySequence_In"); return -1; }
__attribute__((weak)) void *PySequence_InPlaceConcat(void) { return gila_missing("PySequence_InPlaceConcat"); }
__attribute__((weak)) void *PySequence_InPlaceRepeat(void) { return gila_missing("PySequence_InPlaceRepeat"); }
__attribute__((weak)) long PySequence_Index(void) { gila_missing("PySequence_Index"); return -1; }
__attribute__((weak)) long PySequence_Length(void) { gila_missing("PySequence_Length"); return -1; }
__attribute__((weak)) void *PySequence_List(void) { return gila_missing("PySequence_List"); }
__attribute__((weak)) void *PySequence_Repeat(void) { return gila_missing("PySequence_Repeat"); }
__attribute__((weak)) long PySequence_SetItem(void) { gila_missing("PySequence_SetItem"); return -1; }
__attribute__((weak)) long PySequence_SetSlice(void) { gila_missing("PySequence_SetSlice"); return -1; }
__attribute__((weak)) long PySequence_Size(void) { gila_missing("PySequence_Size"); return -1; }
__attribute__((weak)) void *PySequence_Tuple(void) { return gila_missing("PySequence_Tuple"); }
__attribute__((weak)) long PySet_Add(void) { gila_missing("PySet_Add"); return -1; }
__attribute__((weak)) long PySet_Clear(void) { gila_missing("PySet_Clear"); return -1; }
__attribute__((weak)) long PySet_Contains(void) { gila_missing("PySet_Contains"); return -1; }
__attribute__((weak)) long PySet_Discard(void) { gila_missing("PySet_Discard"); return -1; }
__attribute__((weak)) void *PySet_New(void) { return gila_missing("PySet_New"); }
__attribute__((weak)) void *PySet_Pop(void) { return gila_missing("PySet_Pop"); }
__attribute__((weak)) long PySet_Size(void) { gila_missing("PySet_Size"); return -1; }
__attribute__((weak)) long PySignal_SetWakeupFd(void) { gila_missing("PySignal_SetWakeupFd"); return -1; }
__attribute__((weak)) long PySlice_AdjustIndices(void) { gila_missing("PySlice_AdjustIndices"); return -1; }
__attribute__((weak)) long PySlice_GetIndices(void) { gila_missing("PySlice_GetIndices"); return -1; }
__attribute__((weak)) long PySlice_GetIndicesEx(void) { gila_missing("PySlice_GetIndicesEx"); return -1; }
__attribute__((weak)) void *PySlice_New(void) { return gila_missing("PySlice_New"); }
__attribute__((weak)) long PySlice_Unpack(void) { gila_missing("PySlice_Unpack"); return -1; }
__attribute__((weak)) long PyState_AddModule(void) { gila_missing("PyState_AddModule"); return -1; }
__attribute__((weak)) void *PyState_FindModule(void) { return gila_missing("PyState_FindModule"); }
__attribute__((weak)) long PyState_RemoveModule(void) { gila_missing("PyState_RemoveModule"); return -1; }
__attribute__((weak)) void *PyStaticMethod_New(void) { return gila_missing("PyStaticMethod_New"); }
__attribute__((weak)) void *PyStructSequence_GetItem(void) { return gila_missing("PyStructSequence_GetItem"); }
__attribute__((weak)) void PyStructSequence_InitType(void) { gila_missing("PyStructSequence_InitType"); }
__attribute__((weak)) long PyStructSequence_InitType2(void) { gila_missing("PyStructSequence_InitType2"); return -1; }
__attribute__((weak)) void *PyStructSequence_New(void) { return gila_missing("PyStructSequence_New"); }
__attribute__((weak)) void *PyStructSequence_NewType(void) { return gila_missing("PyStructSequence_NewType"); }
__attribute__((weak)) void PyStructSequence_SetItem(void) { gila_missing("PyStructSequence_SetItem"); }
__attribute__((weak)) long PySys_AuditTuple(void) { gila_missing("PySys_AuditTuple"); return -1; }
__attribute__((weak)) void *PySys_GetObject(void) { return gila_missing("PySys_GetObject"); }
__attribute__((weak)) void *PySys_GetXOptions(void) { return gila_missing("PySys_GetXOptions"); }
__attribute__((weak)) void PySys_ResetWarnOptions(void) { gila_missing("PySys_ResetWarnOptions"); }
__attribute__((weak)) long PySys_SetObject(void) { gila_missing("PySys_SetObject"); return -1; }
__attribute__((weak)) void PyThreadState_Clear(void) { gila_missing("PyThreadState_Clear"); }
__attribute__((weak)) void PyThreadState_Delete(void) { gila_missing("PyThreadState_Delete"); }
__attribute__((weak)) void PyThreadState_DeleteCurrent(void) { gila_missing("PyThreadState_DeleteCurrent"); }
__attribute__((weak)) void PyThreadState_EnterTracing(void) { gila_missing("PyThreadState_EnterTracing"); }
__attribute__((weak)) void *PyThreadState_Get(void) { return gila_missing("PyThreadState_Get"); }
__attribute__((weak)) void *PyThreadState_GetDict(void) { return gila_missing("PyThreadState_GetDict"); }
__attribute__((weak)) void *PyThreadState_GetFrame(void) { return gila_missing("PyThreadState_GetFrame"); }
__attribute__((weak)) long PyThreadState_GetID(void) { gila_missing("PyThreadState_GetID"); return -1; }
__attribute__((weak)) void *PyThreadState_GetInterpreter(void) { return gila_missing("PyThreadState_GetInterpreter"); }
__attribute__((weak)) void *PyThreadState_GetUnchecked(void) { return gila_missing("PyThreadState_GetUnchecked"); }
__attribute__((weak)) void PyThreadState_LeaveTracing(void) { gila_missing("PyThreadState_LeaveTracing"); }
__attribute__((weak)) void *PyThreadState_New(void) { return gila_missing("PyThreadState_New"); }
__attribute__((weak)) void *PyThreadState_Next(void) { return gila_missing("PyThreadState_Next"); }
__attribute__((weak)) long PyThreadState_SetAsyncExc(void) { gila_missing("PyThreadState_SetAsyncExc"); return -1; }
__attribute__((weak)) void *PyThreadState_Swap(void) { return gila_missing("PyThreadState_Swap"); }
__attribute__((weak)) void *PyThread_GetInfo(void) { return gila_missing("PyThread_GetInfo"); }
__attribute__((weak)) void PyThread_ReInitTLS(void) { gila_missing("PyThread_ReInitTLS"); }
__attribute__((weak)) long PyThread_acquire_lock(void) { gila_missing("PyThread_acquire_lock"); return -1; }
__attribute__((weak)) long PyThread_allocate_lock(void) { gila_missing("PyThread_allocate_lock"); return -1; }
__attribute__((weak)) long PyThread_create_key(void) { gila_missing("PyThread_create_key"); return -1; }
__attribute__((weak)) void PyThread_delete_key(void) { gila_missing("PyThread_delete_key"); }
__attribute__((weak)) void PyThread_delete_key_value(void) { gila_missing("PyThread_delete_key_value"); }
__attribute__((weak)) void PyThread_exit_thread(void) { gila_missing("PyThread_exit_thread"); }
__attribute__((weak)) void PyThread_free_lock(void) { gila_missing("PyThread_free_lock"); }
__attribute__((weak)) void *PyThread_get_key_value(void) { return gila_missing("PyThread_get_key_value"); }
__attribute__((weak)) long PyThread_get_stacksize(void) { gila_missing("PyThread_get_stacksize"); return -1; }
__attribute__((weak)) long PyThread_get_thread_ident(void) { gila_missing("PyThread_get_thread_ident"); return -1; }
__attribute__((weak)) long PyThread_get_thread_native_id(void) { gila_missing("PyThread_get_thread_native_id"); return -1; }
__attribute__((weak)) void PyThread_init_thread(void) { gila_missing("PyThread_init_thread"); }
__attribute__((weak)) void PyThread_release_lock(void) { gila_missing("PyThread_release_lock"); }
__attribute__((weak)) long PyThread_set_key_value(void) { gila_missing("PyThread_set_key_value"); return -1; }
__attribute__((weak)) long PyThread_set_stacksize(void) { gila_missing("PyThread_set_stacksize"); return -1; }
__attribute__((weak)) long PyThread_start_new_thread(void) { gila_missing("PyThread_start_new_thread"); return -1; }
__attribute__((weak)) void *PyThread_tss_alloc(void) { return gila_missing("PyThread_tss_alloc"); }
__attribute__((weak)) long PyThread_tss_create(void) { gila_missing("PyThread_tss_create"); return -1; }
__attribute__((weak)) void PyThread_tss_delete(void) { gila_missing("PyThread_tss_delete"); }
__attribute__((weak)) void PyThread_tss_free(void) { gila_missing("PyThread_tss_free"); }
__attribute__((weak)) void *PyThread_tss_get(void) { return gila_missing("PyThread_tss_get"); }
__attribute__((weak)) long PyThread_tss_is_created(void) { gila_missing("PyThread_tss_is_created"); return -1; }
__attribute__((weak)) long PyThread_tss_set(void) { gila_missing("PyThread_tss_set"); return -1; }
__attribute__((weak)) double PyTime_AsSecondsDouble(void) { gila_missing("PyTime_AsSecondsDouble"); return -1.0; }
__attribute__((weak)) long PyTime_Monotonic(void) { gila_missing("PyTime_Monotonic"); return -1; }
__attribute__((weak)) long PyTime_PerfCounterRaw(void) { gila_missing("PyTime_PerfCounterRaw"); return -1; }
__attribute__((weak)) long PyTime_Time(void) { gila_missing("PyTime_Time"); return -1; }
__attribute__((weak)) long PyTraceBack_Here(void) { gila_missing("PyTraceBack_Here"); return -1; }
__attribute__((weak)) long PyTraceBack_Print(void) { gila_missing("PyTraceBack_Print"); return -1; }
__attribute__((weak)) long PyTraceMalloc_Track(void) { gila_missing("PyTraceMalloc_Track"); return -1; }
__attribute__((weak)) long PyTraceMalloc_Untrack(void) { gila_missing("PyTraceMalloc_Untrack"); return -1; }
__attribute__((weak)) void *PyTuple_GetItem(void) { return gila_missing("PyTuple_GetItem"); }
__attribute__((weak)) void *PyTuple_GetSlice(void) { return gila_missing("PyTuple_GetSlice"); }
__attribute__((weak)) void *PyTuple_New(void) { return gila_missing("PyTuple_New"); }
__attribute__((weak)) long PyTuple_SetItem(void) { gila_missing("PyTuple_SetItem"); return -1; }
__attribute__((weak)) long PyTuple_Size(void) { gila_missing("PyTuple_Size"); return -1; }
__attribute__((weak)) long PyType_AddWatcher(void) { gila_missing("PyType_AddWatcher"); return -1; }
__attribute__((weak)) long PyType_ClearCache(void) { gila_missing("PyType_ClearCache"); return -1; }
__attribute__((weak)) long PyType_ClearWatcher(void) { gila_missing("PyType_ClearWatcher"); return -1; }
__attribute__((weak)) void *PyType_FromMetaclass(void) { return gila_missing("PyType_FromMetaclass"); }
__attribute__((weak)) void *PyType_FromModuleAndSpec(void) { return gila_missing("PyType_FromModuleAndSpec"); }
__attribute__((weak)) void *PyType_FromSpec(void) { return gila_missing("PyType_FromSpec"); }
__attribute__((weak)) void *PyType_FromSpecWithBases(void) { return gila_missing("PyType_FromSpecWithBases"); }
__attribute__((weak)) void *PyType_GenericAlloc(void) { return gila_missing("PyType_GenericAlloc"); }
__attribute__((weak)) void *PyType_GenericNew(void) { return gila_missing("PyType_GenericNew"); }
__attribute__((weak)) void *PyType_GetDict(void) { return gila_missing("PyType_GetDict"); }
__attribute__((weak)) long PyType_GetFlags(void) { gila_missing("PyType_GetFlags"); return -1; }
__attribute__((weak)) void *PyType_GetFullyQualifiedName(void) { return gila_missing("PyType_GetFullyQualifiedName"); }
__attribute__((weak)) void *PyType_GetModule(void) { return gila_missing("PyType_GetModule"); }
__attribute__((weak)) void *PyType_GetModuleByDef(void) { return gila_missing("PyType_GetModuleByDef"); }
__attribute__((weak)) void *PyType_GetModuleName(void) { return gila_missing("PyType_GetModuleName"); }
__attribute__((weak)) void *PyType_GetModuleState(void) { return gila_missing("PyType_GetModuleState"); }
__attribute__((weak)) void *PyType_GetName(void) { return gila_missing("PyType_GetName"); }
__attribute__((weak)) void *PyType_GetQualName(void) { return gila_missing("PyType_GetQualName"); }
__attribute__((weak)) void *PyType_GetSlot(void) { return gila_missing("PyType_GetSlot"); }
__attribute__((weak)) long PyType_GetTypeDataSize(void) { gila_missing("PyType_GetTypeDataSize"); return -1; }
__attribute__((weak)) long PyType_IsSubtype(void) { gila_missing("PyType_IsSubtype"); return -1; }
__attribute__((weak)) void PyType_Modified(void) { gila_missing("PyType_Modified"); }
__attribute__((weak)) long PyType_Ready(void) { gila_missing("PyType_Ready"); return -1; }
__attribute__((weak)) long PyType_SUPPORTS_WEAKREFS(void) { gila_missing("PyType_SUPPORTS_WEAKREFS"); return -1; }
__attribute__((weak)) long PyType_Unwatch(void) { gila_missing("PyType_Unwatch"); return -1; }
__attribute__((weak)) long PyType_Watch(void) { gila_missing("PyType_Watch"); return -1; }
__attribute__((weak)) void *PyUnicodeDecodeError_Create(void) { return gila_missing("PyUnicodeDecodeError_Create"); }
__attribute__((weak)) void *PyUnicodeDecodeError_GetEncoding(void) { return gila_missing("PyUnicodeDecodeError_GetEncoding"); }
__attribute__((weak)) long PyUnicodeDecodeError_GetEnd(void) { gila_missing("PyUnicodeDecodeError_GetEnd"); return -1; }
__attribute__((weak)) void *PyUnicodeDecodeError_GetObject(void) { return gila_missing("PyUnicodeDecodeError_GetObject"); }
__attribute__((weak)) void *PyUnicodeDecodeError_GetReason(void) { return gila_missing("PyUnicodeDecodeError_GetReason"); }
__attribute__((weak)) long PyUnicodeDecodeError_GetStart(void) { gila_missing("PyUnicodeDecodeError_GetStart"); return -1; }
__attribute__((weak)) long PyUnicodeDecodeError_SetEnd(void) { gila_missing("PyUnicodeDecodeError_SetEnd"); return -1; }
__attribute__((weak)) long PyUnicodeDecodeError_SetReason(void) { gila_missing("PyUnicodeDecodeError_SetReason"); return -1; }
__attribute__((weak)) long PyUnicodeDecodeError_SetStart(void) { gila_missing("PyUnicodeDecodeError_SetStart"); return -1; }
__attribute__((weak)) void *PyUnicodeEncodeError_GetEncoding(void) { return gila_missing("PyUnicodeEncodeError_GetEncoding"); }
__attribute__((weak)) long PyUnicodeEncodeError_GetEnd(void) { gila_missing("PyUnicodeEncodeError_GetEnd"); return -1; }
__attribute__((weak)) void *PyUnicodeEncodeError_GetObject(void) { return gila_missing("PyUnicodeEncodeError_GetObject"); }
__attribute__((weak)) void *PyUnicodeEncodeError_GetReason(void) { return gila_missing("PyUnicodeEncodeError_GetReason"); }
__attribute__((weak)) long PyUnicodeEncodeError_GetStart(void) { gila_missing("PyUnicodeEncodeError_GetStart"); return -1; }
__attribute__((weak)) long PyUnicodeEncodeError_SetEnd(void) { gila_missing("PyUnicodeEncodeError_SetEnd"); return -1; }
__attribute__((weak)) long PyUnicodeEncodeError_SetReason(void) { gila_missing("PyUnicodeEncodeError_SetReason"); return -1; }
__attribute__((weak)) long PyUnicodeEncodeError_SetStart(void) { gila_missing("PyUnicodeEncodeError_SetStart"); return -1; }
__attribute__((weak)) long PyUnicodeTranslateError_GetEnd(void) { gila_missing("PyUnicodeTranslateError_GetEnd"); return -1; }
__attribute__((weak)) void *PyUnicodeTranslateError_GetObject(void) { return gila_missing("PyUnicodeTranslateError_GetObject"); }
__attribute__((weak)) void *PyUnicodeTranslateError_GetReason(void) { return gila_missing("PyUnicodeTranslateError_GetReason"); }
__attribute__((weak)) long PyUnicodeTranslateError_GetStart(void) { gila_missing("PyUnicodeTranslateError_GetStart"); return -1; }
__attribute__((weak)) long PyUnicodeTranslateError_SetEnd(void) { gila_missing("PyUnicodeTranslateError_SetEnd"); return -1; }
__attribute__((weak)) long PyUnicodeTranslateError_SetReason(void) { gila_missing("PyUnicodeTranslateError_SetReason"); return -1; }
__attribute__((weak)) long PyUnicodeTranslateError_SetStart(void) { gila_missing("PyUnicodeTranslateError_SetStart"); return -1; }
__attribute__((weak)) void PyUnicode_Append(void) { gila_missing("PyUnicode_Append"); }
__attribute__((weak)) void PyUnicode_AppendAndDel(void) { gila_missing("PyUnicode_AppendAndDel"); }
__attribute__((weak)) void *PyUnicode_AsASCIIString(void) { return gila_missing("PyUnicode_AsASCIIString"); }
__attribute__((weak)) void *PyUnicode_AsCharmapString(void) { return gila_missing("PyUnicode_AsCharmapString"); }
__attribute__((weak)) void *PyUnicode_AsDecodedObject(void) { return gila_missing("PyUnicode_AsDecodedObject"); }
__attribute__((weak)) void *PyUnicode_AsDecodedUnicode(void) { return gila_missing("PyUnicode_AsDecodedUnicode"); }
__attribute__((weak)) void *PyUnicode_AsEncodedObject(void) { return gila_missing("PyUnicode_AsEncodedObject"); }
__attribute__((weak)) void *PyUnicode_AsEncodedString(void) { return gila_missing("PyUnicode_AsEncodedString"); }
__attribute__((weak)) void *PyUnicode_AsEncodedUnicode(void) { return gila_missing("PyUnicode_AsEncodedUnicode"); }
__attribute__((weak)) void *PyUnicode_AsLatin1String(void) { return gila_missing("PyUnicode_AsLatin1String"); }
__attribute__((weak)) void *PyUnicode_AsRawUnicodeEscapeString(void) { return gila_missing("PyUnicode_AsRawUnicodeEscapeString"); }
__attribute__((weak)) void *PyUnicode_AsUCS4(void) { return gila_missing("PyUnicode_AsUCS4"); }
__attribute__((weak)) void *PyUnicode_AsUCS4Copy(void) { return gila_missing("PyUnicode_AsUCS4Copy"); }
__attribute__((weak)) void *PyUnicode_AsUTF16String(void) { return gila_missing("PyUnicode_AsUTF16String"); }
__attribute__((weak)) void *PyUnicode_AsUTF32String(void) { return gila_missing("PyUnicode_AsUTF32String"); }
__attribute__((weak)) void *PyUnicode_AsUTF8(void) { return gila_missing("PyUnicode_AsUTF8"); }
__attribute__((weak)) void *PyUnicode_AsUTF8AndSize(void) { return gila_missing("PyUnicode_AsUTF8AndSize"); }
__attribute__((weak)) void *PyUnicode_AsUTF8String(void) { return gila_missing("PyUnicode_AsUTF8String"); }
__attribute__((weak)) void *PyUnicode_AsUnicodeEscapeString(void) { return gila_missing("PyUnicode_AsUnicodeEscapeString"); }
__attribute__((weak)) long PyUnicode_AsWideChar(void) { gila_missing("PyUnicode_AsWideChar"); return -1; }
__attribute__((weak)) void *PyUnicode_AsWideCharString(void) { return gila_missing("PyUnicode_AsWideCharString"); }
__attribute__((weak)) void *PyUnicode_BuildEncodingMap(void) { return gila_missing("PyUnicode_BuildEncodingMap"); }
__attribute__((weak)) long PyUnicode_Compare(void) { gila_missing("PyUnicode_Compare"); return -1; }
__attribute__((weak)) long PyUnicode_CompareWithASCIIString(void) { gila_missing("PyUnicode_CompareWithASCIIString"); return -1; }
__attribute__((weak)) void *PyUnicode_Concat(void) { return gila_missing("PyUnicode_Concat"); }
__attribute__((weak)) long PyUnicode_Contains(void) { gila_missing("PyUnicode_Contains"); return -1; }
__attribute__((weak)) long PyUnicode_CopyCharacters(void) { gila_missing("PyUnicode_CopyCharacters"); return -1; }
__attribute__((weak)) long PyUnicode_Count(void) { gila_missing("PyUnicode_Count"); return -1; }
__attribute__((weak)) void *PyUnicode_Decode(void) { return gila_missing("PyUnicode_Decode"); }
__attribute__((weak)) void *PyUnicode_DecodeASCII(void) { return gila_missing("PyUnicode_DecodeASCII"); }
__attribute__((weak)) void *PyUnicode_DecodeCharmap(void) { return gila_missing("PyUnicode_DecodeCharmap"); }
__attribute__((weak)) void *PyUnicode_DecodeFSDefault(void) { return gila_missing("PyUnicode_DecodeFSDefault"); }
__attribute__((weak)) void *PyUnicode_DecodeFSDefaultAndSize(void) { return gila_missing("PyUnicode_DecodeFSDefaultAndSize"); }
__attribute__((weak)) void *PyUnicode_DecodeLatin1(void) { return gila_missing("PyUnicode_DecodeLatin1"); }
__attribute__((weak)) void *PyUnicode_DecodeLocale(void) { return gila_missing("PyUnicode_DecodeLocale"); }
__attribute__((weak)) void *PyUnicode_DecodeLocaleAndSize(void) { return gila_missing("PyUnicode_DecodeLocaleAndSize"); }
__attribute__((weak)) void *PyUnicode_DecodeRawUnicodeEscape(void) { return gila_missing("PyUnicode_DecodeRawUnicodeEscape"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF16(void) { return gila_missing("PyUnicode_DecodeUTF16"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF16Stateful(void) { return gila_missing("PyUnicode_DecodeUTF16Stateful"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF32(void) { return gila_missing("PyUnicode_DecodeUTF32"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF32Stateful(void) { return gila_missing("PyUnicode_DecodeUTF32Stateful"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF7(void) { return gila_missing("PyUnicode_DecodeUTF7"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF7Stateful(void) { return gila_missing("PyUnicode_DecodeUTF7Stateful"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF8(void) { return gila_missing("PyUnicode_DecodeUTF8"); }
__attribute__((weak)) void *PyUnicode_DecodeUTF8Stateful(void) { return gila_missing("PyUnicode_DecodeUTF8Stateful"); }
__attribute__((weak)) void *PyUnicode_DecodeUnicodeEscape(void) { return gila_missing("PyUnicode_DecodeUnicodeEscape"); }
__attribute__((weak)) void *PyUnicode_EncodeFSDefault(void) { return gila_missing("PyUnicode_EncodeFSDefault"); }
__attribute__((weak)) void *PyUnicode_EncodeLocale(void) { return gila_missing("PyUnicode_EncodeLocale"); }
__attribute__((weak)) long PyUnicode_EqualToUTF8(void) { gila_missing("PyUnicode_EqualToUTF8"); return -1; }
__attribute__((weak)) long PyUnicode_EqualToUTF8AndSize(void) { gila_missing("PyUnicode_EqualToUTF8AndSize"); return -1; }
__attribute__((weak)) long PyUnicode_FSConverter(void) { gila_missing("PyUnicode_FSConverter"); return -1; }
__attribute__((weak)) long PyUnicode_FSDecoder(void) { gila_missing("PyUnicode_FSDecoder"); return -1; }
__attribute__((weak)) long PyUnicode_Fill(void) { gila_missing("PyUnicode_Fill"); return -1; }
__attribute__((weak)) long PyUnicode_Find(void) { gila_missing("PyUnicode_Find"); return -1; }
__attribute__((weak)) long PyUnicode_FindChar(void) { gila_missing("PyUnicode_FindChar"); return -1; }
__attribute__((weak)) void *PyUnicode_Format(void) { return gila_missing("PyUnicode_Format"); }
__attribute__((weak)) void *PyUnicode_FromEncodedObject(void) { return gila_missing("PyUnicode_FromEncodedObject"); }
__attribute__((weak)) void *PyUnicode_FromKindAndData(void) { return gila_missing("PyUnicode_FromKindAndData"); }
__attribute__((weak)) void *PyUnicode_FromObject(void) { return gila_missing("PyUnicode_FromObject"); }
__attribute__((weak)) void *PyUnicode_FromOrdinal(void) { return gila_missing("PyUnicode_FromOrdinal"); }
__attribute__((weak)) void *PyUnicode_FromString(void) { return gila_missing("PyUnicode_FromString"); }
__attribute__((weak)) void *PyUnicode_FromStringAndSize(void) { return gila_missing("PyUnicode_FromStringAndSize"); }
__attribute__((weak)) void *PyUnicode_FromWideChar(void) { return gila_missing("PyUnicode_FromWideChar"); }
__attribute__((weak)) void *PyUnicode_GetDefaultEncoding(void) { return gila_missing("PyUnicode_GetDefaultEncoding"); }
__attribute__((weak)) long PyUnicode_GetLength(void) { gila_missing("PyUnicode_GetLength"); return -1; }
__attribute__((weak)) void *PyUnicode_InternFromString(void) { return gila_missing("PyUnicode_InternFromString"); }
__attribute__((weak)) void PyUnicode_InternInPlace(void) { gila_missing("PyUnicode_InternInPlace"); }
__attribute__((weak)) long PyUnicode_IsIdentifier(void) { gila_missing("PyUnicode_IsIdentifier"); return -1; }
__attribute__((weak)) void *PyUnicode_Join(void) { return gila_missing("PyUnicode_Join"); }
__attribute__((weak)) void *PyUnicode_New(void) { return gila_missing("PyUnicode_New"); }
__attribute__((weak)) void *PyUnicode_Partition(void) { return gila_missing("PyUnicode_Partition"); }
__attribute__((weak)) void *PyUnicode_RPartition(void) { return gila_missing("PyUnicode_RPartition"); }
__attribute__((weak)) void *PyUnicode_RSplit(void) { return gila_missing("PyUnicode_RSplit"); }
__attribute__((weak)) long PyUnicode_ReadChar(void) { gila_missing("PyUnicode_ReadChar"); return -1; }
__attribute__((weak)) void *PyUnicode_Replace(void) { return gila_missing("PyUnicode_Replace"); }
__attribute__((weak)) long PyUnicode_Resize(void) { gila_missing("PyUnicode_Resize"); return -1; }
__attribute__((weak)) void *PyUnicode_RichCompare(void) { return gila_missing("PyUnicode_RichCompare"); }
__attribute__((weak)) void *PyUnicode_Split(void) { return gila_missing("PyUnicode_Split"); }
__attribute__((weak)) void *PyUnicode_Splitlines(void) { return gila_missing("PyUnicode_Splitlines"); }
__attribute__((weak)) void *PyUnicode_Substring(void) { return gila_missing("PyUnicode_Substring"); }
__attribute__((weak)) long PyUnicode_Tailmatch(void) { gila_missing("PyUnicode_Tailmatch"); return -1; }
__attribute__((weak)) void *PyUnicode_Translate(void) { return gila_missing("PyUnicode_Translate"); }
__attribute__((weak)) long PyUnicode_WriteChar(void) { gila_missing("PyUnicode_WriteChar"); return -1; }
__attribute__((weak)) long PyUnstable_AtExit(void) { gila_missing("PyUnstable_AtExit"); return -1; }
__attribute__((weak)) long PyUnstable_Code_GetExtra(void) { gila_missing("PyUnstable_Code_GetExtra"); return -1; }
__attribute__((weak)) void *PyUnstable_Code_New(void) { return gila_missing("PyUnstable_Code_New"); }
__attribute__((weak)) void *PyUnstable_Code_NewWithPosOnlyArgs(void) { return gila_missing("PyUnstable_Code_NewWithPosOnlyArgs"); }
__attribute__((weak)) long PyUnstable_Code_SetExtra(void) { gila_missing("PyUnstable_Code_SetExtra"); return -1; }
__attribute__((weak)) long PyUnstable_CopyPerfMapFile(void) { gila_missing("PyUnstable_CopyPerfMapFile"); return -1; }
__attribute__((weak)) long PyUnstable_Eval_RequestCodeExtraIndex(void) { gila_missing("PyUnstable_Eval_RequestCodeExtraIndex"); return -1; }
__attribute__((weak)) void *PyUnstable_Exc_PrepReraiseStar(void) { return gila_missing("PyUnstable_Exc_PrepReraiseStar"); }
__attribute__((weak)) void PyUnstable_GC_VisitObjects(void) { gila_missing("PyUnstable_GC_VisitObjects"); }
__attribute__((weak)) void *PyUnstable_InterpreterFrame_GetCode(void) { return gila_missing("PyUnstable_InterpreterFrame_GetCode"); }
__attribute__((weak)) long PyUnstable_InterpreterFrame_GetLasti(void) { gila_missing("PyUnstable_InterpreterFrame_GetLasti"); return -1; }
__attribute__((weak)) long PyUnstable_InterpreterFrame_GetLine(void) { gila_missing("PyUnstable_InterpreterFrame_GetLine"); return -1; }
__attribute__((weak)) void *PyUnstable_InterpreterState_GetMainModule(void) { return gila_missing("PyUnstable_InterpreterState_GetMainModule"); }
__attribute__((weak)) long PyUnstable_Long_CompactValue(void) { gila_missing("PyUnstable_Long_CompactValue"); return -1; }
__attribute__((weak)) long PyUnstable_Long_IsCompact(void) { gila_missing("PyUnstable_Long_IsCompact"); return -1; }
__attribute__((weak)) void PyUnstable_Object_ClearWeakRefsNoCallbacks(void) { gila_missing("PyUnstable_Object_ClearWeakRefsNoCallbacks"); }
__attribute__((weak)) void *PyUnstable_Object_GC_NewWithExtraData(void) { return gila_missing("PyUnstable_Object_GC_NewWithExtraData"); }
__attribute__((weak)) long PyUnstable_PerfTrampoline_CompileCode(void) { gila_missing("PyUnstable_PerfTrampoline_CompileCode"); return -1; }
__attribute__((weak)) long PyUnstable_PerfTrampoline_SetPersistAfterFork(void) { gila_missing("PyUnstable_PerfTrampoline_SetPersistAfterFork"); return -1; }
__attribute__((weak)) long PyUnstable_Type_AssignVersionTag(void) { gila_missing("PyUnstable_Type_AssignVersionTag"); return -1; }
__attribute__((weak)) long PyUnstable_WritePerfMapEntry(void) { gila_missing("PyUnstable_WritePerfMapEntry"); return -1; }
__attribute__((weak)) void *PyVectorcall_Call(void) { return gila_missing("PyVectorcall_Call"); }
__attribute__((weak)) long PyVectorcall_Function(void) { gila_missing("PyVectorcall_Function"); return -1; }
__attribute__((weak)) long PyVectorcall_NARGS(void) { gila_missing("PyVectorcall_NARGS"); return -1; }
__attribute__((weak)) void *PyWeakref_GetObject(void) { return gila_missing("PyWeakref_GetObject"); }
__attribute__((weak)) long PyWeakref_GetRef(void) { gila_missing("PyWeakref_GetRef"); return -1; }
__attribute__((weak)) void *PyWeakref_NewProxy(void) { return gila_missing("PyWeakref_NewProxy"); }
__attribute__((weak)) void *PyWeakref_NewRef(void) { return gila_missing("PyWeakref_NewRef"); }
__attribute__((weak)) void *PyWrapper_New(void) { return gila_missing("PyWrapper_New"); }
__attribute__((weak)) long Py_AddPendingCall(void) { gila_missing("Py_AddPendingCall"); return -1; }
__attribute__((weak)) long Py_AtExit(void) { gila_missing("Py_AtExit"); return -1; }
__attribute__((weak)) long Py_BytesMain(void) { gila_missing("Py_BytesMain"); return -1; }
__attribute__((weak)) void *Py_CompileString(void) { return gila_missing("Py_CompileString"); }
__attribute__((weak)) void *Py_CompileStringExFlags(void) { return gila_missing("Py_CompileStringExFlags"); }
__attribute__((weak)) void *Py_CompileStringObject(void) { return gila_missing("Py_CompileStringObject"); }
__attribute__((weak)) void Py_DecRef(void) { gila_missing("Py_DecRef"); }
__attribute__((weak)) void *Py_DecodeLocale(void) { return gila_missing("Py_DecodeLocale"); }
__attribute__((weak)) void *Py_EncodeLocale(void) { return gila_missing("Py_EncodeLocale"); }
__attribute__((weak)) void Py_EndInterpreter(void) { gila_missing("Py_EndInterpreter"); }
__attribute__((weak)) long Py_EnterRecursiveCall(void) { gila_missing("Py_EnterRecursiveCall"); return -1; }
__attribute__((weak)) void Py_Exit(void) { gila_missing("Py_Exit"); }
__attribute__((weak)) void Py_FatalError(void) { gila_missing("Py_FatalError"); }
__attribute__((weak)) long Py_FdIsInteractive(void) { gila_missing("Py_FdIsInteractive"); return -1; }
__attribute__((weak)) void Py_Finalize(void) { gila_missing("Py_Finalize"); }
__attribute__((weak)) long Py_FinalizeEx(void) { gila_missing("Py_FinalizeEx"); return -1; }
__attribute__((weak)) long Py_FrozenMain(void) { gila_missing("Py_FrozenMain"); return -1; }
__attribute__((weak)) void *Py_GETENV(void) { return gila_missing("Py_GETENV"); }
__attribute__((weak)) void *Py_GenericAlias(void) { return gila_missing("Py_GenericAlias"); }
__attribute__((weak)) void *Py_GetBuildInfo(void) { return gila_missing("Py_GetBuildInfo"); }
__attribute__((weak)) void *Py_GetCompiler(void) { return gila_missing("Py_GetCompiler"); }
__attribute__((weak)) void *Py_GetConstant(void) { return gila_missing("Py_GetConstant"); }
__attribute__((weak)) void *Py_GetConstantBorrowed(void) { return gila_missing("Py_GetConstantBorrowed"); }
__attribute__((weak)) void *Py_GetCopyright(void) { return gila_missing("Py_GetCopyright"); }
__attribute__((weak)) void *Py_GetExecPrefix(void) { return gila_missing("Py_GetExecPrefix"); }
__attribute__((weak)) void *Py_GetPath(void) { return gila_missing("Py_GetPath"); }
__attribute__((weak)) void *Py_GetPlatform(void) { return gila_missing("Py_GetPlatform"); }
__attribute__((weak)) void *Py_GetPrefix(void) { return gila_missing("Py_GetPrefix"); }
__attribute__((weak)) void *Py_GetProgramFullPath(void) { return gila_missing("Py_GetProgramFullPath"); }
__attribute__((weak)) void *Py_GetProgramName(void) { return gila_missing("Py_GetProgramName"); }
__attribute__((weak)) void *Py_GetPythonHome(void) { return gila_missing("Py_GetPythonHome"); }
__attribute__((weak)) long Py_GetRecursionLimit(void) { gila_missing("Py_GetRecursionLimit"); return -1; }
__attribute__((weak)) void *Py_GetVersion(void) { return gila_missing("Py_GetVersion"); }
__attribute__((weak)) long Py_HashPointer(void) { gila_missing("Py_HashPointer"); return -1; }
__attribute__((weak)) void Py_IncRef(void) { gila_missing("Py_IncRef"); }
__attribute__((weak)) void Py_Initialize(void) { gila_missing("Py_Initialize"); }
__attribute__((weak)) void Py_InitializeEx(void) { gila_missing("Py_InitializeEx"); }
__attribute__((weak)) long Py_Is(void) { gila_missing("Py_Is"); return -1; }
__attribute__((weak)) long Py_IsFalse(void) { gila_missing("Py_IsFalse"); return -1; }
__attribute__((weak)) long Py_IsFinalizing(void) { gila_missing("Py_IsFinalizing"); return -1; }
__attribute__((weak)) long Py_IsInitialized(void) { gila_missing("Py_IsInitialized"); return -1; }
__attribute__((weak)) long Py_IsNone(void) { gila_missing("Py_IsNone"); return -1; }
__attribute__((weak)) long Py_IsTrue(void) { gila_missing("Py_IsTrue"); return -1; }
__attribute__((weak)) void Py_LeaveRecursiveCall(void) { gila_missing("Py_LeaveRecursiveCall"); }
__attribute__((weak)) long Py_MakePendingCalls(void) { gila_missing("Py_MakePendingCalls"); return -1; }
__attribute__((weak)) void *Py_NewInterpreter(void) { return gila_missing("Py_NewInterpreter"); }
__attribute__((weak)) void *Py_NewRef(void) { return gila_missing("Py_NewRef"); }
__attribute__((weak)) long Py_ReprEnter(void) { gila_missing("Py_ReprEnter"); return -1; }
__attribute__((weak)) void Py_ReprLeave(void) { gila_missing("Py_ReprLeave"); }
__attribute__((weak)) long Py_RunMain(void) { gila_missing("Py_RunMain"); return -1; }
__attribute__((weak)) void Py_SetProgramName(void) { gila_missing("Py_SetProgramName"); }
__attribute__((weak)) void Py_SetPythonHome(void) { gila_missing("Py_SetPythonHome"); }
__attribute__((weak)) void Py_SetRecursionLimit(void) { gila_missing("Py_SetRecursionLimit"); }
__attribute__((weak)) void *Py_UniversalNewlineFgets(void) { return gila_missing("Py_UniversalNewlineFgets"); }
__attribute__((weak)) void *Py_XNewRef(void) { return gila_missing("Py_XNewRef"); }
__attribute__((weak)) long _PyBytes_Resize(void) { gila_missing("_PyBytes_Resize"); return -1; }
__attribute__((weak)) void *_PyDict_GetItem_KnownHash(void) { return gila_missing("_PyDict_GetItem_KnownHash"); }
__attribute__((weak)) void *_PyDict_NewPresized(void) { return gila_missing("_PyDict_NewPresized"); }
__attribute__((weak)) void _PyErr_BadInternalCall(void) { gila_missing("_PyErr_BadInternalCall"); }
__attribute__((weak)) void _PyErr_ChainExceptions1(void) { gila_missing("_PyErr_ChainExceptions1"); }
__attribute__((weak)) long _PyEval_SliceIndex(void) { gila_missing("_PyEval_SliceIndex"); return -1; }
__attribute__((weak)) long _PyEval_SliceIndexNotNone(void) { gila_missing("_PyEval_SliceIndexNotNone"); return -1; }
__attribute__((weak)) void _PyInterpreterState_RequireIDRef(void) { gila_missing("_PyInterpreterState_RequireIDRef"); }
__attribute__((weak)) long _PyLong_AsByteArray(void) { gila_missing("_PyLong_AsByteArray"); return -1; }
__attribute__((weak)) void *_PyLong_Copy(void) { return gila_missing("_PyLong_Copy"); }
__attribute__((weak)) void *_PyLong_FromByteArray(void) { return gila_missing("_PyLong_FromByteArray"); }
__attribute__((weak)) void *_PyLong_FromDigits(void) { return gila_missing("_PyLong_FromDigits"); }
__attribute__((weak)) void *_PyLong_GCD(void) { return gila_missing("_PyLong_GCD"); }
__attribute__((weak)) long _PyLong_NumBits(void) { gila_missing("_PyLong_NumBits"); return -1; }
__attribute__((weak)) long _PyLong_Sign(void) { gila_missing("_PyLong_Sign"); return -1; }
__attribute__((weak)) void *_PyObject_GC_New(void) { return gila_missing("_PyObject_GC_New"); }
__attribute__((weak)) void *_PyObject_GC_NewVar(void) { return gila_missing("_PyObject_GC_NewVar"); }
__attribute__((weak)) void *_PyObject_GetDictPtr(void) { return gila_missing("_PyObject_GetDictPtr"); }
__attribute__((weak)) void *_PyObject_New(void) { return gila_missing("_PyObject_New"); }
__attribute__((weak)) void *_PyObject_NewVar(void) { return gila_missing("_PyObject_NewVar"); }
__attribute__((weak)) void _PyTrash_thread_deposit_object(void) { gila_missing("_PyTrash_thread_deposit_object"); }
__attribute__((weak)) void _PyTrash_thread_destroy_chain(void) { gila_missing("_PyTrash_thread_destroy_chain"); }
__attribute__((weak)) long _PyTuple_Resize(void) { gila_missing("_PyTuple_Resize"); return -1; }
__attribute__((weak)) void *_PyType_Lookup(void) { return gila_missing("_PyType_Lookup"); }
__attribute__((weak)) void *_PyType_LookupRef(void) { return gila_missing("_PyType_LookupRef"); }
__attribute__((weak)) void *_PyType_Name(void) { return gila_missing("_PyType_Name"); }
__attribute__((weak)) void _PyUnicodeWriter_Dealloc(void) { gila_missing("_PyUnicodeWriter_Dealloc"); }
__attribute__((weak)) void *_PyUnicodeWriter_Finish(void) { return gila_missing("_PyUnicodeWriter_Finish"); }
__attribute__((weak)) void _PyUnicodeWriter_Init(void) { gila_missing("_PyUnicodeWriter_Init"); }
__attribute__((weak)) long _PyUnicodeWriter_PrepareInternal(void) { gila_missing("_PyUnicodeWriter_PrepareInternal"); return -1; }
__attribute__((weak)) long _PyUnicodeWriter_WriteASCIIString(void) { gila_missing("_PyUnicodeWriter_WriteASCIIString"); return -1; }
__attribute__((weak)) long _PyUnicodeWriter_WriteChar(void) { gila_missing("_PyUnicodeWriter_WriteChar"); return -1; }
__attribute__((weak)) long _PyUnicodeWriter_WriteStr(void) { gila_missing("_PyUnicodeWriter_WriteStr"); return -1; }
__attribute__((weak)) long _PyUnicodeWriter_WriteSubstring(void) { gila_missing("_PyUnicodeWriter_WriteSubstring"); return -1; }
__attribute__((weak)) long _PyUnicode_IsAlpha(void) { gila_missing("_PyUnicode_IsAlpha"); return -1; }
__attribute__((weak)) long _PyUnicode_IsDecimalDigit(void) { gila_missing("_PyUnicode_IsDecimalDigit"); return -1; }
__attribute__((weak)) long _PyUnicode_IsDigit(void) { gila_missing("_PyUnicode_IsDigit"); return -1; }
__attribute__((weak)) long _PyUnicode_IsLowercase(void) { gila_missing("_PyUnicode_IsLowercase"); return -1; }
__attribute__((weak)) long _PyUnicode_IsNumeric(void) { gila_missing("_PyUnicode_IsNumeric"); return -1; }
__attribute__((weak)) long _PyUnicode_IsPrintable(void) { gila_missing("_PyUnicode_IsPrintable"); return -1; }
__attribute__((weak)) long _PyUnicode_IsTitlecase(void) { gila_missing("_PyUnicode_IsTitlecase"); return -1; }
__attribute__((weak)) long _PyUnicode_IsUppercase(void) { gila_missing("_PyUnicode_IsUppercase"); return -1; }
__attribute__((weak)) long _PyUnicode_IsWhitespace(void) { gila_missing("_PyUnicode_IsWhitespace"); return -1; }
__attribute__((weak)) long _PyUnicode_ToDecimalDigit(void) { gila_missing("_PyUnicode_ToDecimalDigit"); return -1; }
__attribute__((weak)) long _PyUnicode_ToDigit(void) { gila_missing("_PyUnicode_ToDigit"); return -1; }
__attribute__((weak)) long _PyUnicode_ToLowercase(void) { gila_missing("_PyUnicode_ToLowercase"); return -1; }
__attribute__((weak)) double _PyUnicode_ToNumeric(void) { gila_missing("_PyUnicode_ToNumeric"); return -1.0; }
__attribute__((weak)) void _Py_Dealloc(void) { gila_missing("_Py_Dealloc"); }
__attribute__((weak)) void _Py_DecRef(void) { gila_missing("_Py_DecRef"); }
__attribute__((weak)) void _Py_FatalErrorFunc(void) { gila_missing("_Py_FatalErrorFunc"); }
__attribute__((weak)) long _Py_HashDouble(void) { gila_missing("_Py_HashDouble"); return -1; }
__attribute__((weak)) void _Py_IncRef(void) { gila_missing("_Py_IncRef"); }
__attribute__((weak)) void _Py_NewReference(void) { gila_missing("_Py_NewReference"); }
__attribute__((weak)) double _Py_c_abs(void) { gila_missing("_Py_c_abs"); return -1.0; }
__attribute__((weak)) void *_Py_fopen_obj(void) { return gila_missing("_Py_fopen_obj"); }
__attribute__((weak)) long PyMonitoring_EnterScope(void) { gila_missing("PyMonitoring_EnterScope"); return -1; }
__attribute__((weak)) long PyRefTracer_SetTracer(void) { gila_missing("PyRefTracer_SetTracer"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireBranchEvent(void) { gila_missing("_PyMonitoring_FireBranchEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireCRaiseEvent(void) { gila_missing("_PyMonitoring_FireCRaiseEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireCReturnEvent(void) { gila_missing("_PyMonitoring_FireCReturnEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireCallEvent(void) { gila_missing("_PyMonitoring_FireCallEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireExceptionHandledEvent(void) { gila_missing("_PyMonitoring_FireExceptionHandledEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireJumpEvent(void) { gila_missing("_PyMonitoring_FireJumpEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireLineEvent(void) { gila_missing("_PyMonitoring_FireLineEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FirePyResumeEvent(void) { gila_missing("_PyMonitoring_FirePyResumeEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FirePyReturnEvent(void) { gila_missing("_PyMonitoring_FirePyReturnEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FirePyStartEvent(void) { gila_missing("_PyMonitoring_FirePyStartEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FirePyThrowEvent(void) { gila_missing("_PyMonitoring_FirePyThrowEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FirePyUnwindEvent(void) { gila_missing("_PyMonitoring_FirePyUnwindEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FirePyYieldEvent(void) { gila_missing("_PyMonitoring_FirePyYieldEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireRaiseEvent(void) { gila_missing("_PyMonitoring_FireRaiseEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireReraiseEvent(void) { gila_missing("_PyMonitoring_FireReraiseEvent"); return -1; }
__attribute__((weak)) long _PyMonitoring_FireStopIterationEvent(void) { gila_missing("_PyMonitoring_FireStopIterationEvent"); return -1; }
__attribute__((weak)) void *PyRefTracer_GetTracer(void) { return gila_missing("PyRefTracer_GetTracer"); }
