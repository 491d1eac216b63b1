"""struct: packing and unpacking, by format string and by Struct object."""
import struct
from measure import measure

record = struct.Struct('<IhBdq8s')
data = record.pack(1, 2, 3, 4.5, 6, b'abcdefgh') * 100000


def packing():
    pack = record.pack
    for i in range(300000):
        pack(i, 2, 3, 4.5, i, b'abcdefgh')


def packing_by_format():
    for i in range(300000):
        struct.pack('>IH', i, 7)


def unpacking():
    unpack = record.unpack_from
    size = record.size
    for i in range(100000):
        unpack(data, i * size)


def packing_into():
    b = bytearray(16)
    for i in range(300000):
        struct.pack_into('=ii', b, 4, i, -i)


measure('struct pack', packing)
measure('struct pack format', packing_by_format)
measure('struct unpack_from', unpacking)
measure('struct iter_unpack', lambda: sum(r[0] for r in record.iter_unpack(data)))
measure('struct pack_into', packing_into)
measure('struct many', lambda: [struct.pack('1000i', *range(1000)) for _ in range(500)])
