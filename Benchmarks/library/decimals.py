"""Decimal arithmetic: the number pi to a few thousand digits, and prices."""
from decimal import Decimal, getcontext
from measure import measure


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


measure('Decimal pi', lambda: [pi(30) for _ in range(200)])
measure('Decimal prices', prices)
measure('Decimal text', lambda: [str(Decimal(f'{i}.{i}')) for i in range(50000)])
