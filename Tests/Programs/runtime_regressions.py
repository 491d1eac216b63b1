# What was mended since the regressions page: each line is one fault.
import gc, io, json, sys, weakref

# split leaves the rest as it is when the limit is used up.
s = '  a    b   '
print(s.split(None, 1), s.rsplit(None, 1), b' a b '.split(None, 1), s.split(None, 0))
# Identifiers are normalized.
ﬁ = 3
print('fi' in globals(), 'ﬁ' in globals())
# json.dumps indents.
print(json.dumps({'a': [1, {}], 'b': {'c': []}}, indent=2))
# Subclasses without __init__ reject keywords.
for base in (list, set, frozenset, tuple, float):
    try:
        type('C', (base,), {})(newarg=1)
    except TypeError:
        print(base.__name__, 'rejects keywords')


class Trunc:
    def __trunc__(self):
        return 42


print(int(Trunc()))


class Named:
    pass


n = Named()
n.x = 1
del n.__dict__
print(n.__dict__, hasattr(n, 'x'))

# The collector: tuples of atoms leave it, a cycle through a class without attributes goes.
t = tuple([1, 'a', (2, 3)])
gc.collect()
print(gc.is_tracked(t))


class Empty:
    __slots__ = ()


print(gc.is_tracked(Empty()))


def cycle():
    def f():
        pass
    f.__module__ = (f,)
    return weakref.ref(f)


r = cycle()
gc.collect()
print(r())

# A trace function jumps.
lines = []


def jumps():
    lines.append(1)
    lines.append(2)
    lines.append(3)


def trace(frame, event, argument):
    if frame.f_code is jumps.__code__ and event == 'line' and len(lines) == 1:
        frame.f_lineno += 1
    return trace


sys.settrace(trace)
jumps()
sys.settrace(None)
print(lines)

# Monitoring: events of one code object, disabled by the callback.
seen = []
monitoring = sys.monitoring
monitoring.use_tool_id(1, 'test')


def on_line(code, line):
    seen.append(line - code.co_firstlineno)
    return monitoring.DISABLE


def watched():
    for _ in range(3):
        pass


monitoring.register_callback(1, monitoring.events.LINE, on_line)
monitoring.set_local_events(1, watched.__code__, monitoring.events.LINE)
watched()
watched()
monitoring.set_local_events(1, watched.__code__, 0)
monitoring.free_tool_id(1)
print(seen)
print(~True if False else eval('~1'))


# A class that only hashes for itself compares as its base does.
for base in (list, dict, tuple, set, str, int):
    C = type('C', (base,), {'__hash__': lambda self: 1})
    print(base.__name__, C() == C(), C() != C(), hash(C()))
