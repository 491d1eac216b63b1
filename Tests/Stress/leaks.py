"""Runs pieces of Python again and again and looks whether memory blocks stay behind.

usage: leaks.py [TIMES [WORD]]        WORD: only pieces that contain it

A piece that leaves a block behind in every second run, or more, is reported with the number per run. Runs on any Python.
"""
import gc
import sys
import textwrap

TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 60
WORD = sys.argv[2] if len(sys.argv) > 2 else ''

PIECES = '''
a = [1, 2.5, 'x', b'y', (1, [2]), {3: 4}, {5}, 10**40]; a.append(a); del a
----
class A:
    __slots__ = ('x', '__weakref__')
    def __init__(self): self.x = self
A(); del A
----
class M(type):
    def __call__(cls, *a, **k): return super().__call__(*a, **k)
class A(metaclass=M):
    def __init_subclass__(cls, **k): cls.k = k
    @property
    def p(self): return [self]
    @classmethod
    def c(cls): return cls
class B(A, word=1): pass
B().p, B.c(), B.k
----
def f(*a, k=1, **kw):
    x = [i for i in a]
    return lambda: (x, kw, k)
f(1, 2, 3, k=4, z=5)()
----
def g():
    try:
        x = yield 1
        yield from (x, [2])
    finally:
        pass
i = g(); next(i); i.send(3); del i
i = g(); next(i)
try: i.throw(ValueError('x'))
except ValueError: pass
----
try:
    try: 1 / 0
    except ZeroDivisionError as e: raise KeyError('k') from e
except KeyError as e:
    import traceback
    traceback.format_exception(e)
----
try: raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
except* ValueError as e: pass
except* TypeError as e: pass
----
import asyncio
async def sub(n):
    await asyncio.sleep(0)
    return [n]
async def main():
    async with asyncio.TaskGroup() as g:
        ts = [g.create_task(sub(i)) for i in range(5)]
    return [t.result() for t in ts]
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
----
import threading, queue
q = queue.Queue()
t = threading.Thread(target=lambda: q.put(threading.local()))
t.start(); t.join(); q.get()
----
import contextvars
v = contextvars.ContextVar('v')
c = contextvars.copy_context(); c.run(v.set, [1]); c.get(v)
t = v.set(c); v.reset(t); list(c.items()); c.copy() == c; c.run(v.set, c)
----
try: from gila.maps import PersistentMap as Map
except ImportError: Map = None
class Key(int):
    def __hash__(self): return self % 7 << 30
    def __eq__(self, other):
        if bad: raise ZeroDivisionError
        return self is other
bad = False
if Map:
    m = Map(); keys = [Key(i) for i in range(40)] + list(range(40))
    for k in keys: m = m.set(k, [m])
    for k in keys[::2]: m = m.delete(k)
    i = m.items(); next(i); m == m.set(9, 9); m.get(Key(20), 0); m.__dump__(); m = m.set(0, i)
    bad = True
    for f in m.get, m.delete, lambda k: m.set(k, 1), m.__contains__, lambda k: m == m.delete(0).set(0, k):
        try: f(Key(21))
        except ZeroDivisionError: pass
----
match {'a': [1, 2, {'b': 3}]}:
    case {'a': [1, *rest]}: pass
----
class A:
    def __del__(self): self.other = None
a, b = A(), A(); a.other, b.other = b, a; del a, b
----
exec(compile('def f[T: int](x: T) -> T: return x\\nx = f(1)\\ntype L[K] = list[K]', '<piece>', 'exec'), {})
----
import ast; ast.unparse(ast.parse('async def f(x): return [await y async for y in x if (z := y)]'))
----
import re
re.compile(r'(?P<a>\\w+)-(\\d+)').sub(lambda m: m['a'], 'ab-12 cd-34'); re.findall('a|b', 'abc'); re.split('x', 'axb')
----
import json; json.loads(json.dumps({'a': [1, 2.5, None, True, 'text'], 'b': {'c': []}}, indent=1))
try: json.loads('[1, 2')
except ValueError: pass
----
import pickle, types
p = types.SimpleNamespace(); p.x = p
pickle.loads(pickle.dumps([p, {1: (2, 3)}, {4}, b'x' * 300, 'y']))
----
import struct; struct.unpack('<iqd5s', struct.pack('<iqd5s', 1, 2, 3.0, b'abc')); list(struct.iter_unpack('h', bytes(10)))
----
import datetime as d
d.datetime.fromisoformat('2024-01-02T03:04:05+00:00') - d.datetime.now(d.timezone.utc) + d.timedelta(1)
d.datetime.strptime('2024', '%Y').strftime('%A')
----
import collections
collections.Counter('abca').most_common(); collections.deque([1, 2], 5).rotate(1)
o = collections.OrderedDict(a=1); o.move_to_end('a'); o.popitem()
collections.ChainMap({}, {1: 2})[1]; collections.defaultdict(list)[1].append(2)
----
import itertools, functools, operator
list(itertools.groupby([1, 1, 2])), list(itertools.permutations('abc')), list(itertools.tee([1], 2)[0])
functools.reduce(operator.add, [[1], [2]]); functools.partial(print, 1, sep='')
@functools.lru_cache(3)
def f(x): return [x]
f(1), f(2), f(3), f(4)
----
import io
b = io.BytesIO(b'a\\nb'); t = io.TextIOWrapper(b, 'utf-8'); t.readlines(); t.close()
s = io.StringIO(); print('x', file=s); s.getvalue()
with open(__file__) as f: f.readline(); f.tell()
----
import os, tempfile
os.listdir('/'), os.stat('/'), os.environ.get('PATH'), list(os.scandir('/etc'))
----
import socket
a, b = socket.socketpair()
a.settimeout(1); a.sendall(b'x'); b.recv(1); a.close(); b.close()
----
import hashlib, hmac, zlib, bz2, lzma, base64
hashlib.sha256(b'x').hexdigest(), hmac.digest(b'k', b'm', 'md5'), zlib.decompress(zlib.compress(b'x' * 99))
bz2.decompress(bz2.compress(b'y')), lzma.decompress(lzma.compress(b'z')), base64.b64decode(base64.b64encode(b'w'))
----
import sqlite3
c = sqlite3.connect(':memory:'); c.execute('create table t(a, b)'); c.executemany('insert into t values(?, ?)', [(1, 'x'), (2, None)])
list(c.execute('select * from t where a > ?', (0,))); c.create_function('f', 1, lambda x: x); c.execute('select f(1)').fetchone(); c.close()
----
import xml.etree.ElementTree as E
E.tostring(E.fromstring('<a x="1"><b>t</b><c/></a>')); list(E.XML('<a><b/></a>').iter())
try: E.fromstring('<a>')
except E.ParseError: pass
----
import csv, io
list(csv.reader(['a,b', '"c",d'])); csv.writer(io.StringIO()).writerow([1, 'x'])
----
import decimal
with decimal.localcontext() as c:
    c.prec = 50
    decimal.Decimal(1) / 7 + decimal.Decimal('1e5').sqrt()
----
import ctypes
class S(ctypes.Structure): _fields_ = [('a', ctypes.c_int), ('b', ctypes.c_char * 4)]
s = S(1, b'x'); ctypes.string_at(ctypes.addressof(s), 4); ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x)(3)
----
import weakref
class W: pass
w = W(); r = weakref.ref(w, lambda x: None); p = weakref.proxy(w); d = weakref.WeakValueDictionary(a=w); s = weakref.WeakSet([w])
f = weakref.finalize(w, list); del w
----
import array, bisect, heapq, math, random, statistics, operator
a = array.array('i', range(9)); a.byteswap(); memoryview(a)[1:3].tolist(); bisect.insort([1, 3], 2)
heapq.nlargest(2, [1, 2, 3]); random.Random(1).sample(range(99), 5); statistics.mean([1, 2]); math.prod([1.5, 2])
----
'%s %r %5.2f' % ('a', [1], 2.5), f'{10**20:,} {"x":>5}', 'a-b'.partition('-'), 'abc'.translate({97: 'z'}), 'ß'.upper()
'x'.join(str(i) for i in range(20)), b'ab'.hex(), bytearray(b'abc')[1:], 'ä'.encode('utf-16').decode('utf-16')
----
import subprocess, sys
subprocess.run(['true'])
----
import selectors, select
s = selectors.DefaultSelector(); s.close()
----
import enum, dataclasses, typing
class E(enum.Enum):
    A = 1
    B = 2
E.A, E(2), E['B'], list(E)
@dataclasses.dataclass(order=True)
class D:
    x: int
    y: list = dataclasses.field(default_factory=list)
dataclasses.asdict(D(1)); D(1) < D(2); typing.get_type_hints(D)
----
import sys
def trace(f, e, a): return trace
sys.settrace(trace)
(lambda: [1])()
sys.settrace(None)
----
import inspect
def f(a, /, b, *, c=1) -> int: ...
str(inspect.signature(f)), inspect.getmembers(f)
'''


def blocks(code, times):
    for _ in range(times):
        exec(code, {'__name__': '__main__', '__file__': __file__})
    gc.collect()
    gc.collect()
    return sys.getallocatedblocks()


bad = 0
pieces = [p.strip('\n') for p in PIECES.split('----\n') if WORD in p]
for piece in pieces:
    code = compile(piece, '<piece>', 'exec')
    before = blocks(code, TIMES // 2)
    # A cache that fills may take blocks once; a leak takes them each time.
    grown = []
    for _ in range(2):
        after = blocks(code, TIMES)
        grown.append((after - before) / TIMES)
        before = after
    if min(grown) >= 0.5:
        bad += 1
        print(f'{min(grown):.1f} blocks a run stay behind:\n{textwrap.indent(piece, "    ")}')
print(f'{len(pieces)} pieces, {bad} leak')
sys.exit(bad > 0)
