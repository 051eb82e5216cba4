#pragma once

#include <stdint.h>

/* Simulated time for C libraries that ask gettimeofday, such as OpenSSL's DTLS retransmission timer.
 *
 * Linked into a test, this module's gettimeofday stands before libc's for every library of the process. It
 * answers with the calling thread's simulated time where one is set, and with the system's otherwise. */

/* Sets the calling thread's time, in nanoseconds since the simulation's start. */
void lk_test_clock_set(int64_t nanoseconds);

/* Gives the calling thread the system's time back. */
void lk_test_clock_clear(void);

/* What gettimeofday answers now, in microseconds: for the test of this module. */
int64_t lk_test_clock_microseconds(void);
