"""Trees of small objects, made and walked."""


class Node:
    def __init__(self, left, right):
        self.left, self.right = left, right

    def count(self):
        return 1 + (self.left.count() if self.left else 0) + (self.right.count() if self.right else 0)


def make(depth):
    return Node(make(depth - 1), make(depth - 1)) if depth else Node(None, None)


print(sum(make(14).count() for _ in range(10)))
