"""Compiles the standard library and writes each module's code object, marshalled, below a directory.

usage: code_of_library.py OUT

Files that do not compile (Lib/test has some on purpose) get the error's type and message instead.
"""
import marshal
import os
import sys
import warnings

out = sys.argv[1]
library = os.path.dirname(os.__file__)
warnings.simplefilter('ignore')
for folder, folders, files in os.walk(library):
    folders[:] = sorted(f for f in folders if f not in ('__pycache__', 'site-packages', 'lib-dynload'))
    for name in sorted(files):
        if not name.endswith('.py'):
            continue
        path = os.path.join(folder, name)
        relative = os.path.relpath(path, library)
        with open(path, 'rb') as f:
            source = f.read()
        try:
            result = compile(source, relative, 'exec', dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError) as e:
            result = f'{type(e).__name__}: {e}'
        target = os.path.join(out, relative)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'wb') as f:
            marshal.dump(result, f)
