import CGila
import GilaCore

/// The instruction loop over the executable form. Calls of Python functions, generators and coroutines push frames and
/// stay in the loop.
///
/// The registers are local variables: `ip` (next word), `sp` (one past the top), `fast` (locals) and `frame`. Nothing
/// that is not inlined may take their address, so cold paths take them by value. An instruction that can raise, call or
/// be looked at saves `ip` in the frame first; one that fails leaves `dispatch` with an exception set.
enum Eval {
  /// Runs a frame until it returns, yields or raises. Takes the frame over, unless a generator owns it.
  static func run(_ entry: FrameRef, throwing: Bool) -> Ref? {
    let ts = gila_ts()
    entry.pointee.flags |= FrameFlag.entry
    entry.pointee.previous = ts.pointee.current_frame
    if ts.pointee.py_recursion_remaining <= 0 || gila_enter_recursive_call(nil) < 0 {
      if !errorIsSet || throwing {
        _ = raise(Exc.RecursionError, "maximum recursion depth exceeded")
      }
      if entry.pointee.owner == FrameOwner.generator {
        Generator.finish(entry)
      } else {
        dropFrame(ts, entry)
      }
      return nil
    }
    ts.pointee.current_frame = entry
    ts.pointee.py_recursion_remaining &-= 1
    if throwing { Tracing.thrown(ts, entry) }
    var frame = entry
    var ip = InstructionPointer(mutating: frame.pointee.ip!)
    var sp = frame.pointee.sp!
    var fast = locals(frame)
    var failed = throwing
    /// The traceback stays as it is (re-raising).
    var keepsTraceback = false
    /// The unit of the instruction that an exception being re-raised came from, -1 for none.
    var raisedAt: Int32 = -1

    @inline(__always) func save() { frame.pointee.ip = UnsafePointer(ip) }
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
    /// A pointer in the next word, which is passed.
    @inline(__always) func pointer() -> Ref {
      let r = Ref(bitPattern: UInt(truncatingIfNeeded: ip.pointee)).unsafelyUnwrapped
      ip += 1
      return r
    }
    /// Continues in another frame at its saved place.
    @inline(__always) func enter(_ f: FrameRef) {
      frame = f
      ip = InstructionPointer(mutating: f.pointee.ip.unsafelyUnwrapped)
      sp = f.pointee.sp.unsafelyUnwrapped
      fast = locals(f)
    }
    /// Begins a callee whose caller's registers are saved.
    @inline(__always) func begin(_ callee: FrameRef) {
      callee.pointee.previous = frame
      ts.pointee.py_recursion_remaining &-= 1
      ts.pointee.current_frame = callee
      enter(callee)
    }
    @inline(__always) func breakerIsSet() -> Bool { gila_relaxed_load(gila_eval_breaker(ts)) != 0 }

    while true {
      if !failed {
        dispatch: while true {
          let w = ip.pointee
          ip += 1
          // Computed where they are used: taken apart before the switch, all of them would be for each instruction.
          var a: Int { Int((w >> 8) & 0xff) }
          var b: Int { Int((w >> 16) & 0xffff) }
          var c: Int { Int(w >> 32) }
          /// A signed distance.
          var distance: Int { Int(Int64(bitPattern: w) >> 32) }
          switch unsafeBitCast(UInt8(truncatingIfNeeded: w), to: Op.self) {
          // MARK: Locals and constants
          case .nop: break
          case .resume:
            if breakerIsSet() {
              save()
              if gila_relaxed_load(gila_eval_breaker(ts)) & UInt(GILA_BREAK_TRACE) != 0,
                !form(frame, ip).pointee.isInstrumented
              {
                // The instrumented form begins again here, and reports it.
                guard let at = Tracing.restart(frame) else { break dispatch }
                ip = InstructionPointer(mutating: at)
                continue dispatch
              }
              frame.pointee.sp = sp
              // Not inside `yield from` and `await`: the innermost frame does it.
              if c & 3 < 2 && !handleBreaker(ts) { break dispatch }
              ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            }
          case .loadFast: push(newRef(fast[c].unsafelyUnwrapped))
          case .loadFastCheck:
            guard let v = fast[c] else {
              save()
              unboundLocal(frame.pointee.code, c)
              break dispatch
            }
            push(newRef(v))
          case .loadFastAndClear:
            sp.pointee = fast[c]
            fast[c] = nil
            sp += 1
          case .loadFastPair:
            let x = fast[b].unsafelyUnwrapped, y = fast[c].unsafelyUnwrapped
            gila_incref(x)
            gila_incref(y)
            sp.pointee = x
            (sp + 1).pointee = y
            sp += 2
          case .loadConst: push(newRef(pointer()))
          case .storeFast:
            sp -= 1
            let v = sp.pointee
            let old = fast[c]
            fast[c] = v
            if let old {
              save()
              gila_decref(old)
            }
          case .storeFastLoadFast:
            let old = fast[b]
            fast[b] = peekOptional(sp, 1)
            poke(sp, 1, newRef(fast[c].unsafelyUnwrapped))
            if let old { gila_decref(old) }
          case .storeFastPair:
            let first = pop(), second = pop()
            let x = fast[b]
            fast[b] = first
            xdecref(x)
            let y = fast[c]
            fast[c] = second
            xdecref(y)
          case .deleteFast:
            guard let v = fast[c] else {
              save()
              unboundLocal(frame.pointee.code, c)
              break dispatch
            }
            fast[c] = nil
            gila_decref(v)
          // MARK: Stack
          case .popTop: drop()
          case .endSend:
            let v = pop()
            drop()
            push(v)
          case .pushNull:
            sp.pointee = nil
            sp += 1
          case .copy:
            sp.pointee = xnewRef(peekOptional(sp, c))
            sp += 1
          case .swap:
            let x = peekOptional(sp, 1), y = peekOptional(sp, c)
            poke(sp, 1, y)
            poke(sp, c, x)
          // MARK: Operators
          case .unaryNot:
            let v = peek(sp, 1)
            poke(sp, 1, v == pyTrue ? pyFalse : pyTrue)
          case .unaryNegative:
            save()
            let v = peek(sp, 1)
            guard let r = isShortInt(v) ? newInt(0 &- shortIntValue(v)) : PyNumber_Negative(v) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case .unaryInvert:
            save()
            let v = peek(sp, 1)
            guard let r = PyNumber_Invert(v) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case .toBool:
            let v = peek(sp, 1)
            if v != pyTrue && v != pyFalse {
              save()
              let t = isTrue(v)
              if t < 0 { break dispatch }
              poke(sp, 1, pyBool(t != 0))
              gila_decref(v)
            }
          case .binary:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            guard let r = binary(x, y, c) else { break dispatch }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(x)
            gila_decref(y)
          case .addStack:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            let (fastResult, handled) = numbers(Addition.self, x, y)
            sp -= 2
            if handled {
              guard let r = fastResult else { break dispatch }
              push(r)
              releaseNumber(x)
              releaseNumber(y)
            } else {
              guard let r = addConsuming(x, y, a, ip, fast) else { break dispatch }
              push(r)
            }
          case .subtractStack:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            let (fastResult, handled) = numbers(Subtraction.self, x, y)
            guard let r = handled ? fastResult : Subtraction.objects(x, y, a != 0) else { break dispatch }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(x)
            gila_decref(y)
          case .multiplyStack:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            let (fastResult, handled) = numbers(Multiplication.self, x, y)
            guard let r = handled ? fastResult : Multiplication.objects(x, y, a != 0) else { break dispatch }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(x)
            gila_decref(y)
          case .addStackFast:
            save()
            let y = fast[c].unsafelyUnwrapped, x = peek(sp, 1)
            let (fastResult, handled) = numbers(Addition.self, x, y)
            guard let r = handled ? fastResult : borrowingRight(Addition.self, x, y, a) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(x)
          case .subtractStackFast:
            save()
            let y = fast[c].unsafelyUnwrapped, x = peek(sp, 1)
            let (fastResult, handled) = numbers(Subtraction.self, x, y)
            guard let r = handled ? fastResult : borrowingRight(Subtraction.self, x, y, a) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(x)
          case .multiplyStackFast:
            save()
            let y = fast[c].unsafelyUnwrapped, x = peek(sp, 1)
            let (fastResult, handled) = numbers(Multiplication.self, x, y)
            guard let r = handled ? fastResult : borrowingRight(Multiplication.self, x, y, a) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(x)
          case .addFastFast:
            save()
            let x = fast[b].unsafelyUnwrapped, y = fast[c].unsafelyUnwrapped
            let (fastResult, handled) = numbers(Addition.self, x, y)
            guard let r = handled ? fastResult : addLocals(x, y, a, b, fast, ip) else { break dispatch }
            push(r)
          case .subtractFastFast:
            save()
            let x = fast[b].unsafelyUnwrapped, y = fast[c].unsafelyUnwrapped
            let (fastResult, handled) = numbers(Subtraction.self, x, y)
            guard let r = handled ? fastResult : borrowingBoth(Subtraction.self, x, y, a) else { break dispatch }
            push(r)
          case .multiplyFastFast:
            save()
            let x = fast[b].unsafelyUnwrapped, y = fast[c].unsafelyUnwrapped
            let (fastResult, handled) = numbers(Multiplication.self, x, y)
            guard let r = handled ? fastResult : borrowingBoth(Multiplication.self, x, y, a) else { break dispatch }
            push(r)
          case .addStackConst:
            save()
            let x = peek(sp, 1), y = pointer()
            let (fastResult, handled) = numbers(Addition.self, x, y)
            guard let r = handled ? fastResult : Addition.objects(x, y, a != 0) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(x)
          case .subtractStackConst:
            save()
            let x = peek(sp, 1), y = pointer()
            let (fastResult, handled) = numbers(Subtraction.self, x, y)
            guard let r = handled ? fastResult : Subtraction.objects(x, y, a != 0) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(x)
          case .multiplyStackConst:
            save()
            let x = peek(sp, 1), y = pointer()
            let (fastResult, handled) = numbers(Multiplication.self, x, y)
            guard let r = handled ? fastResult : Multiplication.objects(x, y, a != 0) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(x)
          case .addFastConst:
            save()
            let x = fast[c].unsafelyUnwrapped, y = pointer()
            let (fastResult, handled) = numbers(Addition.self, x, y)
            guard let r = handled ? fastResult : addLocals(x, y, a, c, fast, ip) else { break dispatch }
            push(r)
          case .subtractFastConst:
            save()
            let x = fast[c].unsafelyUnwrapped, y = pointer()
            let (fastResult, handled) = numbers(Subtraction.self, x, y)
            guard let r = handled ? fastResult : borrowingBoth(Subtraction.self, x, y, a) else { break dispatch }
            push(r)
          case .multiplyFastConst:
            save()
            let x = fast[c].unsafelyUnwrapped, y = pointer()
            let (fastResult, handled) = numbers(Multiplication.self, x, y)
            guard let r = handled ? fastResult : borrowingBoth(Multiplication.self, x, y, a) else { break dispatch }
            push(r)
          case .item:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            if let callee = itemCall(ts, x, y) {
              sp -= 2
              frame.pointee.sp = sp
              gila_decref(y)
              gila_decref(x)
              begin(callee)
            } else {
              guard let r = item(x, y) else { break dispatch }
              sp -= 1
              poke(sp, 1, r)
              gila_decref(y)
              gila_decref(x)
            }
          case .itemFastFast:
            save()
            let x = fast[b].unsafelyUnwrapped, y = fast[c].unsafelyUnwrapped
            if let r = itemQuickly(x, y) {
              push(r)
            } else if let callee = itemCall(ts, x, y) {
              frame.pointee.sp = sp
              begin(callee)
            } else {
              guard let r = itemBorrowing(x, y) else { break dispatch }
              push(r)
            }
          case .itemStackFast:
            save()
            let x = peek(sp, 1), y = fast[c].unsafelyUnwrapped
            if let r = itemQuickly(x, y) {
              poke(sp, 1, r)
              gila_decref(x)
            } else if let callee = itemCall(ts, x, y) {
              sp -= 1
              frame.pointee.sp = sp
              gila_decref(x)
              begin(callee)
            } else {
              guard let r = itemBorrowing(x, y) else { break dispatch }
              poke(sp, 1, r)
              gila_decref(x)
            }
          case .slice:
            save()
            let stop = peek(sp, 1), start = peek(sp, 2), x = peek(sp, 3)
            guard let r = getSlice(x, start, stop) else { break dispatch }
            sp -= 2
            poke(sp, 1, r)
            gila_decref(stop)
            gila_decref(start)
            gila_decref(x)
          case .storeSlice:
            save()
            let stop = pop(), start = pop(), container = pop(), value = pop()
            let ok = setSlice(container, start, stop, value)
            gila_decref(stop)
            gila_decref(start)
            gila_decref(container)
            gila_decref(value)
            if !ok { break dispatch }
          case .storeSubscript:
            save()
            let key = pop(), container = pop(), value = pop()
            let s = setItem(container, key, value)
            gila_decref(key)
            gila_decref(container)
            gila_decref(value)
            if s < 0 { break dispatch }
          case .deleteSubscript:
            save()
            let key = pop(), container = pop()
            let s = PyObject_DelItem(container, key)
            gila_decref(key)
            gila_decref(container)
            if s < 0 { break dispatch }
          case .compare:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            guard var r = compare(x, y, Int32(truncatingIfNeeded: a)) else { break dispatch }
            if b != 0 && r != pyTrue && r != pyFalse {
              let t = isTrue(r)
              gila_decref(r)
              if t < 0 { break dispatch }
              r = pyBool(t != 0)
            }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(x)
            gila_decref(y)
          case .compareStackJump:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            let t =
              isShortInt(x) && isShortInt(y)
              ? holds(shortIntValue(x), shortIntValue(y), a & 7) : compareTruth(x, y, a & 7)
            if t < 0 { break dispatch }
            sp -= 2
            gila_decref(x)
            gila_decref(y)
            if t == a >> 3 { ip += distance }
          case .compareFastFastJump:
            save()
            let x = fast[b].unsafelyUnwrapped, y = fast[Int(ip.pointee)].unsafelyUnwrapped
            ip += 1
            let t =
              isShortInt(x) && isShortInt(y)
              ? holds(shortIntValue(x), shortIntValue(y), a & 7) : compareBorrowing(x, y, a & 7)
            if t < 0 { break dispatch }
            if t == a >> 3 { ip += distance }
          case .compareFastConstJump:
            save()
            let x = fast[b].unsafelyUnwrapped, y = pointer()
            let t =
              isShortInt(x) && isShortInt(y)
              ? holds(shortIntValue(x), shortIntValue(y), a & 7) : compareBorrowing(x, y, a & 7)
            if t < 0 { break dispatch }
            if t == a >> 3 { ip += distance }
          case .compareStackConstJump:
            save()
            let x = peek(sp, 1), y = pointer()
            let t =
              isShortInt(x) && isShortInt(y)
              ? holds(shortIntValue(x), shortIntValue(y), a & 7) : compareTruth(x, y, a & 7)
            if t < 0 { break dispatch }
            sp -= 1
            gila_decref(x)
            if t == a >> 3 { ip += distance }
          case .isOp:
            let y = pop(), x = pop()
            push(pyBool((x == y) != (c != 0)))
            gila_decref(x)
            gila_decref(y)
          case .contains:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            let r = contains(y, x)
            if r < 0 { break dispatch }
            sp -= 1
            poke(sp, 1, pyBool((r != 0) != (c != 0)))
            gila_decref(x)
            gila_decref(y)
          // MARK: Jumps
          case .jump: ip += distance
          case .jumpBackward:
            ip += distance
            if breakerIsSet() {
              save()
              frame.pointee.sp = sp
              if !handleBreaker(ts) { break dispatch }
              ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            }
          case .popJumpIfFalse:
            sp -= 1
            if sp.pointee.unsafelyUnwrapped == pyFalse { ip += distance }
          case .popJumpIfTrue:
            sp -= 1
            if sp.pointee.unsafelyUnwrapped == pyTrue { ip += distance }
          case .popJumpIfNone:
            let v = pop()
            if v == none {
              ip += distance
            } else {
              gila_decref(v)
            }
          case .popJumpIfNotNone:
            let v = pop()
            if v != none {
              ip += distance
              gila_decref(v)
            }
          case .getIter:
            save()
            let v = peek(sp, 1)
            guard let r = PyObject_GetIter(v) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case .getYieldFromIter:
            save()
            let v = peek(sp, 1)
            guard let r = yieldFromIterator(v, frame) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case .forIter, .forIterStore:
            let it = peek(sp, 1)
            var value: Ref?
            if it.isExactly(Types.listIter) {
              let i = it.cast(gila_seq_iterator.self)
              if let list = i.pointee.seq {
                if i.pointee.index < list.size {
                  value = newRef(gila_list_items(list).unsafelyUnwrapped[i.pointee.index].unsafelyUnwrapped)
                  i.pointee.index &+= 1
                } else {
                  i.pointee.seq = nil
                  value = nil
                  gila_decref(list)
                }
              } else {
                value = nil
              }
            } else if it.isExactly(Types.rangeIter) {
              let r = it.cast(gila_range_iterator.self)
              if r.pointee.len > 0 {
                let v = r.pointee.start
                r.pointee.start = v &+ r.pointee.step
                r.pointee.len &-= 1
                value = newInt(v)
                if value == nil { break dispatch }
              } else {
                value = nil
              }
            } else if it.isExactly(Types.gen), Generator.canEnter(it), ts.pointee.py_recursion_remaining > 0 {
              let callee = Generator.frame(it)
              callee.pointee.sp.pointee = none
              callee.pointee.sp += 1
              let end = Int(Int64(bitPattern: ip.pointee))
              ip += 1
              // 1: the value is stored when it arrives.
              callee.pointee.state =
                unsafeBitCast(UInt8(truncatingIfNeeded: w), to: Op.self) == .forIterStore ? 1 : 0
              save()
              frame.pointee.sp = sp
              callee.pointee.return_offset = UInt32(bitPattern: Int32(truncatingIfNeeded: end))
              callee.pointee.flags &= ~FrameFlag.entry
              Generator.begin(it, ts)
              begin(callee)
              continue dispatch
            } else {
              save()
              value = it.type.pointee.tp_iternext(it)
              if value == nil, ts.pointee.current_exception != nil {
                if PyErr_ExceptionMatches(Exc.StopIteration.object) == 0 { break dispatch }
                Tracing.stopIteration(ts, frame)
                PyErr_Clear()
              }
            }
            if let value {
              ip += 1
              if unsafeBitCast(UInt8(truncatingIfNeeded: w), to: Op.self) == .forIterStore {
                let old = fast[b]
                fast[b] = value
                if let old { gila_decref(old) }
              } else {
                push(value)
              }
            } else if form(frame, ip).pointee.isInstrumented {
              // END_FOR and POP_TOP are steps of their own here.
              push(none)
              ip += 1 + Int(Int64(bitPattern: ip.pointee))
            } else {
              ip += 1 + distance
              drop()
            }
          // MARK: Names
          case .loadGlobal:
            save()
            let name = pointer()
            let at = ip - 2
            ip += 2
            if countDown(at) { specializeGlobal(at, frame, name) }
            guard let v = global(frame, name) else {
              if !errorIsSet { nameError(name) }
              break dispatch
            }
            push(v)
            if a != 0 {
              sp.pointee = nil
              sp += 1
            }
          case .loadGlobalModule:
            let keys = frame.pointee.globals.unsafelyUnwrapped.cast(PyDictObject.self).pointee.ma_keys.unsafelyUnwrapped
            if keys.pointee.version != UInt32(truncatingIfNeeded: (ip + 1).pointee) {
              ip -= 1
              miss(ip, .loadGlobal)
              continue dispatch
            }
            push(newRef((UnsafeRawPointer(keys) + Int((ip + 2).pointee)).load(as: Ref.self)))
            ip += 3
            if a != 0 {
              sp.pointee = nil
              sp += 1
            }
          case .loadGlobalBuiltin:
            let keys = frame.pointee.globals.unsafelyUnwrapped.cast(PyDictObject.self).pointee.ma_keys.unsafelyUnwrapped
            let more = frame.pointee.builtins.unsafelyUnwrapped.cast(PyDictObject.self).pointee.ma_keys
              .unsafelyUnwrapped
            let versions = (ip + 1).pointee
            if keys.pointee.version != UInt32(truncatingIfNeeded: versions)
              || more.pointee.version != UInt32(truncatingIfNeeded: versions >> 32)
            {
              ip -= 1
              miss(ip, .loadGlobal)
              continue dispatch
            }
            push(newRef((UnsafeRawPointer(more) + Int((ip + 2).pointee)).load(as: Ref.self)))
            ip += 3
            if a != 0 {
              sp.pointee = nil
              sp += 1
            }
          case .loadName:
            save()
            guard let v = loadName(frame, pointer()) else { break dispatch }
            push(v)
          case .loadFromDictOrGlobals:
            save()
            let d = pop()
            let v = loadFromDict(d, frame, pointer(), nil)
            gila_decref(d)
            guard let v else { break dispatch }
            push(v)
          case .loadFromDictOrDeref:
            save()
            let d = pop()
            let name = gila_tuple_items(frame.pointee.code.pointee.co_localsplusnames)[c].unsafelyUnwrapped
            let v = loadFromDict(d, frame, name, fast[c])
            gila_decref(d)
            guard let v else {
              if !errorIsSet { unboundFree(frame.pointee.code, c) }
              break dispatch
            }
            push(v)
          case .storeName:
            save()
            let v = pop()
            let s = storeName(frame, pointer(), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case .deleteName:
            save()
            if deleteName(frame, pointer()) < 0 { break dispatch }
          case .storeGlobal:
            save()
            let v = pop()
            let s = PyDict_SetItem(frame.pointee.globals, pointer(), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case .deleteGlobal:
            save()
            let name = pointer()
            if PyDict_DelItem(frame.pointee.globals, name) < 0 {
              if PyErr_ExceptionMatches(Exc.KeyError.object) != 0 {
                PyErr_Clear()
                nameError(name)
              }
              break dispatch
            }
          // MARK: Attributes
          case .loadAttr:
            save()
            let at = ip - 1
            let name = pointer()
            ip += 2
            let borrowed = a & 2 != 0
            let o = borrowed ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            if countDown(at) { specializeAttribute(at, o, name) }
            if a & 1 != 0 {
              if borrowed { push(newRef(o)) }
              var method: Ref? = nil
              let bound = loadMethod(o, name, &method)
              guard let method else { break dispatch }
              poke(sp, 1, method)
              if bound {
                sp.pointee = nil
                sp += 1
                gila_decref(o)
              } else {
                sp.pointee = o
                sp += 1
              }
            } else if borrowed {
              gila_incref(o)
              let r = PyObject_GetAttr(o, name)
              gila_decref(o)
              guard let r else { break dispatch }
              push(r)
            } else {
              guard let r = PyObject_GetAttr(o, name) else { break dispatch }
              poke(sp, 1, r)
              gila_decref(o)
            }
          case .loadAttrSlotFast:
            let o = fast[c].unsafelyUnwrapped
            let cache = (ip + 1).pointee
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              (o.raw - 24).load(as: Ref?.self) == nil,
              let v = (o.raw + Int(cache >> 32)).load(as: Ref?.self)
            {
              push(newRef(v))
              ip += 3
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrSlot:
            let o = peek(sp, 1)
            let cache = (ip + 1).pointee
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              (o.raw - 24).load(as: Ref?.self) == nil,
              let v = (o.raw + Int(cache >> 32)).load(as: Ref?.self)
            {
              poke(sp, 1, newRef(v))
              ip += 3
              save()
              gila_decref(o)
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrMember:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              let v = (o.raw + Int(cache >> 32)).load(as: Ref?.self)
            {
              gila_incref(v)
              ip += 3
              if a & 2 != 0 {
                push(v)
              } else {
                poke(sp, 1, v)
                save()
                gila_decref(o)
              }
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrDict:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              let dict = (o.raw + Int(Int32(truncatingIfNeeded: cache >> 32))).load(as: Ref?.self),
              let v = valueSlot(dict, Ref(bitPattern: UInt(ip.pointee)).unsafelyUnwrapped, hint: (ip + 2).pointee)
            {
              let value = newRef(v.pointee.unsafelyUnwrapped)
              ip += 3
              if a & 2 != 0 {
                push(value)
              } else {
                poke(sp, 1, value)
                save()
                gila_decref(o)
              }
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrModule:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            if o.isExactly(Types.module), let dict = (o.raw + 16).load(as: Ref?.self),
              let keys = dict.cast(PyDictObject.self).pointee.ma_keys,
              keys.pointee.version == UInt32(truncatingIfNeeded: (ip + 1).pointee)
            {
              let v = newRef((UnsafeRawPointer(keys) + Int((ip + 2).pointee)).load(as: Ref.self))
              ip += 3
              if a & 2 != 0 {
                push(v)
              } else {
                poke(sp, 1, v)
                gila_decref(o)
              }
              if a & 1 != 0 {
                sp.pointee = nil
                sp += 1
              }
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrClass:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              o.asType.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache >> 32)
            {
              let v = newRef(Ref(bitPattern: UInt((ip + 2).pointee)).unsafelyUnwrapped)
              ip += 3
              if a & 2 != 0 {
                push(v)
              } else {
                poke(sp, 1, v)
                gila_decref(o)
              }
              if a & 1 != 0 {
                sp.pointee = nil
                sp += 1
              }
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrMethodFast:
            let o = fast[c].unsafelyUnwrapped
            let cache = (ip + 1).pointee
            let t = o.type
            if t.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache), (o.raw - 24).load(as: Ref?.self) == nil,
              UnsafeMutableRawPointer(t).assumingMemoryBound(to: PyHeapTypeObject.self).pointee.ht_cached_keys
                .unsafelyUnwrapped.pointee.version == UInt32(truncatingIfNeeded: cache >> 32)
            {
              sp.pointee = newRef(Ref(bitPattern: UInt((ip + 2).pointee)).unsafelyUnwrapped)
              (sp + 1).pointee = newRef(o)
              sp += 2
              ip += 3
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrMethod:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            let t = o.type
            if t.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache), (o.raw - 24).load(as: Ref?.self) == nil,
              UnsafeMutableRawPointer(t).assumingMemoryBound(to: PyHeapTypeObject.self).pointee.ht_cached_keys
                .unsafelyUnwrapped.pointee.version == UInt32(truncatingIfNeeded: cache >> 32)
            {
              let found = newRef(Ref(bitPattern: UInt((ip + 2).pointee)).unsafelyUnwrapped)
              ip += 3
              if a & 2 != 0 {
                push(found)
              } else {
                poke(sp, 1, found)
                if a & 1 != 0 {
                  sp.pointee = o
                  sp += 1
                } else {
                  save()
                  gila_decref(o)
                }
              }
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrMethodPlain:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: (ip + 1).pointee) {
              let found = newRef(Ref(bitPattern: UInt((ip + 2).pointee)).unsafelyUnwrapped)
              ip += 3
              if a & 2 != 0 {
                gila_incref(o)
                sp += 1
              }
              poke(sp, 1, found)
              if a & 1 != 0 {
                sp.pointee = o
                sp += 1
              } else {
                save()
                gila_decref(o)
              }
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrMethodDict:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            let offset = Int(Int32(truncatingIfNeeded: cache >> 32))
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              isAbsent(o, offset, Ref(bitPattern: UInt(ip.pointee)).unsafelyUnwrapped)
            {
              let found = newRef(Ref(bitPattern: UInt((ip + 2).pointee)).unsafelyUnwrapped)
              ip += 3
              if a & 2 != 0 {
                gila_incref(o)
                sp += 1
              }
              poke(sp, 1, found)
              if a & 1 != 0 {
                sp.pointee = o
                sp += 1
              } else {
                save()
                gila_decref(o)
              }
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .loadAttrProperty:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: (ip + 1).pointee),
              ts.pointee.py_recursion_remaining > 1, let getter = simpleGetter((ip + 2).pointee),
              let e = Executable.of(Function.code(getter))
            {
              ip += 3
              save()
              guard let callee = pushFrame(ts, taking: newRef(getter), e) else { break dispatch }
              if a & 2 != 0 { gila_incref(o) } else { sp -= 1 }
              frame.pointee.sp = sp
              let l = locals(callee)
              l[0] = o
              clearLocals(l, from: 1, callee)
              begin(callee)
            } else {
              ip -= 1
              miss(ip, .loadAttr)
            }
          case .storeAttr:
            save()
            let at = ip - 1
            let name = pointer()
            ip += 2
            let o: Ref
            if a & 2 != 0 { o = newRef(fast[c].unsafelyUnwrapped) } else { o = pop() }
            let v = pop()
            let s = PyObject_SetAttr(o, name, v)
            if s >= 0 && countDown(at) { specializeStore(at, o, name) }
            gila_decref(o)
            gila_decref(v)
            if s < 0 { break dispatch }
          case .storeAttrSlot:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            let slot = (o.raw + Int(cache >> 32)).assumingMemoryBound(to: Ref?.self)
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              (o.raw - 24).load(as: Ref?.self) == nil,
              slot.pointee != nil
                || isLastSlot(
                  o, slot,
                  UnsafeMutablePointer<_dictkeysobject>(bitPattern: UInt((ip + 2).pointee)).unsafelyUnwrapped)
            {
              ip += 3
              save()
              if a & 2 == 0 { sp -= 1 }
              let v = pop()
              let old = slot.pointee
              slot.pointee = v
              if let old { gila_decref(old) }
              if a & 2 == 0 { gila_decref(o) }
            } else {
              ip -= 1
              miss(ip, .storeAttr)
            }
          case .storeAttrMember:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache) {
              let slot = (o.raw + Int(cache >> 32)).assumingMemoryBound(to: Ref?.self)
              ip += 3
              save()
              if a & 2 == 0 { sp -= 1 }
              let v = pop()
              let old = slot.pointee
              slot.pointee = v
              if let old { gila_decref(old) }
              if a & 2 == 0 { gila_decref(o) }
            } else {
              ip -= 1
              miss(ip, .storeAttr)
            }
          case .storeAttrDict:
            let o = a & 2 != 0 ? fast[c].unsafelyUnwrapped : peek(sp, 1)
            let cache = (ip + 1).pointee
            if o.type.pointee.tp_version_tag == UInt32(truncatingIfNeeded: cache),
              let dict = (o.raw + Int(Int32(truncatingIfNeeded: cache >> 32))).load(as: Ref?.self),
              let slot = valueSlot(dict, Ref(bitPattern: UInt(ip.pointee)).unsafelyUnwrapped, hint: (ip + 2).pointee)
            {
              ip += 3
              save()
              if a & 2 == 0 { sp -= 1 }
              let v = pop()
              track(dict, holding: v)
              let old = slot.pointee
              slot.pointee = v
              if let old { gila_decref(old) }
              if a & 2 == 0 { gila_decref(o) }
            } else {
              ip -= 1
              miss(ip, .storeAttr)
            }
          case .deleteAttr:
            save()
            let o = pop()
            let s = PyObject_DelAttr(o, pointer())
            gila_decref(o)
            if s < 0 { break dispatch }
          case .loadSuperAttr:
            save()
            let o = peek(sp, 1), cls = peek(sp, 2), global = peek(sp, 3)
            let name = pointer()
            var selfIsBound = false
            guard let r = superAttribute(global, cls, o, name, a, &selfIsBound) else { break dispatch }
            sp -= 3
            push(r)
            if a & 1 != 0 {
              sp.pointee = selfIsBound ? newRef(o) : nil
              sp += 1
            }
            gila_decref(global)
            gila_decref(cls)
            gila_decref(o)
          // MARK: Cells
          case .makeCell:
            let initial = fast[c]
            guard let cell = PyCell_New(initial) else {
              save()
              break dispatch
            }
            fast[c] = cell
            xdecref(initial)
          case .copyFreeVars:
            let closure = Function.object(frame.pointee.func.unsafelyUnwrapped).pointee.func_closure.unsafelyUnwrapped
            let offset = Int(frame.pointee.code.pointee.co_nlocalsplus) &- c
            var i = 0
            while i < c {
              fast[offset &+ i] = newRef(gila_tuple_items(closure)[i].unsafelyUnwrapped)
              i &+= 1
            }
          case .loadDeref:
            guard let v = fast[c].unsafelyUnwrapped.cast(PyCellObject.self).pointee.ob_ref else {
              save()
              unboundFree(frame.pointee.code, c)
              break dispatch
            }
            push(newRef(v))
          case .storeDeref:
            let v = pop()
            let cell = fast[c].unsafelyUnwrapped.cast(PyCellObject.self)
            let old = cell.pointee.ob_ref
            cell.pointee.ob_ref = v
            if let old { gila_decref(old) }
          case .deleteDeref:
            let cell = fast[c].unsafelyUnwrapped.cast(PyCellObject.self)
            guard let old = cell.pointee.ob_ref else {
              save()
              unboundFree(frame.pointee.code, c)
              break dispatch
            }
            cell.pointee.ob_ref = nil
            gila_decref(old)
          case .loadLocals:
            guard let l = frame.pointee.locals else {
              save()
              _ = systemError("no locals")
              break dispatch
            }
            push(newRef(l))
          // MARK: Building
          case .loadAssertionError: push(newRef(Exc.AssertionError.object))
          case .loadBuildClass:
            save()
            guard let f = buildClass(frame) else { break dispatch }
            push(f)
          case .makeFunction:
            save()
            let code = pop()
            let f = Function.make(code, frame.pointee.globals.unsafelyUnwrapped)
            gila_decref(code)
            guard let f else { break dispatch }
            push(f)
          case .setFunctionAttribute:
            let f = pop(), v = pop()
            guard let value = functionAttribute(v, c) else {
              save()
              gila_decref(f)
              break dispatch
            }
            let offset = c == 1 ? 56 : c == 2 ? 64 : c == 4 ? 112 : 72
            replace((f.raw + offset).assumingMemoryBound(to: Ref?.self), with: value)
            push(f)
          case .buildList:
            save()
            guard let l = listFromStack(sp, c) else { break dispatch }
            sp -= c
            push(l)
          case .buildTuple:
            save()
            guard let t = PyTuple_New(c) else { break dispatch }
            sp -= c
            let items = gila_tuple_items(t)
            var i = 0
            while i < c {
              items[i] = sp[i]
              i &+= 1
            }
            push(t)
          case .buildSet:
            save()
            let s = setFromStack(sp, c)
            for _ in 0..<c { drop() }
            guard let s else { break dispatch }
            push(s)
          case .buildMap:
            save()
            let d = mapFromStack(sp, c)
            for _ in 0..<(2 &* c) { drop() }
            guard let d else { break dispatch }
            push(d)
          case .buildConstKeyMap:
            save()
            let d = constKeyMap(sp, c)
            for _ in 0..<(c &+ 1) { drop() }
            guard let d else { break dispatch }
            push(d)
          case .buildSlice:
            save()
            let step: Ref? = c == 3 ? pop() : nil
            let stop = pop(), start = pop()
            let s = PySlice_New(start, stop, step)
            xdecref(step)
            gila_decref(stop)
            gila_decref(start)
            guard let s else { break dispatch }
            push(s)
          case .buildString:
            save()
            let s = stringFromStack(sp, c)
            for _ in 0..<c { drop() }
            guard let s else { break dispatch }
            push(s)
          case .listAppend:
            let v = pop()
            let l = peek(sp, c)
            let list = l.cast(PyListObject.self)
            let n = l.size
            if n < list.pointee.allocated {
              list.pointee.ob_item.unsafelyUnwrapped[n] = v
              l.cast(PyVarObject.self).pointee.ob_size = n &+ 1
              continue dispatch
            }
            save()
            let s = PyList_Append(l, v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case .setAdd:
            save()
            let v = pop()
            let s = PySet_Add(peek(sp, c), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case .mapAdd:
            save()
            let v = pop(), k = pop()
            let s = PyDict_SetItem(peek(sp, c), k, v)
            gila_decref(k)
            gila_decref(v)
            if s < 0 { break dispatch }
          case .listExtend:
            save()
            let v = pop()
            let ok = extendList(peek(sp, c), v)
            gila_decref(v)
            if !ok { break dispatch }
          case .setUpdate:
            save()
            let v = pop()
            let s = _PySet_Update(peek(sp, c), v)
            gila_decref(v)
            if s < 0 { break dispatch }
          case .dictUpdate:
            save()
            let v = pop()
            let ok = updateDict(peek(sp, c), v)
            gila_decref(v)
            if !ok { break dispatch }
          case .dictMerge:
            save()
            let v = pop()
            // Below the dict: the callable, NULL, the positional arguments.
            let ok = mergeKeywords(peek(sp, c), v, peek(sp, c &+ 3))
            gila_decref(v)
            if !ok { break dispatch }
          case .unpackSequence:
            save()
            let s = pop()
            if s.isExactly(Types.tuple) && s.size == c {
              let items = gila_tuple_items(s)
              var i = c &- 1
              while i >= 0 {
                push(newRef(items[i].unsafelyUnwrapped))
                i &-= 1
              }
              gila_decref(s)
            } else {
              let ok = unpack(s, c, sp)
              gila_decref(s)
              if !ok { break dispatch }
              sp += c
            }
          case .unpackEx:
            save()
            let s = pop()
            let ok = unpackStarred(s, c & 255, c >> 8, sp)
            gila_decref(s)
            if !ok { break dispatch }
            sp += (c & 255) &+ (c >> 8) &+ 1
          case .convertValue:
            save()
            let v = peek(sp, 1)
            guard let r = c == 1 ? PyObject_Str(v) : c == 2 ? PyObject_Repr(v) : PyObject_ASCII(v) else {
              break dispatch
            }
            poke(sp, 1, r)
            gila_decref(v)
          case .formatSimple:
            let v = peek(sp, 1)
            if !v.isExactly(Types.unicode) {
              save()
              guard let r = PyObject_Format(v, nil) else { break dispatch }
              poke(sp, 1, r)
              gila_decref(v)
            }
          case .formatWithSpec:
            save()
            let spec = pop(), v = pop()
            let r = PyObject_Format(v, spec)
            gila_decref(spec)
            gila_decref(v)
            guard let r else { break dispatch }
            push(r)
          // MARK: Calls
          case .call:
            save()
            var callable = peek(sp, c &+ 2)
            if callable.isExactly(Types.method) && peekOptional(sp, c &+ 1) == nil {
              // A bound method: its function and object take the two places.
              let m = callable.cast(PyMethodObject.self)
              let f = m.pointee.im_func.unsafelyUnwrapped
              poke(sp, c &+ 2, newRef(f))
              poke(sp, c &+ 1, newRef(m.pointee.im_self.unsafelyUnwrapped))
              gila_decref(callable)
              callable = f
            }
            let hasSelf = peekOptional(sp, c &+ 1) != nil
            let n = hasSelf ? c &+ 1 : c
            if callable.isExactly(Types.function) {
              let code = Function.code(callable)
              guard let e = Executable.of(code) else { break dispatch }
              if ts.pointee.py_recursion_remaining <= 0 {
                recursionError()
                break dispatch
              }
              // Only positional parameters, and an argument or a default for each.
              if code.pointee.co_flags & 0xd == 1 && code.pointee.co_kwonlyargcount == 0
                && Int(code.pointee.co_argcount) >= n
              {
                let missing = Int(code.pointee.co_argcount) &- n
                if missing == 0 || missing <= Function.object(callable).pointee.func_defaults?.size ?? 0 {
                  let args = sp - n
                  guard let callee = pushFrame(ts, taking: callable, e) else {
                    poke(sp, c &+ 2, nil)
                    break dispatch
                  }
                  let l = locals(callee)
                  var i = 0
                  while i < n {
                    l[i] = args[i]
                    i &+= 1
                  }
                  if missing != 0 {
                    let defaults = Function.object(callable).pointee.func_defaults.unsafelyUnwrapped
                    let offset = defaults.size &- missing
                    var j = 0
                    while j < missing {
                      l[i] = newRef(gila_tuple_items(defaults)[offset &+ j].unsafelyUnwrapped)
                      i &+= 1
                      j &+= 1
                    }
                  }
                  clearLocals(l, from: i, callee)
                  sp -= c &+ 2
                  frame.pointee.sp = sp
                  begin(callee)
                  continue dispatch
                }
              }
              guard let callee = bindCall(ts, callable, sp - n, n, nil) else { break dispatch }
              for _ in 0..<(c &+ 2) { drop() }
              frame.pointee.sp = sp
              begin(callee)
              continue dispatch
            }
            frame.pointee.sp = sp
            if !hasSelf, let initializer = initializer(callable, ts) {
              guard let callee = construct(ts, callable, initializer, sp - (c &+ 1), c &+ 1, nil) else {
                break dispatch
              }
              for _ in 0..<c { drop() }
              sp -= 1
              poke(sp, 1, sp.pointee.unsafelyUnwrapped)
              frame.pointee.sp = sp
              gila_decref(callable)
              begin(callee)
              continue dispatch
            }
            if !hasSelf, let method = callMethod(callable, ts) {
              // The object takes the free place before its arguments, and the function is called.
              poke(sp, c &+ 1, callable)
              poke(sp, c &+ 2, newRef(method))
              ip -= 1
              continue dispatch
            }
            guard let r = callNative(callable, sp - n, n, ts, frame) else { break dispatch }
            for _ in 0..<n { drop() }
            sp -= hasSelf ? 1 : 2
            gila_decref(callable)
            push(r)
            ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            if breakerIsSet() {
              frame.pointee.sp = sp
              if !handleBreaker(ts) { break dispatch }
              ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            }
          case .callKeywords:
            save()
            let names = peek(sp, 1)
            let callable = peek(sp, c &+ 3)
            let n = peekOptional(sp, c &+ 2) != nil ? c &+ 1 : c
            let args = sp - 1 - n
            let positional = n &- names.size
            if callable.isExactly(Types.function) {
              if ts.pointee.py_recursion_remaining <= 0 {
                recursionError()
                break dispatch
              }
              guard let callee = bindCall(ts, callable, args, positional, names) else { break dispatch }
              for _ in 0..<(c &+ 3) { drop() }
              frame.pointee.sp = sp
              begin(callee)
              continue dispatch
            }
            frame.pointee.sp = sp
            if n == c, let initializer = initializer(callable, ts) {
              guard let callee = construct(ts, callable, initializer, args - 1, positional &+ 1, names) else {
                break dispatch
              }
              for _ in 0..<(c &+ 1) { drop() }
              sp -= 1
              poke(sp, 1, sp.pointee.unsafelyUnwrapped)
              frame.pointee.sp = sp
              gila_decref(callable)
              begin(callee)
              continue dispatch
            }
            if n == c, let method = callMethod(callable, ts) {
              poke(sp, c &+ 2, callable)
              poke(sp, c &+ 3, newRef(method))
              ip -= 1
              continue dispatch
            }
            guard let r = callNativeKeywords(callable, args, positional, names, ts, frame) else { break dispatch }
            for _ in 0..<(c &+ 3) { drop() }
            push(r)
            ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            if breakerIsSet() {
              frame.pointee.sp = sp
              if !handleBreaker(ts) { break dispatch }
              ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            }
          case .callSpread:
            save()
            let kwargs: Ref? = c & 1 != 0 ? peek(sp, 1) : nil
            let k = c & 1
            let args = peek(sp, k &+ 1)
            let callable = peek(sp, k &+ 3)
            frame.pointee.sp = sp
            if callable.isExactly(Types.function) && args.isExactly(Types.tuple)
              && ts.pointee.py_recursion_remaining > 0
            {
              guard let callee = bindSpread(ts, callable, args, kwargs) else { break dispatch }
              for _ in 0..<(k &+ 3) { drop() }
              frame.pointee.sp = sp
              begin(callee)
              continue dispatch
            }
            guard let r = callSpread(callable, args, kwargs, ts, frame) else { break dispatch }
            for _ in 0..<(k &+ 3) { drop() }
            push(r)
            ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            if breakerIsSet() {
              frame.pointee.sp = sp
              if !handleBreaker(ts) { break dispatch }
              ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
            }
          case .intrinsic1:
            save()
            let v = peek(sp, 1)
            guard let r = intrinsic1(c, v, frame) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case .intrinsic2:
            save()
            let y = peek(sp, 1), x = peek(sp, 2)
            guard let r = intrinsic2(c, x, y) else { break dispatch }
            sp -= 1
            poke(sp, 1, r)
            gila_decref(x)
            gila_decref(y)
          case .returnValue, .returnConst:
            let value: Ref
            if unsafeBitCast(UInt8(truncatingIfNeeded: w), to: Op.self) == .returnValue {
              value = pop()
            } else {
              value = newRef(pointer())
            }
            save()
            frame.pointee.sp = sp
            ts.pointee.py_recursion_remaining &+= 1
            let done = frame
            let caller = done.pointee.previous
            ts.pointee.current_frame = caller
            let isEntry = done.pointee.flags & FrameFlag.entry != 0
            if done.pointee.owner == FrameOwner.generator {
              let skip = Int(Int32(bitPattern: done.pointee.return_offset))
              Generator.finish(done)
              if isEntry { return value }
              enter(caller.unsafelyUnwrapped)
              if form(frame, ip).pointee.isInstrumented, !Tracing.iteratorEnded(ts, frame, value, inlined: true) {
                gila_decref(value)
                break dispatch
              }
              ip += skip
            } else {
              let initializes = done.pointee.flags & FrameFlag.initializer != 0
              dropFrame(ts, done)
              if isEntry { return value }
              enter(caller.unsafelyUnwrapped)
              // The new object lies on the caller's stack already.
              if initializes {
                if value == none { continue dispatch }
                badInitializer(value)
                break dispatch
              }
            }
            push(value)
          case .returnGenerator:
            save()
            frame.pointee.sp = sp
            let done = frame
            let isEntry = done.pointee.flags & FrameFlag.entry != 0
            guard let g = Generator.make(done) else { break dispatch }
            ts.pointee.py_recursion_remaining &+= 1
            let caller = done.pointee.previous
            ts.pointee.current_frame = caller
            DataStack.pop(ts, UnsafeMutableRawPointer(done))
            if isEntry { return g }
            enter(caller.unsafelyUnwrapped)
            push(g)
          case .yieldValue:
            let value = pop()
            save()
            frame.pointee.sp = sp
            let done = frame
            let caller = done.pointee.previous
            ts.pointee.py_recursion_remaining &+= 1
            ts.pointee.current_frame = caller
            Generator.suspend(done, ts, delegating: c & 1 != 0)
            done.pointee.previous = nil
            if done.pointee.flags & FrameFlag.entry != 0 { return value }
            let storing = done.pointee.state == 1
            enter(caller.unsafelyUnwrapped)
            if storing {
              // The caller is a FOR_ITER that stores (its word is two back).
              let local = Int(((ip - 2).pointee >> 16) & 0xffff)
              let old = fast[local]
              fast[local] = value
              if let old { gila_decref(old) }
            } else {
              push(value)
            }
          case .send:
            let v = peek(sp, 1)
            let receiver = peek(sp, 2)
            if receiver.isExactly(Types.gen) || receiver.isExactly(Types.coro), Generator.canEnter(receiver),
              ts.pointee.py_recursion_remaining > 0
            {
              let callee = Generator.frame(receiver)
              if Generator.object(receiver).pointee.gi_frame_state != Generator.created || v == none {
                sp -= 1
                callee.pointee.sp.pointee = v
                callee.pointee.sp += 1
                callee.pointee.state = 0
                save()
                frame.pointee.sp = sp
                callee.pointee.return_offset = UInt32(bitPattern: Int32(truncatingIfNeeded: distance))
                callee.pointee.flags &= ~FrameFlag.entry
                Generator.begin(receiver, ts)
                begin(callee)
                continue dispatch
              }
            }
            save()
            frame.pointee.sp = sp
            var result: Ref? = nil
            let status = PyIter_Send(receiver, v, &result)
            if status == PYGEN_ERROR_ { break dispatch }
            poke(sp, 1, result)
            gila_decref(v)
            if status == PYGEN_RETURN_ {
              if form(frame, ip).pointee.isInstrumented, !Tracing.iteratorEnded(ts, frame, result!) {
                break dispatch
              }
              ip += distance
            }
          // MARK: Exceptions
          case .cleanupThrow:
            let e = peek(sp, 1)
            if e.isInstance(of: Exc.StopIteration) {
              let value = newRef((e.raw + 72).load(as: Ref?.self) ?? none)
              drop()
              drop()
              drop()
              push(none)
              push(value)
            } else {
              save()
              PyErr_SetRaisedException(newRef(e))
              keepsTraceback = true
              break dispatch
            }
          case .pushExcInfo:
            let e = pop()
            let item = ts.pointee.exc_info.unsafelyUnwrapped
            push(item.pointee.exc_value ?? none)
            item.pointee.exc_value = newRef(e)
            push(e)
          case .popExcept:
            let v = pop()
            let item = ts.pointee.exc_info.unsafelyUnwrapped
            let old = item.pointee.exc_value
            item.pointee.exc_value = v == none ? nil : v
            if let old {
              save()
              gila_decref(old)
            }
          case .checkExcMatch:
            save()
            let wanted = peek(sp, 1)
            if !validCatch(wanted) { break dispatch }
            let r = PyErr_GivenExceptionMatches(peek(sp, 2), wanted)
            poke(sp, 1, pyBool(r != 0))
            gila_decref(wanted)
          case .checkEgMatch:
            save()
            let wanted = peek(sp, 1), e = peek(sp, 2)
            var match: Ref? = nil, rest: Ref? = nil
            if !matchGroup(e, wanted, &match, &rest) { break dispatch }
            poke(sp, 2, rest)
            poke(sp, 1, match)
            gila_decref(wanted)
            gila_decref(e)
            if let match, match != none { PyErr_SetHandledException(match) }
          case .raiseVarargs:
            save()
            let cause: Ref? = c == 2 ? pop() : nil
            let e: Ref? = c >= 1 ? pop() : nil
            if raiseException(e, cause) { keepsTraceback = true }
            break dispatch
          case .reraise:
            save()
            let e = pop()
            if c != 0, let offset = peekOptional(sp, c), isShortInt(offset) {
              raisedAt = Int32(truncatingIfNeeded: shortIntValue(offset))
            }
            PyErr_SetRaisedException(e)
            keepsTraceback = true
            break dispatch
          case .beforeWith:
            save()
            let m = peek(sp, 1)
            var exit: Ref? = nil
            guard let r = enterContext(m, async: false, &exit) else { break dispatch }
            poke(sp, 1, exit)
            push(r)
            gila_decref(m)
          case .withExceptStart:
            save()
            let e = peek(sp, 1), exit = peek(sp, 4)
            guard let r = callExit(exit, e) else { break dispatch }
            push(r)
          // MARK: Patterns
          case .getLen:
            save()
            let n = PyObject_Size(peek(sp, 1))
            guard n >= 0, let v = PyLong_FromSsize_t(n) else { break dispatch }
            push(v)
          case .matchMapping: push(pyBool(peek(sp, 1).type.pointee.tp_flags & UInt(Py_TPFLAGS_MAPPING) != 0))
          case .matchSequence: push(pyBool(peek(sp, 1).type.pointee.tp_flags & UInt(Py_TPFLAGS_SEQUENCE) != 0))
          case .matchKeys:
            save()
            guard let r = Patterns.keys(peek(sp, 2), peek(sp, 1)) else { break dispatch }
            push(r)
          case .matchClass:
            save()
            let names = peek(sp, 1), type = peek(sp, 2), subject = peek(sp, 3)
            guard let r = Patterns.matchClass(subject, type, c, names) else { break dispatch }
            sp -= 2
            poke(sp, 1, r)
            gila_decref(subject)
            gila_decref(type)
            gila_decref(names)
          // MARK: Coroutines
          case .getAwaitable:
            save()
            let v = peek(sp, 1)
            guard let r = Coroutine.awaitable(v, c) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case .getAiter:
            save()
            let v = peek(sp, 1)
            guard let r = Coroutine.asyncIterator(v) else { break dispatch }
            poke(sp, 1, r)
            gila_decref(v)
          case .getAnext:
            save()
            guard let r = Coroutine.asyncNext(peek(sp, 1)) else { break dispatch }
            push(r)
          case .beforeAsyncWith:
            save()
            let m = peek(sp, 1)
            var exit: Ref? = nil
            guard let r = enterContext(m, async: true, &exit) else { break dispatch }
            poke(sp, 1, exit)
            push(r)
            gila_decref(m)
          case .endAsyncFor:
            save()
            let e = peek(sp, 1)
            if e.isInstance(of: Exc.StopAsyncIteration) {
              drop()
              drop()
            } else {
              sp -= 1
              PyErr_SetRaisedException(e)
              keepsTraceback = true
              break dispatch
            }
          // MARK: The rest
          case .setupAnnotations:
            save()
            if !setupAnnotations(frame) { break dispatch }
          case .importName:
            save()
            let from = pop(), level = pop()
            let r = importName(frame, pointer(), from, level)
            gila_decref(from)
            gila_decref(level)
            guard let r else { break dispatch }
            push(r)
          case .importFrom:
            save()
            guard let r = importFrom(peek(sp, 1), pointer()) else { break dispatch }
            push(r)
          case .unknown:
            save()
            _ = systemError("unknown opcode \(c)")
            break dispatch
          case .trace:
            save()
            frame.pointee.sp = sp
            switch Tracing.step(ts, frame, c) {
            case .proceed: break
            case .moved:
              ip = InstructionPointer(mutating: frame.pointee.ip.unsafelyUnwrapped)
              sp = frame.pointee.sp
            case .failed: break dispatch
            }
          }
        }
      }
      // An exception is set: find a handler, leaving frames that have none.
      failed = false
      if ts.pointee.current_exception == nil { _ = systemError("error return without exception set") }
      unwind: while true {
        frame.pointee.ip = UnsafePointer(ip)
        frame.pointee.sp = sp
        if keepsTraceback {
          keepsTraceback = false
          Tracing.reraised(ts, frame)
        } else {
          addTraceback(frame)
          Tracing.raised(ts, frame)
        }
        let unit = Eval.unit(frame)
        let e = form(frame, ip)
        if let h = Executable.handler(e, unit) {
          let bottom = fast + Int(frame.pointee.code.pointee.co_nlocalsplus) + Int(h.pointee.depth)
          while sp > bottom { drop() }
          if h.pointee.pushesOffset { push(newInt(Int(raisedAt >= 0 ? raisedAt : unit)) ?? newRef(none)) }
          raisedAt = -1
          Tracing.handled(ts, frame)
          push(PyErr_GetRaisedException() ?? newRef(none))
          ip = e.pointee.words + Int(e.pointee.wordOfUnit[Int(h.pointee.target)])
          break unwind
        }
        if raisedAt >= 0 {
          frame.pointee.ip = UnsafePointer(wordAfter(e, raisedAt) ?? ip)
          raisedAt = -1
        }
        Tracing.unwound(ts, frame)
        let bottom = fast + Int(frame.pointee.code.pointee.co_nlocalsplus)
        while sp > bottom { drop() }
        frame.pointee.sp = sp
        ts.pointee.py_recursion_remaining &+= 1
        let done = frame
        let caller = done.pointee.previous
        ts.pointee.current_frame = caller
        let isEntry = done.pointee.flags & FrameFlag.entry != 0
        if done.pointee.owner == FrameOwner.generator {
          Generator.finish(done)
        } else {
          dropFrame(ts, done)
        }
        if isEntry { return nil }
        enter(caller.unsafelyUnwrapped)
      }
    }
  }
}
