// GilaText: str, bytes, bytearray, memoryview, the buffer protocol, codecs and formatting.
