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
except ImportError:
    pass
