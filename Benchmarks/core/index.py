def main():
    a = list(range(1000))
    s = 0
    for _ in range(2000):
        i = 0
        while i < 1000:
            s = s + a[i]
            i = i + 1
    print(s)
main()
