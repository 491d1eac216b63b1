"""Words of a text, counted and sorted: str methods, dicts, sorting, formatting."""
import random, collections
random.seed(3)
letters = 'etaoinshrdlu'
words = [''.join(random.choice(letters) for _ in range(random.randrange(2, 6))) for _ in range(100000)]
text = ' '.join(w.title() if random.random() < .1 else w for w in words) + '.'


def report(text):
    counts = {}
    for w in text.lower().split():
        w = w.strip('.,;!?')
        if len(w) > 2 and not w.startswith('th'):
            counts[w] = counts.get(w, 0) + 1
    lines = []
    for w, n in sorted(counts.items(), key=lambda p: (-p[1], p[0]))[:2000]:
        lines.append(f'{w:<10}|{n:>6}|{n / len(counts):.4f}')
    return '\n'.join(lines)


for _ in range(6): r = report(text)
print(len(r))
