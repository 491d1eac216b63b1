# Messages of failing imports, and what eval, exec and compile refuse.
import sys
import types


def t(f, *a, **k):
    try:
        print(repr(f(*a, **k)))
    except BaseException as e:
        print(type(e).__name__, e, getattr(e, "name", None))


def run(text):
    exec(text, {"__name__": "probe"})


t(run, "import nowhere")
t(run, "import nowhere.part")
t(run, "import sys.part")
t(run, "from sys import nothing")
t(run, "from . import x")
t(run, "from .x import y")
t(__import__, "")
t(__import__, 5)
t(__import__, "x", level=-1)
m = types.ModuleType("half")
sys.modules["half"] = m
t(run, "from half import x")
sys.modules["none"] = None
t(run, "import none")
t(eval, "1+", {})
t(eval, 5)
t(eval, "1", 5)
t(eval, "1", {}, 5)
t(exec, "1", 5)
t(exec, "x", {}, closure=())
t(compile, "1", "f", "none")
t(compile, "1", "f", "exec", 1 << 30)
t(compile, "1", "f", "exec", optimize=7)
t(compile, "a\0b", "f", "exec")
t(sys.setrecursionlimit, 0)
t(sys.intern, 5)
t(sys.set_int_max_str_digits, 5)
t(sys._getframe, 1000)
t(min)
t(max, [])
t(max, 1, 2, default=3)
t(sum, ["a"], "")
t(vars, 5)
print(sys.flags.optimize, sys.implementation.name, sys.version_info[:2], sys.hexversion)
