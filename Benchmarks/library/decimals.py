"""Decimal arithmetic: prices, pi, and numbers of a thousand to a million digits."""
import sys
from decimal import MAX_EMAX, Decimal, getcontext
from measure import measure


sys.set_int_max_str_digits(0)


def pi(digits):
    getcontext().prec = digits + 2
    three = Decimal(3)
    last, t, s, n, na, d, da = 0, three, 3, 1, 0, 0, 24
    while s != last:
        last = s
        n, na = n + na, na + 8
        d, da = d + da, da + 32
        t = (t * n) / d
        s += t
    getcontext().prec = digits
    return +s


def prices():
    getcontext().prec = 28
    total, rate = Decimal('0.00'), Decimal('0.19')
    for i in range(50000):
        price = Decimal(i) / 100
        total += (price * (1 + rate)).quantize(Decimal('0.01'))
    return total


def power():
    getcontext().prec = 28
    for i in range(1, 2000):
        Decimal(i) ** Decimal('1.25')
        Decimal('1.01') ** i


def functions():
    getcontext().prec = 50
    for i in range(1, 200):
        d = Decimal(i)
        d.sqrt(), d.ln(), d.exp(), d.log10()


def big(digits, rounds, work):
    def run():
        getcontext().prec, getcontext().Emax = digits * 2 + 10, MAX_EMAX
        a, b = Decimal('7' * digits), Decimal('3' * (digits // 2) + '.' + '9' * (digits // 2))
        for _ in range(rounds):
            work(a, b)
    return run


measure('Decimal pi', lambda: [pi(30) for _ in range(200)])
measure('Decimal prices', prices)
measure('Decimal text', lambda: [str(Decimal(f'{i}.{i}')) for i in range(50000)])
measure('Decimal **', power)
measure('Decimal ln, exp, sqrt', functions)
measure('Decimal compare', lambda ds=[Decimal(i * 7919 % 100003) / 7 for i in range(30000)]: sorted(ds))
measure('Decimal hash', lambda ds=[Decimal(i) / 4 for i in range(100000)]: [len(set(ds)) for _ in range(3)])
measure('Decimal of float, int', lambda: [(Decimal(i / 7), Decimal(i), float(Decimal(i))) for i in range(50000)])
measure('Decimal format', lambda d=Decimal('12345.678'): [f'{d:,.2f}' for i in range(30000)])
measure('Decimal + 1,000 digits', big(1000, 20000, lambda a, b: a + b))
measure('Decimal * 1,000 digits', big(1000, 2000, lambda a, b: a * b))
measure('Decimal / 1,000 digits', big(1000, 500, lambda a, b: a / b))
measure('Decimal + 50,000 digits', big(50000, 500, lambda a, b: a + b))
measure('Decimal * 50,000 digits', big(50000, 20, lambda a, b: a * b))
measure('Decimal / 50,000 digits', big(50000, 3, lambda a, b: a / b))
measure('Decimal sqrt 50,000', big(50000, 2, lambda a, b: a.sqrt()))
measure('Decimal text 50,000', big(50000, 50, lambda a, b: Decimal(str(b))))
measure('Decimal of int 50,000', big(50000, 2, lambda a, b: Decimal(int(a))))
measure('Decimal * 1,000,000', big(1000000, 1, lambda a, b: a * b))
measure('Decimal pi 2,000', lambda: pi(2000))
