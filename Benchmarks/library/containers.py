"""dict, set, list, deque, Counter, defaultdict, OrderedDict, namedtuple, array, heapq, bisect."""
import array
import bisect
import heapq
import random
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from measure import measure

random.seed(7)
numbers = [random.randrange(100000) for _ in range(200000)]
words = [f'w{n % 5000}' for n in numbers]
table = {w: i for i, w in enumerate(words)}
evens, threes = set(range(0, 300000, 2)), set(range(0, 300000, 3))
Point = namedtuple('Point', 'x y z')
points = [Point(i, i + 1, i + 2) for i in range(100000)]
floats = array.array('d', [i / 3 for i in range(200000)])


def counting():
    seen = {}
    for w in words:
        seen[w] = seen.get(w, 0) + 1


def grouping():
    groups = defaultdict(list)
    for w, n in zip(words, numbers):
        groups[w].append(n)


def set_default():
    groups = {}
    for w, n in zip(words, numbers):
        groups.setdefault(w, []).append(n)


def dict_delete():
    d = dict.fromkeys(numbers)
    while d:
        d.popitem()
    d = dict.fromkeys(numbers)
    for n in numbers:
        d.pop(n, None)


def queue():
    q = deque(maxlen=1000)
    for n in numbers:
        q.append(n)
    while q:
        q.popleft()
    for n in numbers:
        q.appendleft(n)
        if n & 1:
            q.pop()


def ordered():
    d = OrderedDict()
    for n in numbers:
        d[n] = n
        if len(d) > 1000:
            d.popitem(last=False)
    for n in list(d):
        d.move_to_end(n)


def set_build():
    s = set()
    for n in numbers:
        s.add(n)
    for n in numbers:
        s.discard(n)


def heap():
    h = []
    for n in numbers:
        heapq.heappush(h, n)
    while h:
        heapq.heappop(h)


def searching():
    ordered = sorted(numbers)
    for n in numbers:
        bisect.bisect_left(ordered, n)


def inserting():
    out = []
    for n in numbers[:20000]:
        bisect.insort(out, n)


def list_edges():
    out = []
    for n in numbers:
        out.append(n)
    while out:
        out.pop()
    for n in numbers[:20000]:
        out.insert(0, n)
    del out[:10000]
    return out[::-1] + out * 3


def array_items():
    a = array.array('i')
    for n in numbers:
        a.append(n)
    for i in range(len(a)):
        a[i] = a[i] + 1
    return sum(a)


measure('dict counting', counting)
measure('dict setdefault', set_default)
measure('dict delete', dict_delete)
measure('dict comprehension', lambda: {w: n for w, n in zip(words, numbers)})
measure('dict items', lambda: [k for _ in range(40) for k, v in table.items() if v])
measure('dict copy update', lambda: [{**table, 'a': 1} | {'b': 2} for _ in range(300)])
measure('dict of pairs', lambda: [dict(list(table.items())) for _ in range(30)])
measure('dict ==', lambda: [table == dict(table) for _ in range(50)])
measure('set build', set_build)
measure('set operations', lambda: (evens & threes, evens | threes, evens - threes, evens ^ threes, evens <= threes))
measure('set of str', lambda: set(words))
measure('frozenset', lambda: [frozenset((i, i + 1, i + 2)) for i in range(100000)])
measure('in set', lambda: [n in evens for n in numbers])
measure('list edges', list_edges)
measure('list in, index', lambda: [(n in numbers, numbers.index(n)) for n in numbers[-60:]])
measure('list ==', lambda: [numbers == list(numbers) for _ in range(20)])
measure('list extend, slices', lambda: [numbers[i:i + 50] for i in range(0, 200000, 2)])
measure('tuple unpacking', lambda: [a + b for a, b, c in points])
measure('Counter', lambda: Counter(words).most_common(10))
measure('Counter +', lambda: [Counter(words[:500]) + Counter(words[500:1000]) for _ in range(20)])
measure('defaultdict', grouping)
measure('OrderedDict', ordered)
measure('deque', queue)
measure('deque rotate', lambda: [deque(numbers[:1000]).rotate(i) for i in range(1000)])
measure('ChainMap', lambda: [ChainMap({'a': 1}, table)['w77'] for _ in range(20000)])
measure('namedtuple create', lambda: [Point(i, 2, z=3) for i in range(100000)])
measure('namedtuple fields', lambda: [p.x + p.z for p in points])
measure('namedtuple _replace', lambda: [p._replace(y=1) for p in points[:30000]])
measure('array items', array_items)
measure('array whole', lambda: [array.array('d', floats.tobytes()).tolist() for _ in range(20)])
measure('array sum', lambda: [sum(floats) for _ in range(20)])
measure('heapq push, pop', heap)
measure('heapq nsmallest', lambda: [heapq.nsmallest(10, numbers) for _ in range(10)])
measure('heapq merge', lambda: list(heapq.merge(sorted(numbers[:50000]), sorted(numbers[50000:100000]))))
measure('bisect', searching)
measure('insort', inserting)
