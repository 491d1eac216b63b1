"""Pickle round trips of containers, records and instances."""
import pickle
from measure import measure


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.name = f'p{x}'


records = [{'id': i, 'name': f'Person {i}', 'score': i / 3, 'tags': ('a', 'b', i % 5), 'ok': True} for i in range(50000)]
numbers = list(range(500000))
points = [Point(i, i * 2.5) for i in range(30000)]
for name, value in ('records', records), ('ints', numbers), ('instances', points):
    data = pickle.dumps(value, 5)
    measure(f'pickle.dumps {name}', pickle.dumps, value, 5)
    measure(f'pickle.loads {name}', pickle.loads, data)
