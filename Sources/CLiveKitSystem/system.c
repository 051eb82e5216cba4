#define _GNU_SOURCE
#include "CLiveKitSystem.h"
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

// One segmented datagram carries at most 64 segments and 65 507 bytes (the kernel's UDP_MAX_SEGMENTS).
enum { MAX_SEGMENTS = 48, MAX_SEGMENTED_BYTES = 60000 };

struct lk_batch {
    struct mmsghdr headers[LK_BATCH_MESSAGES];
    struct iovec vectors[LK_BATCH_MESSAGES * MAX_SEGMENTS];
    struct sockaddr_storage names[LK_BATCH_MESSAGES];
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr alignment;
    } controls[LK_BATCH_MESSAGES];
};

lk_batch *lk_batch_create(void) { return calloc(1, sizeof(lk_batch)); }
void lk_batch_free(lk_batch *batch) { free(batch); }
void lk_close(int descriptor) { close(descriptor); }

int lk_udp_open(lk_address address, int buffer_bytes, lk_address *bound) {
    int family = address.is_ipv6 ? AF_INET6 : AF_INET;
    int descriptor = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    // Each family has a socket of its own, so that both can have one port and IPv4 addresses look like themselves.
    int only = 1;
    if (address.is_ipv6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
    // Best effort: the kernel caps both at net.core.{r,w}mem_max.
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof(buffer_bytes));
    struct sockaddr_storage name;
    socklen_t size = to_socket_address(address, &name);
    if (bind(descriptor, (struct sockaddr *)&name, size) != 0 ||
        (size = sizeof(name), getsockname(descriptor, (struct sockaddr *)&name, &size)) != 0) {
        int saved = errno;
        close(descriptor);
        errno = saved;
        return -1;
    }
    *bound = from_socket_address((struct sockaddr *)&name);
    return descriptor;
}

int lk_udp_receive(lk_batch *batch, int descriptor, lk_datagram *slots, int count) {
    if (count > LK_BATCH_MESSAGES) count = LK_BATCH_MESSAGES;
    for (int i = 0; i < count; i++) {
        batch->vectors[i] = (struct iovec){.iov_base = slots[i].bytes, .iov_len = slots[i].length};
        batch->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->names[i],
            .msg_namelen = sizeof(batch->names[i]),
            .msg_iov = &batch->vectors[i],
            .msg_iovlen = 1,
        };
    }
    int received = recvmmsg(descriptor, batch->headers, (unsigned)count, MSG_DONTWAIT, NULL);
    if (received < 0) return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ? 0 : -1;
    for (int i = 0; i < received; i++) {
        int truncated = batch->headers[i].msg_hdr.msg_flags & MSG_TRUNC;
        slots[i].length = truncated ? 0 : batch->headers[i].msg_len;
        slots[i].address = from_socket_address((struct sockaddr *)&batch->names[i]);
    }
    return received;
}

static int same_address(const lk_address *left, const lk_address *right) {
    return left->low == right->low && left->high == right->high && left->port == right->port &&
           left->is_ipv6 == right->is_ipv6;
}

// How many datagrams from `first` on may leave as one: one address, equal sizes but for a shorter last.
static int run_length(const lk_datagram *first, int count) {
    int run = 1;
    uint32_t bytes = first->length;
    while (run < count && run < MAX_SEGMENTS && first[run].length <= first->length &&
           first[run].length > 0 && same_address(&first[run].address, &first->address)) {
        bytes += first[run].length;
        if (bytes > MAX_SEGMENTED_BYTES) break;
        run++;
        if (first[run - 1].length < first->length) break;
    }
    return run;
}

static void set_segment_size(struct msghdr *header, void *control, uint16_t size) {
    header->msg_control = control;
    header->msg_controllen = CMSG_SPACE(sizeof(uint16_t));
    struct cmsghdr *message = CMSG_FIRSTHDR(header);
    message->cmsg_level = IPPROTO_UDP;
    message->cmsg_type = UDP_SEGMENT;
    message->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    memcpy(CMSG_DATA(message), &size, sizeof(size));
}

// Fills headers from the datagrams and stores their number.
static void fill_headers(lk_batch *batch, const lk_datagram *datagrams, int count, int segmentation, int *headers) {
    int used = 0, taken = 0, vector = 0;
    while (taken < count && used < LK_BATCH_MESSAGES) {
        int run = segmentation ? run_length(datagrams + taken, count - taken) : 1;
        struct msghdr *header = &batch->headers[used].msg_hdr;
        *header = (struct msghdr){.msg_name = &batch->names[used], .msg_iov = &batch->vectors[vector]};
        header->msg_namelen = to_socket_address(datagrams[taken].address, &batch->names[used]);
        header->msg_iovlen = (size_t)run;
        if (run > 1) set_segment_size(header, batch->controls[used].bytes, (uint16_t)datagrams[taken].length);
        for (int i = 0; i < run; i++, vector++) {
            const lk_datagram *datagram = &datagrams[taken + i];
            batch->vectors[vector] = (struct iovec){.iov_base = datagram->bytes, .iov_len = datagram->length};
        }
        taken += run;
        used++;
    }
    *headers = used;
}

int lk_udp_send(lk_batch *batch, int descriptor, const lk_datagram *datagrams, int count, int *segmentation) {
    int offset = 0, accepted = 0;
    while (offset < count) {
        int headers = 0, first = 0;
        fill_headers(batch, datagrams + offset, count - offset, *segmentation, &headers);
        while (first < headers) {
            int run = (int)batch->headers[first].msg_hdr.msg_iovlen;
            int sent = sendmmsg(descriptor, batch->headers + first, (unsigned)(headers - first), MSG_DONTWAIT);
            if (sent > 0) {
                for (int end = first + sent; first < end; first++) {
                    accepted += (int)batch->headers[first].msg_hdr.msg_iovlen;
                    offset += (int)batch->headers[first].msg_hdr.msg_iovlen;
                }
                continue;
            }
            if (errno == EINTR) continue;
            // EAGAIN: the socket's buffer is full; UDP drops rather than queues (the pacer's business).
            if (errno == EAGAIN || errno == ENOBUFS) return accepted;
            // An interface without checksum offload (EIO), or segments above its MTU (EINVAL): one by one then.
            if (run > 1 && (errno == EIO || errno == EINVAL)) {
                *segmentation = 0;
                break;
            }
            offset += run;  // this destination was refused (unreachable, no route); the others go on
            first++;
        }
    }
    return accepted;
}

int lk_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int lk_epoll_add(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int lk_epoll_modify(int epoll, int descriptor, uint64_t token, int wants_write) {
    struct epoll_event event = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0), .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
}

int lk_epoll_remove(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int lk_epoll_wait(int epoll, uint64_t *tokens, int count, int timeout_ms) {
    struct epoll_event events[64];
    if (count > 64) count = 64;
    int ready = epoll_wait(epoll, events, count, timeout_ms);
    for (int i = 0; i < ready; i++) tokens[i] = events[i].data.u64;
    return ready < 0 ? 0 : ready;
}

long lk_open_files(int raise) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (raise && limit.rlim_cur < limit.rlim_max) {
    struct rlimit raised = {limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur > 1 << 30 ? 1 << 30 : (long)limit.rlim_cur;
}

int lk_eventfd_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void lk_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    // A full counter means that the loop is woken already.
    ssize_t ignored = write(descriptor, &one, sizeof(one));
    (void)ignored;
}

void lk_eventfd_drain(int descriptor) {
    uint64_t value;
    ssize_t ignored = read(descriptor, &value, sizeof(value));
    (void)ignored;
}

int lk_interface_addresses(lk_interface *interfaces, int capacity) {
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) return 0;
    int stored = 0;
    for (struct ifaddrs *entry = list; entry && stored < capacity; entry = entry->ifa_next) {
        if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP)) continue;
        int family = entry->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        lk_interface *interface = &interfaces[stored++];
        interface->address = from_socket_address(entry->ifa_addr);
        strncpy(interface->name, entry->ifa_name, sizeof(interface->name) - 1);
        interface->name[sizeof(interface->name) - 1] = 0;
    }
    freeifaddrs(list);
    return stored;
}

void lk_thread_name(const char *name) {
    char kept[16];
    strncpy(kept, name, sizeof(kept) - 1);
    kept[sizeof(kept) - 1] = 0;
    pthread_setname_np(pthread_self(), kept);
}

static int64_t read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t lk_monotonic_nanoseconds(void) { return read_clock(CLOCK_MONOTONIC); }
int64_t lk_wall_nanoseconds(void) { return read_clock(CLOCK_REALTIME); }
