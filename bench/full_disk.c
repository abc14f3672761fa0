/* A disk that is full from the so-manieth write on: preloaded, it refuses writes to files, as the system would. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long writes, full_after = -1;

void hclic_full_after(long number) { writes = 0; full_after = number; }

static int is_refused(int file) {
    struct stat found;
    if (full_after < 0 || fstat(file, &found) || !S_ISREG(found.st_mode) || !found.st_nlink) return 0;
    if (__sync_add_and_fetch(&writes, 1) <= full_after) return 0;
    errno = ENOSPC;
    return 1;
}

#define REFUSING(name, result, declared, ...)                                   \
    result name declared {                                                      \
        static result (*system_s) declared;                                     \
        if (!system_s) system_s = (result(*) declared)dlsym(RTLD_NEXT, #name);  \
        return is_refused(file) ? -1 : system_s(__VA_ARGS__);                   \
    }

REFUSING(write, ssize_t, (int file, const void *bytes, size_t length), file, bytes, length)
REFUSING(writev, ssize_t, (int file, const struct iovec *parts, int count), file, parts, count)
REFUSING(pwrite, ssize_t, (int file, const void *bytes, size_t length, off_t at), file, bytes, length, at)
REFUSING(pwrite64, ssize_t, (int file, const void *bytes, size_t length, off64_t at), file, bytes, length, at)
