#include "LiveKitTestClock.h"

#include <stdbool.h>
#include <sys/time.h>
#include <time.h>

/* A zero timeval means "no timer" to OpenSSL, so simulated time starts at some date. */
static const int64_t epoch_seconds = 1700000000;

static _Thread_local bool is_simulated;
static _Thread_local int64_t simulated_nanoseconds;

void lk_test_clock_set(int64_t nanoseconds) {
    is_simulated = true;
    simulated_nanoseconds = nanoseconds;
}

void lk_test_clock_clear(void) { is_simulated = false; }

/* Interposes libc's function of this name. */
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    if (is_simulated) {
        time->tv_sec = epoch_seconds + simulated_nanoseconds / 1000000000;
        time->tv_usec = simulated_nanoseconds % 1000000000 / 1000;
        return 0;
    }
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

int64_t lk_test_clock_microseconds(void) {
    struct timeval now;
    if (gettimeofday(&now, 0) != 0) return -1;
    return (int64_t)now.tv_sec * 1000000 + now.tv_usec;
}
