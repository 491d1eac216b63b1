"""What the parser fuzzers share: arguments, mutations of samples, the loop.

usage of each program: PROGRAM.py [SECONDS [SEED [CASES]]]

Runs for SECONDS (default 10), or for CASES cases if given. The input of the case at work is in a file whose name is
printed first, so that a crash can be repeated. With CASES, what came of each case goes to standard output: the
outcomes of two interpreters can be compared. Exceptions of other kinds than the parser's own end the run.
"""
import mmap
import os
import random
import sys
import tempfile
import time

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
cases = int(sys.argv[3]) if len(sys.argv) > 3 else None

INTERESTING = [0, 1, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
               0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF]


def mutate(r, data, words=()):
    """A few random changes of bytes: cut, flip, repeat, splice, numbers at their limits, words of the language."""
    data = bytearray(data)
    for _ in range(r.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        n = len(data)
        at = r.randrange(n + 1)
        kind = r.randrange(9)
        if kind == 0:
            del data[at:]
        elif kind == 1 and n:
            data[r.randrange(n)] ^= 1 << r.randrange(8)
        elif kind == 2 and n:
            data[r.randrange(n)] = r.randrange(256)
        elif kind == 3:
            data[at:at] = r.randbytes(r.randrange(1, 9))
        elif kind == 4:
            del data[at:at + r.randrange(1, 9)]
        elif kind == 5:
            end = min(n, at + r.randrange(1, 33))
            data[at:at] = data[at:end] * r.choice((1, 1, 2, 10, 100))
        elif kind == 6:
            size = r.choice((1, 2, 4, 8))
            value = r.choice(INTERESTING) & (1 << size * 8) - 1
            data[at:at + size] = value.to_bytes(size, r.choice(('little', 'big')))
        elif kind == 7 and words:
            data[at:at] = r.choice(words)
        elif kind == 8 and n:
            start = r.randrange(n)
            piece = data[start:start + r.randrange(1, 33)]
            data[at:at + len(piece)] = piece
        if len(data) > 100000:
            del data[100000:]
    return bytes(data)


def fuzz(name, make, attempt, errors):
    """Calls `attempt(make(random))` again and again; `errors` are the exceptions it may raise."""
    path = os.path.join(tempfile.gettempdir(), f'fuzz-{name}-{os.getpid()}.bin')
    with open(path, 'wb') as f:
        f.truncate(1 << 18)
    print(f'{name}: seed {seed}, the input at work is in {path}', file=sys.stderr, flush=True)
    with open(path, 'r+b') as f:
        last = mmap.mmap(f.fileno(), 1 << 18)
    r = random.Random(seed)
    end = time.monotonic() + seconds
    done = raised = 0
    while done < cases if cases is not None else time.monotonic() < end:
        value = make(r)
        shown = value if isinstance(value, bytes) else repr(value).encode('utf-8', 'surrogatepass')
        shown = shown[:(1 << 18) - 8]
        last[:8 + len(shown)] = len(shown).to_bytes(8, 'little') + shown
        done += 1
        try:
            outcome = attempt(value)
            text = ascii(outcome)
        except errors as e:
            raised += 1
            text = f'{type(e).__name__}: {e}'.encode('ascii', 'backslashreplace').decode()
        if cases is not None:
            print(done, text[:300].replace('\n', ' '))
    print(f'{name}: {done} cases, {raised} raised', file=sys.stderr, flush=True)
    last.close()
    os.unlink(path)
