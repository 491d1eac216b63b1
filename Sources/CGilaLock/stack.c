#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>
#include "CGilaLock.h"

// The main thread's stack ends with the name of the program, and may grow to its limit below that. The library would
// read /proc/self/maps for it, which every start would pay for.
static bool main_stack_bounds(uintptr_t *low, uintptr_t *high) {
  struct rlimit limit;
  const char *last = (const char *)getauxval(AT_EXECFN);
  if (getpid() != gettid() || !last || getrlimit(RLIMIT_STACK, &limit) != 0) return false;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t end = ((uintptr_t)last + strlen(last) + 1 + page - 1) & ~(page - 1);
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (limit.rlim_cur > ((uintptr_t)1 << 40) || here > end || end - here > limit.rlim_cur) return false;
  *high = end;
  *low = end - limit.rlim_cur;
  return true;
}

bool gila_stack_bounds(uintptr_t *low, uintptr_t *high) {
  if (main_stack_bounds(low, high)) return true;
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
