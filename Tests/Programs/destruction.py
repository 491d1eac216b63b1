l = []
for i in range(200000): l = [l]
del l
print("deep list freed")
class N: pass
for i in range(20000):
    a = N(); b = N(); a.b = b; b.a = a
print("cycles ok")
