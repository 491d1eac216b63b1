"""An interpreter of a small language: dispatch by dict, methods, exceptions, strings."""


class Machine:
    def __init__(self, program):
        self.code = [line.split() for line in program.strip().splitlines()]
        self.labels = {c[0][:-1]: i for i, c in enumerate(self.code) if c[0].endswith(':')}
        self.stack, self.names, self.at = [], {}, 0

    def run(self):
        code = self.code
        try:
            while True:
                op, *args = code[self.at]
                self.at += 1
                if op.endswith(':'):
                    continue
                getattr(self, 'do_' + op)(*args)
        except IndexError:
            return self.names

    def do_push(self, v): self.stack.append(int(v) if v.lstrip('-').isdigit() else self.names[v])

    def do_store(self, n): self.names[n] = self.stack.pop()

    def do_add(self):
        b, a = self.stack.pop(), self.stack.pop()
        self.stack.append(a + b)

    def do_less(self):
        b, a = self.stack.pop(), self.stack.pop()
        self.stack.append(a < b)

    def do_if(self, label):
        if self.stack.pop():
            self.at = self.labels[label]


program = '''
push 0
store i
push 0
store s
loop:
push s
push i
add
store s
push i
push 1
add
store i
push i
push 60000
less
if loop
'''
print(Machine(program).run())
