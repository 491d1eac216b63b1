"""Writes numbers.txt: operations on numbers with the oracle's results, one a line, for NumbersTests.swift."""
import math, random, sys, struct
random.seed(20261124)
sys.set_int_max_str_digits(0)
out = open(__file__.replace("make-numbers.py", "numbers.txt"), "w")
def w(*a): print(*a, file=out)
def rnd(bits):
    n = random.choice([bits, random.randrange(1, bits + 1)])
    k = random.randrange(5)
    if k == 0: return 1 << n
    if k == 1: return (1 << n) - 1
    if k == 2: return random.getrandbits(n) & ~random.getrandbits(max(1, n)) << (n // 2) | 1
    return random.getrandbits(n)
def h(x): return ("-" if x < 0 else "") + "%x" % abs(x)
for bits in (30, 64, 90, 300, 2000):
    for _ in range(30 if len(sys.argv) > 1 or bits < 2000 else 6):
        a, b = rnd(bits), rnd(random.choice([30, 60, bits]))
        w("add", h(a), h(b), h(a + b)); w("sub", h(a), h(b), h(abs(a - b))); w("mul", h(a), h(b), h(a * b))
        if b: w("div", h(a), h(b), h(a // b), h(a % b))
        if b: w("gcd", h(a), h(b), h(math.gcd(a, b)))
        if b > 1 and a % b and math.gcd(a, b) == 1: w("inv", h(a % b), h(b), h(pow(a, -1, b)))
        w("sqrt", h(a), h(math.isqrt(a)))
        s, t = random.choice([a, -a]), random.choice([b, -b])
        w("and", h(s), h(t), h(s & t)); w("or", h(s), h(t), h(s | t)); w("xor", h(s), h(t), h(s ^ t))
        k = random.randrange(bits + 40)
        w("shl", h(a), h(k), h(a << k)); w("shr", h(a), h(k), h(a >> k))
        if s < 0: w("shrf", h(-s), h(k), h(-(s >> k)))
        w("dec", h(a), str(a))
        w("hash", h(s), str(hash(s)))
        if b:
            try: w("tdiv", h(a), h(b), (a / b).hex())
            except OverflowError: w("tdiv", h(a), h(b), "inf")
        try: w("dbl", h(a), float(a).hex())
        except OverflowError: w("dbl", h(a), "inf")
        if b: w("powm", h(a % b), h(rnd(80)), h(b), "?")
# Run with 'large' for sizes that reach every algorithm (a file of megabytes, not committed).
large = "large" in sys.argv
for bits in (6000, 20000, 90000, 300000) if large else (5000, 9000):
    for _ in range(4 if large else 2):
        a, b = rnd(bits), rnd(random.choice([bits // 3, bits // 2 + 17, bits // 7]))
        w("mul", h(a), h(b), h(a * b)); w("div", h(a), h(b), h(a // b), h(a % b)); w("dec", h(a), str(a))
        w("div", h(a * b), h(b), h(a), h(0)); w("sqrt", h(a), h(math.isqrt(a)))
    w("gcd", h(a * 12345), h(b * 12345), h(math.gcd(a * 12345, b * 12345)))
for _ in range(60):
    m = rnd(random.choice([64, 200, 1024])); a = rnd(1000) % max(m, 1); e = rnd(200)
    if m: w("powm", h(a), h(e), h(m), h(pow(a, e, m)))
for a in (2, 3, 10, 12, 255, 1 << 40):
    for e in (0, 1, 2, 7, 100, 333): w("pow", h(a), h(e), h(a ** e))
for base in range(2, 37):
    a = rnd(400); s = ""; x = a
    while x: s = "0123456789abcdefghijklmnopqrstuvwxyz"[x % base] + s; x //= base
    w("parse", str(base), s or "0", h(a))
def rf():
    k = random.randrange(6)
    if k == 0: return struct.unpack("<d", struct.pack("<Q", random.getrandbits(64)))[0]
    if k == 1: return float(random.randrange(-10**6, 10**6)) / random.choice([1, 2, 3, 8, 10, 100])
    if k == 2: return random.random() * 10 ** random.randrange(-20, 20)
    if k == 3: return math.ldexp(random.getrandbits(53), -1074 + random.randrange(3))
    if k == 4: return random.choice([0.5, 1.5, 2.5, 0.125, 0.375, 9.5, 99.5, 0.05, 0.25, 1e16, 1e22, 1e23, 123456789.5, -0.0, 0.0, 5e-324, 1.7976931348623157e308, 2.0**70])
    return float(round(random.random() * 10 ** random.randrange(18), random.randrange(5)))
for _ in range(1500 if len(sys.argv) > 1 else 300):
    v = rf()
    if v != v or v in (math.inf, -math.inf): continue
    w("repr", v.hex(), repr(v)); w("hashd", v.hex(), str(hash(v)))
    p = random.choice([0, 1, 2, 3, 6, 12, 17, 20, 50, 340])
    for c in "efg": w("fmt", v.hex(), c, p, "%.*{}".format(c) % (p, v))
    c = random.choice("efg"); w("fmt#", v.hex(), c, p, "%#.*{}".format(c) % (p, v))
    s = "%.*e" % (random.choice([3, 15, 16, 17, 18, 19, 20, 25, 40, 800]), v); w("read", s, float(s).hex())
for _ in range(300 if len(sys.argv) > 1 else 80):
    s = "%d.%de%d" % (random.randrange(10 ** random.randrange(1, 22)), random.randrange(10 ** random.randrange(1, 22)), random.randrange(-350, 320))
    w("read", s, float(s).hex())
# Half-way cases.
for _ in range(300 if len(sys.argv) > 1 else 60):
    m = random.getrandbits(53) | 1 << 52; e = random.randrange(-1100, 900)
    n = (2 * m + 1)
    s = str(n << e) if e >= 0 else str(n * 5 ** -e) + "e-%d" % -e
    for t in (s, s.replace("e", "1e-", 1).replace("--", "-") if 0 else s): 
        try: w("read", t, float(t).hex())
        except OverflowError: pass
for s in ("0x1.8p3", "  -0x.8p-1074 ", "0x1p-1075", "0x1.0000000000001p-1075", "0x1.fffffffffffff8p1023" , "0x1.fffffffffffff7p1023", "1", "a.bp4", "0x10000000000000000000000001p-60", "inf", "-Infinity", "0x1p-1074", "0x0.fffffffffffff8p-1022"):
    try: w("hexread", s.strip().replace(" ", ""), float.fromhex(s).hex())
    except OverflowError: w("hexread", s.strip(), "overflow")
r = random.Random(42)
w("mt", " ".join(str(r.getrandbits(32)) for _ in range(10))); w("mtd", r.random().hex())
