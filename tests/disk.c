/* Faults of a disk and of a clock, for a process that was started with this library in LD_PRELOAD (man 8 ld.so).

   What is to go wrong stands in a file that tests/disk.py writes at any time and every process maps: see `struct faults`.
   Only files below the folder DISK_FOLDER are concerned, so that a server can still say in its log what happened. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Every field is 8 bytes wide; tests/disk.py packs them in this order. */
struct faults {
    int64_t sync_error;   /* errno of the next syncs; 0: none */
    int64_t sync_times;   /* how many fail; below 0: all */
    int64_t sync_delay;   /* milliseconds before each sync */
    int64_t write_error;  /* errno of every write; 0: none */
    int64_t room;         /* bytes by which files may still grow; below 0: no bound */
    int64_t clock_offset; /* milliseconds by which the wall clock is wrong */
    int64_t syncs;        /* how many were asked for */
    int64_t refusals;     /* how many calls failed because of us */
};

static struct faults none = {.room = -1}, *faults = &none;
static const char *folder = "";

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("DISK_FAULTS");
    /* A copy: PostgreSQL writes its processes' titles over the environment. */
    folder = strdup(getenv("DISK_FOLDER") ? getenv("DISK_FOLDER") : "");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *page = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page != MAP_FAILED) faults = page;
}

static int64_t load(int64_t *field) { return __atomic_load_n(field, __ATOMIC_SEQ_CST); }
static int64_t add(int64_t *field, int64_t n) { return __atomic_add_fetch(field, n, __ATOMIC_SEQ_CST); }

static int is_below(const char *path) {
    size_t length = strlen(folder);
    return length && !strncmp(path, folder, length) && path[length] == '/';
}

static int concerns(int fd) {
    char link[64], path[PATH_MAX + 1];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX);
    if (length < 0) return 0;
    path[length] = 0;
    return is_below(path);
}

static int refuse(int64_t error) {
    add(&faults->refusals, 1);
    errno = (int)error;
    return -1;
}

/* Whether a file of `fd` may reach `end`; takes the room it needs. */
static int may_reach(int fd, int64_t end) {
    struct stat now;
    if (load(&faults->room) < 0 || fstat(fd, &now) || !S_ISREG(now.st_mode) || end <= now.st_size || !concerns(fd)) return 1;
    int64_t more = end - now.st_size;
    if (add(&faults->room, -more) >= 0) return 1;
    add(&faults->room, more);
    return 0;
}

static int is_refused(int fd, int64_t end) {
    int64_t error = load(&faults->write_error);
    if (error && concerns(fd)) return refuse(error);
    return may_reach(fd, end) ? 0 : refuse(ENOSPC);
}

static int64_t place(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return lseek(fd, 0, flags >= 0 && flags & O_APPEND ? SEEK_END : SEEK_CUR);
}

static int64_t length_of(const struct iovec *parts, int count) {
    int64_t length = 0;
    for (int i = 0; i < count; i++) length += (int64_t)parts[i].iov_len;
    return length;
}

static int quiet(void) { return !load(&faults->write_error) && load(&faults->room) < 0; }

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!quiet() && is_refused(fd, place(fd) + (int64_t)length)) return -1;
    return REAL(write)(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    if (!quiet() && is_refused(fd, at + (int64_t)length)) return -1;
    return REAL(pwrite)(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (!quiet() && is_refused(fd, at + (int64_t)length)) return -1;
    return REAL(pwrite64)(fd, bytes, length, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!quiet() && is_refused(fd, place(fd) + length_of(parts, count))) return -1;
    return REAL(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    if (!quiet() && is_refused(fd, at + length_of(parts, count))) return -1;
    return REAL(pwritev)(fd, parts, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    if (!quiet() && is_refused(fd, at + length_of(parts, count))) return -1;
    return REAL(pwritev64)(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t length) {
    if (!quiet() && is_refused(fd, at + length)) return errno;
    return REAL(posix_fallocate)(fd, at, length);
}

int posix_fallocate64(int fd, off64_t at, off64_t length) {
    if (!quiet() && is_refused(fd, at + length)) return errno;
    return REAL(posix_fallocate64)(fd, at, length);
}

int fallocate(int fd, int mode, off_t at, off_t length) {
    if (!quiet() && is_refused(fd, at + length)) return -1;
    return REAL(fallocate)(fd, mode, at, length);
}

int fallocate64(int fd, int mode, off64_t at, off64_t length) {
    if (!quiet() && is_refused(fd, at + length)) return -1;
    return REAL(fallocate64)(fd, mode, at, length);
}

int unlink(const char *path) {
    struct stat gone;
    int frees = load(&faults->room) >= 0 && is_below(path) && !stat(path, &gone) && S_ISREG(gone.st_mode);
    int answer = REAL(unlink)(path);
    if (!answer && frees) add(&faults->room, gone.st_size);
    return answer;
}

/* Whether one of the failures that are left falls on us; the count never passes 0, which would mean all. */
static int takes_turn(void) {
    int64_t left = load(&faults->sync_times);
    while (left > 0)
        if (__atomic_compare_exchange_n(&faults->sync_times, &left, left - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return 1;
    return 0;
}

static int sync_by(int (*real)(int), int fd) {
    if (!concerns(fd)) return real(fd);
    add(&faults->syncs, 1);
    int64_t delay = load(&faults->sync_delay), error = load(&faults->sync_error);
    if (delay) nanosleep(&(struct timespec){delay / 1000, delay % 1000 * 1000000}, NULL);
    if (error && (load(&faults->sync_times) < 0 || takes_turn())) return refuse(error);
    return real(fd);
}

int fsync(int fd) { return sync_by(REAL(fsync), fd); }
int fdatasync(int fd) { return sync_by(REAL(fdatasync), fd); }

int statvfs(const char *path, struct statvfs *answer) {
    int failed = REAL(statvfs)(path, answer);
    int64_t room = load(&faults->room);
    if (!failed && room >= 0) answer->f_bavail = answer->f_bfree = (fsblkcnt_t)room / answer->f_frsize;
    return failed;
}

int statvfs64(const char *path, struct statvfs64 *answer) {
    int failed = REAL(statvfs64)(path, answer);
    int64_t room = load(&faults->room);
    if (!failed && room >= 0) answer->f_bavail = answer->f_bfree = (fsblkcnt64_t)room / answer->f_frsize;
    return failed;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = REAL(clock_gettime)(clock, now);
    int64_t offset = load(&faults->clock_offset);
    if (failed || !offset || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
    int64_t nanos = now->tv_nsec + offset % 1000 * 1000000;
    now->tv_sec += offset / 1000 + (nanos < 0 ? -1 : nanos / 1000000000);
    now->tv_nsec = (nanos + 1000000000) % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &precise)) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *answer) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (answer) *answer = precise.tv_sec;
    return precise.tv_sec;
}
