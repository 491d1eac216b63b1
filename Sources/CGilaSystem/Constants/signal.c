// Signals and what goes with them.
#include "../names.h"
#include <signal.h>
#include <sys/time.h>

const gila_named_int gila_signal_names[] = {
    K(NSIG), K(SIGABRT), K(SIGALRM), K(SIGBUS), K(SIGCHLD), K(SIGCLD), K(SIGCONT), K(SIGFPE), K(SIGHUP), K(SIGILL),
    K(SIGINT), K(SIGIO), K(SIGIOT), K(SIGKILL), K(SIGPIPE), K(SIGPOLL), K(SIGPROF), K(SIGPWR), K(SIGQUIT), K(SIGSEGV),
    K(SIGSTKFLT), K(SIGSTOP), K(SIGSYS), K(SIGTERM), K(SIGTRAP), K(SIGTSTP), K(SIGTTIN), K(SIGTTOU), K(SIGURG),
    K(SIGUSR1), K(SIGUSR2), K(SIGVTALRM), K(SIGWINCH), K(SIGXCPU), K(SIGXFSZ), K(SIG_BLOCK), K(SIG_DFL), K(SIG_IGN),
    K(SIG_SETMASK), K(SIG_UNBLOCK), K(ITIMER_PROF), K(ITIMER_REAL), K(ITIMER_VIRTUAL),
    {0, 0},
};
