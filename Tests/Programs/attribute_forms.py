"""Attributes of instances with slots, with attributes of their own and with a dict, read and written until every form an
instruction can take is met, and then changed under it."""


def told(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return f'{type(e).__name__}: {e}'


def get(objects):
    return [o.a for o in objects]


def put(objects, value):
    for o in objects:
        o.a = value


def call(objects):
    return [o.method() for o in objects]


def constant(objects):
    return [o.constant for o in objects]


class Slots:
    __slots__ = ('a', 'b', '__weakref__')
    constant = 'of the class'

    def method(self):
        return 'method'


def fresh(code):
    """The function again, with instructions that have seen nothing."""
    namespace = {}
    import inspect
    exec(inspect.getsource(code), namespace)
    return namespace[code.__name__]


def everything(name, objects):
    print(f'{name}:')
    g, p, m, c = (fresh(f) for f in (get, put, call, constant))
    for value in 1, 'text', [3]:
        p(objects, value)
        print(' ', g(objects)[-1], end='')
    print(' ', set(m(objects)), set(c(objects)))
    return g, p, m, c


slots = [Slots() for _ in range(10)]
g, p, m, c = everything('slots', slots)
del slots[-1].a
print(' ', told(g, slots), told(slots[-1].__delattr__, 'a'))
p(slots, 4)
print(' ', g(slots)[-1])
Slots.constant = 'changed'
print(' ', set(c(slots)))
Slots.a = property(lambda self: 'property')
print(' ', g(slots)[-1], told(p, slots, 1))


class Other:
    __slots__ = ('a',)


class Foreign:
    __slots__ = ('c',)


Foreign.a = Other.__dict__['a']
print(told(g, [Foreign()] * 10), told(p, [Foreign()] * 10, 1))


class Plain:
    constant = 'of the class'

    def method(self):
        return 'method'


plain = [Plain() for _ in range(10)]
g, p, m, c = everything('plain', plain)
plain[-1].constant = 'own'
plain[-1].method = lambda: 'own method'
print(' ', c(plain)[-2:], m(plain)[-2:])
del plain[-1].constant
print(' ', c(plain)[-2:])
Plain.a = 'class a'
print(' ', g(plain)[-1])
del plain[0].a
print(' ', g(plain)[:2])


class Dict(Plain):
    pass


dicts = [Dict() for _ in range(10)]
for n, o in enumerate(dicts):
    o.__dict__[f'first{n % 3}'] = 0
g, p, m, c = everything('dict', dicts)
print(' ', dicts[0].__dict__, dicts[1].__dict__)
dicts[3].__dict__['method'] = lambda: 'own method'
dicts[4].__dict__['constant'] = 'own'
print(' ', m(dicts)[2:5], c(dicts)[3:6])
dicts[5].__dict__ = {'a': 'new dict', 1: 2}
print(' ', g(dicts)[4:7])
p(dicts, 5)
print(' ', dicts[5].__dict__)
del dicts[6].a
print(' ', g(dicts)[5:8])
del Plain.a
print(' ', told(g, dicts))


class Watched(dict):
    def __getitem__(self, key):
        raise AssertionError('not asked')


dicts[6].__dict__ = Watched(a=7)
print(' ', g(dicts)[5:8])
Dict.a = property(lambda self: 'property', lambda self, value: print('  set', value))
print(' ', g(dicts)[0])
p(dicts[:1], 8)
Dict.method = staticmethod(lambda: 'static')
Dict.constant = property(lambda self: 'property')
print(' ', m(dicts)[2:5], c(dicts)[3:6])


class Many:
    constant = 1

    def __init__(self):
        for n in range(50):
            setattr(self, f'n{n}', n)
        self.a = 0

    def method(self):
        return self.n49


everything('many', [Many() for _ in range(10)])


class Error(Exception):
    constant = 'error'

    def method(self):
        return 'method'


errors = [Error() for _ in range(10)]
g, p, m, c = everything('exception', errors)
errors[-1].method = lambda: 'own method'
errors[-2].constant = 'own'
print(' ', m(errors)[-2:], c(errors)[-2:])


class Text(str):
    constant = 'text'

    def method(self):
        return self + '!'


everything('str', [Text('x') for _ in range(10)])


class Getattr(Plain):
    def __getattr__(self, name):
        return f'made {name}'


made = [Getattr() for _ in range(10)]
print(get(made)[0], set(constant(made)))
put(made, 3)
print(get(made)[0])


class Descriptor:
    def __get__(self, o, t):
        return 'descriptor'


Plain.constant = Descriptor()
print(set(constant(plain)), set(constant(dicts[:2])))
