// Threads of control that a test switches between by hand, and whose whole state can be saved and brought back.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Makes fiber `i` ready to run `body(i)` on a stack of its own. At most 4.
void gila_fiber_make(int i, void (*_Nonnull body)(int));
/// Runs fiber `i` until it yields or ends.
void gila_fiber_run(int i);
/// Back to the caller of `gila_fiber_run`; from inside a fiber only.
void gila_fiber_yield(void);
/// The fiber that runs, -1 outside of all.
int gila_fiber_current(void);
/// Whether a fiber's body has returned.
int gila_fiber_ended(int i);
/// Copies what a suspended fiber consists of; returns the size. With NULL only the size.
size_t gila_fiber_save(int i, void *_Nullable to);
/// Brings back what `gila_fiber_save` copied; returns the size.
size_t gila_fiber_restore(int i, const void *_Nonnull from);
/// A hash over the used part of a suspended fiber's stack.
uint64_t gila_fiber_hash(int i, uint64_t seed);
uint64_t gila_hash(const void *_Nonnull p, size_t n, uint64_t seed);
