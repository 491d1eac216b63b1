"""sorted, with and without key, of numbers, text and tuples."""
import random
from operator import itemgetter
from measure import measure

random.seed(2)
ints = [random.randrange(10**9) for _ in range(300000)]
floats = [random.random() for _ in range(300000)]
names = [f'{random.randrange(10**9):x}' for _ in range(200000)]
pairs = [(random.randrange(1000), f'{i:x}') for i in range(150000)]
mixed = [random.choice((random.randrange(1000), random.random())) for _ in range(150000)]

measure('sorted ints', sorted, ints)
measure('sorted floats', sorted, floats)
measure('sorted str', sorted, names)
measure('sorted tuples', sorted, pairs)
measure('sorted mixed', sorted, mixed)
measure('sorted presorted', lambda: [sorted(range(300000)) for _ in range(5)])
measure('sorted reverse', lambda: sorted(ints, reverse=True))
measure('sorted key lambda', lambda: sorted(ints, key=lambda x: -x))
measure('sorted key itemgetter', lambda: sorted(pairs, key=itemgetter(1)))
measure('sorted key str.lower', lambda: sorted(names, key=str.lower))
measure('sorted key len', lambda: sorted(names, key=len))
