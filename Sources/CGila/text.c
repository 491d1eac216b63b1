// Storage of the text singletons; GilaText fills it at start.
#include "CGila.h"

char gila_latin1_storage[256][64] __attribute__((aligned(16)));
char gila_empty_str_storage[64] __attribute__((aligned(16)));
char gila_byte_storage[256][48] __attribute__((aligned(16)));
char gila_empty_bytes_storage[48] __attribute__((aligned(16)));
uint64_t gila_hash_key[2];
