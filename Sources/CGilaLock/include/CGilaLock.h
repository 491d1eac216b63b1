// What the lock needs and Swift cannot express: futex calls, the processor's clock, atomics on plain fields.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <linux/futex.h>

#ifdef GILA_LOCK_EXPLORE
/// In test builds an explorer may stand in for the kernel and the clock, and decide at each step on shared memory who goes
/// on (Tests/GilaLockTests/Explorer.swift). All or none of these are set, for the thread that explores.
struct gila_explorer {
  /// Before a step. Not 0: the step is left out (a seeded fault).
  int (*_Nullable step)(int kind, const void *_Nonnull address);
  int (*_Nullable wait)(uint32_t *_Nonnull word, uint32_t expected, int64_t deadline);
  void (*_Nullable wake)(uint32_t *_Nonnull word, int count);
  /// 0: nanoseconds, 2: ticks, 1: let time pass.
  int64_t (*_Nullable clock)(int64_t what);
};
extern __thread struct gila_explorer gila_explorer_here __attribute__((tls_model("initial-exec")));
static inline struct gila_explorer *_Nonnull gila_explorer_hooks(void) { return &gila_explorer_here; }
#define GILA_STEP(kind, address, otherwise) \
  if (__builtin_expect(gila_explorer_here.step != NULL, 0) && gila_explorer_here.step(kind, address)) return otherwise
#define GILA_EXPLORED __builtin_expect(gila_explorer_here.step != NULL, 0)
#else
#define GILA_STEP(kind, address, otherwise)
#define GILA_EXPLORED 0
#endif
enum gila_step { GILA_STEP_LOAD, GILA_STEP_STORE, GILA_STEP_EXCHANGE, GILA_STEP_CAS, GILA_STEP_OR, GILA_STEP_AND };

/// The monotonic clock in nanoseconds.
static inline uint64_t gila_nanoseconds(void) {
#ifdef GILA_LOCK_EXPLORE
  if (GILA_EXPLORED) return (uint64_t)gila_explorer_here.clock(0);
#endif
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
/// Sleeps while *word == expected, until `deadline` on the monotonic clock (NULL: no end). 0, or the error number.
static inline int gila_futex_wait(uint32_t *_Nonnull word, uint32_t expected, const struct timespec *_Nullable deadline) {
#ifdef GILA_LOCK_EXPLORE
  if (GILA_EXPLORED)
    return gila_explorer_here.wait(word, expected, deadline ? deadline->tv_sec * 1000000000ll + deadline->tv_nsec : -1);
#endif
  long r = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
  return r == 0 ? 0 : errno;
}
static inline void gila_futex_wake(uint32_t *_Nonnull word, int count) {
#ifdef GILA_LOCK_EXPLORE
  if (GILA_EXPLORED) {
    gila_explorer_here.wake(word, count);
    return;
  }
#endif
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
/// A clock of a few nanoseconds' cost, in ticks of its own: see Clock.swift.
static inline uint64_t gila_ticks(void) {
#ifdef GILA_LOCK_EXPLORE
  if (GILA_EXPLORED) return (uint64_t)gila_explorer_here.clock(2);
#endif
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
  uint64_t t;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t));
  return t;
#else
  return gila_nanoseconds();
#endif
}
/// How often to try again awake before sleeping.
static inline int gila_spins(int usual) { return GILA_EXPLORED ? 1 : usual; }
static inline void gila_cpu_relax(void) {
#ifdef GILA_LOCK_EXPLORE
  if (GILA_EXPLORED) {
    gila_explorer_here.clock(1);
    return;
  }
#endif
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}
static inline uint32_t gila_load32(const uint32_t *_Nonnull p) {
  GILA_STEP(GILA_STEP_LOAD, p, 0);
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void gila_store32(uint32_t *_Nonnull p, uint32_t v) {
  GILA_STEP(GILA_STEP_STORE, p, );
  __atomic_store_n(p, v, __ATOMIC_RELEASE);
}
static inline uint32_t gila_exchange32(uint32_t *_Nonnull p, uint32_t v) {
  GILA_STEP(GILA_STEP_EXCHANGE, p, 0);
  return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL);
}
static inline bool gila_cas32(uint32_t *_Nonnull p, uint32_t expected, uint32_t desired) {
  GILA_STEP(GILA_STEP_CAS, p, true);
  return __atomic_compare_exchange_n(p, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
static inline uint32_t gila_or32(uint32_t *_Nonnull p, uint32_t bits) {
  GILA_STEP(GILA_STEP_OR, p, __atomic_load_n(p, __ATOMIC_ACQUIRE));
  return __atomic_fetch_or(p, bits, __ATOMIC_ACQ_REL);
}
static inline uint32_t gila_and32(uint32_t *_Nonnull p, uint32_t bits) {
  GILA_STEP(GILA_STEP_AND, p, 0);
  return __atomic_fetch_and(p, bits, __ATOMIC_ACQ_REL);
}
static inline void gila_or_word(uintptr_t *_Nonnull p, uintptr_t bits) {
  GILA_STEP(GILA_STEP_OR, p, );
  __atomic_fetch_or(p, bits, __ATOMIC_SEQ_CST);
}
static inline void gila_and_word(uintptr_t *_Nonnull p, uintptr_t bits) {
  GILA_STEP(GILA_STEP_AND, p, );
  __atomic_fetch_and(p, bits, __ATOMIC_SEQ_CST);
}
/// What is written before is seen by all before what is read after is read.
static inline void gila_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline intptr_t gila_load_word(const intptr_t *_Nonnull p) {
  GILA_STEP(GILA_STEP_LOAD, p, 0);
  return __atomic_load_n(p, __ATOMIC_RELAXED);
}
static inline void gila_store_word(intptr_t *_Nonnull p, intptr_t v) {
  GILA_STEP(GILA_STEP_STORE, p, );
  __atomic_store_n(p, v, __ATOMIC_RELAXED);
}
/// Lowest and highest address of the running thread's stack; false if unknown.
bool gila_stack_bounds(uintptr_t *_Nonnull low, uintptr_t *_Nonnull high);
/// How many processors this process may run on.
static inline int gila_processors(void) {
  if (GILA_EXPLORED) return 1;
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}
/// The processor that the thread runs on at this moment; UINT32_MAX if that is unknown.
static inline uint32_t gila_processor(void) {
  if (GILA_EXPLORED) return UINT32_MAX;
  return (uint32_t)sched_getcpu();
}
/// Which thread this is to the kernel.
static inline int gila_thread_id(void) { return (int)syscall(SYS_gettid); }

/// The processors that a thread may run on.
struct gila_processors_allowed {
  unsigned long words[16];
};
/// Lets a thread run on one processor only, and tells what it was allowed before. False, and nothing is changed, if it may
/// not run there, if that is its only one, if it has more than `most`, or if the system does not say.
static inline bool gila_bind_thread(
    int thread, uint32_t processor, int most, struct gila_processors_allowed *_Nonnull before) {
  if (GILA_EXPLORED || processor >= 8 * sizeof *before) return false;
  long size = syscall(SYS_sched_getaffinity, thread, sizeof *before, before);
  if (size <= 0) return false;
  const unsigned bits = 8 * sizeof before->words[0];
  int count = 0;
  for (unsigned i = 0; i < sizeof before->words / sizeof before->words[0]; i++) {
    if (i >= size / sizeof before->words[0]) before->words[i] = 0;
    count += __builtin_popcountl(before->words[i]);
  }
  if (count < 2 || count > most || !(before->words[processor / bits] >> processor % bits & 1)) return false;
  struct gila_processors_allowed one = {{0}};
  one.words[processor / bits] = 1ul << processor % bits;
  return syscall(SYS_sched_setaffinity, thread, sizeof one, &one) == 0;
}
/// Gives the running thread back what it was allowed before it was bound to a processor. If somebody else has decided
/// meanwhile where it may run, that stays.
static inline void gila_unbind_thread(uint32_t processor, const struct gila_processors_allowed *_Nonnull before) {
  struct gila_processors_allowed now = {{0}}, all;
  if (syscall(SYS_sched_getaffinity, 0, sizeof now, &now) <= 0) return;
  const unsigned bits = 8 * sizeof now.words[0];
  now.words[processor / bits] ^= 1ul << processor % bits;
  for (unsigned i = 0; i < sizeof now.words / sizeof now.words[0]; i++) {
    if (now.words[i]) return;
    all.words[i] = ~0ul;
  }
  // A thread that was not limited has to follow its control group when that gets more processors: it is allowed all, if that
  // is the same for now.
  if (syscall(SYS_sched_setaffinity, 0, sizeof all, &all) == 0 &&
      syscall(SYS_sched_getaffinity, 0, sizeof now, &now) > 0 && __builtin_memcmp(&now, before, sizeof now) == 0)
    return;
  syscall(SYS_sched_setaffinity, 0, sizeof *before, before);
}
