// Limits and kinds of usage.
#include "../names.h"
#include <sys/resource.h>

const gila_named_int gila_resource_names[] = {
    K(RLIMIT_AS), K(RLIMIT_CORE), K(RLIMIT_CPU), K(RLIMIT_DATA), K(RLIMIT_FSIZE), K(RLIMIT_MEMLOCK),
    K(RLIMIT_MSGQUEUE), K(RLIMIT_NICE), K(RLIMIT_NOFILE), K(RLIMIT_NPROC), K(RLIMIT_OFILE), K(RLIMIT_RSS),
    K(RLIMIT_RTPRIO), K(RLIMIT_RTTIME), K(RLIMIT_SIGPENDING), K(RLIMIT_STACK), K(RLIM_INFINITY), K(RUSAGE_CHILDREN),
    K(RUSAGE_SELF), K(RUSAGE_THREAD),
    {0, 0},
};
