"""Compares the code objects of Gila's compiler with CPython's.

    python3.13 compare_code.py PATH-OF-gila-syntax-check [-v] [-O|-OO] FILE-OR-FOLDER...

Run it with CPython 3.13, which is the reference. Prints the shares of code objects and files that are identical
(bytecode, constants, names, line table, exception table, stack size, flags), and the first differences.
"""
import dis, io, marshal, os, struct, subprocess, sys, types, warnings
from collections import Counter

from compare_ast import files

warnings.simplefilter("ignore")
sys.setrecursionlimit(20000)
FIELDS = (
    "co_code co_names co_varnames co_cellvars co_freevars co_linetable co_exceptiontable co_stacksize co_flags "
    "co_argcount co_posonlyargcount co_kwonlyargcount co_name co_qualname co_firstlineno"
).split()
reasons = Counter()
shown = Counter()


def key(value):
    if isinstance(value, tuple):
        return ("tuple", tuple(key(v) for v in value))
    if isinstance(value, frozenset):
        return ("frozenset", frozenset(key(v) for v in value))
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, complex):
        return ("complex", struct.pack("<dd", value.real, value.imag))
    return (type(value).__name__, value)


def consts(code):
    return [c if isinstance(c, types.CodeType) else key(c) for c in code.co_consts]


def listing(code):
    out = io.StringIO()
    dis.dis(code, file=out, depth=0, show_caches=False)
    return out.getvalue().splitlines()


def report(path, want, got, field, verbose):
    reasons[field] += 1
    shown[field] += 1
    if not verbose or shown[field] > verbose:
        return
    print(f"--- {field} of {want.co_qualname} at {path}:{want.co_firstlineno}")
    if field in ("co_code", "co_linetable", "co_exceptiontable"):
        import difflib

        a, b = listing(want), listing(got)
        if a == b:
            print("   ", getattr(want, field).hex(), "\n   ", getattr(got, field).hex())
        for line in list(difflib.unified_diff(a, b, "cpython", "gila", n=2, lineterm=""))[:30]:
            print("   ", line)
    elif field == "co_consts":
        print("    cpython", [c for c in want.co_consts][:20], "\n    gila   ", [c for c in got.co_consts][:20])
    else:
        print("    cpython", getattr(want, field), "\n    gila   ", getattr(got, field))


def compare(path, want, got, counts, verbose):
    counts["total"] += 1
    same = True
    for field in FIELDS:
        if getattr(want, field) != getattr(got, field):
            same = False
            report(path, want, got, field, verbose)
            break
    a, b = consts(want), consts(got)
    nested = [[c for c in x if isinstance(c, types.CodeType)] for x in (a, b)]
    a, b = [["code" if isinstance(c, types.CodeType) else c for c in x] for x in (a, b)]
    if a != b:
        if same:
            report(path, want, got, "co_consts", verbose)
        same = False
    counts["same"] += same
    whole = same
    if len(nested[0]) != len(nested[1]):
        return False
    for x, y in zip(*nested):
        whole &= compare(path, x, y, counts, verbose)
    return whole


def main():
    tool, *args = sys.argv[1:]
    verbose = 3 if "-v" in args else 0
    optimize = 2 if "-OO" in args else 1 if "-O" in args else 0
    names = list(files(a for a in args if not a.startswith("-")))
    counts = Counter()
    file_same = total = 0
    for start in range(0, len(names), 40):
        group = names[start : start + 40]
        result = subprocess.run([tool, "marshal", f"-o{optimize}", *group], capture_output=True)
        if result.returncode:
            print("tool failed with", result.returncode, "near", group[0], result.stderr.decode()[-3000:])
        data = io.BytesIO(result.stdout)
        for path in group:
            with open(path, "rb") as file:
                source = file.read()
            try:
                want = compile(source, path, "exec", dont_inherit=True, optimize=optimize)
            except (SyntaxError, ValueError, RecursionError) as error:
                want = error
            head = data.read(4)
            if len(head) < 4:
                print("no result for", path)
                total += 1
                continue
            body = data.read(struct.unpack("<I", head)[0])
            total += 1
            if body.startswith(b"!"):
                if isinstance(want, Exception):
                    file_same += 1
                else:
                    reasons["refused"] += 1
                    print("refused:", path, body[1:].decode())
                continue
            if isinstance(want, Exception):
                print("accepted:", path, want)
                continue
            try:
                got = marshal.loads(body)
            except Exception as error:
                print("cannot load", path, error)
                continue
            file_same += compare(path, want, got, counts, verbose)
    print(f"{counts['same']} of {counts['total']} code objects are identical "
          f"({100 * counts['same'] / max(1, counts['total']):.3f} %)")
    print(f"{file_same} of {total} files are identical ({100 * file_same / max(1, total):.2f} %)")
    if reasons:
        print("first difference:", dict(reasons.most_common()))


if __name__ == "__main__":
    main()
