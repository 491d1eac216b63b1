"""hashlib over 100 MB, and many small digests; zlib and base64 of the same kind."""
import base64
import hashlib
import zlib
from measure import measure

data = bytes(range(256)) * (100 * 1024 * 4)
small = [b'x%d' % i for i in range(100000)]

measure('sha256 100 MB', lambda: hashlib.sha256(data).hexdigest())
measure('sha1 100 MB', lambda: hashlib.sha1(data).hexdigest())
measure('md5 100 MB', lambda: hashlib.md5(data).hexdigest())
measure('blake2b 100 MB', lambda: hashlib.blake2b(data).hexdigest())
measure('sha3_256 20 MB', lambda: hashlib.sha3_256(data[:20 << 20]).hexdigest())
measure('sha256 small', lambda: [hashlib.sha256(s).hexdigest() for s in small])
measure('crc32 100 MB', zlib.crc32, data)
measure('base64 20 MB', lambda: base64.b64decode(base64.b64encode(data[:20 << 20])))
