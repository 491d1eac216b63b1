"""Calls, classes, exceptions, generators, comprehensions, and what classes of the library do with them."""
import copy
import enum
import io
import logging
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from measure import measure

N = 200000


def keywords(a, b=2, *, c=3):
    return a


def variadic(*args, **kwargs):
    return args


class Slots:
    __slots__ = ('a', 'b')

    def __init__(self, a, b):
        self.a, self.b = a, b


class Plain:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def method(self, x, y=1):
        return x

    @property
    def double(self):
        return self.a * 2

    @classmethod
    def make(cls, a):
        return cls(a, a)

    @staticmethod
    def fixed(a):
        return a

    def __getitem__(self, i):
        return i

    def __add__(self, other):
        return self

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1

    def __len__(self):
        return 3

    def __call__(self, x):
        return x


class Child(Plain):
    def __init__(self, a, b):
        super().__init__(a, b)

    def __getattr__(self, name):
        return name


@dataclass
class Record:
    name: str
    size: int = 0
    ratio: float = 1.0


@dataclass(order=True, frozen=True)
class Frozen:
    name: str
    size: int = 0


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Flag(enum.Flag):
    A = 1
    B = 2


@contextmanager
def managed():
    yield 1


def raising():
    for i in range(N):
        try:
            raise ValueError(i)
        except ValueError as e:
            e.args


def raising_deep():
    def deep(n):
        if n == 0:
            raise KeyError(n)
        deep(n - 1)
    for i in range(N // 20):
        try:
            deep(20)
        except (TypeError, LookupError):
            pass


def finally_():
    n = 0
    for i in range(N):
        try:
            n += 1
        finally:
            n += 1


def generator():
    def numbers(n):
        for i in range(n):
            yield i
    return sum(numbers(N * 2))


def delegating():
    def leaf(n):
        yield from range(n)

    def middle(n):
        yield from leaf(n)
    return sum(middle(N))


def sending():
    def echo():
        x = 0
        while True:
            x = yield x
    g = echo()
    next(g)
    for i in range(N):
        g.send(i)


def with_statement():
    for i in range(N // 10):
        with managed() as m:
            pass


def logging_calls(level):
    def run():
        log = logging.getLogger('bench')
        log.propagate = False
        log.handlers[:] = [logging.StreamHandler(io.StringIO())]
        log.setLevel(level)
        for i in range(N // 20):
            log.info('value %d of %s', i, 'x')
    return run


def matching():
    n = 0
    for i in range(N):
        match (i & 3, i):
            case (0, x):
                n += x
            case (1, int(x)) if x > 100:
                n += 1
            case [_, _]:
                n -= 1


def global_loop():
    n = 0
    while n < N * 5:
        if n % 3 == 0 and n != 7:
            n += 2
        n += 1


def unpacking():
    for i in range(N):
        a, b, *c = i, 2, 3, 4
        a, b = b, a


def walrus_closure():
    count = 0

    def step():
        nonlocal count
        count += 1
    for i in range(N):
        step()


plain, child, slots, record = Plain(1, 2), Child(1, 2), Slots(1, 2), Record('a')
args, kwargs = (1, 2), {'b': 1, 'c': 2}
tree = {'list': [[i, str(i), (i, i)] for i in range(1000)], 'd': {i: {'x': i} for i in range(1000)}}

measure('call keywords', lambda: [keywords(i, c=1, b=2) for i in range(N)])
measure('call *args', lambda: [keywords(*args) for i in range(N)])
measure('call **kwargs', lambda: [keywords(1, **kwargs) for i in range(N)])
measure('call variadic', lambda: [variadic(1, 2, a=3) for i in range(N)])
measure('call *args **kwargs', lambda: [variadic(*args, **kwargs) for i in range(N)])
measure('call method', lambda: [plain.method(i, y=2) for i in range(N)])
measure('call class, static method', lambda: [(Plain.make(i), plain.fixed(i)) for i in range(N)])
measure('call __call__', lambda: [plain(i) for i in range(N)])
measure('call builtins', lambda: [(len(args), isinstance(i, int), abs(i), min(i, 3)) for i in range(N)])
measure('create instance', lambda: [Plain(i, 2) for i in range(N)])
measure('create by super()', lambda: [Child(i, 2) for i in range(N)])
measure('create slots', lambda: [Slots(i, 2) for i in range(N)])
measure('create dataclass', lambda: [Record('a', i) for i in range(N)])
measure('create frozen', lambda: [Frozen('a', i) for i in range(N // 4)])
measure('dataclass ==, <', lambda a=Frozen('a', 1), b=Frozen('a', 2): [(a == b, a < b) for i in range(N // 4)])
measure('dataclass asdict', lambda: [asdict(record) for i in range(N // 20)])
measure('dataclass repr', lambda: [repr(record) for i in range(N // 20)])
measure('slots access', lambda: [slots.a + slots.b for i in range(N)])
measure('attributes', lambda: [plain.a + plain.b for i in range(N)])
measure('property', lambda: [plain.double for i in range(N)])
measure('__getattr__', lambda: [child.missing for i in range(N // 4)])
measure('getattr, hasattr', lambda: [(getattr(plain, 'a'), getattr(plain, 'z', 3), hasattr(plain, 'q')) for i in range(N)])
measure('setattr', lambda: [setattr(plain, 'a', i) for i in range(N)])
measure('operators of a class', lambda: [(plain + 1, plain[2], plain == 3, len(plain), hash(plain)) for i in range(N // 2)])
measure('enum access', lambda: [(Color.RED, Color.GREEN.value, Color.RED is Color.GREEN) for i in range(N)])
measure('enum lookup', lambda: [(Color(1), Color['RED']) for i in range(N // 4)])
measure('enum flags', lambda: [Flag.A | Flag.B for i in range(N // 10)])
measure('raise, except', raising)
measure('raise deep', raising_deep)
measure('try, finally', finally_)
measure('generator', generator)
measure('yield from', delegating)
measure('generator send', sending)
measure('generator expression', lambda: sum(i * 2 for i in range(N * 2)))
measure('list comprehension', lambda: [i * 2 for i in range(N * 5) if i & 1])
measure('nested comprehension', lambda: [a * b for a in range(400) for b in range(400)])
measure('contextmanager', with_statement)
measure('match', matching)
measure('while', global_loop)
measure('unpacking', unpacking)
measure('closure', walrus_closure)
measure('logging on', logging_calls(logging.INFO))
measure('logging off', logging_calls(logging.ERROR))
measure('deepcopy', lambda: copy.deepcopy(tree))
measure('copy', lambda: [copy.copy(plain) for i in range(N // 4)])
measure('repr nested', lambda: [repr(tree) for _ in range(20)])
measure('isinstance, type', lambda: [(isinstance(child, Plain), type(child) is Plain, issubclass(Child, Plain)) for i in range(N)])
