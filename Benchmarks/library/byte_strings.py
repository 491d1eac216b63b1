"""bytes, bytearray, memoryview, BytesIO and StringIO, hex, base64, zlib, print."""
import base64
import binascii
import io
import os
import tempfile
import zlib
from measure import measure

data = bytes(range(256)) * 4096                      # 1 MB
prose = b'the quick brown fox jumps over the lazy dog\n' * 24000
packed = zlib.compress(prose)
noise = zlib.compress(data)
lines = prose.splitlines()
folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, 'prose')
with open(path, 'wb') as f:
    f.write(prose)


def times(n, work, *args):
    def run():
        for _ in range(n):
            work(*args)
    return run


def bytes_io():
    b = io.BytesIO()
    for line in lines * 5:
        b.write(line)
    b.seek(0)
    while b.read(100):
        pass


def string_io():
    s = io.StringIO()
    for i in range(200000):
        s.write('some text')
    return s.getvalue()


def printing():
    with open(path + '.out', 'w') as f:
        for i in range(50000):
            print('line', i, 1.5, file=f)


def growing():
    b = bytearray()
    for i in range(200000):
        b += b'ab'
        b.append(i & 255)
    return bytes(b)


def views():
    v = memoryview(data)
    n = 0
    for i in range(100000):
        n += v[i:i + 10][3]
    return n


def open_read():
    for _ in range(2000):
        with open(path, 'rb') as f:
            f.read(100)


measure('bytes.hex', times(20, data.hex))
measure('bytes.fromhex', times(20, bytes.fromhex, data.hex()))
measure('bytes split', times(10, prose.split))
measure('bytes splitlines', times(20, prose.splitlines))
measure('bytes join', times(20, b'\n'.join, lines))
measure('bytes replace', times(20, prose.replace, b'fox', b'rabbit'))
measure('bytes find', times(100, prose.find, b'purple'))
measure('bytes translate', times(50, data.translate, bytes(range(255, -1, -1))))
measure('bytes count', times(100, prose.count, b'dog'))
measure('bytes index, slice', lambda: [(data[i], data[i:i + 4]) for i in range(200000)])
measure('bytes iterate', lambda: [c for c in data])
measure('bytes %', lambda: [b'%d %s' % (i, b'x') for i in range(100000)])
measure('bytes of ints', times(20, lambda: bytes([i & 255 for i in range(10000)])))
measure('bytearray growing', growing)
measure('memoryview slices', views)
measure('base64 encode', times(50, base64.b64encode, data))
measure('base64 decode', times(50, base64.b64decode, base64.b64encode(data)))
measure('base64 small', lambda: [base64.b64decode(base64.b64encode(line)) for line in lines])
measure('base32', times(1, base64.b32encode, data))
measure('hexlify', times(50, binascii.hexlify, data))
measure('zlib compress', times(2, zlib.compress, data))
measure('zlib decompress', times(20, zlib.decompress, packed))
measure('zlib small', lambda: [zlib.decompress(zlib.compress(line)) for line in lines[:5000]])
measure('BytesIO', bytes_io)
measure('BytesIO lines', times(5, lambda: list(io.BytesIO(prose))))
measure('StringIO write', string_io)
measure('print to file', printing)
measure('open, read', open_read)
measure('open().read() text', times(50, lambda: open(path).read()))
measure('open().readlines()', times(10, lambda: open(path).readlines()))
measure('open().writelines()', times(10, lambda w=[l.decode() + '\n' for l in lines]: open(path + '.o', 'w').writelines(w)))
