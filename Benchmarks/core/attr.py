class P:
    def __init__(self):
        self.x = 0
        self.d = 3
    def step(self):
        self.x = self.x + self.d
def main():
    p = P()
    for _ in range(1000000):
        p.step()
    print(p.x)
main()
