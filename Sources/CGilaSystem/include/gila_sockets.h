#pragma clang diagnostic ignored "-Wnullability-completeness"
// Addresses of families whose structs Swift does not see, and the macros around ancillary data.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

extern const struct gila_named_int gila_socket_names[], gila_can_names[], gila_socket_numbers[];
static inline const struct gila_named_int *_Nonnull gila_socket_table(void) { return gila_socket_names; }
static inline const struct gila_named_int *_Nonnull gila_can_table(void) { return gila_can_names; }
static inline const struct gila_named_int *_Nonnull gila_socket_number_table(void) { return gila_socket_numbers; }

/// An address of any family with its size.
typedef struct gila_address {
  struct sockaddr_storage storage;
  socklen_t size;
} gila_address;

/// Where the path of a UNIX address begins, and how many bytes it may have.
size_t gila_unix_path_offset(void);
size_t gila_unix_path_room(void);

void gila_make_netlink(gila_address *a, unsigned pid, unsigned groups);
void gila_read_netlink(const gila_address *a, unsigned *pid, unsigned *groups);
void gila_make_packet(gila_address *a, int interface, unsigned short protocol, unsigned char kind, unsigned short hardware,
                      const unsigned char *bytes, unsigned char n);
void gila_read_packet(const gila_address *a, int *interface, unsigned short *protocol, unsigned char *kind,
                      unsigned short *hardware, unsigned char *bytes, unsigned char *n);
void gila_make_vsock(gila_address *a, unsigned cid, unsigned port);
void gila_read_vsock(const gila_address *a, unsigned *cid, unsigned *port);
void gila_make_qrtr(gila_address *a, unsigned node, unsigned port);
void gila_read_qrtr(const gila_address *a, unsigned *node, unsigned *port);
void gila_make_can(gila_address *a, int interface, unsigned receive, unsigned send);
int gila_read_can(const gila_address *a);
void gila_make_alg(gila_address *a, const char *type, const char *name, unsigned features, unsigned mask);

size_t gila_cmsg_len(size_t n);
size_t gila_cmsg_space(size_t n);
struct cmsghdr *gila_cmsg_first(struct msghdr *m);
struct cmsghdr *gila_cmsg_next(struct msghdr *m, struct cmsghdr *c);
unsigned char *gila_cmsg_data(struct cmsghdr *c);

const char *gila_hstrerror(int error);
struct hostent;
int gethostbyname_r(const char *name, struct hostent *entry, char *buffer, size_t n, struct hostent **result, int *error);
int gethostbyaddr_r(const void *address, socklen_t size, int family, struct hostent *entry, char *buffer, size_t n,
                    struct hostent **result, int *error);
int sethostname(const char *name, size_t n);
struct in_addr;
int inet_aton(const char *text, struct in_addr *address);
