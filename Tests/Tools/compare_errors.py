"""Compares Gila's syntax errors with CPython's.

    python3.13 compare_errors.py PATH-OF-gila-syntax-check [-v] [--eval|--single] [--flags=N] [--feature=N]

Run it with CPython 3.13, which is the reference. The snippets come from Lib/test (doctests and string literals of the
tests about syntax) and from small damages to correct programs. Compares type, message, lines and offsets; of correct
snippets the code objects.
"""
import ast, marshal, os, random, struct, subprocess, sys, warnings
from collections import Counter

warnings.simplefilter("ignore")
LIB = os.path.dirname(os.__file__)
TESTS = """test_syntax test_exceptions test_fstring test_grammar test_positional_only_arg test_named_expressions
test_patma test_type_params test_type_comments test_unpack_ex test_generators test_genexps test_eof test_string_literals
test_except_star test_keywordonlyarg test_global test_scope test_future_stmt.test_future test_coroutines test_compile
test_parser test_tokenize test_traceback test_codeop test_symtable test_peg_generator.test_c_parser test_with
test_lambda test_flufl test_source_encoding test_listcomps test_setcomps test_dictcomps test_super test_class
test_exception_group test_extcall test_unpack test_decorators test_augassign test_dynamicclassattribute""".split()


def snippets():
    found = []
    for name in TESTS:
        path = os.path.join(LIB, "test", *name.split(".")) + ".py"
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            source = file.read()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 3000:
                text = node.value
                found.append(text)
                if ">>>" in text:
                    current = None
                    for line in text.split("\n"):
                        line = line.strip() if line.strip().startswith(">>>") else line.lstrip()
                        if line.startswith(">>> "):
                            if current:
                                found.append(current)
                            current = line[4:] + "\n"
                        elif line.startswith("... ") and current:
                            current += line[4:] + "\n"
                        elif line.strip() == "..." and current:
                            current += "\n"
                        else:
                            if current:
                                found.append(current)
                            current = None
        # Doctests of the module docstring and of __test__ are long strings.
        for block in source.split(">>> ")[1:]:
            lines = block.split("\n")
            text = lines[0] + "\n"
            for line in lines[1:]:
                if line.strip().startswith("..."):
                    text += line.strip()[4:] + "\n"
                else:
                    break
            found.append(text)
    return found


def damaged(count, seed=1):
    rng = random.Random(seed)
    names = [f for f in os.listdir(LIB) if f.endswith(".py")]
    pieces = list("()[]{}:,.=+-*/%'\"\\\n\t ;@!") + [
        " if ", " else ", " for ", " in ", " not ", " lambda ", ":=", "**", "->", "def ", "class ", "import ", "x", "1",
        " as ", " with ", "try:", "except ", "f'{", "await ", "yield ", "print ", "return ", "0x", "==", "...", "match ",
    ]
    result = []
    for _ in range(count):
        with open(os.path.join(LIB, rng.choice(names)), encoding="utf-8") as file:
            lines = file.read().split("\n")
        start = rng.randrange(max(1, len(lines) - 12))
        text = "\n".join(lines[start : start + rng.randrange(1, 12)])
        if rng.random() < 0.5:
            import textwrap

            text = textwrap.dedent(text)
        for _ in range(rng.randrange(1, 3)):
            at = rng.randrange(len(text) + 1)
            action = rng.random()
            if action < 0.4:
                text = text[:at] + text[at + rng.randrange(1, 4) :]
            elif action < 0.9:
                text = text[:at] + rng.choice(pieces) + text[at:]
            else:
                other = rng.randrange(len(text) + 1)
                text = text[:at] + text[min(at, other) : max(at, other)] + text[at:]
        result.append(text)
    return result


MODE, FLAGS, FEATURE = "exec", 0, -1


def reference(text):
    try:
        if FEATURE >= 0:
            ast.parse(text, "<reference>", MODE, feature_version=FEATURE)
            return "ok"
        return compile(text, "<reference>", MODE, FLAGS, dont_inherit=True)
    except SyntaxError as error:
        return "|".join(
            str(x) for x in (type(error).__name__, error.msg, error.lineno, error.offset, error.end_lineno,
                             error.end_offset, None if error.text is None else error.text.encode().hex())
        )
    except (RecursionError, MemoryError, OverflowError, ValueError) as error:
        return f"{type(error).__name__}|{error}"


def main():
    global MODE, FLAGS, FEATURE
    tool, *options = sys.argv[1:]
    options = [o for o in options if o != "-v"]
    for option in options:
        if option in ("--eval", "--single"):
            MODE = option[2:]
        elif option.startswith("--flags="):
            FLAGS = int(option[8:])
        elif option.startswith("--feature="):
            FEATURE = int(option[10:])
    verbose = "-v" in sys.argv
    total = Counter()
    same = Counter()
    kinds = Counter()
    groups = {"tests": snippets(), "damaged": damaged(30000)}
    for group, texts in groups.items():
        texts = [t for t in dict.fromkeys(texts) if "\0" not in t and not any(0xD800 <= ord(c) < 0xE000 for c in t)]
        data = b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in texts)
        result = subprocess.run([tool, "errors", *options], input=data, capture_output=True)
        if result.returncode:
            print("tool failed:", result.returncode, result.stderr.decode()[-2000:])
        got = [bytes.fromhex(line).decode() for line in result.stdout.decode().split("\n") if line]
        for text, mine in zip(texts, got):
            want = reference(text)
            if not isinstance(want, str) and mine.startswith("ok "):
                got_code = marshal.loads(bytes.fromhex(mine[3:]))
                total["code"] += 1
                if got_code == want:
                    same["code"] += 1
                elif verbose:
                    print(f"--- code: {text!r}")
                continue
            mine = mine.split(" ")[0] if mine.startswith("ok ") else mine
            want = want if isinstance(want, str) else "ok"
            if want == "ok" and mine == "ok":
                continue
            total[group] += 1
            if mine == want:
                same[group] += 1
            else:
                a, b = want.split("|"), mine.split("|")
                kind = "verdict" if "ok" in (want, mine) else "message" if a[:2] != b[:2] else "position"
                kinds[group, kind] += 1
                if verbose:
                    print(f"--- {kind}: {text!r}\n  cpython {want}\n  gila    {mine}")
    print(f"code: {same['code']} of {total['code']} are the same")
    for group in groups:
        print(f"{group}: {same[group]} of {total[group]} errors are the same "
              f"({100 * same[group] / max(1, total[group]):.2f} %)")
    print(dict(kinds))


if __name__ == "__main__":
    main()
