"""What tests of Lib/test ask about the inside of an interpreter and Gila can answer. Everything else is absent."""
import sys as _sys

SIZEOF_PYGC_HEAD = 16
SIZEOF_MANAGED_PRE_HEADER = 16


def get_config():
    """Settings that tests look at."""
    return {
        'code_debug_ranges': 'no_debug_ranges' not in _sys._xoptions
        and not __import__('os').environ.get('PYTHONNODEBUGRANGES'),
        'faulthandler': 'faulthandler' in _sys._xoptions,
        'use_environment': not _sys.flags.ignore_environment,
    }


def suppress_immortalization(suppress):
    """Nothing is made immortal by use."""


def get_immortalize_deferred():
    return False


def compiler_cleandoc(text):
    """The docstring that the compiler makes of a string."""
    names = {}
    exec(compile(f'def f():\n {text!r}\n', '', 'exec', dont_inherit=True), names)
    return names['f'].__doc__


def get_recursion_depth():
    """How many frames the running code has, with its own."""
    frame, depth = _sys._getframe(1), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


try:
    from gila import has_inline_values
    from gila.maps import PersistentMap as hamt
except ImportError:
    pass


SIZEOF_TIME_T = 8


def _time_functions():
    """Conversions of times, as Gila exports them to extension modules."""
    import ctypes
    api = ctypes.pythonapi

    class Pair(ctypes.Structure):
        _fields_ = [('first', ctypes.c_long), ('second', ctypes.c_long)]

    for name in ('_PyTime_FromSeconds', '_PyTime_AsMilliseconds', '_PyTime_AsMicroseconds'):
        getattr(api, name).restype = ctypes.c_int64
    def from_seconds(seconds):
        if not isinstance(seconds, int):
            raise TypeError('an integer is required')
        return api._PyTime_FromSeconds(ctypes.c_int(seconds))
    def from_object(seconds, rounding):
        t = ctypes.c_int64()
        api._PyTime_FromSecondsObject(ctypes.byref(t), ctypes.py_object(seconds), rounding)
        return t.value
    def to_whole(seconds, rounding):
        t = ctypes.c_long()
        api._PyTime_ObjectToTime_t(ctypes.py_object(seconds), ctypes.byref(t), rounding)
        return t.value
    def to_parts(function):
        def convert(seconds, rounding):
            s, rest = ctypes.c_long(), ctypes.c_long()
            function(ctypes.py_object(seconds), ctypes.byref(s), ctypes.byref(rest), rounding)
            return s.value, rest.value
        return convert
    def to_pair(function):
        def convert(t, *rounding):
            out = Pair()
            function(ctypes.c_int64(t), ctypes.byref(out), *rounding)
            return out.first, out.second
        return convert
    def divided(function):
        def convert(t, rounding):
            if not -2**63 <= t < 2**63:
                raise OverflowError('int too big to convert')
            return function(ctypes.c_int64(t), rounding)
        return convert
    return {
        '_PyTime_FromSeconds': from_seconds,
        '_PyTime_FromSecondsObject': from_object,
        '_PyTime_ObjectToTime_t': to_whole,
        '_PyTime_ObjectToTimeval': to_parts(api._PyTime_ObjectToTimeval),
        '_PyTime_ObjectToTimespec': to_parts(api._PyTime_ObjectToTimespec),
        '_PyTime_AsTimeval': to_pair(api._PyTime_AsTimeval),
        '_PyTime_AsTimespec': to_pair(api._PyTime_AsTimespec),
        '_PyTime_AsTimeval_clamp': to_pair(api._PyTime_AsTimeval),
        '_PyTime_AsTimespec_clamp': to_pair(api._PyTime_AsTimespec),
        '_PyTime_AsMilliseconds': divided(api._PyTime_AsMilliseconds),
        '_PyTime_AsMicroseconds': divided(api._PyTime_AsMicroseconds),
    }


def __getattr__(name):
    if name.startswith('_PyTime_') and name in (functions := _time_functions()):
        return functions[name]
    if name == '_PyTraceMalloc_GetTraceback':
        import ctypes
        function = ctypes.pythonapi._PyTraceMalloc_GetTraceback
        function.restype = ctypes.py_object
        return lambda domain, address: function(ctypes.c_uint(domain), ctypes.c_size_t(address))
    raise AttributeError(f"module '_testinternalcapi' has no attribute '{name}'")


def clear_extension(name, path):
    from gila.imports import forget_extension
    forget_extension(name, path)


def pymem_getallocatorsname():
    """Small blocks come from pools, as CPython's do, unless all come from libc."""
    import os
    return 'malloc' if os.environ.get('PYTHONMALLOC') == 'malloc' else 'pymalloc'


# Sub-interpreters.

def create_interpreter(config=None, *, whence=None):
    import _interpreters
    from gila.interpreters import create
    return create(config, _interpreters.WHENCE_XI if whence is None else whence)


def destroy_interpreter(id, *, basic=False):
    import _interpreters
    _interpreters.destroy(id)


def exec_interpreter(id, code, *, main=False):
    """Runs code and shows what it raises: 0, or -1 after an exception."""
    from gila.interpreters import run
    return run(id, code, main)


def next_interpreter_id():
    from gila.interpreters import next_id
    return next_id()


def run_in_subinterp_with_config(code, config, xi=False):
    import _interpreters
    id = create_interpreter(config, whence=_interpreters.WHENCE_XI if xi else _interpreters.WHENCE_CAPI)
    try:
        return exec_interpreter(id, code)
    finally:
        destroy_interpreter(id)


def get_crossinterp_data(value):
    """What another interpreter would get: an error for what none can get."""
    import _interpreters
    id = _interpreters.create()
    try:
        _interpreters.set___main___attrs(id, {'value': value})
    finally:
        _interpreters.destroy(id)
    return value


def restore_crossinterp_data(value):
    return value
