def main():
    s = 0
    i = 0
    while i < 3000000:
        s = s + i * i
        i = i + 1
    print(s)
main()
