"""Shortest ways in a graph: heapq, dicts of dicts, tuples."""
import heapq, random
random.seed(4)
graph = {n: {random.randrange(8000): random.randrange(1, 100) for _ in range(6)} for n in range(8000)}


def distances(start):
    seen, heap = {}, [(0, start)]
    while heap:
        d, n = heapq.heappop(heap)
        if n in seen:
            continue
        seen[n] = d
        for m, w in graph[n].items():
            if m not in seen:
                heapq.heappush(heap, (d + w, m))
    return seen


print(sum(sum(distances(s).values()) for s in range(8)))
