"""zlib, gzip, bzip2 and xz streams from mutated ones, whole and in pieces."""
import bz2
import gzip
import lzma
import zlib
from fuzzing import fuzz, mutate

TEXTS = [b'', b'a', b'hello ' * 50, bytes(range(256)) * 4, b'\0' * 20000]


def raw(data):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


SAMPLES = {
    'zlib': [zlib.compress(t, n) for t in TEXTS for n in (0, 1, 9)],
    'raw': [raw(t) for t in TEXTS],
    'gzip': [gzip.compress(t, mtime=0) for t in TEXTS],
    'bz2': [bz2.compress(t) for t in TEXTS],
    'xz': [lzma.compress(t, format=f) for t in TEXTS for f in (lzma.FORMAT_XZ, lzma.FORMAT_ALONE)],
}


def make(r):
    kind = r.choice(list(SAMPLES))
    return kind, mutate(r, r.choice(SAMPLES[kind])), r.choice((0, 1, 10, 1000)), r.choice((1, 7, 100000))


def attempt(case):
    kind, data, limit, step = case
    if step == 100000 and not limit:
        out = {'zlib': zlib.decompress, 'raw': lambda d: zlib.decompress(d, -15), 'gzip': gzip.decompress,
               'bz2': bz2.decompress, 'xz': lambda d: lzma.decompress(d, memlimit=1 << 26)}[kind](data)
        return len(out), out[:20]
    if kind in ('zlib', 'raw', 'gzip'):
        d = zlib.decompressobj({'zlib': 15, 'raw': -15, 'gzip': 31}[kind])
        total = 0
        for i in range(0, min(len(data), 3000), step):
            total += len(d.decompress(d.unconsumed_tail + data[i:i + step], limit))
        total += len(d.flush())
        return total, d.eof, d.unused_data[:10]
    d = bz2.BZ2Decompressor() if kind == 'bz2' else lzma.LZMADecompressor(memlimit=1 << 26)
    total = 0
    for i in range(0, min(len(data), 3000), step):
        total += len(d.decompress(data[i:i + step], limit or -1))
    return total, d.eof


fuzz('zlib', make, attempt, (zlib.error, gzip.BadGzipFile, lzma.LZMAError, EOFError, OSError, ValueError))
