// Messages and tracebacks about signals, and a watchdog thread. C for the same reason as signals.c.
#include "names.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// GilaEval.
void gila_dump_traceback(int fd, void *interpreter, void *thread, bool all);
void *gila_calling_thread(void);
void *gila_interpreter_of(void *thread);

static void say(int fd, const char *text) {
  ssize_t n = write(fd, text, strlen(text));
  (void)n;
}

// --- fatal signals ---------------------------------------------------------

static const struct {
  int number;
  const char *text;
} faults[] = {
    {SIGBUS, "Bus error"},
    {SIGILL, "Illegal instruction"},
    {SIGFPE, "Floating-point exception"},
    {SIGABRT, "Aborted"},
    {SIGSEGV, "Segmentation fault"},
};
enum { count = sizeof faults / sizeof faults[0] };
static struct sigaction before[count];
static int fault_fd = -1;
static bool fault_all = true;
static void *fault_interpreter;

static void handle(int number) {
  int saved = errno;
  for (int i = 0; i < count; i++) {
    if (faults[i].number != number) continue;
    sigaction(number, &before[i], NULL);
    say(fault_fd, "Fatal Python error: ");
    say(fault_fd, faults[i].text);
    say(fault_fd, "\n\n");
    gila_dump_traceback(fault_fd, fault_interpreter, gila_calling_thread(), fault_all);
  }
  errno = saved;
  raise(number);
}

// A handler for an exhausted stack needs one of its own.
static void give_handlers_a_stack(void) {
  static bool done;
  if (done) return;
  done = true;
  stack_t stack = {0};
  stack.ss_size = 1 << 17;
  stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack.ss_sp != MAP_FAILED) sigaltstack(&stack, NULL);
}

int gila_enable_fault_messages(int file, bool all) {
  int was = fault_fd;
  fault_fd = file;
  fault_all = all;
  fault_interpreter = gila_interpreter_of(gila_calling_thread());
  if (was != -1) return 0;
  give_handlers_a_stack();
  for (int i = 0; i < count; i++) {
    struct sigaction action = {0};
    action.sa_handler = handle;
    action.sa_flags = SA_NODEFER | SA_ONSTACK;
    if (sigaction(faults[i].number, &action, &before[i]) < 0) return -1;
  }
  return 0;
}
bool gila_disable_fault_messages(void) {
  if (fault_fd == -1) return false;
  for (int i = 0; i < count; i++) sigaction(faults[i].number, &before[i], NULL);
  fault_fd = -1;
  return true;
}
bool gila_has_fault_messages(void) { return fault_fd != -1; }

// --- tracebacks on a signal ------------------------------------------------

static struct {
  int fd;
  bool enabled, all, chain;
  void *interpreter;
  struct sigaction before;
} wanted[65];

static void dump_on_signal(int number);
static int listen_for(int number, struct sigaction *old) {
  struct sigaction action = {0};
  action.sa_handler = dump_on_signal;
  action.sa_flags = SA_RESTART | (wanted[number].chain ? SA_NODEFER : 0) | SA_ONSTACK;
  return sigaction(number, &action, old);
}
static void dump_on_signal(int number) {
  if (!wanted[number].enabled) return;
  int saved = errno;
  gila_dump_traceback(wanted[number].fd, wanted[number].interpreter, gila_calling_thread(), wanted[number].all);
  if (wanted[number].chain) {
    sigaction(number, &wanted[number].before, NULL);
    errno = saved;
    raise(number);
    saved = errno;
    listen_for(number, NULL);
  }
  errno = saved;
}
int gila_dump_on_signal(int number, int fd, bool all, bool chain) {
  wanted[number].fd = fd;
  wanted[number].all = all;
  wanted[number].chain = chain;
  wanted[number].interpreter = gila_interpreter_of(gila_calling_thread());
  give_handlers_a_stack();
  if (listen_for(number, wanted[number].enabled ? NULL : &wanted[number].before) < 0) return -1;
  wanted[number].enabled = true;
  return 0;
}
bool gila_stop_dump_on_signal(int number) {
  if (!wanted[number].enabled) return false;
  wanted[number].enabled = false;
  sigaction(number, &wanted[number].before, NULL);
  return true;
}
bool gila_is_fault_signal(int number) {
  for (int i = 0; i < count; i++)
    if (faults[i].number == number) return true;
  return false;
}

// --- the watchdog ----------------------------------------------------------

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t watchdog;
static bool watching, cancelled;
static struct {
  int fd;
  bool repeat, quit;
  int64_t microseconds;
  void *interpreter;
} watch;

static void *wait_and_dump(void *unused) {
  (void)unused;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  char header[64];
  int64_t us = watch.microseconds, seconds = us / 1000000;
  int n = snprintf(header, sizeof header, "Timeout (%ld:%02ld:%02ld", (long)(seconds / 3600), (long)(seconds / 60 % 60),
                   (long)(seconds % 60));
  if (us % 1000000) n += snprintf(header + n, sizeof header - n, ".%06ld", (long)(us % 1000000));
  snprintf(header + n, sizeof header - n, ")!\n");
  pthread_mutex_lock(&mutex);
  do {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += us / 1000000;
    until.tv_nsec += us % 1000000 * 1000;
    if (until.tv_nsec >= 1000000000) {
      until.tv_nsec -= 1000000000;
      until.tv_sec++;
    }
    while (!cancelled && pthread_cond_timedwait(&changed, &mutex, &until) != ETIMEDOUT) {
    }
    if (cancelled) break;
    say(watch.fd, header);
    gila_dump_traceback(watch.fd, watch.interpreter, NULL, true);
    if (watch.quit) _exit(1);
  } while (watch.repeat);
  pthread_mutex_unlock(&mutex);
  return NULL;
}
void gila_cancel_dump_later(void) {
  if (!watching) return;
  pthread_mutex_lock(&mutex);
  cancelled = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  pthread_join(watchdog, NULL);
  watching = false;
}
int gila_dump_later(int fd, int64_t microseconds, bool repeat, bool quit) {
  gila_cancel_dump_later();
  static bool prepared;
  if (!prepared) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    prepared = true;
  }
  watch.fd = fd;
  watch.microseconds = microseconds;
  watch.repeat = repeat;
  watch.quit = quit;
  watch.interpreter = gila_interpreter_of(gila_calling_thread());
  cancelled = false;
  int error = pthread_create(&watchdog, NULL, wait_and_dump, NULL);
  if (error) {
    errno = error;
    return -1;
  }
  watching = true;
  return 0;
}

// --- faults on demand, for tests -------------------------------------------

void gila_read_null(void) {
  volatile int *nothing = NULL;
  (void)*nothing;
}
void gila_overflow_stack(void) {
  volatile char block[4096];
  block[0] = 1;
  gila_overflow_stack();
  block[1] = block[0];
}
