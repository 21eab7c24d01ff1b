/* Functions that GLib refers to and that Emscripten 3.1.6's libc, built without
 * threads, has none of. Each gives the answer of a system that can't do it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>

int
res_query (const char    *name,
           int            class,
           int            type,
           unsigned char *answer,
           int            length)
{
  errno = ENOSYS;
  return -1;
}

int
__sched_cpucount (size_t           size,
                  const cpu_set_t *set)
{
  return 1;
}

int
posix_spawnp (pid_t *restrict                   pid,
              const char *restrict              file,
              const posix_spawn_file_actions_t *actions,
              const posix_spawnattr_t *restrict attributes,
              char *const                       arguments[restrict],
              char *const                       environment[restrict])
{
  return ENOSYS;
}

int
pthread_attr_setinheritsched (pthread_attr_t *attributes,
                              int             inherit)
{
  return 0;
}

int
pthread_getaffinity_np (pthread_t  thread,
                        size_t     size,
                        cpu_set_t *set)
{
  return ENOSYS;
}
