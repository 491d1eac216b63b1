print(list(map(dict, [[(1,2)]])))
class M(type):
    def mro(c): raise ValueError("mro")
try:
    class Y(metaclass=M): pass
except ValueError as e: print("got", e)
class A: pass
class B:
    def __init__(s): s.a=s.b=s.c=s.d=s.e=s.f=s.g=s.h=s.i=s.j=s.k=s.l=1
B()
for _ in range(20000):
    x=A(); x.__class__=B; x.me=x
def f():
    try: raise ValueError(1)
    except ValueError: raise
try: f()
except ValueError as e:
    n = 0; tb = e.__traceback__
    while tb: n += 1; tb = tb.tb_next
    print("entries", n)
def g():
    x = yield
    yield
for _ in range(3):
    a=g(); next(a); a.send(a)
class S:
    __slots__ = ("b", "__a")
    def __init__(s): s.b = 1; s.__a = 2
print(S()._S__a, S.__slots__)
print("a", "b", sep="\udc80"[:0] or "|", end="!\n")
class D:
    def __del__(s): print("del at exit")
def h(): pass
d=D()


class Slotted:
    __slots__ = ("p", "q", "r", "s")


class Borrower:
    __slots__ = ("a", "b", "c", "d")
    s = Slotted.s


def read_foreign_slot(o):
    for _ in range(200):
        try:
            return o.s
        except TypeError as e:
            text = str(e)
    return text


borrower = Borrower()
borrower.a = borrower.b = borrower.c = borrower.d = "not mine"
print(read_foreign_slot(borrower))


class Owner:
    @property
    def x(self):
        return 1


def read(o):
    return o.x


owner = Owner()
for _ in range(100):
    read(owner)
Owner.__dict__["x"].__init__(lambda self: "another getter")
print(read(owner))
