"""Queens on a board: recursion, generators, sets."""


def solve(n, row=0, columns=frozenset(), up=frozenset(), down=frozenset()):
    if row == n:
        yield ()
        return
    for c in range(n):
        if c not in columns and row + c not in up and row - c not in down:
            for rest in solve(n, row + 1, columns | {c}, up | {row + c}, down | {row - c}):
                yield (c,) + rest


print(sum(1 for _ in solve(10)))
