"""Life on a grid: sets of tuples, comprehensions, Counter."""
import random
from collections import Counter


def step(live):
    near = Counter((x + dx, y + dy) for x, y in live for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)
    return {c for c, n in near.items() if n == 3 or n == 2 and c in live}


random.seed(2)
live = {(random.randrange(60), random.randrange(60)) for _ in range(1500)}
for _ in range(100):
    live = step(live)
print(len(live))
