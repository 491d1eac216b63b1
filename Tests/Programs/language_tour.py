def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(20))
class Animal:
    kind = "animal"
    def __init__(self, name, *, loud=False):
        self.name = name
        self.loud = loud
    def speak(self):
        return f"{self.name!r} says {self.sound()}{'!' if self.loud else ''}"
    def sound(self):
        return "..."
    def __repr__(self):
        return f"{type(self).__name__}({self.name})"
    def __eq__(self, other):
        return isinstance(other, Animal) and self.name == other.name
    def __lt__(self, other):
        return self.name < other.name
class Dog(Animal):
    def __init__(self, name):
        super().__init__(name, loud=True)
        self.tricks = []
    def sound(self):
        return "woof"
d = Dog("rex")
print(d.speak(), d, d.kind, Dog.__mro__)
print(sorted([Dog("z"), Dog("a"), Animal("m")]))
try:
    d.nothing
except AttributeError as e:
    print("caught", e)
try:
    1 / 0
except ZeroDivisionError as e:
    print(type(e).__name__, e)
finally:
    print("finally")
def gen(n):
    for i in range(n):
        got = yield i * i
        if got: print("got", got)
g = gen(4)
print(next(g), g.send("x"), list(g))
print(sum(x * x for x in range(10)), [x for x in range(20) if x % 3 == 0], {k: v for k, v in zip("abc", range(3))}, {1, 2, 3})
a, *b, c = range(6)
print(a, b, c)
def outer():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc
f = outer(); f(); f(5); print(f())
class CM:
    def __enter__(self): print("enter"); return self
    def __exit__(self, t, v, tb): print("exit", t.__name__ if t else None); return True
with CM() as cm:
    raise ValueError("inside")
print("%s %d %.3f %r" % ("a", 3, 2.5, "q"), "{:>5}|{:<5}|{:^5}".format(1, 2, 3), 2**100, -7 // 2, -7 % 3, 1e100, 0.1 + 0.2, 3 + 4j)
d2 = {"x": 1}; d2.update(y=2); d2["z"] = [1]; print(d2, list(d2.items()), "x" in d2, d2.get("q", 9))
def kw(a, b=2, *args, c, d=4, **k): return (a, b, args, c, d, k)
print(kw(1, c=3), kw(1, 2, 3, 4, c=5, e=6), kw(*[1, 2], **{"c": 9}))
try:
    kw(1)
except TypeError as e: print(e)
print("a,b,c".split(","), "-".join(["x", "y"]), "Hello"[1:3], "héllo".upper(), "abc".replace("b", "ß"), "x".center(7, "*"))
i = 0
while True:
    i += 1
    if i == 3: continue
    if i > 5: break
else:
    print("no")
print(i, [*range(3)], (lambda x, y=2: x + y)(1))
class P:
    __slots__ = ("x", "y")
    def __init__(self): self.x = 1
p = P(); print(p.x)
try: p.z = 1
except AttributeError as e: print(e)
class D:
    def __del__(self): print("del", end=" ")
D(); x = D(); del x; print()
def rec(n): return 0 if n == 0 else 1 + rec(n - 1)
print(rec(900))
try: rec(100000)
except RecursionError as e: print("RecursionError", e)
def yf():
    r = yield from gen(2)
    yield "done"
print(list(yf()))
assert 1 < 2 <= 3, "chain"
try:
    try: raise KeyError("k")
    except KeyError as e: raise ValueError("v") from e
except ValueError as e: print(repr(e), repr(e.__cause__))
print(min(3, 1, 2), max([4, 9, 2], key=lambda v: -v), any([0, 1]), all([]), abs(-3), round(2.567, 2), divmod(7, 3), isinstance(True, int))
