// Addresses and ancillary data of sockets.
#include "names.h"
#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/qrtr.h>
#include <linux/vm_sockets.h>
#include <string.h>
#include <sys/un.h>

size_t gila_unix_path_offset(void) { return offsetof(struct sockaddr_un, sun_path); }
size_t gila_unix_path_room(void) { return sizeof(((struct sockaddr_un *)0)->sun_path); }

// Each family's struct in the storage, zero but for its family.
#define BEGIN(type, name, code)            \
  type *name = (type *)&a->storage;        \
  memset(&a->storage, 0, sizeof a->storage); \
  a->storage.ss_family = code;             \
  a->size = sizeof(type)
#define READ(type, name) const type *name = (const type *)&a->storage

void gila_make_netlink(gila_address *a, unsigned pid, unsigned groups) {
  BEGIN(struct sockaddr_nl, s, AF_NETLINK);
  s->nl_pid = pid;
  s->nl_groups = groups;
}
void gila_read_netlink(const gila_address *a, unsigned *pid, unsigned *groups) {
  READ(struct sockaddr_nl, s);
  *pid = s->nl_pid;
  *groups = s->nl_groups;
}
void gila_make_packet(gila_address *a, int interface, unsigned short protocol, unsigned char kind, unsigned short hardware,
                      const unsigned char *bytes, unsigned char n) {
  BEGIN(struct sockaddr_ll, s, AF_PACKET);
  s->sll_ifindex = interface;
  s->sll_protocol = protocol;
  s->sll_pkttype = kind;
  s->sll_hatype = hardware;
  s->sll_halen = n > 8 ? 8 : n;
  if (n) memcpy(s->sll_addr, bytes, s->sll_halen);
}
void gila_read_packet(const gila_address *a, int *interface, unsigned short *protocol, unsigned char *kind,
                      unsigned short *hardware, unsigned char *bytes, unsigned char *n) {
  READ(struct sockaddr_ll, s);
  *interface = s->sll_ifindex;
  *protocol = s->sll_protocol;
  *kind = s->sll_pkttype;
  *hardware = s->sll_hatype;
  *n = s->sll_halen > 8 ? 8 : s->sll_halen;
  memcpy(bytes, s->sll_addr, *n);
}
void gila_make_vsock(gila_address *a, unsigned cid, unsigned port) {
  BEGIN(struct sockaddr_vm, s, AF_VSOCK);
  s->svm_cid = cid;
  s->svm_port = port;
}
void gila_read_vsock(const gila_address *a, unsigned *cid, unsigned *port) {
  READ(struct sockaddr_vm, s);
  *cid = s->svm_cid;
  *port = s->svm_port;
}
void gila_make_qrtr(gila_address *a, unsigned node, unsigned port) {
  BEGIN(struct sockaddr_qrtr, s, AF_QIPCRTR);
  s->sq_node = node;
  s->sq_port = port;
}
void gila_read_qrtr(const gila_address *a, unsigned *node, unsigned *port) {
  READ(struct sockaddr_qrtr, s);
  *node = s->sq_node;
  *port = s->sq_port;
}
void gila_make_can(gila_address *a, int interface, unsigned receive, unsigned send) {
  BEGIN(struct sockaddr_can, s, AF_CAN);
  s->can_ifindex = interface;
  s->can_addr.tp.rx_id = receive;
  s->can_addr.tp.tx_id = send;
}
int gila_read_can(const gila_address *a) {
  READ(struct sockaddr_can, s);
  return s->can_ifindex;
}
void gila_make_alg(gila_address *a, const char *type, const char *name, unsigned features, unsigned mask) {
  BEGIN(struct sockaddr_alg, s, AF_ALG);
  strncpy((char *)s->salg_type, type, sizeof s->salg_type - 1);
  strncpy((char *)s->salg_name, name, sizeof s->salg_name - 1);
  s->salg_feat = features;
  s->salg_mask = mask;
}

size_t gila_cmsg_len(size_t n) { return CMSG_LEN(n); }
size_t gila_cmsg_space(size_t n) { return CMSG_SPACE(n); }
struct cmsghdr *gila_cmsg_first(struct msghdr *m) { return CMSG_FIRSTHDR(m); }
struct cmsghdr *gila_cmsg_next(struct msghdr *m, struct cmsghdr *c) { return CMSG_NXTHDR(m, c); }
unsigned char *gila_cmsg_data(struct cmsghdr *c) { return CMSG_DATA(c); }

#include <netdb.h>
const char *gila_hstrerror(int error) { return hstrerror(error); }
