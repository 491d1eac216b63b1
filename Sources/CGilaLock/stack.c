#define _GNU_SOURCE
#include <pthread.h>
#include "CGilaLock.h"

bool gila_stack_bounds(uintptr_t *low, uintptr_t *high) {
  pthread_attr_t attributes;
  void *base;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return false;
  int r = pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  if (r != 0) return false;
  *low = (uintptr_t)base;
  *high = (uintptr_t)base + size;
  return true;
}

#ifdef GILA_LOCK_EXPLORE
__thread struct gila_explorer gila_explorer_here;
#endif
