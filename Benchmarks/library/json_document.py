"""A document of about 10 MB through json, as text with and without escapes and indentation."""
import json
from measure import measure

people = [{'id': i, 'name': f'Person {i}', 'mail': f'person{i}@example.org', 'age': i % 90, 'height': 1.5 + i % 50 / 100,
           'tags': ['red', 'green', 'blue'][: i % 4], 'active': i % 3 == 0, 'manager': None,
           'address': {'street': f'{i} Höhe "x"\n', 'zip': 10000 + i, 'city': 'München' if i % 2 else 'Paris'}}
          for i in range(45000)]
text = json.dumps(people)
assert 9e6 < len(text) < 12e6, len(text)
plain = json.dumps([i * 37 for i in range(1000000)])
floats = [i / 7 for i in range(200000)]

measure('json.dumps', json.dumps, people)
measure('json.dumps indent', lambda: json.dumps(people[:10000], indent=2, sort_keys=True))
measure('json.dumps utf-8', lambda: json.dumps(people, ensure_ascii=False))
measure('json.dumps floats', json.dumps, floats)
measure('json.loads', json.loads, text)
measure('json.loads ints', json.loads, plain)
assert json.loads(text) == people
