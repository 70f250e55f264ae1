/* LD_PRELOAD: every fdatasync and fsync takes 2 ms longer, as on a slower disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void wait_more(void) {
  const struct timespec more = {0, 2000000};
  nanosleep(&more, 0);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_more();
  return real(fd);
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_more();
  return real(fd);
}
