#pragma clang diagnostic ignored "-Wnullability-completeness"

// The C functions of the CPython 3.13 API that Gila exports, by the area of the C API manual.
// Each is implemented once: in Swift with `@c @implementation`, or in shims.c where it is C-variadic.
#pragma once
#include "gila/layouts.h"

// abstract
PyObject *PyObject_CallNoArgs (PyObject *);
PyObject *PyObject_Call (PyObject *, PyObject *, PyObject *);
PyObject *PyObject_CallObject (PyObject *, PyObject *);
PyObject *PyObject_CallFunction (PyObject *, const char *, ...);
PyObject *PyObject_CallMethod (PyObject *, const char *, const char *, ...);
PyObject *PyObject_CallFunctionObjArgs (PyObject *, ...);
PyObject *PyObject_CallMethodObjArgs (PyObject *, PyObject *, ...);
Py_ssize_t PyVectorcall_NARGS (size_t);
PyObject *PyVectorcall_Call (PyObject *, PyObject *, PyObject *);
PyObject *PyObject_Vectorcall (PyObject *, PyObject *const *, size_t, PyObject *);
PyObject *PyObject_VectorcallMethod (PyObject *, PyObject *const *, size_t, PyObject *);
PyObject *PyObject_Type (PyObject *);
Py_ssize_t PyObject_Size (PyObject *);
Py_ssize_t PyObject_Length (PyObject *);
PyObject *PyObject_GetItem (PyObject *, PyObject *);
int PyObject_SetItem (PyObject *, PyObject *, PyObject *);
int PyObject_DelItemString (PyObject *, const char *);
int PyObject_DelItem (PyObject *, PyObject *);
PyObject *PyObject_Format (PyObject *, PyObject *);
PyObject *PyObject_GetIter (PyObject *);
PyObject *PyObject_GetAIter (PyObject *);
int PyIter_Check (PyObject *);
int PyAIter_Check (PyObject *);
PyObject *PyIter_Next (PyObject *);
PySendResult PyIter_Send (PyObject *, PyObject *, PyObject **);
int PyNumber_Check (PyObject *);
PyObject *PyNumber_Add (PyObject *, PyObject *);
PyObject *PyNumber_Subtract (PyObject *, PyObject *);
PyObject *PyNumber_Multiply (PyObject *, PyObject *);
PyObject *PyNumber_MatrixMultiply (PyObject *, PyObject *);
PyObject *PyNumber_FloorDivide (PyObject *, PyObject *);
PyObject *PyNumber_TrueDivide (PyObject *, PyObject *);
PyObject *PyNumber_Remainder (PyObject *, PyObject *);
PyObject *PyNumber_Divmod (PyObject *, PyObject *);
PyObject *PyNumber_Power (PyObject *, PyObject *, PyObject *);
PyObject *PyNumber_Negative (PyObject *);
PyObject *PyNumber_Positive (PyObject *);
PyObject *PyNumber_Absolute (PyObject *);
PyObject *PyNumber_Invert (PyObject *);
PyObject *PyNumber_Lshift (PyObject *, PyObject *);
PyObject *PyNumber_Rshift (PyObject *, PyObject *);
PyObject *PyNumber_And (PyObject *, PyObject *);
PyObject *PyNumber_Xor (PyObject *, PyObject *);
PyObject *PyNumber_Or (PyObject *, PyObject *);
int PyIndex_Check (PyObject *);
PyObject *PyNumber_Index (PyObject *);
Py_ssize_t PyNumber_AsSsize_t (PyObject *, PyObject *);
PyObject *PyNumber_Long (PyObject *);
PyObject *PyNumber_Float (PyObject *);
PyObject *PyNumber_InPlaceAdd (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceSubtract (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceMultiply (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceMatrixMultiply (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceFloorDivide (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceTrueDivide (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceRemainder (PyObject *, PyObject *);
PyObject *PyNumber_InPlacePower (PyObject *, PyObject *, PyObject *);
PyObject *PyNumber_InPlaceLshift (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceRshift (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceAnd (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceXor (PyObject *, PyObject *);
PyObject *PyNumber_InPlaceOr (PyObject *, PyObject *);
PyObject *PyNumber_ToBase (PyObject *, int);
int PySequence_Check (PyObject *);
Py_ssize_t PySequence_Size (PyObject *);
Py_ssize_t PySequence_Length (PyObject *);
PyObject *PySequence_Concat (PyObject *, PyObject *);
PyObject *PySequence_Repeat (PyObject *, Py_ssize_t);
PyObject *PySequence_GetItem (PyObject *, Py_ssize_t);
PyObject *PySequence_GetSlice (PyObject *, Py_ssize_t, Py_ssize_t);
int PySequence_SetItem (PyObject *, Py_ssize_t, PyObject *);
int PySequence_DelItem (PyObject *, Py_ssize_t);
int PySequence_SetSlice (PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
int PySequence_DelSlice (PyObject *, Py_ssize_t, Py_ssize_t);
PyObject *PySequence_Tuple (PyObject *);
PyObject *PySequence_List (PyObject *);
PyObject *PySequence_Fast (PyObject *, const char *);
Py_ssize_t PySequence_Count (PyObject *, PyObject *);
int PySequence_Contains (PyObject *, PyObject *);
int PySequence_In (PyObject *, PyObject *);
Py_ssize_t PySequence_Index (PyObject *, PyObject *);
PyObject *PySequence_InPlaceConcat (PyObject *, PyObject *);
PyObject *PySequence_InPlaceRepeat (PyObject *, Py_ssize_t);
int PyMapping_Check (PyObject *);
Py_ssize_t PyMapping_Size (PyObject *);
Py_ssize_t PyMapping_Length (PyObject *);
int PyMapping_HasKeyString (PyObject *, const char *);
int PyMapping_HasKey (PyObject *, PyObject *);
int PyMapping_HasKeyWithError (PyObject *, PyObject *);
int PyMapping_HasKeyStringWithError (PyObject *, const char *);
PyObject *PyMapping_Keys (PyObject *);
PyObject *PyMapping_Values (PyObject *);
PyObject *PyMapping_Items (PyObject *);
PyObject *PyMapping_GetItemString (PyObject *, const char *);
int PyMapping_GetOptionalItem (PyObject *, PyObject *, PyObject **);
int PyMapping_GetOptionalItemString (PyObject *, const char *, PyObject **);
int PyMapping_SetItemString (PyObject *, const char *, PyObject *);
int PyObject_IsInstance (PyObject *, PyObject *);
int PyObject_IsSubclass (PyObject *, PyObject *);
vectorcallfunc PyVectorcall_Function (PyObject *);
PyObject *PyObject_VectorcallDict (PyObject *, PyObject *const *, size_t, PyObject *);
PyObject *PyObject_CallOneArg (PyObject *, PyObject *);
Py_ssize_t PyObject_LengthHint (PyObject *, Py_ssize_t);

// boolobject
int Py_IsTrue (PyObject *);
int Py_IsFalse (PyObject *);
PyObject *PyBool_FromLong (long int);

// bytearrayobject
PyObject *PyByteArray_FromObject (PyObject *);
PyObject *PyByteArray_Concat (PyObject *, PyObject *);
PyObject *PyByteArray_FromStringAndSize (const char *, Py_ssize_t);
Py_ssize_t PyByteArray_Size (PyObject *);
char *PyByteArray_AsString (PyObject *);
int PyByteArray_Resize (PyObject *, Py_ssize_t);

// bytesobject
PyObject *PyBytes_FromStringAndSize (const char *, Py_ssize_t);
PyObject *PyBytes_FromString (const char *);
PyObject *PyBytes_FromObject (PyObject *);
PyObject *PyBytes_FromFormatV (const char *, va_list);
PyObject *PyBytes_FromFormat (const char *, ...);
Py_ssize_t PyBytes_Size (PyObject *);
char *PyBytes_AsString (PyObject *);
PyObject *PyBytes_Repr (PyObject *, int);
void PyBytes_Concat (PyObject **, PyObject *);
void PyBytes_ConcatAndDel (PyObject **, PyObject *);
PyObject *PyBytes_DecodeEscape (const char *, Py_ssize_t, const char *, Py_ssize_t, const char *);
int PyBytes_AsStringAndSize (PyObject *, char **, Py_ssize_t *);
int _PyBytes_Resize (PyObject **, Py_ssize_t);

// cellobject
PyObject *PyCell_New (PyObject *);
PyObject *PyCell_Get (PyObject *);
int PyCell_Set (PyObject *, PyObject *);

// ceval
PyObject *PyEval_EvalCode (PyObject *, PyObject *, PyObject *);
PyObject *PyEval_EvalCodeEx (PyObject *, PyObject *, PyObject *, PyObject *const *, int, PyObject *const *, int, PyObject *const *, int, PyObject *, PyObject *);
PyObject *PyEval_GetBuiltins (void);
PyObject *PyEval_GetGlobals (void);
PyObject *PyEval_GetLocals (void);
PyFrameObject *PyEval_GetFrame (void);
PyObject *PyEval_GetFrameBuiltins (void);
PyObject *PyEval_GetFrameGlobals (void);
PyObject *PyEval_GetFrameLocals (void);
int Py_AddPendingCall (int (*) (void *), void *);
int Py_MakePendingCalls (void);
void Py_SetRecursionLimit (int);
int Py_GetRecursionLimit (void);
int Py_EnterRecursiveCall (const char *);
void Py_LeaveRecursiveCall (void);
const char *PyEval_GetFuncName (PyObject *);
const char *PyEval_GetFuncDesc (PyObject *);
PyObject *PyEval_EvalFrame (PyFrameObject *);
PyObject *PyEval_EvalFrameEx (PyFrameObject *, int);
PyThreadState *PyEval_SaveThread (void);
void PyEval_RestoreThread (PyThreadState *);
void PyEval_InitThreads (void);
void PyEval_AcquireThread (PyThreadState *);
void PyEval_ReleaseThread (PyThreadState *);
void PyEval_SetProfile (Py_tracefunc, PyObject *);
void PyEval_SetProfileAllThreads (Py_tracefunc, PyObject *);
void PyEval_SetTrace (Py_tracefunc, PyObject *);
void PyEval_SetTraceAllThreads (Py_tracefunc, PyObject *);
int PyEval_MergeCompilerFlags (PyCompilerFlags *);
Py_ssize_t PyUnstable_Eval_RequestCodeExtraIndex (freefunc);
int _PyEval_SliceIndex (PyObject *, Py_ssize_t *);
int _PyEval_SliceIndexNotNone (PyObject *, Py_ssize_t *);

// classobject
PyObject *PyMethod_New (PyObject *, PyObject *);
PyObject *PyMethod_Function (PyObject *);
PyObject *PyMethod_Self (PyObject *);
PyObject *PyInstanceMethod_New (PyObject *);
PyObject *PyInstanceMethod_Function (PyObject *);

// code
PyCodeObject *PyUnstable_Code_New (int, int, int, int, int, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, int, PyObject *, PyObject *);
PyCodeObject *PyUnstable_Code_NewWithPosOnlyArgs (int, int, int, int, int, int, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, int, PyObject *, PyObject *);
PyCodeObject *PyCode_NewEmpty (const char *, const char *, int);
int PyCode_Addr2Line (PyCodeObject *, int);
int PyCode_Addr2Location (PyCodeObject *, int, int *, int *, int *, int *);
int PyCode_AddWatcher (PyCode_WatchCallback);
int PyCode_ClearWatcher (int);
PyObject *PyCode_Optimize (PyObject *, PyObject *, PyObject *, PyObject *);
int PyUnstable_Code_GetExtra (PyObject *, Py_ssize_t, void **);
int PyUnstable_Code_SetExtra (PyObject *, Py_ssize_t, void *);
PyObject *PyCode_GetCode (PyCodeObject *);
PyObject *PyCode_GetVarnames (PyCodeObject *);
PyObject *PyCode_GetCellvars (PyCodeObject *);
PyObject *PyCode_GetFreevars (PyCodeObject *);

// codecs
int PyCodec_Register (PyObject *);
int PyCodec_Unregister (PyObject *);
int PyCodec_KnownEncoding (const char *);
PyObject *PyCodec_Encode (PyObject *, const char *, const char *);
PyObject *PyCodec_Decode (PyObject *, const char *, const char *);
PyObject *PyCodec_Encoder (const char *);
PyObject *PyCodec_Decoder (const char *);
PyObject *PyCodec_IncrementalEncoder (const char *, const char *);
PyObject *PyCodec_IncrementalDecoder (const char *, const char *);
PyObject *PyCodec_StreamReader (const char *, PyObject *, const char *);
PyObject *PyCodec_StreamWriter (const char *, PyObject *, const char *);
int PyCodec_RegisterError (const char *, PyObject *);
PyObject *PyCodec_LookupError (const char *);
PyObject *PyCodec_StrictErrors (PyObject *);
PyObject *PyCodec_IgnoreErrors (PyObject *);
PyObject *PyCodec_ReplaceErrors (PyObject *);
PyObject *PyCodec_XMLCharRefReplaceErrors (PyObject *);
PyObject *PyCodec_BackslashReplaceErrors (PyObject *);
PyObject *PyCodec_NameReplaceErrors (PyObject *);

// compile
int PyCompile_OpcodeStackEffect (int, int);
int PyCompile_OpcodeStackEffectWithJump (int, int, int);

// complexobject
PyObject *PyComplex_FromDoubles (double, double);
double PyComplex_RealAsDouble (PyObject *);
double PyComplex_ImagAsDouble (PyObject *);
Py_complex _Py_c_diff (Py_complex, Py_complex);
Py_complex _Py_c_neg (Py_complex);
Py_complex _Py_c_quot (Py_complex, Py_complex);
double _Py_c_abs (Py_complex);
PyObject *PyComplex_FromCComplex (Py_complex);
Py_complex PyComplex_AsCComplex (PyObject *);

// context
PyObject *PyContext_New (void);
PyObject *PyContext_Copy (PyObject *);
PyObject *PyContext_CopyCurrent (void);
int PyContext_Enter (PyObject *);
int PyContext_Exit (PyObject *);
PyObject *PyContextVar_New (const char *, PyObject *);
int PyContextVar_Get (PyObject *, PyObject *, PyObject **);
PyObject *PyContextVar_Set (PyObject *, PyObject *);
int PyContextVar_Reset (PyObject *, PyObject *);

// critical_section
void PyCriticalSection_Begin (PyCriticalSection *, PyObject *);
void PyCriticalSection_End (PyCriticalSection *);
void PyCriticalSection2_Begin (PyCriticalSection2 *, PyObject *, PyObject *);
void PyCriticalSection2_End (PyCriticalSection2 *);

// descrobject
PyObject *PyDescr_NewMethod (PyTypeObject *, PyMethodDef *);
PyObject *PyDescr_NewClassMethod (PyTypeObject *, PyMethodDef *);
PyObject *PyDescr_NewMember (PyTypeObject *, PyMemberDef *);
PyObject *PyDescr_NewGetSet (PyTypeObject *, PyGetSetDef *);
PyObject *PyDictProxy_New (PyObject *);
PyObject *PyWrapper_New (PyObject *, PyObject *);
PyObject *PyMember_GetOne (const char *, PyMemberDef *);
int PyMember_SetOne (char *, PyMemberDef *, PyObject *);
PyObject *PyDescr_NewWrapper (PyTypeObject *, struct wrapperbase *, void *);
int PyDescr_IsData (PyObject *);

// dictobject
PyObject *PyDict_New (void);
PyObject *PyDict_GetItem (PyObject *, PyObject *);
PyObject *PyDict_GetItemWithError (PyObject *, PyObject *);
int PyDict_SetItem (PyObject *, PyObject *, PyObject *);
int PyDict_DelItem (PyObject *, PyObject *);
void PyDict_Clear (PyObject *);
int PyDict_Next (PyObject *, Py_ssize_t *, PyObject **, PyObject **);
PyObject *PyDict_Keys (PyObject *);
PyObject *PyDict_Values (PyObject *);
PyObject *PyDict_Items (PyObject *);
Py_ssize_t PyDict_Size (PyObject *);
PyObject *PyDict_Copy (PyObject *);
int PyDict_Contains (PyObject *, PyObject *);
int PyDict_Update (PyObject *, PyObject *);
int PyDict_Merge (PyObject *, PyObject *, int);
int PyDict_MergeFromSeq2 (PyObject *, PyObject *, int);
PyObject *PyDict_GetItemString (PyObject *, const char *);
int PyDict_SetItemString (PyObject *, const char *, PyObject *);
int PyDict_DelItemString (PyObject *, const char *);
int PyDict_GetItemRef (PyObject *, PyObject *, PyObject **);
int PyDict_GetItemStringRef (PyObject *, const char *, PyObject **);
PyObject *PyObject_GenericGetDict (PyObject *, void *);
PyObject *_PyDict_GetItem_KnownHash (PyObject *, PyObject *, Py_hash_t);
PyObject *PyDict_SetDefault (PyObject *, PyObject *, PyObject *);
int PyDict_SetDefaultRef (PyObject *, PyObject *, PyObject *, PyObject **);
int PyDict_ContainsString (PyObject *, const char *);
PyObject *_PyDict_NewPresized (Py_ssize_t);
int PyDict_Pop (PyObject *, PyObject *, PyObject **);
int PyDict_PopString (PyObject *, const char *, PyObject **);
int PyDict_AddWatcher (PyDict_WatchCallback);
int PyDict_ClearWatcher (int);
int PyDict_Watch (int, PyObject *);
int PyDict_Unwatch (int, PyObject *);

// fileobject
PyObject *PyFile_FromFd (int, const char *, const char *, int, const char *, const char *, const char *, int);
PyObject *PyFile_GetLine (PyObject *, int);
int PyFile_WriteObject (PyObject *, PyObject *, int);
int PyFile_WriteString (const char *, PyObject *);
int PyObject_AsFileDescriptor (PyObject *);
char *Py_UniversalNewlineFgets (char *, int, FILE *, PyObject *);
PyObject *PyFile_NewStdPrinter (int);
PyObject *PyFile_OpenCode (const char *);
PyObject *PyFile_OpenCodeObject (PyObject *);
int PyFile_SetOpenCodeHook (Py_OpenCodeHookFunction, void *);

// fileutils
wchar_t *Py_DecodeLocale (const char *, size_t *);
char *Py_EncodeLocale (const wchar_t *, size_t *);
FILE *_Py_fopen_obj (PyObject *, const char *);

// floatobject
double PyFloat_GetMax (void);
double PyFloat_GetMin (void);
PyObject *PyFloat_GetInfo (void);
PyObject *PyFloat_FromString (PyObject *);
PyObject *PyFloat_FromDouble (double);
double PyFloat_AsDouble (PyObject *);
int PyFloat_Pack2 (double, char *, int);
int PyFloat_Pack4 (double, char *, int);
int PyFloat_Pack8 (double, char *, int);
double PyFloat_Unpack2 (const char *, int);
double PyFloat_Unpack4 (const char *, int);
double PyFloat_Unpack8 (const char *, int);

// frameobject
PyFrameObject *PyFrame_New (PyThreadState *, PyCodeObject *, PyObject *, PyObject *);
void PyFrame_LocalsToFast (PyFrameObject *, int);
int PyFrame_FastToLocalsWithError (PyFrameObject *);
void PyFrame_FastToLocals (PyFrameObject *);

// funcobject
PyObject *PyFunction_New (PyObject *, PyObject *);
PyObject *PyFunction_NewWithQualName (PyObject *, PyObject *, PyObject *);
PyObject *PyFunction_GetCode (PyObject *);
PyObject *PyFunction_GetGlobals (PyObject *);
PyObject *PyFunction_GetModule (PyObject *);
PyObject *PyFunction_GetDefaults (PyObject *);
int PyFunction_SetDefaults (PyObject *, PyObject *);
void PyFunction_SetVectorcall (PyFunctionObject *, vectorcallfunc);
PyObject *PyFunction_GetKwDefaults (PyObject *);
int PyFunction_SetKwDefaults (PyObject *, PyObject *);
PyObject *PyFunction_GetClosure (PyObject *);
int PyFunction_SetClosure (PyObject *, PyObject *);
PyObject *PyFunction_GetAnnotations (PyObject *);
int PyFunction_SetAnnotations (PyObject *, PyObject *);
PyObject *PyClassMethod_New (PyObject *);
PyObject *PyStaticMethod_New (PyObject *);
int PyFunction_AddWatcher (PyFunction_WatchCallback);
int PyFunction_ClearWatcher (int);

// genericaliasobject
PyObject *Py_GenericAlias (PyObject *, PyObject *);

// genobject
PyObject *PyGen_New (PyFrameObject *);
PyObject *PyGen_NewWithQualName (PyFrameObject *, PyObject *, PyObject *);
PyCodeObject *PyGen_GetCode (PyGenObject *);
PyObject *PyCoro_New (PyFrameObject *, PyObject *, PyObject *);
PyObject *PyAsyncGen_New (PyFrameObject *, PyObject *, PyObject *);

// import
long int PyImport_GetMagicNumber (void);
const char *PyImport_GetMagicTag (void);
PyObject *PyImport_ExecCodeModule (const char *, PyObject *);
PyObject *PyImport_ExecCodeModuleEx (const char *, PyObject *, const char *);
PyObject *PyImport_ExecCodeModuleWithPathnames (const char *, PyObject *, const char *, const char *);
PyObject *PyImport_ExecCodeModuleObject (PyObject *, PyObject *, PyObject *, PyObject *);
PyObject *PyImport_GetModuleDict (void);
PyObject *PyImport_GetModule (PyObject *);
PyObject *PyImport_AddModuleObject (PyObject *);
PyObject *PyImport_AddModule (const char *);
PyObject *PyImport_AddModuleRef (const char *);
PyObject *PyImport_ImportModule (const char *);
PyObject *PyImport_ImportModuleNoBlock (const char *);
PyObject *PyImport_ImportModuleLevel (const char *, PyObject *, PyObject *, PyObject *, int);
PyObject *PyImport_ImportModuleLevelObject (PyObject *, PyObject *, PyObject *, PyObject *, int);
PyObject *PyImport_GetImporter (PyObject *);
PyObject *PyImport_Import (PyObject *);
PyObject *PyImport_ReloadModule (PyObject *);
int PyImport_ImportFrozenModuleObject (PyObject *);
int PyImport_ImportFrozenModule (const char *);
int PyImport_AppendInittab (const char *, PyObject *(*) (void));
PyObject *PyInit__imp (void);

// intrcheck
int PyOS_InterruptOccurred (void);
void PyOS_BeforeFork (void);
void PyOS_AfterFork_Parent (void);
void PyOS_AfterFork_Child (void);
void PyOS_AfterFork (void);

// iterobject
PyObject *PySeqIter_New (PyObject *);
PyObject *PyCallIter_New (PyObject *, PyObject *);

// listobject
PyObject *PyList_New (Py_ssize_t);
Py_ssize_t PyList_Size (PyObject *);
PyObject *PyList_GetItem (PyObject *, Py_ssize_t);
PyObject *PyList_GetItemRef (PyObject *, Py_ssize_t);
int PyList_SetItem (PyObject *, Py_ssize_t, PyObject *);
int PyList_Insert (PyObject *, Py_ssize_t, PyObject *);
int PyList_Append (PyObject *, PyObject *);
PyObject *PyList_GetSlice (PyObject *, Py_ssize_t, Py_ssize_t);
int PyList_SetSlice (PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
int PyList_Sort (PyObject *);
int PyList_Reverse (PyObject *);
PyObject *PyList_AsTuple (PyObject *);
int PyList_Extend (PyObject *, PyObject *);
int PyList_Clear (PyObject *);

// lock
void PyMutex_Lock (PyMutex *);
void PyMutex_Unlock (PyMutex *);

// longintrepr
PyObject *_PyLong_Copy (PyLongObject *);
PyLongObject *_PyLong_FromDigits (int, Py_ssize_t, digit *);

// longobject
PyObject *PyLong_FromLong (long int);
PyObject *PyLong_FromUnsignedLong (long unsigned int);
PyObject *PyLong_FromSize_t (size_t);
PyObject *PyLong_FromSsize_t (Py_ssize_t);
PyObject *PyLong_FromDouble (double);
long int PyLong_AsLong (PyObject *);
long int PyLong_AsLongAndOverflow (PyObject *, int *);
Py_ssize_t PyLong_AsSsize_t (PyObject *);
size_t PyLong_AsSize_t (PyObject *);
long unsigned int PyLong_AsUnsignedLong (PyObject *);
long unsigned int PyLong_AsUnsignedLongMask (PyObject *);
int PyLong_AsInt (PyObject *);
PyObject *PyLong_GetInfo (void);
double PyLong_AsDouble (PyObject *);
PyObject *PyLong_FromVoidPtr (void *);
void *PyLong_AsVoidPtr (PyObject *);
PyObject *PyLong_FromLongLong (long long int);
PyObject *PyLong_FromUnsignedLongLong (long long unsigned int);
long long int PyLong_AsLongLong (PyObject *);
long long unsigned int PyLong_AsUnsignedLongLong (PyObject *);
long long unsigned int PyLong_AsUnsignedLongLongMask (PyObject *);
long long int PyLong_AsLongLongAndOverflow (PyObject *, int *);
PyObject *PyLong_FromString (const char *, char **, int);
long unsigned int PyOS_strtoul (const char *, char **, int);
long int PyOS_strtol (const char *, char **, int);
PyObject *PyLong_FromUnicodeObject (PyObject *, int);
Py_ssize_t PyLong_AsNativeBytes (PyObject *, void *, Py_ssize_t, int);
PyObject *PyLong_FromNativeBytes (const void *, size_t, int);
PyObject *PyLong_FromUnsignedNativeBytes (const void *, size_t, int);
int PyUnstable_Long_IsCompact (const PyLongObject *);
Py_ssize_t PyUnstable_Long_CompactValue (const PyLongObject *);
int _PyLong_Sign (PyObject *);
size_t _PyLong_NumBits (PyObject *);
PyObject *_PyLong_FromByteArray (const unsigned char *, size_t, int, int);
int _PyLong_AsByteArray (PyLongObject *, unsigned char *, size_t, int, int, int);
PyObject *_PyLong_GCD (PyObject *, PyObject *);

// memoryobject
PyObject *PyMemoryView_FromObject (PyObject *);
PyObject *PyMemoryView_FromMemory (char *, Py_ssize_t, int);
PyObject *PyMemoryView_FromBuffer (const Py_buffer *);
PyObject *PyMemoryView_GetContiguous (PyObject *, int, char);

// methodobject
PyCFunction PyCFunction_GetFunction (PyObject *);
PyObject *PyCFunction_GetSelf (PyObject *);
int PyCFunction_GetFlags (PyObject *);
PyObject *PyCFunction_New (PyMethodDef *, PyObject *);
PyObject *PyCFunction_NewEx (PyMethodDef *, PyObject *, PyObject *);
PyObject *PyCMethod_New (PyMethodDef *, PyObject *, PyObject *, PyTypeObject *);

// modsupport
int PyArg_Parse (PyObject *, const char *, ...);
int PyArg_ParseTuple (PyObject *, const char *, ...);
int PyArg_ParseTupleAndKeywords (PyObject *, PyObject *, const char *, char *const *, ...);
int PyArg_VaParse (PyObject *, const char *, va_list);
int PyArg_VaParseTupleAndKeywords (PyObject *, PyObject *, const char *, char *const *, va_list);
int PyArg_ValidateKeywordArguments (PyObject *);
int PyArg_UnpackTuple (PyObject *, const char *, Py_ssize_t, Py_ssize_t, ...);
PyObject *Py_BuildValue (const char *, ...);
PyObject *Py_VaBuildValue (const char *, va_list);
int PyModule_AddObjectRef (PyObject *, const char *, PyObject *);
int PyModule_Add (PyObject *, const char *, PyObject *);
int PyModule_AddObject (PyObject *, const char *, PyObject *);
int PyModule_AddIntConstant (PyObject *, const char *, long int);
int PyModule_AddStringConstant (PyObject *, const char *, const char *);
int PyModule_AddType (PyObject *, PyTypeObject *);
int PyModule_SetDocString (PyObject *, const char *);
int PyModule_AddFunctions (PyObject *, PyMethodDef *);
int PyModule_ExecDef (PyObject *, PyModuleDef *);
PyObject *PyModule_Create2 (PyModuleDef *, int);
PyObject *PyModule_FromDefAndSpec2 (PyModuleDef *, PyObject *, int);

// moduleobject
PyObject *PyModule_NewObject (PyObject *);
PyObject *PyModule_New (const char *);
PyObject *PyModule_GetDict (PyObject *);
PyObject *PyModule_GetNameObject (PyObject *);
const char *PyModule_GetName (PyObject *);
const char *PyModule_GetFilename (PyObject *);
PyObject *PyModule_GetFilenameObject (PyObject *);
PyModuleDef *PyModule_GetDef (PyObject *);
void *PyModule_GetState (PyObject *);
PyObject *PyModuleDef_Init (PyModuleDef *);

// monitoring
int PyMonitoring_ExitScope (void);

// object
int Py_Is (PyObject *, PyObject *);
PyObject *PyType_FromSpec (PyType_Spec *);
PyObject *PyType_FromSpecWithBases (PyType_Spec *, PyObject *);
void *PyType_GetSlot (PyTypeObject *, int);
PyObject *PyType_FromModuleAndSpec (PyObject *, PyType_Spec *, PyObject *);
PyObject *PyType_GetModule (PyTypeObject *);
void *PyType_GetModuleState (PyTypeObject *);
PyObject *PyType_GetName (PyTypeObject *);
PyObject *PyType_GetQualName (PyTypeObject *);
PyObject *PyType_GetFullyQualifiedName (PyTypeObject *);
PyObject *PyType_GetModuleName (PyTypeObject *);
PyObject *PyType_FromMetaclass (PyTypeObject *, PyObject *, PyType_Spec *, PyObject *);
void *PyObject_GetTypeData (PyObject *, PyTypeObject *);
Py_ssize_t PyType_GetTypeDataSize (PyTypeObject *);
int PyType_IsSubtype (PyTypeObject *, PyTypeObject *);
long unsigned int PyType_GetFlags (PyTypeObject *);
int PyType_Ready (PyTypeObject *);
PyObject *PyType_GenericAlloc (PyTypeObject *, Py_ssize_t);
PyObject *PyType_GenericNew (PyTypeObject *, PyObject *, PyObject *);
unsigned int PyType_ClearCache (void);
void PyType_Modified (PyTypeObject *);
PyObject *PyObject_Repr (PyObject *);
PyObject *PyObject_Str (PyObject *);
PyObject *PyObject_ASCII (PyObject *);
PyObject *PyObject_Bytes (PyObject *);
PyObject *PyObject_RichCompare (PyObject *, PyObject *, int);
int PyObject_RichCompareBool (PyObject *, PyObject *, int);
PyObject *PyObject_GetAttrString (PyObject *, const char *);
int PyObject_SetAttrString (PyObject *, const char *, PyObject *);
int PyObject_DelAttrString (PyObject *, const char *);
int PyObject_HasAttrString (PyObject *, const char *);
PyObject *PyObject_GetAttr (PyObject *, PyObject *);
int PyObject_GetOptionalAttr (PyObject *, PyObject *, PyObject **);
int PyObject_GetOptionalAttrString (PyObject *, const char *, PyObject **);
int PyObject_SetAttr (PyObject *, PyObject *, PyObject *);
int PyObject_DelAttr (PyObject *, PyObject *);
int PyObject_HasAttr (PyObject *, PyObject *);
int PyObject_HasAttrWithError (PyObject *, PyObject *);
int PyObject_HasAttrStringWithError (PyObject *, const char *);
PyObject *PyObject_SelfIter (PyObject *);
PyObject *PyObject_GenericGetAttr (PyObject *, PyObject *);
int PyObject_GenericSetAttr (PyObject *, PyObject *, PyObject *);
int PyObject_GenericSetDict (PyObject *, PyObject *, void *);
Py_hash_t PyObject_Hash (PyObject *);
Py_hash_t PyObject_HashNotImplemented (PyObject *);
int PyObject_IsTrue (PyObject *);
int PyObject_Not (PyObject *);
int PyCallable_Check (PyObject *);
void PyObject_ClearWeakRefs (PyObject *);
PyObject *PyObject_Dir (PyObject *);
int Py_ReprEnter (PyObject *);
void Py_ReprLeave (PyObject *);
void _Py_Dealloc (PyObject *);
void Py_IncRef (PyObject *);
void Py_DecRef (PyObject *);
void _Py_IncRef (PyObject *);
void _Py_DecRef (PyObject *);
PyObject *Py_NewRef (PyObject *);
PyObject *Py_XNewRef (PyObject *);
PyObject *Py_GetConstant (unsigned int);
PyObject *Py_GetConstantBorrowed (unsigned int);
int Py_IsNone (PyObject *);
void _Py_NewReference (PyObject *);
const char *_PyType_Name (PyTypeObject *);
PyObject *_PyType_Lookup (PyTypeObject *, PyObject *);
PyObject *_PyType_LookupRef (PyTypeObject *, PyObject *);
PyObject *PyType_GetDict (PyTypeObject *);
int PyObject_Print (PyObject *, FILE *, int);
PyObject **_PyObject_GetDictPtr (PyObject *);
void PyObject_CallFinalizer (PyObject *);
int PyObject_CallFinalizerFromDealloc (PyObject *);
void PyUnstable_Object_ClearWeakRefsNoCallbacks (PyObject *);
void _PyTrash_thread_deposit_object (PyThreadState *, PyObject *);
void _PyTrash_thread_destroy_chain (PyThreadState *);
void *PyObject_GetItemData (PyObject *);
int PyObject_VisitManagedDict (PyObject *, visitproc, void *);
void PyObject_ClearManagedDict (PyObject *);
int PyType_AddWatcher (PyType_WatchCallback);
int PyType_ClearWatcher (int);
int PyType_Watch (int, PyObject *);
int PyType_Unwatch (int, PyObject *);
int PyUnstable_Type_AssignVersionTag (PyTypeObject *);
PyObject *PyType_GetModuleByDef (PyTypeObject *, PyModuleDef *);

// objimpl
void *PyObject_Malloc (size_t);
void *PyObject_Calloc (size_t, size_t);
void *PyObject_Realloc (void *, size_t);
void PyObject_Free (void *);
PyObject *PyObject_Init (PyObject *, PyTypeObject *);
PyVarObject *PyObject_InitVar (PyVarObject *, PyTypeObject *, Py_ssize_t);
PyObject *_PyObject_New (PyTypeObject *);
PyVarObject *_PyObject_NewVar (PyTypeObject *, Py_ssize_t);
Py_ssize_t PyGC_Collect (void);
int PyGC_Enable (void);
int PyGC_Disable (void);
int PyGC_IsEnabled (void);
PyObject *_PyObject_GC_New (PyTypeObject *);
PyVarObject *_PyObject_GC_NewVar (PyTypeObject *, Py_ssize_t);
void PyObject_GC_Track (void *);
void PyObject_GC_UnTrack (void *);
void PyObject_GC_Del (void *);
int PyObject_GC_IsTracked (PyObject *);
int PyObject_GC_IsFinalized (PyObject *);
int PyObject_IS_GC (PyObject *);
int PyType_SUPPORTS_WEAKREFS (PyTypeObject *);
PyObject **PyObject_GET_WEAKREFS_LISTPTR (PyObject *);
PyObject *PyUnstable_Object_GC_NewWithExtraData (PyTypeObject *, size_t);
void PyUnstable_GC_VisitObjects (gcvisitobjects_t, void *);

// odictobject
PyObject *PyODict_New (void);
int PyODict_SetItem (PyObject *, PyObject *, PyObject *);
int PyODict_DelItem (PyObject *, PyObject *);

// osmodule
PyObject *PyOS_FSPath (PyObject *);

// picklebufobject
PyObject *PyPickleBuffer_FromObject (PyObject *);
const Py_buffer *PyPickleBuffer_GetBuffer (PyObject *);
int PyPickleBuffer_Release (PyObject *);

// pybuffer
int PyObject_CheckBuffer (PyObject *);
int PyObject_GetBuffer (PyObject *, Py_buffer *, int);
void *PyBuffer_GetPointer (const Py_buffer *, const Py_ssize_t *);
Py_ssize_t PyBuffer_SizeFromFormat (const char *);
int PyBuffer_ToContiguous (void *, const Py_buffer *, Py_ssize_t, char);
int PyBuffer_FromContiguous (const Py_buffer *, const void *, Py_ssize_t, char);
int PyObject_CopyData (PyObject *, PyObject *);
int PyBuffer_IsContiguous (const Py_buffer *, char);
void PyBuffer_FillContiguousStrides (int, Py_ssize_t *, Py_ssize_t *, int, char);
int PyBuffer_FillInfo (Py_buffer *, PyObject *, void *, Py_ssize_t, int, int);
void PyBuffer_Release (Py_buffer *);

// pycapsule
PyObject *PyCapsule_New (void *, const char *, PyCapsule_Destructor);
void *PyCapsule_GetPointer (PyObject *, const char *);
PyCapsule_Destructor PyCapsule_GetDestructor (PyObject *);
const char *PyCapsule_GetName (PyObject *);
void *PyCapsule_GetContext (PyObject *);
int PyCapsule_IsValid (PyObject *, const char *);
int PyCapsule_SetPointer (PyObject *, void *);
int PyCapsule_SetDestructor (PyObject *, PyCapsule_Destructor);
int PyCapsule_SetName (PyObject *, const char *);
int PyCapsule_SetContext (PyObject *, void *);
void *PyCapsule_Import (const char *, int);

// pydebug
char *Py_GETENV (const char *);

// pyerrors
void PyErr_SetNone (PyObject *);
void PyErr_SetObject (PyObject *, PyObject *);
void PyErr_SetString (PyObject *, const char *);
PyObject *PyErr_Occurred (void);
void PyErr_Clear (void);
void PyErr_Fetch (PyObject **, PyObject **, PyObject **);
void PyErr_Restore (PyObject *, PyObject *, PyObject *);
PyObject *PyErr_GetRaisedException (void);
void PyErr_SetRaisedException (PyObject *);
PyObject *PyErr_GetHandledException (void);
void PyErr_SetHandledException (PyObject *);
void PyErr_GetExcInfo (PyObject **, PyObject **, PyObject **);
void PyErr_SetExcInfo (PyObject *, PyObject *, PyObject *);
void Py_FatalError (const char *);
int PyErr_GivenExceptionMatches (PyObject *, PyObject *);
int PyErr_ExceptionMatches (PyObject *);
void PyErr_NormalizeException (PyObject **, PyObject **, PyObject **);
int PyException_SetTraceback (PyObject *, PyObject *);
PyObject *PyException_GetTraceback (PyObject *);
PyObject *PyException_GetCause (PyObject *);
void PyException_SetCause (PyObject *, PyObject *);
PyObject *PyException_GetContext (PyObject *);
void PyException_SetContext (PyObject *, PyObject *);
PyObject *PyException_GetArgs (PyObject *);
void PyException_SetArgs (PyObject *, PyObject *);
const char *PyExceptionClass_Name (PyObject *);
int PyErr_BadArgument (void);
PyObject *PyErr_NoMemory (void);
PyObject *PyErr_SetFromErrno (PyObject *);
PyObject *PyErr_SetFromErrnoWithFilenameObject (PyObject *, PyObject *);
PyObject *PyErr_SetFromErrnoWithFilenameObjects (PyObject *, PyObject *, PyObject *);
PyObject *PyErr_SetFromErrnoWithFilename (PyObject *, const char *);
PyObject *PyErr_Format (PyObject *, const char *, ...);
PyObject *PyErr_FormatV (PyObject *, const char *, va_list);
PyObject *PyErr_SetImportErrorSubclass (PyObject *, PyObject *, PyObject *, PyObject *);
PyObject *PyErr_SetImportError (PyObject *, PyObject *, PyObject *);
void PyErr_BadInternalCall (void);
void _PyErr_BadInternalCall (const char *, int);
PyObject *PyErr_NewException (const char *, PyObject *, PyObject *);
PyObject *PyErr_NewExceptionWithDoc (const char *, const char *, PyObject *, PyObject *);
void PyErr_WriteUnraisable (PyObject *);
int PyErr_CheckSignals (void);
void PyErr_SetInterrupt (void);
int PyErr_SetInterruptEx (int);
void PyErr_SyntaxLocation (const char *, int);
void PyErr_SyntaxLocationEx (const char *, int, int);
PyObject *PyErr_ProgramText (const char *, int);
PyObject *PyUnicodeDecodeError_Create (const char *, const char *, Py_ssize_t, Py_ssize_t, Py_ssize_t, const char *);
PyObject *PyUnicodeEncodeError_GetEncoding (PyObject *);
PyObject *PyUnicodeDecodeError_GetEncoding (PyObject *);
PyObject *PyUnicodeEncodeError_GetObject (PyObject *);
PyObject *PyUnicodeDecodeError_GetObject (PyObject *);
PyObject *PyUnicodeTranslateError_GetObject (PyObject *);
int PyUnicodeEncodeError_GetStart (PyObject *, Py_ssize_t *);
int PyUnicodeDecodeError_GetStart (PyObject *, Py_ssize_t *);
int PyUnicodeTranslateError_GetStart (PyObject *, Py_ssize_t *);
int PyUnicodeEncodeError_SetStart (PyObject *, Py_ssize_t);
int PyUnicodeDecodeError_SetStart (PyObject *, Py_ssize_t);
int PyUnicodeTranslateError_SetStart (PyObject *, Py_ssize_t);
int PyUnicodeEncodeError_GetEnd (PyObject *, Py_ssize_t *);
int PyUnicodeDecodeError_GetEnd (PyObject *, Py_ssize_t *);
int PyUnicodeTranslateError_GetEnd (PyObject *, Py_ssize_t *);
int PyUnicodeEncodeError_SetEnd (PyObject *, Py_ssize_t);
int PyUnicodeDecodeError_SetEnd (PyObject *, Py_ssize_t);
int PyUnicodeTranslateError_SetEnd (PyObject *, Py_ssize_t);
PyObject *PyUnicodeEncodeError_GetReason (PyObject *);
PyObject *PyUnicodeDecodeError_GetReason (PyObject *);
PyObject *PyUnicodeTranslateError_GetReason (PyObject *);
int PyUnicodeEncodeError_SetReason (PyObject *, const char *);
int PyUnicodeDecodeError_SetReason (PyObject *, const char *);
int PyUnicodeTranslateError_SetReason (PyObject *, const char *);
int PyOS_snprintf (char *, size_t, const char *, ...);
int PyOS_vsnprintf (char *, size_t, const char *, va_list);
void _PyErr_ChainExceptions1 (PyObject *);
PyObject *PyUnstable_Exc_PrepReraiseStar (PyObject *, PyObject *);
int PySignal_SetWakeupFd (int);
void PyErr_SyntaxLocationObject (PyObject *, int, int);
void PyErr_RangedSyntaxLocationObject (PyObject *, int, int, int, int);
PyObject *PyErr_ProgramTextObject (PyObject *, int);
void _Py_FatalErrorFunc (const char *, const char *);
void PyErr_FormatUnraisable (const char *, ...);

// pyframe
int PyFrame_GetLineNumber (PyFrameObject *);
PyCodeObject *PyFrame_GetCode (PyFrameObject *);
PyFrameObject *PyFrame_GetBack (PyFrameObject *);
PyObject *PyFrame_GetLocals (PyFrameObject *);
PyObject *PyFrame_GetGlobals (PyFrameObject *);
PyObject *PyFrame_GetBuiltins (PyFrameObject *);
PyObject *PyFrame_GetGenerator (PyFrameObject *);
int PyFrame_GetLasti (PyFrameObject *);
PyObject *PyFrame_GetVar (PyFrameObject *, PyObject *);
PyObject *PyFrame_GetVarString (PyFrameObject *, const char *);
PyObject *PyUnstable_InterpreterFrame_GetCode (struct _PyInterpreterFrame *);
int PyUnstable_InterpreterFrame_GetLasti (struct _PyInterpreterFrame *);
int PyUnstable_InterpreterFrame_GetLine (struct _PyInterpreterFrame *);

// pyhash
Py_hash_t _Py_HashDouble (PyObject *, double);
PyHash_FuncDef *PyHash_GetFuncDef (void);
Py_hash_t Py_HashPointer (const void *);
Py_hash_t PyObject_GenericHash (PyObject *);

// pylifecycle
void Py_Initialize (void);
void Py_InitializeEx (int);
void Py_Finalize (void);
int Py_FinalizeEx (void);
int Py_IsInitialized (void);
PyThreadState *Py_NewInterpreter (void);
PyStatus Py_NewInterpreterFromConfig (PyThreadState **ts, const PyInterpreterConfig *config);
void Py_EndInterpreter (PyThreadState *);
int Py_AtExit (void (*) (void));
void Py_Exit (int);
int Py_BytesMain (int, char **);
void Py_SetProgramName (const wchar_t *);
wchar_t *Py_GetProgramName (void);
void Py_SetPythonHome (const wchar_t *);
wchar_t *Py_GetPythonHome (void);
wchar_t *Py_GetProgramFullPath (void);
wchar_t *Py_GetPrefix (void);
wchar_t *Py_GetExecPrefix (void);
wchar_t *Py_GetPath (void);
const char *Py_GetVersion (void);
const char *Py_GetPlatform (void);
const char *Py_GetCopyright (void);
const char *Py_GetCompiler (void);
const char *Py_GetBuildInfo (void);
PyOS_sighandler_t PyOS_getsig (int);
PyOS_sighandler_t PyOS_setsig (int, PyOS_sighandler_t);
int Py_IsFinalizing (void);
int Py_FrozenMain (int, char **);
int Py_RunMain (void);
int Py_FdIsInteractive (FILE *, const char *);
int PyUnstable_AtExit (PyInterpreterState *, atexit_datacallbackfunc, void *);

// pymem
void *PyMem_Malloc (size_t);
void *PyMem_Calloc (size_t, size_t);
void *PyMem_Realloc (void *, size_t);
void PyMem_Free (void *);
void *PyMem_RawMalloc (size_t);
void *PyMem_RawCalloc (size_t, size_t);
void *PyMem_RawRealloc (void *, size_t);
void PyMem_RawFree (void *);
void PyMem_GetAllocator (PyMemAllocatorDomain, PyMemAllocatorEx *);
void PyMem_SetAllocator (PyMemAllocatorDomain, PyMemAllocatorEx *);
void PyMem_SetupDebugHooks (void);

// pystate
PyInterpreterState *PyInterpreterState_New (void);
void PyInterpreterState_Clear (PyInterpreterState *);
void PyInterpreterState_Delete (PyInterpreterState *);
PyInterpreterState *PyInterpreterState_Get (void);
PyObject *PyInterpreterState_GetDict (PyInterpreterState *);
int64_t PyInterpreterState_GetID (PyInterpreterState *);
int PyState_AddModule (PyObject *, PyModuleDef *);
int PyState_RemoveModule (PyModuleDef *);
PyObject *PyState_FindModule (PyModuleDef *);
PyThreadState *PyThreadState_New (PyInterpreterState *);
void PyThreadState_Clear (PyThreadState *);
void PyThreadState_Delete (PyThreadState *);
PyThreadState *PyThreadState_Get (void);
PyThreadState *PyThreadState_Swap (PyThreadState *);
PyObject *PyThreadState_GetDict (void);
int PyThreadState_SetAsyncExc (long unsigned int, PyObject *);
PyInterpreterState *PyThreadState_GetInterpreter (PyThreadState *);
PyFrameObject *PyThreadState_GetFrame (PyThreadState *);
uint64_t PyThreadState_GetID (PyThreadState *);
PyGILState_STATE PyGILState_Ensure (void);
void PyGILState_Release (PyGILState_STATE);
PyThreadState *PyGILState_GetThisThreadState (void);
void _PyInterpreterState_RequireIDRef (PyInterpreterState *, int);
PyObject *PyUnstable_InterpreterState_GetMainModule (PyInterpreterState *);
PyThreadState *PyThreadState_GetUnchecked (void);
void PyThreadState_EnterTracing (PyThreadState *);
void PyThreadState_LeaveTracing (PyThreadState *);
int PyGILState_Check (void);
PyInterpreterState *PyInterpreterState_Main (void);
PyInterpreterState *PyInterpreterState_Head (void);
PyInterpreterState *PyInterpreterState_Next (PyInterpreterState *);
PyThreadState *PyInterpreterState_ThreadHead (PyInterpreterState *);
PyThreadState *PyThreadState_Next (PyThreadState *);
void PyThreadState_DeleteCurrent (void);

// pystrcmp
int PyOS_mystrnicmp (const char *, const char *, Py_ssize_t);
int PyOS_mystricmp (const char *, const char *);

// pystrtod
double PyOS_string_to_double (const char *, char **, PyObject *);
char *PyOS_double_to_string (double, char, int, int, int *);

// pythonrun
PyObject *Py_CompileString (const char *, const char *, int);
void PyErr_Print (void);
void PyErr_PrintEx (int);
void PyErr_Display (PyObject *, PyObject *, PyObject *);
void PyErr_DisplayException (PyObject *);
int PyRun_SimpleStringFlags (const char *, PyCompilerFlags *);
int PyRun_AnyFileExFlags (FILE *, const char *, int, PyCompilerFlags *);
int PyRun_SimpleFileExFlags (FILE *, const char *, int, PyCompilerFlags *);
int PyRun_InteractiveOneFlags (FILE *, const char *, PyCompilerFlags *);
int PyRun_InteractiveOneObject (FILE *, PyObject *, PyCompilerFlags *);
int PyRun_InteractiveLoopFlags (FILE *, const char *, PyCompilerFlags *);
PyObject *PyRun_StringFlags (const char *, int, PyObject *, PyObject *, PyCompilerFlags *);
PyObject *PyRun_FileExFlags (FILE *, const char *, int, PyObject *, PyObject *, int, PyCompilerFlags *);
PyObject *Py_CompileStringExFlags (const char *, const char *, int, PyCompilerFlags *, int);
PyObject *Py_CompileStringObject (const char *, PyObject *, int, PyCompilerFlags *, int);
PyObject *PyRun_String (const char *, int, PyObject *, PyObject *);
int PyRun_AnyFile (FILE *, const char *);
int PyRun_AnyFileEx (FILE *, const char *, int);
int PyRun_AnyFileFlags (FILE *, const char *, PyCompilerFlags *);
int PyRun_SimpleString (const char *);
int PyRun_SimpleFile (FILE *, const char *);
int PyRun_SimpleFileEx (FILE *, const char *, int);
int PyRun_InteractiveOne (FILE *, const char *);
int PyRun_InteractiveLoop (FILE *, const char *);
PyObject *PyRun_File (FILE *, const char *, int, PyObject *, PyObject *);
PyObject *PyRun_FileEx (FILE *, const char *, int, PyObject *, PyObject *, int);
PyObject *PyRun_FileFlags (FILE *, const char *, int, PyObject *, PyObject *, PyCompilerFlags *);
char *PyOS_Readline (FILE *, FILE *, const char *);

// pythread
void PyThread_init_thread (void);
long unsigned int PyThread_start_new_thread (void (*) (void *), void *);
void PyThread_exit_thread (void);
long unsigned int PyThread_get_thread_ident (void);
long unsigned int PyThread_get_thread_native_id (void);
PyThread_type_lock PyThread_allocate_lock (void);
void PyThread_free_lock (PyThread_type_lock);
int PyThread_acquire_lock (PyThread_type_lock, int);
void PyThread_release_lock (PyThread_type_lock);
size_t PyThread_get_stacksize (void);
int PyThread_set_stacksize (size_t);
PyObject *PyThread_GetInfo (void);
int PyThread_create_key (void);
void PyThread_delete_key (int);
int PyThread_set_key_value (int, void *);
void *PyThread_get_key_value (int);
void PyThread_delete_key_value (int);
void PyThread_ReInitTLS (void);
Py_tss_t *PyThread_tss_alloc (void);
void PyThread_tss_free (Py_tss_t *);
int PyThread_tss_is_created (Py_tss_t *);
int PyThread_tss_create (Py_tss_t *);
void PyThread_tss_delete (Py_tss_t *);
int PyThread_tss_set (Py_tss_t *, void *);
void *PyThread_tss_get (Py_tss_t *);

// pytime
double PyTime_AsSecondsDouble (PyTime_t);
int PyTime_Monotonic (PyTime_t *);
int PyTime_Time (PyTime_t *);
int PyTime_PerfCounterRaw (PyTime_t *);

// setobject
PyObject *PySet_New (PyObject *);
PyObject *PyFrozenSet_New (PyObject *);
int PySet_Add (PyObject *, PyObject *);
int PySet_Clear (PyObject *);
int PySet_Contains (PyObject *, PyObject *);
int PySet_Discard (PyObject *, PyObject *);
PyObject *PySet_Pop (PyObject *);
Py_ssize_t PySet_Size (PyObject *);

// sliceobject
PyObject *PySlice_New (PyObject *, PyObject *, PyObject *);
int PySlice_GetIndices (PyObject *, Py_ssize_t, Py_ssize_t *, Py_ssize_t *, Py_ssize_t *);
int PySlice_GetIndicesEx (PyObject *, Py_ssize_t, Py_ssize_t *, Py_ssize_t *, Py_ssize_t *, Py_ssize_t *);
int PySlice_Unpack (PyObject *, Py_ssize_t *, Py_ssize_t *, Py_ssize_t *);
Py_ssize_t PySlice_AdjustIndices (Py_ssize_t, Py_ssize_t *, Py_ssize_t *, Py_ssize_t);

// structseq
void PyStructSequence_InitType (PyTypeObject *, PyStructSequence_Desc *);
int PyStructSequence_InitType2 (PyTypeObject *, PyStructSequence_Desc *);
PyTypeObject *PyStructSequence_NewType (PyStructSequence_Desc *);
PyObject *PyStructSequence_New (PyTypeObject *);
void PyStructSequence_SetItem (PyObject *, Py_ssize_t, PyObject *);
PyObject *PyStructSequence_GetItem (PyObject *, Py_ssize_t);

// sysmodule
PyObject *PySys_GetObject (const char *);
int PySys_SetObject (const char *, PyObject *);
void PySys_WriteStdout (const char *, ...);
void PySys_WriteStderr (const char *, ...);
void PySys_FormatStdout (const char *, ...);
void PySys_FormatStderr (const char *, ...);
void PySys_ResetWarnOptions (void);
PyObject *PySys_GetXOptions (void);
int PySys_Audit (const char *, const char *, ...);
int PySys_AuditTuple (const char *, PyObject *);
int PyUnstable_WritePerfMapEntry (const void *, unsigned int, const char *);
int PyUnstable_CopyPerfMapFile (const char *);
int PyUnstable_PerfTrampoline_CompileCode (PyCodeObject *);
int PyUnstable_PerfTrampoline_SetPersistAfterFork (int);

// traceback
int PyTraceBack_Here (PyFrameObject *);
int PyTraceBack_Print (PyObject *, PyObject *);

// tracemalloc
int PyTraceMalloc_Track (unsigned int, uintptr_t, size_t);
int PyTraceMalloc_Untrack (unsigned int, uintptr_t);

// tupleobject
PyObject *PyTuple_New (Py_ssize_t);
Py_ssize_t PyTuple_Size (PyObject *);
PyObject *PyTuple_GetItem (PyObject *, Py_ssize_t);
int PyTuple_SetItem (PyObject *, Py_ssize_t, PyObject *);
PyObject *PyTuple_GetSlice (PyObject *, Py_ssize_t, Py_ssize_t);
PyObject *PyTuple_Pack (Py_ssize_t, ...);
int _PyTuple_Resize (PyObject **, Py_ssize_t);

// unicodeobject
PyObject *PyUnicode_FromStringAndSize (const char *, Py_ssize_t);
PyObject *PyUnicode_FromString (const char *);
PyObject *PyUnicode_Substring (PyObject *, Py_ssize_t, Py_ssize_t);
Py_UCS4 *PyUnicode_AsUCS4 (PyObject *, Py_UCS4 *, Py_ssize_t, int);
Py_UCS4 *PyUnicode_AsUCS4Copy (PyObject *);
Py_ssize_t PyUnicode_GetLength (PyObject *);
Py_UCS4 PyUnicode_ReadChar (PyObject *, Py_ssize_t);
int PyUnicode_WriteChar (PyObject *, Py_ssize_t, Py_UCS4);
int PyUnicode_Resize (PyObject **, Py_ssize_t);
PyObject *PyUnicode_FromEncodedObject (PyObject *, const char *, const char *);
PyObject *PyUnicode_FromObject (PyObject *);
PyObject *PyUnicode_FromFormatV (const char *, va_list);
PyObject *PyUnicode_FromFormat (const char *, ...);
void PyUnicode_InternInPlace (PyObject **);
PyObject *PyUnicode_InternFromString (const char *);
PyObject *PyUnicode_FromWideChar (const wchar_t *, Py_ssize_t);
Py_ssize_t PyUnicode_AsWideChar (PyObject *, wchar_t *, Py_ssize_t);
wchar_t *PyUnicode_AsWideCharString (PyObject *, Py_ssize_t *);
PyObject *PyUnicode_FromOrdinal (int);
const char *PyUnicode_GetDefaultEncoding (void);
PyObject *PyUnicode_Decode (const char *, Py_ssize_t, const char *, const char *);
PyObject *PyUnicode_AsDecodedObject (PyObject *, const char *, const char *);
PyObject *PyUnicode_AsDecodedUnicode (PyObject *, const char *, const char *);
PyObject *PyUnicode_AsEncodedObject (PyObject *, const char *, const char *);
PyObject *PyUnicode_AsEncodedString (PyObject *, const char *, const char *);
PyObject *PyUnicode_AsEncodedUnicode (PyObject *, const char *, const char *);
PyObject *PyUnicode_BuildEncodingMap (PyObject *);
PyObject *PyUnicode_DecodeUTF7 (const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_DecodeUTF7Stateful (const char *, Py_ssize_t, const char *, Py_ssize_t *);
PyObject *PyUnicode_DecodeUTF8 (const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_DecodeUTF8Stateful (const char *, Py_ssize_t, const char *, Py_ssize_t *);
PyObject *PyUnicode_AsUTF8String (PyObject *);
const char *PyUnicode_AsUTF8AndSize (PyObject *, Py_ssize_t *);
PyObject *PyUnicode_DecodeUTF32 (const char *, Py_ssize_t, const char *, int *);
PyObject *PyUnicode_DecodeUTF32Stateful (const char *, Py_ssize_t, const char *, int *, Py_ssize_t *);
PyObject *PyUnicode_AsUTF32String (PyObject *);
PyObject *PyUnicode_DecodeUTF16 (const char *, Py_ssize_t, const char *, int *);
PyObject *PyUnicode_DecodeUTF16Stateful (const char *, Py_ssize_t, const char *, int *, Py_ssize_t *);
PyObject *PyUnicode_AsUTF16String (PyObject *);
PyObject *PyUnicode_DecodeUnicodeEscape (const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_AsUnicodeEscapeString (PyObject *);
PyObject *PyUnicode_DecodeRawUnicodeEscape (const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_AsRawUnicodeEscapeString (PyObject *);
PyObject *PyUnicode_DecodeLatin1 (const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_AsLatin1String (PyObject *);
PyObject *PyUnicode_DecodeASCII (const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_AsASCIIString (PyObject *);
PyObject *PyUnicode_DecodeCharmap (const char *, Py_ssize_t, PyObject *, const char *);
PyObject *PyUnicode_AsCharmapString (PyObject *, PyObject *);
PyObject *PyUnicode_DecodeLocaleAndSize (const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_DecodeLocale (const char *, const char *);
PyObject *PyUnicode_EncodeLocale (PyObject *, const char *);
int PyUnicode_FSConverter (PyObject *, void *);
int PyUnicode_FSDecoder (PyObject *, void *);
PyObject *PyUnicode_DecodeFSDefault (const char *);
PyObject *PyUnicode_DecodeFSDefaultAndSize (const char *, Py_ssize_t);
PyObject *PyUnicode_EncodeFSDefault (PyObject *);
PyObject *PyUnicode_Concat (PyObject *, PyObject *);
void PyUnicode_Append (PyObject **, PyObject *);
void PyUnicode_AppendAndDel (PyObject **, PyObject *);
PyObject *PyUnicode_Split (PyObject *, PyObject *, Py_ssize_t);
PyObject *PyUnicode_Splitlines (PyObject *, int);
PyObject *PyUnicode_Partition (PyObject *, PyObject *);
PyObject *PyUnicode_RPartition (PyObject *, PyObject *);
PyObject *PyUnicode_RSplit (PyObject *, PyObject *, Py_ssize_t);
PyObject *PyUnicode_Translate (PyObject *, PyObject *, const char *);
PyObject *PyUnicode_Join (PyObject *, PyObject *);
Py_ssize_t PyUnicode_Tailmatch (PyObject *, PyObject *, Py_ssize_t, Py_ssize_t, int);
Py_ssize_t PyUnicode_Find (PyObject *, PyObject *, Py_ssize_t, Py_ssize_t, int);
Py_ssize_t PyUnicode_FindChar (PyObject *, Py_UCS4, Py_ssize_t, Py_ssize_t, int);
Py_ssize_t PyUnicode_Count (PyObject *, PyObject *, Py_ssize_t, Py_ssize_t);
PyObject *PyUnicode_Replace (PyObject *, PyObject *, PyObject *, Py_ssize_t);
int PyUnicode_Compare (PyObject *, PyObject *);
int PyUnicode_CompareWithASCIIString (PyObject *, const char *);
int PyUnicode_EqualToUTF8 (PyObject *, const char *);
int PyUnicode_EqualToUTF8AndSize (PyObject *, const char *, Py_ssize_t);
PyObject *PyUnicode_RichCompare (PyObject *, PyObject *, int);
PyObject *PyUnicode_Format (PyObject *, PyObject *);
int PyUnicode_Contains (PyObject *, PyObject *);
int PyUnicode_IsIdentifier (PyObject *);
PyObject *PyUnicode_New (Py_ssize_t, Py_UCS4);
Py_ssize_t PyUnicode_CopyCharacters (PyObject *, Py_ssize_t, PyObject *, Py_ssize_t, Py_ssize_t);
Py_ssize_t PyUnicode_Fill (PyObject *, Py_ssize_t, Py_ssize_t, Py_UCS4);
PyObject *PyUnicode_FromKindAndData (int, const void *, Py_ssize_t);
void _PyUnicodeWriter_Init (_PyUnicodeWriter *);
int _PyUnicodeWriter_PrepareInternal (_PyUnicodeWriter *, Py_ssize_t, Py_UCS4);
int _PyUnicodeWriter_WriteChar (_PyUnicodeWriter *, Py_UCS4);
int _PyUnicodeWriter_WriteStr (_PyUnicodeWriter *, PyObject *);
int _PyUnicodeWriter_WriteSubstring (_PyUnicodeWriter *, PyObject *, Py_ssize_t, Py_ssize_t);
int _PyUnicodeWriter_WriteASCIIString (_PyUnicodeWriter *, const char *, Py_ssize_t);
PyObject *_PyUnicodeWriter_Finish (_PyUnicodeWriter *);
void _PyUnicodeWriter_Dealloc (_PyUnicodeWriter *);
const char *PyUnicode_AsUTF8 (PyObject *);
int _PyUnicode_IsLowercase (Py_UCS4);
int _PyUnicode_IsUppercase (Py_UCS4);
int _PyUnicode_IsTitlecase (Py_UCS4);
int _PyUnicode_IsWhitespace (const Py_UCS4 );
Py_UCS4 _PyUnicode_ToLowercase (Py_UCS4);
int _PyUnicode_ToDecimalDigit (Py_UCS4);
int _PyUnicode_ToDigit (Py_UCS4);
double _PyUnicode_ToNumeric (Py_UCS4);
int _PyUnicode_IsDecimalDigit (Py_UCS4);
int _PyUnicode_IsDigit (Py_UCS4);
int _PyUnicode_IsNumeric (Py_UCS4);
int _PyUnicode_IsPrintable (Py_UCS4);
int _PyUnicode_IsAlpha (Py_UCS4);

// warnings
int PyErr_WarnEx (PyObject *, const char *, Py_ssize_t);
int PyErr_WarnFormat (PyObject *, Py_ssize_t, const char *, ...);
int PyErr_ResourceWarning (PyObject *, Py_ssize_t, const char *, ...);
int PyErr_WarnExplicit (PyObject *, const char *, const char *, int, const char *, PyObject *);
int PyErr_WarnExplicitObject (PyObject *, PyObject *, PyObject *, int, PyObject *, PyObject *);
int PyErr_WarnExplicitFormat (PyObject *, const char *, int, const char *, PyObject *, const char *, ...);

// weakrefobject
PyObject *PyWeakref_NewRef (PyObject *, PyObject *);
PyObject *PyWeakref_NewProxy (PyObject *, PyObject *);
PyObject *PyWeakref_GetObject (PyObject *);
int PyWeakref_GetRef (PyObject *, PyObject **);

// Argument parsing as Argument Clinic writes it
typedef struct _PyArg_Parser {
  const char *format;
  const char *const *keywords;
  const char *fname;
  const char *custom_msg;
  unsigned char once;
  int is_kwtuple_owned;
  int pos;
  int min;
  int max;
  PyObject *kwtuple;
  struct _PyArg_Parser *next;
} _PyArg_Parser;
int _PyArg_CheckPositional (const char *, Py_ssize_t, Py_ssize_t, Py_ssize_t);
void _PyArg_BadArgument (const char *, const char *, const char *, PyObject *);
int _PyArg_NoKeywords (const char *, PyObject *);
int _PyArg_NoPositional (const char *, PyObject *);
int _PyArg_ParseStack (PyObject *const *, Py_ssize_t, const char *, ...);
PyObject *const *_PyArg_UnpackKeywords (PyObject *const *, Py_ssize_t, PyObject *, PyObject *, _PyArg_Parser *, int, int, int, PyObject **);
PyObject *PyCFunction_Call (PyObject *, PyObject *, PyObject *);
int PyTime_MonotonicRaw (PyTime_t *);
int PyTime_PerfCounter (PyTime_t *);
int PyTime_TimeRaw (PyTime_t *);
int _Py_IsValidFD (int);
void _Py_ResurrectReference (PyObject *);

// marshal
void PyMarshal_WriteLongToFile (long, FILE *, int);
void PyMarshal_WriteObjectToFile (PyObject *, FILE *, int);
int PyMarshal_ReadShortFromFile (FILE *);
long PyMarshal_ReadLongFromFile (FILE *);
PyObject *PyMarshal_ReadObjectFromFile (FILE *);
PyObject *PyMarshal_ReadLastObjectFromFile (FILE *);
