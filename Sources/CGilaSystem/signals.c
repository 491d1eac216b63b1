// The signal handler. It is C because nearly nothing may run in a signal handler; it notes the signal, wakes whoever
// waits on the wakeup descriptor, and makes the main thread look. Python's handlers run there, later.
#include "names.h"
#include <errno.h>
#include <unistd.h>

static volatile sig_atomic_t arrived[65];
static volatile sig_atomic_t any_arrived;
static void *main_thread;
static uintptr_t *breaker;
static uintptr_t breaker_bit;
static volatile sig_atomic_t wakeup_fd = -1;
static volatile sig_atomic_t wakeup_warns = 1;
static volatile sig_atomic_t wakeup_error;

void gila_note_signal(int number) {
  if (number < 1 || number > 64) return;
  // The order matters: whoever sees the second flag must find the first.
  __atomic_store_n(&arrived[number], 1, __ATOMIC_RELAXED);
  __atomic_store_n(&any_arrived, 1, __ATOMIC_RELEASE);
  if (breaker) {
    __atomic_fetch_or(breaker, breaker_bit, __ATOMIC_SEQ_CST);
    // It may be about to wait for another thread: the system interrupts a wait that has begun, and only if it is the main
    // thread that gets the signal.
    gila_rouse(main_thread);
  }
  int fd = wakeup_fd;
  if (fd == -1) return;
  unsigned char byte = (unsigned char)number;
  ssize_t n;
  do n = write(fd, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (wakeup_warns || (errno != EAGAIN && errno != EWOULDBLOCK))) {
    wakeup_error = errno;
    __atomic_store_n(&any_arrived, 1, __ATOMIC_RELEASE);
  }
}

static void handle(int number) {
  int saved = errno;
  gila_note_signal(number);
  errno = saved;
}

int gila_get_disposition(int number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) < 0) return GILA_SIGNAL_FOREIGN;
  if (action.sa_flags & SA_SIGINFO) return GILA_SIGNAL_FOREIGN;
  if (action.sa_handler == SIG_DFL) return GILA_SIGNAL_DEFAULT;
  if (action.sa_handler == SIG_IGN) return GILA_SIGNAL_IGNORED;
  return action.sa_handler == handle ? GILA_SIGNAL_HANDLED : GILA_SIGNAL_FOREIGN;
}

int gila_set_disposition(int number, int disposition) {
  struct sigaction action = {0};
  action.sa_handler = disposition == GILA_SIGNAL_DEFAULT ? SIG_DFL : disposition == GILA_SIGNAL_IGNORED ? SIG_IGN : handle;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: blocking calls return, so that Python's handlers can run (PEP 475 calls them again).
  action.sa_flags = SA_ONSTACK;
  return sigaction(number, &action, NULL);
}

bool gila_take_signal(int number) { return __atomic_exchange_n(&arrived[number], 0, __ATOMIC_ACQ_REL); }
bool gila_take_any_signal(void) {
  return __atomic_load_n(&any_arrived, __ATOMIC_ACQUIRE) && __atomic_exchange_n(&any_arrived, 0, __ATOMIC_ACQ_REL);
}
void gila_look_again(void) {
  __atomic_store_n(&any_arrived, 1, __ATOMIC_RELEASE);
  if (breaker) __atomic_fetch_or(breaker, breaker_bit, __ATOMIC_SEQ_CST);
}
void gila_forget_signals(void) {
  for (int i = 0; i < 65; i++) arrived[i] = 0;
  any_arrived = 0;
}

void gila_set_signal_breaker(void *thread, uintptr_t *word, uintptr_t bit) {
  gila_end_waits_at(thread, bit);
  main_thread = thread;
  breaker_bit = bit;
  breaker = word;
}

int gila_set_wakeup(int fd, bool warn_when_full) {
  int old = wakeup_fd;
  wakeup_warns = warn_when_full;
  wakeup_fd = fd;
  return old;
}
int gila_get_wakeup(void) { return wakeup_fd; }
int gila_take_wakeup_error(void) {
  int error = wakeup_error;
  wakeup_error = 0;
  return error;
}

// C API: how extensions read and set handlers.
void (*PyOS_getsig(int number))(int) {
  struct sigaction action;
  return sigaction(number, NULL, &action) < 0 ? SIG_ERR : action.sa_handler;
}
void (*PyOS_setsig(int number, void (*handler)(int)))(int) {
  struct sigaction action = {0}, old;
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_ONSTACK;
  return sigaction(number, &action, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int gila_first_realtime_signal(void) { return SIGRTMIN; }
int gila_last_realtime_signal(void) { return SIGRTMAX; }
int gila_siginterrupt(int number, bool interrupt) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) < 0) return -1;
  if (interrupt) action.sa_flags &= ~SA_RESTART;
  else action.sa_flags |= SA_RESTART;
  return sigaction(number, &action, NULL);
}
