# Faults that the library had once; what CPython prints is beside it.
import binascii
import ctypes
import io
import itertools
import json
import marshal
import math
import pickle
import random
import struct
import symtable
import sys
import uuid
import zlib


def attempt(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


# The rest of a limited split keeps its blanks.
for s in (' a  b ', 'a b c  ', ' \u20ac  b '):
    print(s.split(None, 1), s.rsplit(None, 1), s.encode().split(None, 1), s.encode().rsplit(None, 1))
attempt(int, bytearray(b'12'))
attempt(int, memoryview(b' 34 '))
attempt(int, b'1\x002')
attempt(hash, bytearray())

# Overflow traps.
print(math.nextafter(-1e308, math.inf, steps=2**63), math.nextafter(-math.inf, math.inf, steps=2**64))


class BadInt(int):
    def __abs__(self):
        return None


random.seed(BadInt(3))
print(random.random() > 0)

# struct: another __init__ while the old format is in use.
s = struct.Struct('ii')


class Again:
    def __index__(self):
        s.__init__('q' * 1000)
        return 7


def survive(f, *args):
    # What comes out is no matter (CPython reads beyond its memory here); it must not take the process down.
    try:
        f(*args)
    except Exception:
        pass


if 'Gila' in sys.version:
    survive(s.pack, Again(), 8)
    s = struct.Struct('b')
    i = s.iter_unpack(b'abcd')
    survive(next, i)
    s.__init__('100b')
    survive(next, i)
attempt(struct.calcsize, '2\0i')

# A view that is released while its index is asked for.
m = memoryview(bytearray(8))


class Release:
    def __index__(self):
        m.release()
        return 2


def assign():
    m[:Release()] = b'ab'


attempt(assign)

# ctypes: an int is no char pointer.
libc = ctypes.CDLL(None)
libc.strlen.argtypes = [ctypes.c_char_p]
attempt(libc.strlen, 3)
print(libc.strlen(b'four'))
prototype = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.POINTER(ctypes.c_int))
frexp = prototype(('frexp', ctypes.CDLL('libm.so.6')), ((1, 'x'), (2, 'exponent')))
attempt(frexp, x=6.5)
attempt(frexp)

# Parsers.
attempt(marshal.loads, b'<\x02\x00\xff\x00\x00')
attempt(json.loads, '"\\x"')
attempt(binascii.a2b_base64, b'aaaa=', strict_mode=True)
d = zlib.decompressobj()
d.decompress(zlib.compress(b'a' * 100)[:-2] + b'xx', 10)
attempt(d.flush)
attempt(b'\xff\xfe\0\0\0\0\x11\0'.decode, 'utf-32')

# Iterators that are copied in the middle.
c = itertools.cycle('abc')
next(c), next(c), next(c), next(c)
print(pickle.loads(pickle.dumps([1])), [next(c) for _ in range(4)])

# Text streams.
f = io.TextIOWrapper(io.BufferedRWPair(io.BytesIO(b'foo\nbar\n'), io.BytesIO()), 'ascii')
print(f.readline(), end='')
f.write('x')
print(f.readline(), end='')

t = symtable.symtable('def f(a):\n  global g\n  def h(): return a\n  return h\n', 'f', 'exec')
print(t.get_children()[0].get_parameters(), t.get_children()[0].get_globals(), t.get_children()[0].get_children()[0].get_frees())
u = uuid.uuid1()
print(u.version, u.variant == uuid.RFC_4122, uuid.uuid1() != u)
