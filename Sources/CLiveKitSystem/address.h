// Between our addresses and the system's.
#pragma once
#include "CLiveKitSystem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static inline void store_big_endian(uint8_t *out, uint64_t value) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(value >> (56 - 8 * i));
}

static inline uint64_t load_big_endian(const uint8_t *in) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | in[i];
    return value;
}

static inline socklen_t to_socket_address(lk_address address, struct sockaddr_storage *out) {
    memset(out, 0, sizeof(struct sockaddr_in6));
    if (address.is_ipv6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        store_big_endian(v6->sin6_addr.s6_addr, address.high);
        store_big_endian(v6->sin6_addr.s6_addr + 8, address.low);
        return sizeof(*v6);
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    v4->sin_addr.s_addr = htonl((uint32_t)address.low);
    return sizeof(*v4);
}

static inline lk_address from_socket_address(const struct sockaddr *in) {
    lk_address address = {0};
    if (in->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)in;
        address.is_ipv6 = 1;
        address.port = ntohs(v6->sin6_port);
        address.high = load_big_endian(v6->sin6_addr.s6_addr);
        address.low = load_big_endian(v6->sin6_addr.s6_addr + 8);
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)in;
        address.port = ntohs(v4->sin_port);
        address.low = ntohl(v4->sin_addr.s_addr);
    }
    return address;
}
