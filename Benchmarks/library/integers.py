"""int: text both ways, arithmetic of small, middle and huge numbers; math; random; fractions; statistics."""
import math
import random
import statistics
import sys
from fractions import Fraction
from measure import measure

sys.set_int_max_str_digits(0)
random.seed(11)
small = list(range(-100000, 100000))
middle = [random.getrandbits(200) for _ in range(1000)]
thousand = random.getrandbits(3400)
huge = random.getrandbits(166000)                    # 50,000 digits
other = random.getrandbits(166000) | 1
giant = random.getrandbits(3320000)                  # 1,000,000 digits
thousand_text, huge_text = str(thousand), str(huge)
data = [random.random() for _ in range(100000)]


def times(n, work, *args):
    def run():
        for _ in range(n):
            work(*args)
    return run


def collatz():
    steps = 0
    for n in range(1, 6000):
        while n != 1:
            n = n * 3 + 1 if n & 1 else n >> 1
            steps += 1
    return steps


def factorials():
    p = 1
    for i in range(1, 3000):
        p *= i
    return p


def rsa():
    p, q = (1 << 521) - 1, (1 << 607) - 1
    for m in range(2, 10):
        pow(m, 65537, p * q)
        pow(m, p * q - 2, p * q)


def mixing():
    x = 12345
    for _ in range(200000):
        x = (x * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 13
    return x


measure('str(int)', lambda: [str(n) for n in small])
measure('int(text)', lambda: [int(t) for t in map(str, small)])
measure('int hex, bin', lambda: [(hex(n), bin(n)) for n in small])
measure('int(text, 16)', lambda: [int('deadbeef', 16) for n in small])
measure('int to_bytes', lambda: [int.from_bytes(n.to_bytes(8, 'little', signed=True), 'big') for n in small])
measure('int bit_length', lambda: [n.bit_length() + n.bit_count() for n in small])
measure('str 1,000 digits', times(2000, str, thousand))
measure('int 1,000 digits', times(2000, int, thousand_text))
measure('str 50,000 digits', times(2, str, huge))
measure('int 50,000 digits', times(2, int, huge_text))
measure('int * 200 bit', lambda: [a * b for a in middle[:300] for b in middle])
measure('int // 200 bit', lambda: [(a * a) // b for a in middle[:300] for b in middle[:500]])
measure('int + 200 bit', lambda: [a + b - 1 for a in middle[:300] for b in middle])
measure('int * 1,000 digits', times(5000, lambda: thousand * (thousand + 1)))
measure('int ** 2, 1,000 digits', times(5000, lambda: thousand ** 2))
measure('int * 50,000 digits', times(10, lambda: huge * other))
measure('int * 1,000,000 digits', lambda: giant * (giant + 1))
measure('int // 50,000 digits', lambda: (huge * huge) // other)
measure('int // thousand', times(10, lambda: huge // thousand))
measure('int pow', lambda: 3 ** 200000)
measure('int pow mod', rsa)
measure('int factorials', factorials)
measure('int collatz', collatz)
measure('int 64 bit mixing', mixing)
measure('int shifts', times(20000, lambda: (huge << 100) >> 77))
measure('int & | ^ ~', times(3000, lambda: (huge & other) | (~huge ^ other)))
measure('divmod', lambda: [divmod(n, 7) for n in small])
measure('math.gcd', lambda: [math.gcd(a, b) for a in middle[:100] for b in middle[:100]])
measure('math.gcd small', lambda: [math.gcd(n, 360360) for n in small])
measure('math.gcd huge', lambda: math.gcd(huge >> 120000, other >> 120000))
measure('math.isqrt', lambda: [math.isqrt(n) for n in middle] + [math.isqrt(huge)])
measure('math.factorial', times(10, math.factorial, 3000))
measure('math.comb', lambda: [math.comb(n, 20) for n in range(20, 20000)])
measure('math floats', lambda: [math.sqrt(x) + math.sin(x) + math.exp(x) + math.floor(x) for x in data])
measure('math.log', lambda: [math.log(x) + math.log(x, 3) + math.log2(x) for x in data])
measure('math.fsum', times(10, math.fsum, data))
measure('math.hypot, dist', lambda: [math.hypot(x, 1.0) + math.dist((x, 1.0), (2.0, x)) for x in data])
measure('math.prod, sumprod', times(10, lambda: math.prod(data) + math.sumprod(data, data)))
measure('float text', lambda: [float(repr(x)) for x in data])
measure('round', lambda: [round(x, 2) + round(x) for x in data])
measure('float arithmetic', lambda: [x * 2.0 + x / 3.0 - x ** 2 for x in data])
measure('complex arithmetic', lambda: [(complex(x, 1) * (2 + 1j)) / (x + 1j) for x in data])
measure('random.random', lambda: [random.random() for _ in range(200000)])
measure('random.randint', lambda: [random.randint(1, 6) for _ in range(50000)])
measure('random.shuffle', lambda: random.shuffle(data[:]))
measure('random.choice', lambda: [random.choice(small) for _ in range(100000)])
measure('random.gauss', lambda: [random.gauss(0, 1) for _ in range(50000)])
measure('random.sample', lambda: random.sample(small, 20000))
measure('random.getrandbits', lambda: [random.getrandbits(100) for _ in range(200000)])
measure('random.randbytes', times(20, random.randbytes, 100000))
measure('Fraction', lambda: sum(Fraction(1, n) for n in range(1, 2000)))
measure('statistics', lambda: (statistics.mean(data), statistics.stdev(data), statistics.median(data)))
