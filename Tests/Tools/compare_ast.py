"""Compares Gila's syntax trees with CPython's.

    python3.13 compare_ast.py PATH-OF-gila-syntax-check FILE-OR-FOLDER...

Run it with CPython 3.13, which is the reference. Prints the files that differ and the share that is the same.
"""
import ast, os, struct, subprocess, sys, tempfile, warnings

sys.setrecursionlimit(20000)
warnings.simplefilter("ignore")
FIELDS = {}


def fields(cls):
    found = FIELDS.get(cls)
    if found is None:
        names = [n for n in cls._fields]
        types = [cls._field_types.get(n) for n in names]
        found = FIELDS[cls] = (cls.__name__, names, bool(cls._attributes))
    return found


def double(value):
    return "%x" % struct.unpack("<Q", struct.pack("<d", value))[0]


def constant(value, out):
    if value is None or value is True or value is False:
        out.append(f" {value}")
    elif value is ...:
        out.append(" ...")
    elif type(value) is int:
        out.append(" i%s%x" % ("-" if value < 0 else "", abs(value)))
    elif type(value) is float:
        out.append(" f" + double(value))
    elif type(value) is complex:
        out.append(" c" + double(value.real) + "," + double(value.imag))
    elif type(value) is str:
        out.append(' "' + value.encode("utf-8", "surrogatepass").hex())
    elif type(value) is bytes:
        out.append(" b" + value.hex())
    elif type(value) is tuple:
        out.append(" t [")
        for item in value:
            constant(item, out)
        out.append("]")
    elif type(value) is frozenset:
        out.append(" s [")
        for item in value:
            constant(item, out)
        out.append("]")
    else:
        raise TypeError(value)


def write(node, out, name=None, parent=None):
    if node is None:
        out.append(" ~")
    elif isinstance(node, list):
        out.append(" [")
        for item in node:
            write(item, out, name, parent)
        out.append("]")
    elif isinstance(node, str):
        out.append((' "' if name in ("type_comment", "tag") else " '") + node.encode("utf-8", "surrogatepass").hex())
    elif isinstance(node, int):
        out.append(f" {node}")
    else:
        cls, names, located = fields(type(node))
        if not names and not located:
            out.append(" " + cls)
            return
        out.append(" (" + cls)
        for name in names:
            value = getattr(node, name)
            if name == "value" and cls in ("Constant", "MatchSingleton"):
                constant(value, out)
            else:
                write(value, out, name, cls)
        if located:
            out.append(f" @{node.lineno}:{node.col_offset}-{node.end_lineno}:{node.end_col_offset}")
        out.append(")")


def dump(data, **options):
    out = []
    write(ast.parse(data, **options), out)
    return "".join(out)[1:]


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            folders[:] = [f for f in folders if f not in ("site-packages", "__pycache__")]
            for name in sorted(names):
                if name.endswith(".py"):
                    yield os.path.join(folder, name)


def main():
    tool, *paths = sys.argv[1:]
    flags = [p for p in paths if p.startswith("--")]
    paths = [p for p in paths if not p.startswith("--")]
    same = total = 0
    names = list(files(paths))
    for start in range(0, len(names), 50):
        group = names[start : start + 50]
        result = subprocess.run([tool, "dump", *flags, *group], capture_output=True)
        if result.returncode:
            print("tool failed with", result.returncode, "in", group[0], "...", result.stderr.decode()[-2000:])
        lines = result.stdout.decode().split("\n")
        for name, got in zip(group, lines):
            total += 1
            with open(name, "rb") as file:
                data = file.read()
            try:
                wanted = dump(data, type_comments="--type-comments" in flags)
            except (SyntaxError, ValueError) as error:
                wanted = "error"
                if got.startswith("error"):
                    got = "error"
            if got == wanted:
                same += 1
            else:
                at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
                print(f"{name}: differs at {at}\n  gila    {got[max(0, at - 80):at + 80]}\n  cpython {wanted[max(0, at - 80):at + 80]}")
    print(f"{same} of {total} trees are the same ({100 * same / max(1, total):.2f} %)")


if __name__ == "__main__":
    main()
