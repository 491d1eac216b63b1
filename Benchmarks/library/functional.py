"""itertools, functools, operator, and the builtins that take functions."""
import functools
import itertools
import operator
from measure import measure

numbers = list(range(300000))
pairs = [(i, -i) for i in range(200000)]


def drain(iterator):
    for _ in iterator:
        pass


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@functools.lru_cache(maxsize=100)
def square(n):
    return n * n


@functools.singledispatch
def kind(value):
    return 'other'


@kind.register
def _(value: int):
    return 'int'


class Circle:
    def __init__(self, r):
        self.r = r

    @functools.cached_property
    def area(self):
        return self.r * 3


@functools.total_ordering
class Version:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n


def hits():
    for n in range(300000):
        square(n % 50)


def misses():
    for n in range(100000):
        square(n)


def cache_deep():
    for _ in range(500):
        fibonacci.cache_clear()
        fibonacci(150)


measure('itertools chain', lambda: drain(itertools.chain.from_iterable(pairs)))
measure('itertools product', lambda: drain(itertools.product(range(60), repeat=3)))
measure('itertools permutations', lambda: drain(itertools.permutations(range(9))))
measure('itertools combinations', lambda: drain(itertools.combinations(range(60), 3)))
measure('itertools islice', lambda: drain(itertools.islice(itertools.count(), 500000)))
measure('itertools accumulate', lambda: drain(itertools.accumulate(numbers)))
measure('itertools groupby', lambda: [k for k, g in itertools.groupby(numbers, lambda n: n // 10)])
measure('itertools groupby items', lambda: [sum(g) for k, g in itertools.groupby(numbers, lambda n: n // 10)])
measure('itertools zip_longest', lambda: drain(itertools.zip_longest(numbers, numbers[:1000])))
measure('itertools starmap', lambda: drain(itertools.starmap(operator.add, pairs)))
measure('itertools takewhile', lambda: drain(itertools.takewhile(lambda n: n < 250000, numbers)))
measure('itertools compress', lambda: drain(itertools.compress(numbers, itertools.cycle((0, 1)))))
measure('itertools batched', lambda: drain(itertools.batched(numbers, 3)))
measure('itertools pairwise', lambda: drain(itertools.pairwise(numbers)))
measure('itertools tee', lambda: [drain(i) for i in itertools.tee(numbers)])
measure('map lambda', lambda: list(map(lambda n: n + 1, numbers)))
measure('map builtin', lambda: list(map(str, numbers)))
measure('map two', lambda: list(map(operator.add, numbers, numbers)))
measure('filter', lambda: list(filter(lambda n: n & 1, numbers)))
measure('filter None', lambda: list(filter(None, numbers)))
measure('zip enumerate', lambda: [a + b for i, (a, b) in enumerate(zip(numbers, numbers))])
measure('sum min max', lambda: [(sum(numbers), min(numbers), max(numbers)) for _ in range(5)])
measure('max key', lambda: max(pairs, key=lambda p: p[1]))
measure('any all', lambda: (any(n < 0 for n in numbers), all(n >= 0 for n in numbers)))
measure('reversed', lambda: [n for n in reversed(numbers)])
measure('reduce', lambda: functools.reduce(operator.add, numbers))
measure('reduce lambda', lambda: functools.reduce(lambda a, b: a + b, numbers))
measure('partial', lambda: [functools.partial(max, 3)(n) for n in numbers])
measure('partial reuse', lambda f=functools.partial(pow, 2): [f(7) for n in numbers])
measure('lru_cache hits', hits)
measure('lru_cache misses', misses)
measure('lru_cache deep', cache_deep)
measure('singledispatch', lambda: [kind(n) for n in range(50000)])
measure('cached_property', lambda c=Circle(2): [c.area for n in numbers])
measure('total_ordering', lambda a=Version(1), b=Version(2): [a >= b for n in range(50000)])
measure('cmp_to_key', lambda: sorted(numbers[:50000], key=functools.cmp_to_key(lambda a, b: b - a)))
measure('itemgetter', lambda g=operator.itemgetter(1): [g(p) for p in pairs])
measure('itemgetter two', lambda g=operator.itemgetter(1, 0): [g(p) for p in pairs])
measure('attrgetter', lambda g=operator.attrgetter('imag'): [g(n) for n in numbers])
measure('methodcaller', lambda g=operator.methodcaller('bit_length'): [g(n) for n in numbers])
