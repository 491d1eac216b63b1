"""Rays and spheres: classes with operators, properties, inheritance."""
import math


class Vector:
    __slots__ = 'x', 'y', 'z'

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o): return Vector(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o): return Vector(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k): return Vector(self.x * k, self.y * k, self.z * k)

    def dot(self, o): return self.x * o.x + self.y * o.y + self.z * o.z

    @property
    def length(self): return math.sqrt(self.dot(self))

    def unit(self): return self * (1 / self.length)


class Shape:
    def __init__(self, color): self.color = color

    def hit(self, origin, ray): raise NotImplementedError


class Sphere(Shape):
    def __init__(self, center, radius, color):
        super().__init__(color)
        self.center, self.radius = center, radius

    def hit(self, origin, ray):
        to = self.center - origin
        along = to.dot(ray)
        gap = self.radius ** 2 - to.dot(to) + along * along
        return along - math.sqrt(gap) if gap > 0 else None


class Plane(Shape):
    def __init__(self, y, color):
        super().__init__(color)
        self.y = y

    def hit(self, origin, ray):
        return (self.y - origin.y) / ray.y if ray.y < 0 else None


world = [Sphere(Vector(0, 0, 5), 1, 1.), Sphere(Vector(2, 0, 6), 1.5, .7), Plane(-1, .4)]
origin, light, total = Vector(0, 0, 0), Vector(1, 2, -1).unit(), 0.
for j in range(360):
    for i in range(240):
        ray = Vector((i - 120) / 120, (180 - j) / 240, 1).unit()
        best, shape = 1e9, None
        for s in world:
            t = s.hit(origin, ray)
            if t is not None and 1e-6 < t < best:
                best, shape = t, s
        if shape:
            total += shape.color * max(0, (origin + ray * best).unit().dot(light))


print(round(total, 6))
