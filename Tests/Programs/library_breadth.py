"""What whole modules of the library rest on: ordered dicts, traces of memory, time zones, codecs, pickling."""
import codecs, collections, copy, datetime, gc, io, pickle, random, struct, tracemalloc, typing, zoneinfo

print('OrderedDict')
random.seed(5)
od, model = collections.OrderedDict(), []
for n in range(40000):
    k, op = random.randrange(50), random.randrange(6)
    if op < 2:
        if k not in od:
            model.append(k)
        od[k] = n
    elif op == 2 and k in od:
        del od[k]
        model.remove(k)
    elif op in (3, 4) and k in od:
        od.move_to_end(k, last=op == 3)
        model.remove(k)
        model.insert(len(model) if op == 3 else 0, k)
    elif op == 5 and od and n % 3 == 0:
        assert od.popitem(last=n % 2 == 0)[0] == model.pop(-1 if n % 2 == 0 else 0)
    if n % 500 == 0:
        assert list(od) == model == list(reversed(od))[::-1] == list(od.keys()) == [k for k, _ in od.items()]
        assert list(dict(od)) == model and list(od.copy()) == model and od == od.copy()
print(len(od) == len(model), od == dict(od), type(od | {}).__name__)
small = collections.OrderedDict(a=1, b=2)
small.note = 'kept'
print(small, small.keys(), small == collections.OrderedDict(b=2, a=1), small == {'b': 2, 'a': 1})
print(pickle.loads(pickle.dumps(small)).note, copy.copy(small).note, list(pickle.loads(pickle.dumps(iter(small)))))
for change in (lambda: small.move_to_end('a'), lambda: small.pop('a')):
    try:
        for key in small:
            change()
    except RuntimeError as e:
        print(e)

print('tracemalloc')
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
tracemalloc.start(3)
kept = [bytes(300) for _ in range(100)]
small_kept = [object() for _ in range(100)]
snapshot = tracemalloc.take_snapshot()
here = snapshot.filter_traces([tracemalloc.Filter(True, __file__)])
at = {s.traceback[0].lineno: s for s in here.statistics('lineno')}
print(at[40].count >= 100, at[40].size >= 30000, at[41].count >= 100)
print(tracemalloc.get_object_traceback(kept[0])[-1].lineno, tracemalloc.get_object_traceback(small_kept[0])[-1].lineno)
before = tracemalloc.get_traced_memory()[0]
del kept
print(before - tracemalloc.get_traced_memory()[0] >= 30000)
tracemalloc.stop()
print(tracemalloc.get_traced_memory(), tracemalloc.get_object_traceback(small_kept[0]))
del small_kept, snapshot, here, at
gc.collect()

print('zoneinfo')
def zone(rule):
    file = io.BytesIO()
    for _ in range(2):
        file.write(b'TZif2' + bytes(15) + struct.pack('>6l', 0, 0, 0, 0, 1, 4) + struct.pack('>lbb', 0, 0, 0) + b'UTC\0')
    file.write(b'\n' + rule.encode() + b'\n')
    file.seek(0)
    return zoneinfo.ZoneInfo.from_file(file, key=rule)
for rule in ('CET-1CEST,M3.5.0,M10.5.0/3', 'AAA3:30BBB,J60/0,300/25', '<-03>3<-02>,M3.5.0/-2,M10.5.0/-1', 'IST-1GMT0,M10.5.0,M3.5.0/1'):
    z = zone(rule)
    for month in range(1, 13):
        t = datetime.datetime(2024, month, 28, 1, 30, tzinfo=datetime.timezone.utc).astimezone(z)
        print(rule, t, t.tzname(), t.dst(), t.fold)
for rule in ('', 'A', 'AAA0BBB', 'AAA0BBB,M3.5.0', 'AAA0BBB,M13.5.0,J1', 'AAA0BBB,J1,J2,', '<A0'):
    try:
        print(repr(rule), zone(rule).tzname(None))
    except ValueError as e:
        print(repr(rule), e)

print('codecs')
decoder = codecs.getincrementaldecoder('utf-8')('surrogatepass')
print(ascii([decoder.decode(b'\xed'), decoder.decode(b'\xa4'), decoder.decode(b'\x81', True)]))
seen = []
codecs.register(seen.append)
for name in ('No Such--Codec', 'aaa\xe9\u20ac-8', 'x.y'):
    try:
        codecs.lookup(name)
    except LookupError as e:
        print(e)
codecs.unregister(seen.append)
print(seen)

print('pickling')
T = typing.TypeVar('T')
class Box(typing.Generic[T]):
    def __init__(self):
        self.content = 1
class Slotted(collections.deque):
    __slots__ = ('x', '__dict__')
class SlottedSet(set):
    __slots__ = ('x', '__dict__')
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    box = pickle.loads(pickle.dumps(Box(), protocol))
    print(protocol, box.content)
for cls in (Slotted, SlottedSet):
    value = cls('a')
    value.x, value.y = 1, 2
    value = pickle.loads(pickle.dumps(value))
    print(cls.__name__, value.x, value.y)
class Rows(typing.Generic[T], typing.Mapping[int, str]):
    pass
print([b.__name__ for b in Rows.__bases__])

print('contexts')
def raising(e):
    try:
        yield
    finally:
        raise e
a, b, c = Exception('a'), Exception('b'), Exception('c')
b.__context__ = a
g = raising(c)
next(g)
try:
    raise KeyError
except KeyError:
    try:
        g.throw(b)
    except Exception as e:
        print(repr(e), repr(e.__context__), repr(e.__context__.__context__))
