// The Linux calls of the media loop that Swift's Glibc overlay does not show: epoll, eventfd, recvmmsg,
// sendmmsg with UDP segmentation. Nothing here allocates after lk_batch_create.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// An IP address and port. IPv4 stands in the low 32 bits of `low`; port in host order.
typedef struct {
    uint64_t high;
    uint64_t low;
    uint16_t port;
    uint8_t is_ipv6;
} lk_address;

/// One datagram that was received or is to be sent.
typedef struct {
    void *bytes;
    uint32_t length;
    lk_address address;
} lk_datagram;

/// Preallocated message headers for one loop.
typedef struct lk_batch lk_batch;

enum { LK_BATCH_MESSAGES = 64 };

lk_batch *lk_batch_create(void);
void lk_batch_free(lk_batch *batch);

/// Opens a non-blocking UDP socket bound to `address`; stores what it was bound to. -1 and errno on failure.
int lk_udp_open(lk_address address, int buffer_bytes, lk_address *bound);
void lk_close(int descriptor);

/// Receives up to LK_BATCH_MESSAGES datagrams into `slots` (bytes and capacity in `length` are set by the
/// caller; length and address are filled). Returns how many came, 0 when none waits, -1 and errno on failure.
int lk_udp_receive(lk_batch *batch, int descriptor, lk_datagram *slots, int count);

/// Sends all datagrams; runs of equal size to one address leave as one segmented datagram while `*segmentation`
/// is not 0, which becomes 0 where the kernel cannot. Returns how many were handed to the kernel; the rest was
/// refused and is lost.
int lk_udp_send(lk_batch *batch, int descriptor, const lk_datagram *datagrams, int count, int *segmentation);

int lk_epoll_create(void);
int lk_epoll_add(int epoll, int descriptor, uint64_t token);
/// Waits for room to write as well, or no longer.
int lk_epoll_modify(int epoll, int descriptor, uint64_t token, int wants_write);
int lk_epoll_remove(int epoll, int descriptor);
/// Waits at most `timeout_ms` (-1: for ever) and stores up to `count` tokens. Returns how many are ready.
int lk_epoll_wait(int epoll, uint64_t *tokens, int count, int timeout_ms);

int lk_eventfd_create(void);

/// How many files the process may have open; with `raise`, as many as the system lets it have.
long lk_open_files(int raise);
void lk_eventfd_signal(int descriptor);
void lk_eventfd_drain(int descriptor);

/// An address of an interface, whose name is cut to 15 bytes (as the kernel's are).
typedef struct {
    char name[16];
    lk_address address;
} lk_interface;

/// Addresses of the interfaces that are up. Returns how many were stored.
int lk_interface_addresses(lk_interface *interfaces, int capacity);

/// Addresses of a host by its name, with the given port; asks the network and may take seconds. Returns how many
/// were stored.
int lk_resolve(const char *host, uint16_t port, lk_address *addresses, int capacity);

// TCP, non-blocking.

/// Listens at `address`; stores what it was bound to. -1 and errno on failure.
int lk_tcp_listen(lk_address address, int backlog, lk_address *bound);
/// The next connection and who it comes from. -1 when none waits; -2 when the system lacks descriptors or memory.
int lk_tcp_accept(int listener, lk_address *remote);
/// Begins to connect. -1 on failure.
int lk_tcp_connect(lk_address remote);

enum { LK_STREAM_BLOCKED = -1, LK_STREAM_CLOSED = -2 };

/// Reads up to `capacity` bytes. Returns how many came, or one of the two constants.
ptrdiff_t lk_stream_read(int descriptor, void *bytes, size_t capacity);
/// Writes up to `count` bytes. Returns how many were taken, or one of the two constants.
ptrdiff_t lk_stream_write(int descriptor, const void *bytes, size_t count);

/// Names the calling thread; the kernel keeps fifteen bytes.
void lk_thread_name(const char *name);

/// Nanoseconds of the monotonic clock, and of the wall clock since 1970.
int64_t lk_monotonic_nanoseconds(void);
int64_t lk_wall_nanoseconds(void);
