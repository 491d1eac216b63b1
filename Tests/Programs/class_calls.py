"""Calls of classes, over and over so that every form an instruction can take is met, while the classes change."""
import abc
import sys
import traceback
import warnings

warnings.simplefilter('ignore')


def told(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except Exception as e:
        return f'{type(e).__name__}: {e}'


class Point:
    def __init__(self, x, y=2, *, z=3):
        self.x, self.y, self.z = x, y, z

    def __repr__(self):
        return f'Point({self.x}, {self.y}, {self.z})'


def make(cls, *args, **kwargs):
    return [cls(*args, **kwargs) for _ in range(10)][-1]


def positional(cls):
    for _ in range(10):
        p = cls(1, 5)
    return p


def named(cls):
    for _ in range(10):
        p = cls(1, z=7, y=6)
    return p


print(make(Point, 1), positional(Point), named(Point))


def too_few(cls):
    for _ in range(5):
        cls()


def too_many(cls):
    for _ in range(5):
        cls(1, 2, 3)


def unknown(cls):
    for _ in range(5):
        cls(1, w=2)


for f in too_few, too_many, unknown:
    print(told(f, Point))


class Returns:
    answer = None

    def __init__(self):
        return self.answer


def plain(cls):
    return [cls() for _ in range(10)][-1]


print(type(plain(Returns)).__name__)
Returns.answer = 5
print(told(plain, Returns))
Returns.answer = None
print(type(plain(Returns)).__name__)


class Changing:
    def __init__(self):
        self.kind = 'first'


print(plain(Changing).kind)


def second(self):
    self.kind = 'second'


Changing.__init__ = second
print(plain(Changing).kind)


def generator(self):
    self.kind = 'generator'
    yield 1


def third(self):
    self.kind = 'third'


second.__code__ = third.__code__
print(plain(Changing).kind)
second.__code__ = generator.__code__
print(told(plain, Changing))
second.__code__ = third.__code__
print(plain(Changing).kind)
del Changing.__init__
print(plain(Changing).__dict__)
Changing.__new__ = lambda cls: 'not an instance'
print(plain(Changing))


class Meta(type):
    pass


class Made(metaclass=Meta):
    def __init__(self, *args):
        self.args = args


print(positional(Made).args)
Meta.__call__ = lambda cls, *args: ('by the metaclass', args)
print(positional(Made))
del Meta.__call__
print(positional(Made).args)


class Abstract(abc.ABC):
    def __init__(self):
        self.made = True

    @abc.abstractmethod
    def method(self): ...


class Concrete(Abstract):
    def method(self): ...


print(told(plain, Abstract), plain(Concrete).made)
Concrete.__abstractmethods__ = frozenset(['method'])
print(told(plain, Concrete))
Concrete.__abstractmethods__ = frozenset()
print(plain(Concrete).made)


class Deep:
    def __init__(self, n):
        self.inner = Deep(n - 1) if n else None


def depth(d):
    n = 0
    while d.inner:
        d, n = d.inner, n + 1
    return n


print(depth(Deep(300)))


class Endless:
    def __init__(self):
        self.inner = Endless()


print(told(Endless))


class Failing:
    def __init__(self, n):
        if n == 7:
            raise ValueError(n)


def fail():
    for n in range(10):
        try:
            Failing(n)
        except ValueError as e:
            print([(f.name, f.line) for f in traceback.extract_tb(e.__traceback__)])


fail()


class Where:
    def __init__(self):
        f = sys._getframe()
        self.names = f.f_code.co_name, f.f_back.f_code.co_name


def here():
    for _ in range(5):
        w = Where()
    return w.names


print(here())


class Freed:
    log = []

    def __init__(self, fails):
        self.fails = fails
        if fails:
            raise KeyError('freed')

    def __del__(self):
        self.log.append(self.fails)


for fails in [False] * 5 + [True] * 3:
    try:
        Freed(fails)
    except KeyError:
        pass
print(Freed.log)

events = []


def tracer(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    return tracer


def traced():
    return Returns()


for _ in range(5):
    traced()
sys.settrace(tracer)
traced()
sys.settrace(None)
print(events)
events.clear()
sys.setprofile(lambda frame, event, arg: events.append((frame.f_code.co_name, event)))
traced()
sys.setprofile(None)
print(events)


def numbers():
    for n in range(5):
        yield Point(n)


print(list(numbers()))


class Nested:
    def __init__(self, value):
        self.value = value


print(Nested(Nested(Nested(Point(1)))).value.value.value)


class Assigned:
    def __init__(self):
        self.__class__ = Nested
        self.value = 4


print(type(plain(Assigned)).__name__, plain(Assigned).value)


class Callable:
    def __init__(self, n):
        self.n = n

    def __call__(self, x, *rest, key=0):
        return self.n, x, rest, key

    def __getitem__(self, i):
        if i == 5:
            raise IndexError(i)
        return self.n, i


def call_all(o):
    for i in range(10):
        r = o(i), o(i, 2, 3), o(i, key=4), o(x=i, key=5), o(*[i, 6], **{'key': 7})
    return r


def items(o, keys):
    got = []
    for k in keys:
        got.append((o[k], o[k, 1], o[1:k], (o)[1]))
    return got[-1]


c = Callable(1)
print(call_all(c))
print(items(c, range(5)), told(items, c, range(10)))
print(told(lambda: c()), told(lambda: c(1, y=2)), told(lambda: c[5]))
Callable.__call__ = staticmethod(lambda *args, **kwargs: ('static', args, kwargs))
print(call_all(c))
Callable.__call__ = Callable
print(type(c(3)).__name__, c(3).n)
Callable.__call__ = lambda self, *args, **kwargs: (self is c, args, kwargs)
print(call_all(c))
Callable.__getitem__ = lambda self, i, j=None: (i, j)
print(items(c, range(5)))
Callable.__getitem__ = lambda self: 1
print(told(items, c, range(5)))
Callable.__getitem__ = lambda self, *i: i
print(items(c, range(5)))


def ends(self, i):
    yield i


Callable.__getitem__ = ends
print([next(g) for g in items(c, range(5))])
del Callable.__getitem__
print(told(items, c, range(5)))
del Callable.__call__
print(told(call_all, c))


class Round:
    def __call__(self):
        return self()

    def __getitem__(self, i):
        return self[i]


print(told(Round()), told(lambda: Round()[1]))


class Loses:
    """The object goes while its own method runs."""

    def __del__(self):
        print('gone')

    def __call__(self):
        global loses
        del loses
        return 'called'

    def __getitem__(self, i):
        global loses
        del loses
        return i


loses = Loses()
print(loses())
loses = Loses()
print(loses[3])
events.clear()


def observed():
    return Callable(1).n, Round


for _ in range(3):
    observed()
sys.setprofile(lambda frame, event, arg: events.append((frame.f_code.co_name, event)))
observed()
sys.setprofile(None)
print(events)


class Words(dict):
    def __getitem__(self, key):
        return super().__getitem__(key.lower())

    def __missing__(self, key):
        return f'no {key}'


w = Words(a=1)
print([w[k] for k in ('A', 'a', 'B')], '%(A)s' % w, eval('A', {}, w))
