#pragma clang diagnostic ignored "-Wnullability-completeness"
// What the operating system offers and Swift's Glibc module does not show: GNU and Linux functions, macros that take
// arguments, and the values of constants. No logic.
#pragma once
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

/// A constant of the system; a table ends with a NULL name.
typedef struct gila_named_int {
  const char *name;
  long long value;
} gila_named_int;
extern const gila_named_int gila_errno_names[], gila_posix_names[], gila_confstr_names[], gila_pathconf_names[],
    gila_sysconf_names[], gila_locale_names[], gila_signal_names[], gila_select_names[], gila_fcntl_names[],
    gila_mmap_names[], gila_resource_names[], gila_termios_names[], gila_syslog_names[];
static inline const gila_named_int *_Nonnull gila_errno_table(void) { return gila_errno_names; }
static inline const gila_named_int *_Nonnull gila_posix_table(void) { return gila_posix_names; }
static inline const gila_named_int *_Nonnull gila_confstr_table(void) { return gila_confstr_names; }
static inline const gila_named_int *_Nonnull gila_pathconf_table(void) { return gila_pathconf_names; }
static inline const gila_named_int *_Nonnull gila_sysconf_table(void) { return gila_sysconf_names; }
static inline const gila_named_int *_Nonnull gila_locale_table(void) { return gila_locale_names; }
static inline const gila_named_int *_Nonnull gila_signal_table(void) { return gila_signal_names; }
static inline const gila_named_int *_Nonnull gila_select_table(void) { return gila_select_names; }
static inline const gila_named_int *_Nonnull gila_fcntl_table(void) { return gila_fcntl_names; }
static inline const gila_named_int *_Nonnull gila_mmap_table(void) { return gila_mmap_names; }
static inline const gila_named_int *_Nonnull gila_resource_table(void) { return gila_resource_names; }
static inline const gila_named_int *_Nonnull gila_termios_table(void) { return gila_termios_names; }
static inline const gila_named_int *_Nonnull gila_syslog_table(void) { return gila_syslog_names; }

/// The environment as the C library holds it.
extern char **environ;
static inline char *_Nullable *_Nullable gila_environ(void) { return environ; }

// Functions of GNU libc that need _GNU_SOURCE.
int pipe2(int fds[2], int flags);
int dup3(int from, int to, int flags);
int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int memfd_create(const char *name, unsigned flags);
int eventfd(unsigned count, int flags);
ssize_t splice(int in, int64_t *in_offset, int out, int64_t *out_offset, size_t n, unsigned flags);
ssize_t copy_file_range(int in, int64_t *in_offset, int out, int64_t *out_offset, size_t n, unsigned flags);
ssize_t sendfile(int out, int in, off_t *offset, size_t n);
ssize_t preadv2(int fd, const struct iovec *buffers, int n, off_t offset, int flags);
ssize_t pwritev2(int fd, const struct iovec *buffers, int n, off_t offset, int flags);
ssize_t getrandom(void *buffer, size_t n, unsigned flags);
ssize_t getxattr(const char *path, const char *name, void *value, size_t n);
ssize_t lgetxattr(const char *path, const char *name, void *value, size_t n);
ssize_t fgetxattr(int fd, const char *name, void *value, size_t n);
ssize_t listxattr(const char *path, char *list, size_t n);
ssize_t llistxattr(const char *path, char *list, size_t n);
ssize_t flistxattr(int fd, char *list, size_t n);
int setxattr(const char *path, const char *name, const void *value, size_t n, int flags);
int lsetxattr(const char *path, const char *name, const void *value, size_t n, int flags);
int fsetxattr(int fd, const char *name, const void *value, size_t n, int flags);
int removexattr(const char *path, const char *name);
int lremovexattr(const char *path, const char *name);
int fremovexattr(int fd, const char *name);
int getresuid(uid_t *r, uid_t *e, uid_t *s);
int getresgid(gid_t *r, gid_t *e, gid_t *s);
int setresuid(uid_t r, uid_t e, uid_t s);
int setresgid(gid_t r, gid_t e, gid_t s);
int getgrouplist(const char *user, gid_t group, gid_t *groups, int *n);
int initgroups(const char *user, gid_t group);
int setgroups(size_t n, const gid_t *groups);
int chroot(const char *path);
int unshare(int flags);
int setns(int fd, int kind);
int sched_getaffinity(pid_t pid, size_t n, cpu_set_t *mask);
int sched_setaffinity(pid_t pid, size_t n, const cpu_set_t *mask);
int posix_openpt(int flags);
int grantpt(int fd);
int unlockpt(int fd);
int ptsname_r(int fd, char *name, size_t n);
int timerfd_create(int clock, int flags);
int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value);
int timerfd_gettime(int fd, struct itimerspec *value);
int futimens(int fd, const struct timespec times[2]);
int close_range(unsigned first, unsigned last, int flags);
pid_t wait3(int *status, int options, struct rusage *usage);
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
int getloadavg(double loads[], int n);
pid_t gettid(void);
int faccessat(int directory, const char *path, int mode, int flags);
char *ctermid(char *name);
int posix_fadvise(int fd, off_t offset, off_t n, int advice);
int posix_fallocate(int fd, off_t offset, off_t n);
int lockf(int fd, int command, off_t n);
size_t confstr(int name, char *buffer, size_t n);
int clock_settime(clockid_t clock, const struct timespec *time);
int pthread_getcpuclockid(pthread_t thread, clockid_t *clock);
int fexecve(int fd, char *const *arguments, char *const *environment);
char *gettext(const char *message);
char *dgettext(const char *domain, const char *message);
char *dcgettext(const char *domain, const char *message, int category);
char *textdomain(const char *domain);
char *bindtextdomain(const char *domain, const char *directory);
char *bind_textdomain_codeset(const char *domain, const char *codeset);
int execveat(int directory, const char *path, char *const *arguments, char *const *environment, int flags);

// Macros with arguments, and functions whose types Swift cannot say.
int gila_openat(int directory, const char *path, int flags, mode_t mode);
int gila_pidfd_open(pid_t pid, unsigned flags);
unsigned gila_major(dev_t device);
unsigned gila_minor(dev_t device);
dev_t gila_makedev(unsigned major, unsigned minor);
int gila_exit_status(int status);
bool gila_exited(int status);
int gila_term_signal(int status);
bool gila_signaled(int status);
int gila_stop_signal(int status);
bool gila_stopped(int status);
bool gila_continued(int status);
bool gila_dumped(int status);
int gila_window_size(int fd, int *columns, int *lines);
int gila_set_window_size(int fd, unsigned short lines, unsigned short columns);
/// Marks a descriptor as inherited by exec or not, in one system call.
int gila_set_cloexec(int fd, bool on);
long gila_nanosleep_until(clockid_t clock, long long seconds, long nanoseconds);
/// The machine's processors in the calling thread's mask.
int gila_cpu_count(const cpu_set_t *mask, size_t n);
bool gila_cpu_in(int cpu, size_t n, const cpu_set_t *mask);
void gila_cpu_add(int cpu, size_t n, cpu_set_t *mask);

/// What a siginfo_t says, whose members are macros.
typedef struct gila_signal_info {
  int number, code, error, pid, status;
  unsigned uid;
  long band;
} gila_signal_info;
gila_signal_info gila_read_siginfo(const siginfo_t *info);

// Hooks of the lock around fork. The lock's own definitions win over these, which do nothing.
void gila_before_fork(void);
void gila_after_fork_parent(void);
void gila_after_fork_child(void);
// And around signals. A bit in a thread's request word is to end its waits for other threads; for the signal's handler,
// which sets it: to make the thread look. The second does nothing but atomic operations and a system call.
void gila_end_waits_at(void *thread, uintptr_t bit);
void gila_rouse(void *thread);

int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int gila_set_spawn_flags(posix_spawnattr_t *attributes, bool group, bool reset, bool session, bool mask, bool defaults,
                         bool scheduler, bool parameter);
/// Calls the hook that a readline-like extension installed, 0 when there is none.
int gila_call_input_hook(void);
bool gila_has_input_hook(void);

// Signals as they arrive (signals.c).
/// What is done with a signal: by the system, not at all, by the handler below, by a handler of other code.
enum gila_disposition { GILA_SIGNAL_DEFAULT, GILA_SIGNAL_IGNORED, GILA_SIGNAL_HANDLED, GILA_SIGNAL_FOREIGN };
int gila_get_disposition(int number);
/// 0, or -1 with errno set.
int gila_set_disposition(int number, int disposition);
/// Notes that a signal arrived, as its handler does.
void gila_note_signal(int number);
/// Whether the signal arrived since the last call.
bool gila_take_signal(int number);
/// Whether any signal arrived since the last call.
bool gila_take_any_signal(void);
/// Makes the main thread look for signals although none is new.
void gila_look_again(void);
void gila_forget_signals(void);
/// The main thread, its word that makes it look for signals, and the bit in it.
void gila_set_signal_breaker(void *thread, uintptr_t *word, uintptr_t bit);
/// The descriptor that gets a byte with each signal's number; returns the one before.
int gila_set_wakeup(int fd, bool warn_when_full);
int gila_get_wakeup(void);
/// The error of the last write to it that failed and is to be reported; 0 when there is none.
int gila_take_wakeup_error(void);

int gila_first_realtime_signal(void);
int gila_siginterrupt(int number, bool interrupt);
int gila_last_realtime_signal(void);

/// fd_set, whose operations are macros.
typedef struct gila_fd_set {
  fd_set set;
} gila_fd_set;
void gila_fd_zero(gila_fd_set *s);
void gila_fd_add(int fd, gila_fd_set *s);
bool gila_fd_has(int fd, const gila_fd_set *s);
int gila_select(int n, gila_fd_set *r, gila_fd_set *w, gila_fd_set *x, struct timeval *timeout);

// epoll, with the union of its event left out.
int gila_epoll_create(int flags);
int gila_epoll_control(int fd, int operation, int target, unsigned events);
/// Descriptors and events of what is ready, two numbers each.
int gila_epoll_wait(int fd, unsigned *found, int n, int timeout);

int gila_fcntl_number(int fd, int command, long argument);
int gila_fcntl_memory(int fd, int command, void *argument);
int gila_ioctl_number(int fd, unsigned long request, long argument);
int gila_ioctl_memory(int fd, unsigned long request, void *argument);
int gila_lock_range(int fd, int kind, int whence, long start, long n, bool wait);
int gila_pidfd_send_signal(int fd, int number, unsigned flags);
int gila_sigmask(int how, const sigset_t *set, sigset_t *old);
int gila_prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit);
void gila_syslog(int priority, const char *text);
int gila_log_mask(int priority);
int gila_log_up_to(int priority);

// sem_open takes a variable number of arguments.
#include <semaphore.h>
sem_t *gila_sem_open_new(const char *name, unsigned value);
sem_t *gila_sem_open(const char *name);
void *gila_mremap(void *start, size_t old_size, size_t new_size);

// Messages about fatal signals (faults.c). 0, or -1 with errno set.
int gila_enable_fault_messages(int file, bool all);
bool gila_disable_fault_messages(void);
bool gila_has_fault_messages(void);
bool gila_is_fault_signal(int number);
int gila_dump_on_signal(int number, int fd, bool all, bool chain);
bool gila_stop_dump_on_signal(int number);
int gila_dump_later(int fd, int64_t microseconds, bool repeat, bool quit);
void gila_cancel_dump_later(void);
void gila_dump_traceback(int fd, void *interpreter, void *thread, bool all);
void gila_read_null(void);
void gila_overflow_stack(void);

#include "gila_sockets.h"
