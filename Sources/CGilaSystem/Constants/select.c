// Events of poll and epoll.
#include "../names.h"
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>

const gila_named_int gila_select_names[] = {
    K(EPOLLERR), K(EPOLLET), K(EPOLLEXCLUSIVE), K(EPOLLHUP), K(EPOLLIN), K(EPOLLMSG), K(EPOLLONESHOT), K(EPOLLOUT),
    K(EPOLLPRI), K(EPOLLRDBAND), K(EPOLLRDHUP), K(EPOLLRDNORM), K(EPOLLWRBAND), K(EPOLLWRNORM), K(EPOLL_CLOEXEC),
    K(PIPE_BUF), K(POLLERR), K(POLLHUP), K(POLLIN), K(POLLMSG), K(POLLNVAL), K(POLLOUT), K(POLLPRI), K(POLLRDBAND),
    K(POLLRDHUP), K(POLLRDNORM), K(POLLWRBAND), K(POLLWRNORM),
    {0, 0},
};
