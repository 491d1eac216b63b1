import CGila
import GilaCore

/// The instruction loop over CPython 3.13 bytecode. Python calls push frames and stay in the loop.
enum Eval {
  @inline(__always) private static func isPlainFunction(_ f: Ref) -> Bool { f.isExactly(Types.function) }

  /// Runs a frame until it returns, yields or raises. The frame is freed unless a generator owns it.
  static func run(_ entry: FrameRef, throwing: Bool) -> Ref? {
    let ts = gila_ts()
    if gila_enter_recursive_call(nil) < 0 || ts.pointee.py_recursion_remaining <= 0 {
      if !errorIsSet { _ = raise(Exc.RecursionError, "maximum recursion depth exceeded") }
      if entry.pointee.owner != UInt8(GILA_FRAME_GENERATOR.rawValue) {
        freeFrame(entry)
      } else {
        entry.pointee.state = 2
      }
      return nil
    }
    let outer = ts.pointee.current_frame
    entry.pointee.previous = outer
    ts.pointee.current_frame = entry
    ts.pointee.py_recursion_remaining -= 1
    var frame = entry
    var code = frame.pointee.code!
    var first = instructions(code)
    var ip = UnsafeRawPointer(frame.pointee.ip!).assumingMemoryBound(to: UInt8.self)
    var sp = frame.pointee.sp!
    var fast = locals(frame)
    var failed = throwing

    @inline(__always) func names(_ i: Int) -> Ref { gila_tuple_items(code.pointee.co_names)[i].unsafelyUnwrapped }
    @inline(__always) func push(_ v: Ref) {
      sp.pointee = v
      sp += 1
    }
    @inline(__always) func pop() -> Ref {
      sp -= 1
      return sp.pointee.unsafelyUnwrapped
    }
    @inline(__always) func drop() {
      sp -= 1
      if let v = sp.pointee { gila_decref(v) }
    }

    while true {
      var at = 0
      if !failed {
        dispatch: while true {
          at = ip - first
          var op = ip[0]
          var arg = Int(ip[1])
          ip += 2
          while op == 71 {
            op = ip[0]
            arg = arg << 8 | Int(ip[1])
            ip += 2
          }
          switch op {
          case 0, 30, 149:  // CACHE, NOP, RESUME
            if gila_relaxed_load(gila_eval_breaker(ts)) != 0 {
              frame.pointee.sp = sp
              frame.pointee.ip = UnsafeRawPointer(ip).assumingMemoryBound(to: UInt64.self)
              if !handleBreaker(ts) { break dispatch }
            }
          case 85: push(newRef(fast[arg].unsafelyUnwrapped))  // LOAD_FAST
          case 87:  // LOAD_FAST_CHECK
            guard let v = fast[arg] else {
              unboundLocal(code, arg)
              break dispatch
            }
            push(newRef(v))
          case 86:  // LOAD_FAST_AND_CLEAR
            sp.pointee = fast[arg]
            fast[arg] = nil
            sp += 1
          case 88:  // LOAD_FAST_LOAD_FAST
            push(newRef(fast[arg >> 4].unsafelyUnwrapped))
            push(newRef(fast[arg & 15].unsafelyUnwrapped))
          case 83: push(newRef(gila_tuple_items(code.pointee.co_consts)[arg].unsafelyUnwrapped))  // LOAD_CONST
          case 110:  // STORE_FAST
            sp -= 1
            let v = sp.pointee
            let old = fast[arg]
            fast[arg] = v
            if let old { gila_decref(old) }
          case 111:  // STORE_FAST_LOAD_FAST
            let old = fast[arg >> 4]
            fast[arg >> 4] = peekOptional(sp, 1)
            if let old { gila_decref(old) }
            poke(sp, 1, newRef(fast[arg & 15].unsafelyUnwrapped))
          case 112:  // STORE_FAST_STORE_FAST
            let a = pop(), b = pop()
            let x = fast[arg >> 4]
            fast[arg >> 4] = a
            xdecref(x)
            let y = fast[arg & 15]
            fast[arg & 15] = b
            xdecref(y)
          case 65:  // DELETE_FAST
            guard let v = fast[arg] else {
              unboundLocal(code, arg)
              break dispatch
            }
            fast[arg] = nil
            gila_decref(v)
          case 32: drop()  // POP_TOP
          case 11: drop()  // END_FOR
          case 12:  // END_SEND
            let v = pop()
            drop()
            push(v)
          case 34:  // PUSH_NULL
            sp.pointee = nil
            sp += 1
          case 61: push(newRef(peek(sp, arg)))  // COPY
          case 115:  // SWAP
            let a = peekOptional(sp, 1), b = peekOptional(sp, arg)
            poke(sp, 1, b)
            poke(sp, arg, a)
          case 43:  // UNARY_NOT
            let v = pop()
            push(v == pyTrue ? pyFalse : pyTrue)
          case 42, 41:  // UNARY_NEGATIVE, UNARY_INVERT
            let v = pop()
            let r = op == 42 ? PyNumber_Negative(v) : PyNumber_Invert(v)
            gila_decref(v)
            guard let r else { break dispatch }
            push(r)
          case 40:  // TO_BOOL
            ip += 6
            let v = peek(sp, 1)
            if v != pyTrue && v != pyFalse {
              let t = PyObject_IsTrue(v)
              if t < 0 { break dispatch }
              poke(sp, 1, pyBool(t != 0))
              gila_decref(v)
            }
          case 45:  // BINARY_OP
            ip += 2
            let b = peek(sp, 1), a = peek(sp, 2)
            guard let r = binary(a, b, arg) else { break dispatch }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(a)
            gila_decref(b)
          case 5:  // BINARY_SUBSCR
            ip += 2
            let b = peek(sp, 1), a = peek(sp, 2)
            guard let r = PyObject_GetItem(a, b) else { break dispatch }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(a)
            gila_decref(b)
          case 4:  // BINARY_SLICE
            let stop = pop(), start = pop()
            let slice = PySlice_New(start, stop, nil)
            gila_decref(start)
            gila_decref(stop)
            guard let slice else { break dispatch }
            let a = peek(sp, 1)
            let r = PyObject_GetItem(a, slice)
            gila_decref(slice)
            guard let r else { break dispatch }
            poke(sp, 1, r)
            gila_decref(a)
          case 38:  // STORE_SLICE: value, container, start, stop
            let stop = pop(), start = pop()
            let slice = PySlice_New(start, stop, nil)
            gila_decref(start)
            gila_decref(stop)
            guard let slice else { break dispatch }
            let container = pop(), value = pop()
            let s = PyObject_SetItem(container, slice, value)
            gila_decref(slice)
            gila_decref(container)
            gila_decref(value)
            if s < 0 { break dispatch }
          case 39:  // STORE_SUBSCR: value, container, key
            ip += 2
            let key = pop(), container = pop(), value = pop()
            let s = PyObject_SetItem(container, key, value)
            gila_decref(key)
            gila_decref(container)
            gila_decref(value)
            if s < 0 { break dispatch }
          case 10:  // DELETE_SUBSCR
            let key = pop(), container = pop()
            let s = PyObject_DelItem(container, key)
            gila_decref(key)
            gila_decref(container)
            if s < 0 { break dispatch }
          case 58:  // COMPARE_OP
            ip += 2
            let b = peek(sp, 1), a = peek(sp, 2)
            guard var r = compare(a, b, Int32(arg >> 5)) else { break dispatch }
            if arg & 16 != 0 && r != pyTrue && r != pyFalse {
              let t = PyObject_IsTrue(r)
              gila_decref(r)
              if t < 0 { break dispatch }
              r = pyBool(t != 0)
            }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(a)
            gila_decref(b)
          case 76:  // IS_OP
            let b = pop(), a = pop()
            push(pyBool((a == b) != (arg != 0)))
            gila_decref(a)
            gila_decref(b)
          case 59:  // CONTAINS_OP
            ip += 2
            let b = pop(), a = pop()
            let r = PySequence_Contains(b, a)
            gila_decref(a)
            gila_decref(b)
            if r < 0 { break dispatch }
            push(pyBool((r != 0) != (arg != 0)))
          case 79: ip += arg * 2  // JUMP_FORWARD
          case 77:  // JUMP_BACKWARD
            ip += 2
            ip -= arg * 2
            if gila_relaxed_load(gila_eval_breaker(ts)) != 0 {
              frame.pointee.sp = sp
              frame.pointee.ip = UnsafeRawPointer(ip).assumingMemoryBound(to: UInt64.self)
              if !handleBreaker(ts) { break dispatch }
            }
          case 78: ip -= arg * 2  // JUMP_BACKWARD_NO_INTERRUPT
          case 97:  // POP_JUMP_IF_FALSE
            ip += 2
            sp -= 1
            if sp.pointee.unsafelyUnwrapped == pyFalse { ip += arg * 2 }
          case 100:  // POP_JUMP_IF_TRUE
            ip += 2
            sp -= 1
            if sp.pointee.unsafelyUnwrapped == pyTrue { ip += arg * 2 }
          case 98, 99:  // POP_JUMP_IF_NONE, POP_JUMP_IF_NOT_NONE
            ip += 2
            let v = pop()
            if (v == none) == (op == 98) { ip += arg * 2 }
            gila_decref(v)
          case 19:  // GET_ITER
            let v = peek(sp, 1)
            guard let r = PyObject_GetIter(v) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case 21:  // GET_YIELD_FROM_ITER
            let v = peek(sp, 1)
            if !v.isExactly(Types.gen) {
              guard let r = PyObject_GetIter(v) else { break dispatch }
              poke(sp, 1, r)
              gila_decref(v)
            }
          case 72:  // FOR_ITER
            ip += 2
            let it = peek(sp, 1)
            if let v = it.type.pointee.tp_iternext(it) {
              push(v)
            } else {
              if ts.pointee.current_exception != nil {
                if PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { break dispatch }
                PyErr_Clear()
              }
              drop()
              ip += (arg + 2) * 2
            }
          case 91:  // LOAD_GLOBAL
            ip += 8
            let name = names(arg >> 1)
            guard let v = global(frame, name) else {
              if !errorIsSet { nameError(name) }
              break dispatch
            }
            push(v)
            if arg & 1 != 0 {
              sp.pointee = nil
              sp += 1
            }
          case 92:  // LOAD_NAME
            let name = names(arg)
            var v: Ref? = nil
            if let l = frame.pointee.locals {
              if l.isExactly(Types.dict) {
                v = xnewRef(PyDict_GetItemWithError(l, name))
              } else {
                v = PyObject_GetItem(l, name)
                if v == nil && PyErr_ExceptionMatches(Exc.KeyError.object) != 0 { PyErr_Clear() }
              }
            }
            if v == nil && !errorIsSet { v = global(frame, name) }
            guard let v else {
              if !errorIsSet { nameError(name) }
              break dispatch
            }
            push(v)
          case 90, 89:  // LOAD_FROM_DICT_OR_GLOBALS, LOAD_FROM_DICT_OR_DEREF
            let d = pop()
            let name = op == 90 ? names(arg) : gila_tuple_items(code.pointee.co_localsplusnames)[arg]!
            var v: Ref? = nil
            let status = PyMapping_GetOptionalItem_(d, name, &v)
            gila_decref(d)
            if status < 0 { break dispatch }
            if v == nil {
              v = op == 90 ? global(frame, name) : xnewRef(fast[arg]?.cast(PyCellObject.self).pointee.ob_ref)
            }
            guard let v else {
              if !errorIsSet { nameError(name) }
              break dispatch
            }
            push(v)
          case 114:  // STORE_NAME
            let v = pop()
            let s =
              frame.pointee.locals.map {
                $0.isExactly(Types.dict) ? PyDict_SetItem($0, names(arg), v) : PyObject_SetItem($0, names(arg), v)
              } ?? -1
            gila_decref(v)
            if s < 0 { break dispatch }
          case 67:  // DELETE_NAME
            if PyObject_DelItem(frame.pointee.locals, names(arg)) < 0 {
              if PyErr_ExceptionMatches(Exc.KeyError.object) != 0 {
                PyErr_Clear()
                nameError(names(arg))
              }
              break dispatch
            }
          case 113:  // STORE_GLOBAL
            let v = pop()
            let s = PyDict_SetItem(frame.pointee.globals, names(arg), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case 66:  // DELETE_GLOBAL
            if PyDict_DelItem(frame.pointee.globals, names(arg)) < 0 {
              PyErr_Clear()
              nameError(names(arg))
              break dispatch
            }
          case 82:  // LOAD_ATTR
            ip += 18
            let o = peek(sp, 1)
            let name = names(arg >> 1)
            if arg & 1 != 0 {
              var method: Ref? = nil
              let bound = loadMethod(o, name, &method)
              guard let method else { break dispatch }
              if bound {
                poke(sp, 1, method)
                gila_decref(o)
                sp.pointee = nil
              } else {
                poke(sp, 1, method)
                sp.pointee = o
              }
              sp += 1
            } else {
              guard let r = PyObject_GetAttr(o, name) else { break dispatch }
              poke(sp, 1, r)
              gila_decref(o)
            }
          case 108:  // STORE_ATTR
            ip += 8
            let o = pop(), v = pop()
            let s = PyObject_SetAttr(o, names(arg), v)
            gila_decref(o)
            gila_decref(v)
            if s < 0 { break dispatch }
          case 63:  // DELETE_ATTR
            let o = pop()
            let s = PyObject_DelAttr(o, names(arg))
            gila_decref(o)
            if s < 0 { break dispatch }
          case 93:  // LOAD_SUPER_ATTR: super, class, self
            ip += 2
            let o = pop(), cls = pop(), global = pop()
            let name = names(arg >> 2)
            var r: Ref? = nil
            let made = arg & 2 != 0 ? call2(global, cls, o) : PyObject_CallNoArgs(global)
            if let made {
              r = PyObject_GetAttr(made, name)
              gila_decref(made)
            }
            gila_decref(o)
            gila_decref(cls)
            gila_decref(global)
            guard let r else { break dispatch }
            push(r)
            if arg & 1 != 0 {
              sp.pointee = nil
              sp += 1
            }
          case 94:  // MAKE_CELL
            let initial = fast[arg]
            guard let cell = PyCell_New(initial) else { break dispatch }
            fast[arg] = cell
            xdecref(initial)
          case 84:  // LOAD_DEREF
            guard let v = fast[arg].unsafelyUnwrapped.cast(PyCellObject.self).pointee.ob_ref else {
              unboundFree(code, arg)
              break dispatch
            }
            push(newRef(v))
          case 109:  // STORE_DEREF
            let v = pop()
            replace(&fast[arg].unsafelyUnwrapped.cast(PyCellObject.self).pointee.ob_ref, with: v)
          case 64:  // DELETE_DEREF
            let c = fast[arg].unsafelyUnwrapped.cast(PyCellObject.self)
            guard c.pointee.ob_ref != nil else {
              unboundFree(code, arg)
              break dispatch
            }
            GilaCore.clear(&c.pointee.ob_ref)
          case 25:  // LOAD_LOCALS
            guard let l = frame.pointee.locals else {
              _ = systemError("no locals")
              break dispatch
            }
            push(newRef(l))
          case 23: push(newRef(Exc.AssertionError.object))  // LOAD_ASSERTION_ERROR
          case 24:  // LOAD_BUILD_CLASS
            guard let b = PyDict_GetItemWithError(frame.pointee.builtins, Dunder.build_class.ref) else {
              _ = raise(Exc.NameError, "__build_class__ not found")
              break dispatch
            }
            push(newRef(b))
          case 26:  // MAKE_FUNCTION
            let c = pop()
            let f = Function.make(c, frame.pointee.globals)
            gila_decref(c)
            guard let f else { break dispatch }
            push(f)
          case 106:  // SET_FUNCTION_ATTRIBUTE
            let f = pop(), v = pop()
            let offset = arg == 1 ? 56 : arg == 2 ? 64 : arg == 4 ? 112 : 72
            var value = v
            if arg == 4 && v.isTuple {
              let d = PyDict_New()!
              var i = 0
              while i + 1 < v.size {
                PyDict_SetItem(d, gila_tuple_items(v)[i], gila_tuple_items(v)[i + 1])
                i += 2
              }
              gila_decref(v)
              value = d
            }
            replace((f.raw + offset).assumingMemoryBound(to: Ref?.self), with: value)
            push(f)
          case 47:  // BUILD_LIST
            guard let l = PyList_New(arg) else { break dispatch }
            for i in 0..<arg { PyList_SetItem(l, i, peek(sp, arg - i)) }
            sp -= arg
            push(l)
          case 52:  // BUILD_TUPLE
            guard let t = PyTuple_New(arg) else { break dispatch }
            for i in 0..<arg { gila_tuple_items(t)[i] = peek(sp, arg - i) }
            sp -= arg
            push(t)
          case 49:  // BUILD_SET
            guard let s = PySet_New(nil) else { break dispatch }
            var ok = true
            for i in 0..<arg where ok { ok = PySet_Add(s, peek(sp, arg - i)) >= 0 }
            for _ in 0..<arg { drop() }
            push(s)
            if !ok { break dispatch }
          case 48:  // BUILD_MAP
            guard let d = PyDict_New() else { break dispatch }
            var ok = true
            for i in 0..<arg where ok {
              ok = PyDict_SetItem(d, peek(sp, 2 * (arg - i)), peek(sp, 2 * (arg - i) - 1)) >= 0
            }
            for _ in 0..<(2 * arg) { drop() }
            push(d)
            if !ok { break dispatch }
          case 46:  // BUILD_CONST_KEY_MAP
            let keys = pop()
            guard let d = PyDict_New() else { break dispatch }
            for i in 0..<arg { PyDict_SetItem(d, gila_tuple_items(keys)[i], peek(sp, arg - i)) }
            gila_decref(keys)
            for _ in 0..<arg { drop() }
            push(d)
          case 50:  // BUILD_SLICE
            let step: Ref? = arg == 3 ? pop() : nil
            let stop = pop(), start = pop()
            let s = PySlice_New(start, stop, step)
            xdecref(step)
            gila_decref(stop)
            gila_decref(start)
            guard let s else { break dispatch }
            push(s)
          case 51:  // BUILD_STRING
            guard let t = PyTuple_New(arg), let empty = PyUnicode_FromString("") else { break dispatch }
            for i in 0..<arg { gila_tuple_items(t)[i] = peek(sp, arg - i) }
            sp -= arg
            let s = PyUnicode_Join(empty, t)
            gila_decref(t)
            gila_decref(empty)
            guard let s else { break dispatch }
            push(s)
          case 80:  // LIST_APPEND
            let v = pop()
            let s = PyList_Append(peek(sp, arg), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case 105:  // SET_ADD
            let v = pop()
            let s = PySet_Add(peek(sp, arg), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case 95:  // MAP_ADD
            let v = pop(), k = pop()
            let s = PyDict_SetItem(peek(sp, arg), k, v)
            gila_decref(k)
            gila_decref(v)
            if s < 0 { break dispatch }
          case 81:  // LIST_EXTEND
            let v = pop()
            let r = gila_list_extend(peek(sp, arg), v)
            gila_decref(v)
            guard let r else { break dispatch }
            gila_decref(r)
          case 107:  // SET_UPDATE
            let v = pop()
            let s = _PySet_Update(peek(sp, arg), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case 69, 68:  // DICT_UPDATE, DICT_MERGE
            let v = pop()
            let s = op == 69 ? PyDict_Update(peek(sp, arg), v) : PyDict_Merge(peek(sp, arg), v, 2)
            gila_decref(v)
            if s < 0 { break dispatch }
          case 117:  // UNPACK_SEQUENCE
            ip += 2
            let s = pop()
            let ok = unpack(s, arg, &sp)
            gila_decref(s)
            if !ok { break dispatch }
          case 116:  // UNPACK_EX
            let s = pop()
            let ok = unpackStarred(s, arg & 255, arg >> 8, &sp)
            gila_decref(s)
            if !ok { break dispatch }
          case 60:  // CONVERT_VALUE
            let v = peek(sp, 1)
            guard let r = arg == 1 ? PyObject_Str(v) : arg == 2 ? PyObject_Repr(v) : PyObject_ASCII(v) else {
              break dispatch
            }
            poke(sp, 1, r)
            gila_decref(v)
          case 14:  // FORMAT_SIMPLE
            let v = peek(sp, 1)
            if !v.isExactly(Types.unicode) {
              guard let r = PyObject_Format(v, nil) else { break dispatch }
              poke(sp, 1, r)
              gila_decref(v)
            }
          case 15:  // FORMAT_WITH_SPEC
            let spec = pop(), v = pop()
            let r = PyObject_Format(v, spec)
            gila_decref(spec)
            gila_decref(v)
            guard let r else { break dispatch }
            push(r)
          case 53, 57:  // CALL, CALL_KW
            var keywordNames: Ref? = nil
            if op == 57 { keywordNames = pop() } else { ip += 6 }
            var n = arg
            var args = sp - n
            let callable = peek(sp, arg + 2)
            if peekOptional(sp, arg + 1) != nil {
              args -= 1
              n += 1
            }
            let positional = n - (keywordNames?.size ?? 0)
            if isPlainFunction(callable) && ts.pointee.py_recursion_remaining > 0 {
              guard let callee = newFrame(callable) else {
                xdecref(keywordNames)
                break dispatch
              }
              do throws(PyError) {
                try Function.bind(callable, UnsafePointer(args), positional, keywordNames, locals(callee))
              } catch {
                xdecref(keywordNames)
                freeFrame(callee)
                break dispatch
              }
              xdecref(keywordNames)
              for _ in 0..<(arg + 2) { drop() }
              frame.pointee.sp = sp
              frame.pointee.ip = UnsafeRawPointer(ip).assumingMemoryBound(to: UInt64.self)
              callee.pointee.previous = frame
              ts.pointee.py_recursion_remaining -= 1
              frame = callee
              ts.pointee.current_frame = frame
              code = frame.pointee.code!
              first = instructions(code)
              ip = first
              sp = frame.pointee.sp
              fast = locals(frame)
              continue dispatch
            }
            frame.pointee.sp = sp
            frame.pointee.ip = UnsafeRawPointer(ip).assumingMemoryBound(to: UInt64.self)
            let r: Ref?
            if isPlainFunction(callable) {
              _ = raise(Exc.RecursionError, "maximum recursion depth exceeded")
              r = nil
            } else {
              r = gila_call_vector(callable, UnsafePointer(args), positional, keywordNames)
            }
            xdecref(keywordNames)
            guard let r else { break dispatch }
            for _ in 0..<(arg + 2) { drop() }
            push(r)
          case 54:  // CALL_FUNCTION_EX
            let kwargs: Ref? = arg & 1 != 0 ? pop() : nil
            let args = pop()
            sp -= 1  // NULL
            let f = pop()
            let tuple = args.isExactly(Types.tuple) ? newRef(args) : spreadArguments(f, args)
            frame.pointee.sp = sp
            let r = tuple.flatMap { PyObject_Call(f, $0, kwargs) }
            xdecref(tuple)
            xdecref(kwargs)
            gila_decref(args)
            gila_decref(f)
            guard let r else { break dispatch }
            push(r)
          case 55:  // CALL_INTRINSIC_1
            let v = pop()
            let r = intrinsic1(arg, v, frame)
            gila_decref(v)
            guard let r else { break dispatch }
            push(r)
          case 56:  // CALL_INTRINSIC_2
            let b = pop(), a = pop()
            gila_decref(a)
            gila_decref(b)
            _ = systemError("intrinsic \(arg) is not implemented in Gila")
            break dispatch
          case 36, 103:  // RETURN_VALUE, RETURN_CONST
            let value = op == 36 ? pop() : newRef(gila_tuple_items(code.pointee.co_consts)[arg].unsafelyUnwrapped)
            frame.pointee.sp = sp
            ts.pointee.py_recursion_remaining += 1
            let done = frame
            let caller = frame.pointee.previous
            ts.pointee.current_frame = caller
            if done == entry {
              if done.pointee.owner == UInt8(GILA_FRAME_GENERATOR.rawValue) {
                done.pointee.state = 2
              } else {
                freeFrame(done)
              }
              return value
            }
            freeFrame(done)
            frame = caller!
            code = frame.pointee.code!
            first = instructions(code)
            ip = UnsafeRawPointer(frame.pointee.ip!).assumingMemoryBound(to: UInt8.self)
            sp = frame.pointee.sp
            fast = locals(frame)
            push(value)
          case 35:  // RETURN_GENERATOR: the frame moves into a generator, which is the value of the call
            if code.pointee.co_flags & 0x280 != 0 {
              _ = systemError("coroutines and asynchronous generators are not implemented in Gila yet")
              break dispatch
            }
            frame.pointee.sp = sp
            frame.pointee.ip = UnsafeRawPointer(ip).assumingMemoryBound(to: UInt64.self)
            let made = frame
            guard let g = Generator.make(made) else { break dispatch }
            made.pointee.owner = UInt8(GILA_FRAME_GENERATOR.rawValue)
            ts.pointee.py_recursion_remaining += 1
            let caller = made.pointee.previous
            made.pointee.previous = nil
            ts.pointee.current_frame = caller
            if made == entry { return g }
            frame = caller!
            code = frame.pointee.code!
            first = instructions(code)
            ip = UnsafeRawPointer(frame.pointee.ip!).assumingMemoryBound(to: UInt8.self)
            sp = frame.pointee.sp
            fast = locals(frame)
            push(g)
          case 118:  // YIELD_VALUE
            let value = pop()
            frame.pointee.sp = sp
            frame.pointee.ip = UnsafeRawPointer(ip).assumingMemoryBound(to: UInt64.self)
            ts.pointee.py_recursion_remaining += 1
            ts.pointee.current_frame = frame.pointee.previous
            frame.pointee.previous = nil
            return value
          case 104:  // SEND: receiver, value
            ip += 2
            let v = pop()
            let receiver = peek(sp, 1)
            var r: Ref?
            if receiver.isExactly(Types.gen) {
              r = Generator.resume(receiver, newRef(v), stop: false)
            } else if v == none, let next = receiver.type.pointee.tp_iternext {
              r = next(receiver)
            } else if let m = PyObject_GetAttrString(receiver, "send") {
              r = PyObject_CallOneArg(m, v)
              gila_decref(m)
            } else {
              r = nil
            }
            gila_decref(v)
            if let r {
              push(r)
            } else {
              if errorIsSet && PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { break dispatch }
              push(stopValue())
              ip += arg * 2
            }
          case 8:  // CLEANUP_THROW: sub-iterator, last value, exception
            let e = peek(sp, 1)
            if e.isInstance(of: Exc.StopIteration) {
              let value = newRef((e.raw + 72).load(as: Ref?.self) ?? none)
              drop()
              drop()
              drop()
              push(none)
              push(value)
            } else {
              PyErr_SetRaisedException(newRef(e))
              break dispatch
            }
          case 33:  // PUSH_EXC_INFO
            let e = pop()
            let item = ts.pointee.exc_info!
            push(item.pointee.exc_value ?? none)
            item.pointee.exc_value = newRef(e)
            push(e)
          case 31:  // POP_EXCEPT
            let v = pop()
            let item = ts.pointee.exc_info!
            let old = item.pointee.exc_value
            item.pointee.exc_value = v == none ? nil : v
            xdecref(old)
          case 7:  // CHECK_EXC_MATCH
            let wanted = peek(sp, 1)
            if !validCatch(wanted) { break dispatch }
            let r = PyErr_GivenExceptionMatches(peek(sp, 2), wanted)
            gila_decref(wanted)
            poke(sp, 1, pyBool(r != 0))
          case 101:  // RAISE_VARARGS
            let cause: Ref? = arg == 2 ? pop() : nil
            let e: Ref? = arg >= 1 ? pop() : nil
            if e == nil { frame.pointee.state |= 0x80 }  // the traceback stays as it is
            raiseException(e, cause)
            break dispatch
          case 102:  // RERAISE
            let e = pop()
            PyErr_SetRaisedException(e)
            frame.pointee.state |= 0x80  // keep the traceback as it is
            break dispatch
          case 2:  // BEFORE_WITH
            let m = peek(sp, 1)
            guard let enter = special(m, .enter, "object does not support the context manager protocol") else {
              break dispatch
            }
            guard
              let exit = special(
                m, .exit, "object does not support the context manager protocol (missed __exit__ method)")
            else {
              gila_decref(enter)
              break dispatch
            }
            let r = PyObject_CallNoArgs(enter)
            gila_decref(enter)
            guard let r else {
              gila_decref(exit)
              break dispatch
            }
            poke(sp, 1, exit)
            gila_decref(m)
            push(r)
          case 44:  // WITH_EXCEPT_START: exit, lasti, previous, exception
            let e = peek(sp, 1), exit = peek(sp, 4)
            let tb = PyException_GetTraceback(e) ?? newRef(none)
            let r = call3(exit, e.type.object, e, tb)
            gila_decref(tb)
            guard let r else { break dispatch }
            push(r)
          case 20:  // GET_LEN
            let n = PyObject_Size(peek(sp, 1))
            guard n >= 0, let v = PyLong_FromSsize_t(n) else { break dispatch }
            push(v)
          case 28: push(pyBool(peek(sp, 1).type.pointee.tp_flags & UInt(Py_TPFLAGS_MAPPING) != 0))  // MATCH_MAPPING
          case 29: push(pyBool(peek(sp, 1).type.pointee.tp_flags & UInt(Py_TPFLAGS_SEQUENCE) != 0))  // MATCH_SEQUENCE
          case 37:  // SETUP_ANNOTATIONS
            let l = frame.pointee.locals!
            if PyDict_Contains(l, Dunder.annotations.ref) == 0 {
              guard let d = PyDict_New() else { break dispatch }
              PyDict_SetItem(l, Dunder.annotations.ref, d)
              gila_decref(d)
            }
          case 62:  // COPY_FREE_VARS
            let closure = Function.object(frame.pointee.func).pointee.func_closure!
            let offset = Int(code.pointee.co_nlocalsplus) - arg
            for i in 0..<arg { fast[offset + i] = newRef(gila_tuple_items(closure)[i]!) }
          case 75:  // IMPORT_NAME
            let from = pop(), level = pop()
            let r = importName(frame, names(arg), from, level)
            gila_decref(from)
            gila_decref(level)
            guard let r else { break dispatch }
            push(r)
          case 74:  // IMPORT_FROM
            guard let r = PyObject_GetAttr(peek(sp, 1), names(arg)) else {
              if PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 {
                PyErr_Clear()
                _ = raise(Exc.ImportError, "cannot import name '\(swiftString(names(arg)))'")
              }
              break dispatch
            }
            push(r)
          default:
            _ = systemError("instruction \(op) is not implemented in Gila yet")
            break dispatch
          }
        }
      } else {
        at = max(ip - first - 2, 0)
      }
      // An exception is set: find a handler, leaving frames that have none.
      failed = false
      if ts.pointee.current_exception == nil { _ = systemError("error return without exception set") }
      unwind: while true {
        if frame.pointee.state & 0x80 != 0 { frame.pointee.state &= 0x7f } else { addTraceback(frame, at) }
        if let h = handler(code, at) {
          let bottom = fast + Int(code.pointee.co_nlocalsplus) + h.depth
          while sp > bottom { drop() }
          if h.lasti { push(PyLong_FromLong(at / 2) ?? newRef(none)) }
          push(PyErr_GetRaisedException() ?? newRef(none))
          ip = first + h.target * 2
          break unwind
        }
        frame.pointee.sp = sp
        ts.pointee.py_recursion_remaining += 1
        let done = frame
        let caller = frame.pointee.previous
        ts.pointee.current_frame = caller
        if done == entry {
          if done.pointee.owner == UInt8(GILA_FRAME_GENERATOR.rawValue) {
            done.pointee.state = 2
          } else {
            freeFrame(done)
          }
          return nil
        }
        freeFrame(done)
        frame = caller!
        code = frame.pointee.code!
        first = instructions(code)
        ip = UnsafeRawPointer(frame.pointee.ip!).assumingMemoryBound(to: UInt8.self)
        sp = frame.pointee.sp
        fast = locals(frame)
        at = max(ip - first - 2, 0)
      }
    }
  }
}
