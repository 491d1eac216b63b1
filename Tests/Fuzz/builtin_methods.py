# Calls every method of objects of the builtin types, and builtin functions, with hostile arguments: huge and negative
# numbers, objects whose special methods lie or raise, text of all widths. Any Python exception is a good answer; a crash
# is not. Calls that only take long or much memory are left out. `seed` and the rounds may be changed by hand.
class Evil:
    def __init__(s, v=3): s.v = v
    def __index__(s): return s.v
    def __eq__(s, o): return True
    def __hash__(s): return 1
    def __iter__(s): return iter([1, "a", None])
    def __len__(s): return 5
    def __getitem__(s, i):
        if i > 5: raise IndexError
        return i
class Bad:
    def __index__(s): raise ValueError("bad")
    def __eq__(s, o): raise ValueError("eq")
    def __hash__(s): raise ValueError("hash")
    def __repr__(s): raise ValueError("repr")
    def __iter__(s): raise ValueError("iter")
    def __len__(s): return -1
    def __bool__(s): raise ValueError("bool")
def mk():
    return [0, -1, 1, 2**31, -2**31, 2**63-1, -2**63, 2**63, 2**64, -2**200, True, None, 1.5, float("inf"), float("nan"), -0.0, 3+4j,
     "", "a", "é", "€uro", "\U0001F600x", "\ud800", "%s", "{}", "{0.__class__}", b"", b"ab", b"\xff", bytearray(b"xy"), memoryview(b"abcd"),
     [], [1, 2], [[]], (), (1,), ("a", 1), {}, {"k": 1}, {1, 2}, frozenset([1]), range(3), range(2**70), slice(1, None, -1), slice(None, 2**80, 0),
     Evil(), Evil(-1), Evil(2**62), Bad(), int, type, object(), Ellipsis, NotImplemented, len, ValueError("x"), iter([1]), zip([1]), map(str, [1]), (i for i in range(2))]
calls = 0
seed = 1
def rnd(n):
    global seed
    seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
    return (seed >> 33) % n
def dangerous(o, name, args):
    # time or memory, not a crash
    if name in ("__mul__", "__rmul__", "__imul__", "__pow__", "__rpow__", "__lshift__", "__rlshift__", "__ilshift__", "__ipow__", "pow", "ljust", "rjust", "center", "zfill", "expandtabs", "to_bytes", "round", "__round__"): return True
    for a in args + [o]:
        if isinstance(a, range) and len(repr(a)) > 15: return True
        if isinstance(a, Evil) and a.v > 1000: return True
        if isinstance(a, int) and a >= 2**31 and (isinstance(o, type) or callable(o)): return True
    return False
def attempt(name, o, f, args):
    global calls
    calls += 1
    try:
        r = f(*args)
        try: repr(r)
        except Exception: pass
    except Exception: pass
targets = mk()
callables = [int, float, complex, str, bytes, bytearray, memoryview, list, tuple, dict, set, frozenset, range, slice, enumerate, zip, map, filter, reversed, bool, object, type, super, staticmethod, classmethod,
  ValueError, KeyError, OSError, StopIteration, SyntaxError, AttributeError, ImportError, UnicodeDecodeError, UnicodeEncodeError, SystemExit, BaseExceptionGroup,
  len, repr, hash, iter, next, isinstance, issubclass, getattr, hasattr, format, divmod, round, sum, any, all, min, max, sorted, chr, ord, bin, oct, hex, abs, dir, callable, id, ascii, setattr, delattr, pow]
for t in range(len(targets)):
    names = dir(type(targets[t]))
    for name in names:
        if name in ("__class__", "__init_subclass__", "__subclasshook__"): continue
        for k in range(4):
            v = mk(); o = v[t]
            args = [v[rnd(len(v))] for _ in range(rnd(4))]
            if dangerous(o, name, args): continue
            try: f = getattr(o, name)
            except Exception: continue
            if callable(f): attempt(name, o, f, args)
for f in callables:
    for k in range(4 * 20):
        v = mk()
        args = [v[rnd(len(v))] for _ in range(rnd(4))]
        name = getattr(f, "__name__", "?")
        if dangerous(f, name, args): continue
        attempt(name, f, f, args)
print("calls", calls)
