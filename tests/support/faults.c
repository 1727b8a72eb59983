/* Records what a program does to the files below KB_FAULTS_ROOT, and makes its disk and its clock fail.

   Preloaded into a program (LD_PRELOAD). tests/support/faults.py compiles it, sets its variables and reads
   what it records; the names of both sides of the interface are the same. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t writes_left;   /* writes until the disk is full; negative: it never is */
    int64_t clock_seconds; /* how far the clock is wrong */
};

struct record {
    uint32_t kind, path_length, target_length, padding;
    uint64_t offset, length;
};

static struct control *control;
static const char *root;
static size_t root_length;
static int log_descriptor = -1;
static pthread_mutex_t thread_lock = PTHREAD_MUTEX_INITIALIZER;

/* One operation at a time, of all threads and processes, so that they are recorded in the order in which they
   happen: what is written while another process syncs the file may not be taken for synced. The system
   releases the lock of a process that is killed. */
static void begin_operation(void)
{
    pthread_mutex_lock(&thread_lock);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (log_descriptor >= 0 && fcntl(log_descriptor, F_SETLKW, &whole) && errno == EINTR)
        ;
}

static void end_operation(void)
{
    struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    if (log_descriptor >= 0)
        fcntl(log_descriptor, F_SETLK, &whole);
    pthread_mutex_unlock(&thread_lock);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("KB_FAULTS_CONTROL"), *log = getenv("KB_FAULTS_LOG");
    root = getenv("KB_FAULTS_ROOT");
    if (!root || !path)
        return;
    root = strdup(root); /* some programs write their title over the environment */
    root_length = strlen(root);
    int descriptor = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    control = mapped == MAP_FAILED ? NULL : mapped;
    if (log)
        log_descriptor = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int is_below_root(const char *path)
{
    return root && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

/* The path of a file that is being watched; 0 for any other. */
static int resolve(int folder, const char *path, char *out)
{
    if (!root)
        return 0;
    if (!path || path[0] != '/') {
        char link[64];
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, out, PATH_MAX - 1);
        if (length < 0)
            return 0;
        out[length] = 0;
        if (path && path[0])
            snprintf(out + length, PATH_MAX - length, "/%s", path);
    } else {
        snprintf(out, PATH_MAX, "%s", path);
    }
    return is_below_root(out);
}

static void append(char kind, const char *path, const char *target, uint64_t offset, const void *data,
                   uint64_t length, uint64_t data_length)
{
    if (log_descriptor < 0)
        return;
    struct record head = {kind, strlen(path), target ? strlen(target) : 0, 0, offset, length};
    struct iovec parts[] = {{&head, sizeof head},
                            {(void *)path, head.path_length},
                            {(void *)target, head.target_length},
                            {(void *)data, data_length}};
    syscall(SYS_writev, log_descriptor, parts, 4);
}

/* Whether there is no room for one more write. */
static int is_full(void)
{
    if (!control || control->writes_left < 0)
        return 0;
    int64_t left = control->writes_left;
    while (left > 0 && !__atomic_compare_exchange_n(&control->writes_left, &left, left - 1, 0,
                                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    if (left == 0)
        errno = ENOSPC;
    return left == 0;
}

#define WRITING(condition, call, ...)                     \
    char path[PATH_MAX];                                  \
    if (!(condition))                                     \
        return call;                                      \
    if (is_full())                                        \
        return -1;                                        \
    begin_operation();                                    \
    ssize_t result = call;                                \
    int error = errno;                                    \
    if (result >= 0) {                                    \
        __VA_ARGS__;                                      \
    }                                                     \
    end_operation();                                      \
    errno = error;                                        \
    return result

#define CHANGING(condition, call, ...)                    \
    char path[PATH_MAX];                                  \
    if (!(condition))                                     \
        return call;                                      \
    begin_operation();                                    \
    int result = call;                                    \
    int error = errno;                                    \
    if (result >= 0) {                                    \
        __VA_ARGS__;                                      \
    }                                                     \
    end_operation();                                      \
    errno = error;                                        \
    return result

ssize_t write(int descriptor, const void *data, size_t length)
{
    WRITING(resolve(descriptor, "", path), REAL(write)(descriptor, data, length),
            append('w', path, NULL, lseek(descriptor, 0, SEEK_CUR) - result, data, result, result));
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset)
{
    WRITING(resolve(descriptor, "", path), REAL(pwrite)(descriptor, data, length, offset),
            append('w', path, NULL, offset, data, result, result));
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset)
{
    WRITING(resolve(descriptor, "", path), REAL(pwrite64)(descriptor, data, length, offset),
            append('w', path, NULL, offset, data, result, result));
}

static ssize_t write_parts(int descriptor, const struct iovec *parts, int count, off64_t offset)
{
    size_t length = 0;
    for (int part = 0; part < count; part++)
        length += parts[part].iov_len;
    char *data = malloc(length), *end = data;
    for (int part = 0; part < count; part++)
        end = mempcpy(end, parts[part].iov_base, parts[part].iov_len);
    ssize_t result = pwrite64(descriptor, data, length, offset);
    free(data);
    return result;
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset)
{
    return write_parts(descriptor, parts, count, offset);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t offset)
{
    return write_parts(descriptor, parts, count, offset);
}

int ftruncate(int descriptor, off_t length)
{
    CHANGING(resolve(descriptor, "", path), REAL(ftruncate)(descriptor, length),
             append('t', path, NULL, 0, NULL, length, 0));
}

int ftruncate64(int descriptor, off64_t length)
{
    CHANGING(resolve(descriptor, "", path), REAL(ftruncate64)(descriptor, length),
             append('t', path, NULL, 0, NULL, length, 0));
}

int truncate(const char *name, off_t length)
{
    CHANGING(resolve(AT_FDCWD, name, path), REAL(truncate)(name, length),
             append('t', path, NULL, 0, NULL, length, 0));
}

int fsync(int descriptor)
{
    CHANGING(resolve(descriptor, "", path), REAL(fsync)(descriptor), append('s', path, NULL, 0, NULL, 0, 0));
}

int fdatasync(int descriptor)
{
    CHANGING(resolve(descriptor, "", path), REAL(fdatasync)(descriptor),
             append('s', path, NULL, 0, NULL, 0, 0));
}

static int open_file(int folder, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    int writes = (flags & O_ACCMODE) != O_RDONLY && resolve(folder, name, path);
    if (!writes || !(flags & (O_CREAT | O_TRUNC)))
        return syscall(SYS_openat, folder, name, flags, mode);
    begin_operation();
    int is_new = syscall(SYS_faccessat, folder, name, F_OK) != 0;
    int result = is_new && is_full() ? -1 : (int)syscall(SYS_openat, folder, name, flags, mode);
    int error = errno;
    if (result >= 0 && (is_new || (flags & O_TRUNC)))
        append(is_new ? 'c' : 't', path, NULL, 0, NULL, 0, 0);
    end_operation();
    errno = error;
    return result;
}

#define MODE(flags)                                       \
    mode_t mode = 0;                                      \
    if (flags & (O_CREAT | O_TMPFILE)) {                  \
        va_list arguments;                                \
        va_start(arguments, flags);                       \
        mode = va_arg(arguments, mode_t);                 \
        va_end(arguments);                                \
    }

int open(const char *name, int flags, ...)
{
    MODE(flags)
    return open_file(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
    MODE(flags)
    return open_file(AT_FDCWD, name, flags | O_LARGEFILE, mode);
}

int openat(int folder, const char *name, int flags, ...)
{
    MODE(flags)
    return open_file(folder, name, flags, mode);
}

int openat64(int folder, const char *name, int flags, ...)
{
    MODE(flags)
    return open_file(folder, name, flags | O_LARGEFILE, mode);
}

int rename(const char *name, const char *new_name)
{
    char target[PATH_MAX];
    CHANGING(resolve(AT_FDCWD, name, path) && resolve(AT_FDCWD, new_name, target), REAL(rename)(name, new_name),
             append('r', path, target, 0, NULL, 0, 0));
}

int link(const char *name, const char *new_name)
{
    char target[PATH_MAX];
    CHANGING(resolve(AT_FDCWD, name, path) && resolve(AT_FDCWD, new_name, target), REAL(link)(name, new_name),
             append('l', path, target, 0, NULL, 0, 0));
}

int unlink(const char *name)
{
    CHANGING(resolve(AT_FDCWD, name, path), REAL(unlink)(name), append('u', path, NULL, 0, NULL, 0, 0));
}

int unlinkat(int folder, const char *name, int flags)
{
    CHANGING(resolve(folder, name, path), REAL(unlinkat)(folder, name, flags),
             append('u', path, NULL, 0, NULL, 0, 0));
}

int rmdir(const char *name)
{
    CHANGING(resolve(AT_FDCWD, name, path), REAL(rmdir)(name), append('u', path, NULL, 0, NULL, 0, 0));
}

int mkdir(const char *name, mode_t mode)
{
    WRITING(resolve(AT_FDCWD, name, path), REAL(mkdir)(name, mode), append('m', path, NULL, 0, NULL, 0, 0));
}

static int64_t clock_error(void)
{
    return control ? control->clock_seconds : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static __typeof__(&clock_gettime) real;
    if (!real)
        real = REAL(clock_gettime);
    int result = real(clock, now);
    if (!result && clock == CLOCK_REALTIME)
        now->tv_sec += clock_error();
    return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
    (void)zone;
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
