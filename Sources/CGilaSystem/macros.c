// Functions for the macros of the system's headers.
#include "names.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
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
