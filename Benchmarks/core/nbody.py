"""Bodies that attract each other: floats, lists, unpacking."""


def advance(bodies, dt, steps):
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1:]]
    for _ in range(steps):
        for (p, v, m), (q, w, n) in pairs:
            dx, dy, dz = p[0] - q[0], p[1] - q[1], p[2] - q[2]
            d = dt / ((dx * dx + dy * dy + dz * dz) ** 1.5)
            f, g = n * d, m * d
            v[0] -= dx * f
            v[1] -= dy * f
            v[2] -= dz * f
            w[0] += dx * g
            w[1] += dy * g
            w[2] += dz * g
        for p, v, m in bodies:
            p[0] += dt * v[0]
            p[1] += dt * v[1]
            p[2] += dt * v[2]


bodies = [([0., 0, 0], [0., 0, 0], 39.5), ([4.8, -1.2, -.1], [.6, 2.8, -.02], .04), ([8.3, 4.1, -.4], [-1., 1.8, .008], .01), ([12.9, -15.1, -.2], [1.1, .9, -.01], .002), ([15.4, -25.9, .2], [1., .6, -.03], .002)]
advance(bodies, .01, 30000)
print(bodies[0][0])
