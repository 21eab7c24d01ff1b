/* What the functions for bench:leaks share. */
#ifndef LEAKS_H
#define LEAKS_H

#include "binding.h" /* of native/binding: what is compiled lies in one folder */

#include <stdlib.h>
#include <string.h>

/* Stays a function of its own, so that a stack can name it. */
#define CULPRIT static __attribute__ ((noinline))

/* A compiler may leave out an allocation that nobody looks at. */
static inline void *
used (void *block, size_t size)
{
  if (block)
    memset (block, 0x5a, size);
  __asm__ volatile ("" : : "r" (block) : "memory");
  return block;
}

#endif
