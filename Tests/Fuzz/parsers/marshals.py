"""marshal from mutated values and code objects. What comes out is looked at, not run."""
import marshal
import types
from fuzzing import fuzz, mutate

SOURCE = '''
def f(a, /, b=1, *c, d=2, **e):
    try:
        return [x + a for x in c if x]
    except (ValueError, TypeError) as error:
        raise KeyError(f'{a!r:>10}') from error
    finally:
        pass
class C[T]:
    x: int = 3
    async def g(self): return self.x, __class__
'''
VALUES = [None, True, ..., StopIteration, 1, -1, 2**31, -2**100, 1.5, 1 + 2j, 'text', '\u20ac', '\ud800', 'interned', b'bytes', (),
          (1, 2, 3), tuple(range(300)), [1, [2]], {'a': 1, 'b': {}}, {1, 2}, frozenset((3, 'x')), compile(SOURCE, 'f', 'exec'),
          compile('1 + x', 'g', 'eval')]
SAMPLES = [marshal.dumps(v, n) for v in VALUES for n in (0, 1, 2, 3, 4)]
WORDS = [bytes([c]) for c in b'0NFTS.ilfgxyIstR([<>{}czaAZr)u?|'] + [bytes([c | 0x80]) for c in b'NFTSilgystr([<>{}cazAZ)u']


def look(v, depth=0):
    if isinstance(v, types.CodeType):
        return ['code', len(v.co_code), ascii(v.co_name), len(v.co_consts)]
    if isinstance(v, (list, tuple)) and depth < 5:
        return [look(x, depth + 1) for x in v[:20]]
    if isinstance(v, (dict, set, frozenset)):
        return [type(v).__name__, len(v)]
    return ascii(v)[:50]


fuzz('marshal', lambda r: mutate(r, r.choice(SAMPLES), WORDS), lambda data: look(marshal.loads(data)),
     (ValueError, TypeError, EOFError, MemoryError, OverflowError, RecursionError, SystemError, NameError, IndexError))
