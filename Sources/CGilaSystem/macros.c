// Functions for the macros of the system's headers.
#include "names.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

int gila_openat(int directory, const char *path, int flags, mode_t mode) { return openat(directory, path, flags, mode); }
int gila_pidfd_open(pid_t pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
unsigned gila_major(dev_t device) { return major(device); }
unsigned gila_minor(dev_t device) { return minor(device); }
dev_t gila_makedev(unsigned major, unsigned minor) { return makedev(major, minor); }
int gila_exit_status(int status) { return WEXITSTATUS(status); }
bool gila_exited(int status) { return WIFEXITED(status); }
int gila_term_signal(int status) { return WTERMSIG(status); }
bool gila_signaled(int status) { return WIFSIGNALED(status); }
int gila_stop_signal(int status) { return WSTOPSIG(status); }
bool gila_stopped(int status) { return WIFSTOPPED(status); }
bool gila_continued(int status) { return WIFCONTINUED(status); }
bool gila_dumped(int status) { return WCOREDUMP(status); }
int gila_window_size(int fd, int *columns, int *lines) {
  struct winsize size;
  int result = ioctl(fd, TIOCGWINSZ, &size);
  if (result == 0) {
    *columns = size.ws_col;
    *lines = size.ws_row;
  }
  return result;
}
int gila_set_cloexec(int fd, bool on) { return ioctl(fd, on ? FIOCLEX : FIONCLEX, NULL); }
long gila_nanosleep_until(clockid_t clock, long long seconds, long nanoseconds) {
  struct timespec until = {seconds, nanoseconds};
  return clock_nanosleep(clock, TIMER_ABSTIME, &until, NULL);
}
int gila_cpu_count(const cpu_set_t *mask, size_t n) { return CPU_COUNT_S(n, mask); }
bool gila_cpu_in(int cpu, size_t n, const cpu_set_t *mask) { return CPU_ISSET_S(cpu, n, mask); }
void gila_cpu_add(int cpu, size_t n, cpu_set_t *mask) { CPU_SET_S(cpu, n, mask); }

gila_signal_info gila_read_siginfo(const siginfo_t *info) {
  gila_signal_info r = {info->si_signo, info->si_code, info->si_errno, info->si_pid,
                        info->si_status, info->si_uid, info->si_band};
  return r;
}

__attribute__((weak)) void gila_before_fork(void) {}
__attribute__((weak)) void gila_after_fork_parent(void) {}
__attribute__((weak)) void gila_after_fork_child(void) {}
__attribute__((weak)) void gila_end_waits_at(void *thread, uintptr_t bit) {}
__attribute__((weak)) void gila_rouse(void *thread) {}

int gila_set_spawn_flags(posix_spawnattr_t *attributes, bool group, bool reset, bool session, bool mask, bool defaults,
                         bool scheduler, bool parameter) {
  short flags = (group ? POSIX_SPAWN_SETPGROUP : 0) | (reset ? POSIX_SPAWN_RESETIDS : 0) |
                (session ? POSIX_SPAWN_SETSID : 0) | (mask ? POSIX_SPAWN_SETSIGMASK : 0) |
                (defaults ? POSIX_SPAWN_SETSIGDEF : 0) | (scheduler ? POSIX_SPAWN_SETSCHEDULER : 0) |
                (parameter ? POSIX_SPAWN_SETSCHEDPARAM : 0);
  return posix_spawnattr_setflags(attributes, flags);
}

extern int (*PyOS_InputHook)(void);
int gila_call_input_hook(void) { return PyOS_InputHook ? PyOS_InputHook() : 0; }
bool gila_has_input_hook(void) { return PyOS_InputHook != NULL; }

void gila_fd_zero(gila_fd_set *s) { FD_ZERO(&s->set); }
void gila_fd_add(int fd, gila_fd_set *s) { FD_SET(fd, &s->set); }
bool gila_fd_has(int fd, const gila_fd_set *s) { return FD_ISSET(fd, &s->set); }
int gila_select(int n, gila_fd_set *r, gila_fd_set *w, gila_fd_set *x, struct timeval *timeout) {
  return select(n, r ? &r->set : NULL, w ? &w->set : NULL, x ? &x->set : NULL, timeout);
}

int gila_epoll_create(int flags) { return epoll_create1(flags); }
int gila_epoll_control(int fd, int operation, int target, unsigned events) {
  struct epoll_event event = {.events = events, .data = {.fd = target}};
  return epoll_ctl(fd, operation, target, &event);
}
int gila_epoll_wait(int fd, unsigned *found, int n, int timeout) {
  // The events are written over what is read from them: a found pair is not larger than an event.
  _Static_assert(sizeof(struct epoll_event) >= 2 * sizeof(unsigned), "room for the pairs");
  struct epoll_event *events = (struct epoll_event *)found;
  int count = epoll_wait(fd, events, n, timeout);
  for (int i = 0; i < count; i++) {
    unsigned target = (unsigned)events[i].data.fd, bits = events[i].events;
    found[2 * i] = target;
    found[2 * i + 1] = bits;
  }
  return count;
}

int gila_fcntl_number(int fd, int command, long argument) { return fcntl(fd, command, argument); }
int gila_fcntl_memory(int fd, int command, void *argument) { return fcntl(fd, command, argument); }
int gila_ioctl_number(int fd, unsigned long request, long argument) { return ioctl(fd, request, argument); }
int gila_ioctl_memory(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }
int gila_lock_range(int fd, int kind, int whence, long start, long n, bool wait) {
  struct flock lock = {.l_type = (short)kind, .l_whence = (short)whence, .l_start = start, .l_len = n};
  return fcntl(fd, wait ? F_SETLKW : F_SETLK, &lock);
}
int gila_pidfd_send_signal(int fd, int number, unsigned flags) {
  return (int)syscall(SYS_pidfd_send_signal, fd, number, NULL, flags);
}
int gila_sigmask(int how, const sigset_t *set, sigset_t *old) { return pthread_sigmask(how, set, old); }
void gila_syslog(int priority, const char *text) { syslog(priority, "%s", text); }
int gila_log_mask(int priority) { return LOG_MASK(priority); }
int gila_log_up_to(int priority) { return LOG_UPTO(priority); }
int gila_prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit) {
  return prlimit(pid, resource, new_limit, old_limit);
}

sem_t *gila_sem_open_new(const char *name, unsigned value) {
  sem_t *s = sem_open(name, O_CREAT | O_EXCL, 0600, value);
  return s == SEM_FAILED ? NULL : s;
}
sem_t *gila_sem_open(const char *name) {
  sem_t *s = sem_open(name, 0);
  return s == SEM_FAILED ? NULL : s;
}
void *gila_mremap(void *start, size_t old_size, size_t new_size) {
  void *p = mremap(start, old_size, new_size, MREMAP_MAYMOVE);
  return p == MAP_FAILED ? NULL : p;
}
int gila_set_window_size(int fd, unsigned short lines, unsigned short columns) {
  struct winsize size;
  int result = ioctl(fd, TIOCGWINSZ, &size);
  if (result < 0) return result;
  size.ws_row = lines;
  size.ws_col = columns;
  return ioctl(fd, TIOCSWINSZ, &size);
}
