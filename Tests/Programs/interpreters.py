"""Sub-interpreters: modules of their own, values handed over, exceptions described, what an isolated one refuses."""
import _interpreters as interpreters
import os
import threading


def show(label, function, *args, **kwargs):
    try:
        print(label, function(*args, **kwargs))
    except Exception as e:
        print(label, type(e).__name__, e)


def output(id, code):
    r, w = os.pipe()
    failure = interpreters.exec(id, f'import os, sys\nsys.stdout = open({w}, "w")\n{code}\nsys.stdout.close()')
    if failure:
        os.close(w)
        print('failed:', failure.formatted)
    with open(r) as f:
        return f.read().rstrip()


print(interpreters.get_main(), interpreters.get_current(), interpreters.list_all())
a = interpreters.create()
b = interpreters.create('legacy')
print(len(interpreters.list_all()), interpreters.whence(a) == interpreters.WHENCE_STDLIB)

# Each has its own modules, builtins and __main__.
import json
json.changed = True
print(output(a, 'import json; print(hasattr(json, "changed"), __name__)'))
print(output(a, 'x = 1; print(sorted(n for n in globals() if not n.startswith("_")))'))
print(output(b, 'print("x" in globals(), os is not None)'))
print(output(a, 'import builtins; builtins.spam = 5; print(spam)'))
print(output(b, 'print("spam" in dir(__builtins__))'))
print(output(a, 'sys.setrecursionlimit(300); sys.set_int_max_str_digits(1000); print(sys.getrecursionlimit())'))
import sys
print(sys.getrecursionlimit(), sys.get_int_max_str_digits())

# Values that nobody can change go over; others do not.
interpreters.set___main___attrs(a, {'n': 7, 's': 'text', 't': (1, (2.5, None, True), b'z')})
print(output(a, 'print(n, s, t)'))
for value in ([], {}, object, (1, [2])):
    show('shared', interpreters.set___main___attrs, a, {'v': value})
show('too large', interpreters.set___main___attrs, a, {'v': 2 ** 70})
print([interpreters.is_shareable(v) for v in (1, 'a', b'', None, 1.5, (1, 2), [], (1, []), ...)])

# Exceptions come back as text.
failure = interpreters.exec(a, 'def f(): return 1 / 0\nf()')
print(failure.type, failure.msg, failure.formatted)
print(failure.errdisplay)
print(interpreters.exec(a, 'import json\njson.loads("{")').formatted)
print(interpreters.exec(a, 'raise SystemExit(3)').formatted)
print(interpreters.exec(a, '1 +').formatted)


# Functions without parameters run there, with the names of its __main__.
def task():
    global result
    result = n * 6


interpreters.run_func(a, task)
print(output(a, 'print(result)'))
show('arguments', interpreters.exec, a, lambda x: x)
show('type', interpreters.exec, a, 5)

# Threads of an interpreter, and an interpreter from several threads.
print(output(b, '''
import threading
seen = []
threads = [threading.Thread(target=seen.append, args=(i,), daemon=i % 2 == 0) for i in range(6)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(seen))'''))
interpreters.exec(a, 'total = 0')
gate = threading.Lock()


def add(i):
    with gate:
        interpreters.exec(a, f'total += {i}')


threads = [threading.Thread(target=add, args=(i,)) for i in range(10)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(output(a, 'print(total)'))

# What isolated interpreters refuse.
for code in ('os.fork()', 'os.execv("/bin/true", ["true"])',
             'import threading; threading.Thread(target=print, daemon=True).start()',
             'import signal; signal.signal(signal.SIGINT, print)'):
    print(interpreters.exec(a, 'import os\n' + code).formatted)

# Several at once, and ends.
show('busy', interpreters.exec, interpreters.get_main()[0], '1')
show('own', interpreters.destroy, interpreters.get_main()[0])
show('unknown', interpreters.exec, 999, '1')
show('negative', interpreters.destroy, -1)
print(interpreters.exec(a, f'import _interpreters; _interpreters.destroy({a})').formatted)
r, w = os.pipe()
interpreters.exec(b, f'import atexit, os; atexit.register(os.write, {w}, b"exit function of b")')
interpreters.destroy(b)
print(os.read(r, 100))
interpreters.destroy(a)
show('ended', interpreters.exec, a, '1')
for _ in range(10):
    x = interpreters.create()
    interpreters.exec(x, 'class C:\n    def __del__(self): pass\nc = C(); c.c = c\nimport re, enum, functools')
    interpreters.destroy(x)
counted = interpreters.create(reqrefs=True)
interpreters.incref(counted)
interpreters.decref(counted)
show('counted', interpreters.whence, counted)
print(interpreters.get_config(interpreters.create('legacy')))
print(interpreters.new_config('isolated', allow_fork=True))
show('config', interpreters.new_config, spam=1)
for id, _ in interpreters.list_all()[1:]:
    interpreters.destroy(id)
print(interpreters.list_all())
