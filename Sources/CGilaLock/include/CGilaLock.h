// What the lock needs and Swift cannot express: futex calls, the processor's clock, atomics on plain fields.
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <linux/futex.h>

/// Sleeps while *word == expected, until `deadline` on the monotonic clock (NULL: no end). 0, or the error number.
static inline int gila_futex_wait(uint32_t *_Nonnull word, uint32_t expected, const struct timespec *_Nullable deadline) {
  long r = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
  return r == 0 ? 0 : errno;
}
static inline void gila_futex_wake(uint32_t *_Nonnull word, int count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
/// A clock of a few nanoseconds' cost, in ticks of its own: see Clock.swift.
static inline uint64_t gila_ticks(void) {
#if defined(__x86_64__)
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
  uint64_t t;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t));
  return t;
#else
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
#endif
}
/// How often to try again awake before sleeping.
static inline int gila_spins(int usual) { return usual; }
static inline void gila_cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}
static inline uint32_t gila_load32(const uint32_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void gila_store32(uint32_t *_Nonnull p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
static inline uint32_t gila_exchange32(uint32_t *_Nonnull p, uint32_t v) { return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL); }
static inline bool gila_cas32(uint32_t *_Nonnull p, uint32_t expected, uint32_t desired) {
  return __atomic_compare_exchange_n(p, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
static inline uint32_t gila_or32(uint32_t *_Nonnull p, uint32_t bits) { return __atomic_fetch_or(p, bits, __ATOMIC_ACQ_REL); }
static inline uint32_t gila_and32(uint32_t *_Nonnull p, uint32_t bits) { return __atomic_fetch_and(p, bits, __ATOMIC_ACQ_REL); }
static inline void gila_or_word(uintptr_t *_Nonnull p, uintptr_t bits) { __atomic_fetch_or(p, bits, __ATOMIC_SEQ_CST); }
static inline void gila_and_word(uintptr_t *_Nonnull p, uintptr_t bits) { __atomic_fetch_and(p, bits, __ATOMIC_SEQ_CST); }
static inline intptr_t gila_load_word(const intptr_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
static inline void gila_store_word(intptr_t *_Nonnull p, intptr_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
/// Lowest and highest address of the running thread's stack; false if unknown.
bool gila_stack_bounds(uintptr_t *_Nonnull low, uintptr_t *_Nonnull high);
/// Which thread this is to the kernel.
static inline int gila_thread_id(void) { return (int)syscall(SYS_gettid); }
