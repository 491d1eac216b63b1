#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "CGilaFibers.h"

enum { COUNT = 4, STACK = 256 * 1024 };
typedef struct {
  ucontext_t context;
  int ended;
} fiber;
static fiber fibers[COUNT];
static char *stacks[COUNT];
static ucontext_t outside;
static int current = -1;
static void (*bodies[COUNT])(int);

static void start(int i) {
  bodies[i](i);
  fibers[i].ended = 1;
}
void gila_fiber_make(int i, void (*body)(int)) {
  if (!stacks[i]) stacks[i] = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(stacks[i], 0, STACK);
  memset(&fibers[i], 0, sizeof fibers[i]);
  bodies[i] = body;
  getcontext(&fibers[i].context);
  fibers[i].context.uc_stack.ss_sp = stacks[i];
  fibers[i].context.uc_stack.ss_size = STACK;
  fibers[i].context.uc_link = &outside;
  makecontext(&fibers[i].context, (void (*)(void))start, 1, i);
}
void gila_fiber_run(int i) {
  current = i;
  swapcontext(&outside, &fibers[i].context);
  current = -1;
}
void gila_fiber_yield(void) {
  int i = current;
  swapcontext(&fibers[i].context, &outside);
  current = i;
}
int gila_fiber_current(void) { return current; }
int gila_fiber_ended(int i) { return fibers[i].ended; }

static char *used(int i, size_t *n) {
#if defined(__x86_64__)
  char *sp = (char *)fibers[i].context.uc_mcontext.gregs[REG_RSP] - 128;
#else
  char *sp = (char *)fibers[i].context.uc_mcontext.sp - 128;
#endif
  *n = (size_t)(stacks[i] + STACK - sp);
  return sp;
}
size_t gila_fiber_save(int i, void *to) {
  size_t n;
  char *sp = used(i, &n);
  if (to) {
    memcpy(to, &fibers[i], sizeof(fiber));
    memcpy((char *)to + sizeof(fiber), sp, n);
  }
  return sizeof(fiber) + n;
}
size_t gila_fiber_restore(int i, const void *from) {
  size_t n;
  memcpy(&fibers[i], from, sizeof(fiber));
  char *sp = used(i, &n);
  memcpy(sp, (const char *)from + sizeof(fiber), n);
  return sizeof(fiber) + n;
}
uint64_t gila_hash(const void *p, size_t n, uint64_t h) {
  const char *c = p;
  for (; n >= 8; n -= 8, c += 8) {
    uint64_t w;
    memcpy(&w, c, 8);
    h = (h ^ w) * 0x9E3779B97F4A7C15u;
    h ^= h >> 29;
  }
  for (; n; n--, c++) h = (h ^ (uint8_t)*c) * 0x100000001B3u;
  return h;
}
uint64_t gila_fiber_hash(int i, uint64_t seed) {
  size_t n;
  char *sp = used(i, &n);
  // Without the red zone, which belongs to nobody while the fiber is suspended in a call.
  return gila_hash(sp + 128, n - 128, seed ^ n ^ (uint64_t)fibers[i].ended << 60);
}
