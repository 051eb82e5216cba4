#define _GNU_SOURCE
#include "CLiveKitSystem.h"
#include "address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

// What the kernel may hold unsent before it says that there is no room: media that waits in there is late, and
// only we know what to leave out.
enum { UNSENT_BYTES = 64 * 1024 };

static int open_stream(lk_address address) {
    int descriptor = socket(address.is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    if (descriptor >= 0 && address.is_ipv6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    return descriptor;
}

static void tune(int descriptor) {
    int one = 1, unsent = UNSENT_BYTES;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

static int close_failed(int descriptor) {
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
}

int lk_tcp_listen(lk_address address, int backlog, lk_address *bound) {
    int descriptor = open_stream(address);
    if (descriptor < 0) return -1;
    // Connections of an earlier process that linger must not keep the port from us.
    int one = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    struct sockaddr_storage name;
    socklen_t size = to_socket_address(address, &name);
    if (bind(descriptor, (struct sockaddr *)&name, size) != 0 || listen(descriptor, backlog) != 0 ||
        (size = sizeof(name), getsockname(descriptor, (struct sockaddr *)&name, &size)) != 0)
        return close_failed(descriptor);
    *bound = from_socket_address((struct sockaddr *)&name);
    return descriptor;
}

int lk_tcp_accept(int listener, lk_address *remote) {
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    int descriptor = accept4(listener, (struct sockaddr *)&name, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0)
        return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM ? -2 : -1;
    tune(descriptor);
    *remote = from_socket_address((struct sockaddr *)&name);
    return descriptor;
}

int lk_tcp_connect(lk_address remote) {
    int descriptor = open_stream(remote);
    if (descriptor < 0) return -1;
    tune(descriptor);
    struct sockaddr_storage name;
    socklen_t size = to_socket_address(remote, &name);
    if (connect(descriptor, (struct sockaddr *)&name, size) != 0 && errno != EINPROGRESS)
        return close_failed(descriptor);
    return descriptor;
}

ptrdiff_t lk_stream_read(int descriptor, void *bytes, size_t capacity) {
    ssize_t count = recv(descriptor, bytes, capacity, 0);
    if (count > 0) return count;
    // ENOTCONN: the connection is being opened.
    if (count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) return LK_STREAM_BLOCKED;
    return LK_STREAM_CLOSED;
}

ptrdiff_t lk_stream_write(int descriptor, const void *bytes, size_t count) {
    ssize_t written = send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (written >= 0) return written;
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOTCONN ? LK_STREAM_BLOCKED
                                                                                      : LK_STREAM_CLOSED;
}

int lk_resolve(const char *host, uint16_t port, lk_address *addresses, int capacity) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV}, *found = NULL;
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    if (getaddrinfo(host, service, &hints, &found) != 0) return 0;
    int stored = 0;
    for (struct addrinfo *entry = found; entry && stored < capacity; entry = entry->ai_next) {
        if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
        addresses[stored++] = from_socket_address(entry->ai_addr);
    }
    freeaddrinfo(found);
    return stored;
}
