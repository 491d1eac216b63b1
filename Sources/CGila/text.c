// Storage of the text singletons; GilaText fills it at start.
#include "CGila.h"

char gila_latin1_storage[256][64] __attribute__((aligned(16)));
char gila_empty_str_storage[64] __attribute__((aligned(16)));
char gila_byte_storage[256][48] __attribute__((aligned(16)));
char gila_empty_bytes_storage[48] __attribute__((aligned(16)));
uint64_t gila_hash_key[2];
/// Which ASCII characters are whitespace to str: tab to carriage return, the four separators, space.
const unsigned char _Py_ascii_whitespace[128] = {
  ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [0x1c] = 1, [0x1d] = 1, [0x1e] = 1, [0x1f] = 1, [' '] = 1,
};
