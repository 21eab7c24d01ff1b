/* Calls of C functions whose argument types are known at run time only, in a
 * module linked with -sEMULATE_FUNCTION_POINTER_CASTS.
 *
 * That option gives every function that a pointer can reach one and the same
 * type, sixteen i64 arguments and an i64 result: integers are zero-extended,
 * floating point numbers travel as their bits. So one indirect call fits all,
 * once each argument is widened. (libffi's own port calls from JavaScript with
 * the function's real type, which such a module no longer has.)
 */
#include "ffi.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ARGUMENTS 16

typedef uint64_t Wide;

typedef Wide (*WideFunction) (Wide, Wide, Wide, Wide, Wide, Wide, Wide, Wide,
                              Wide, Wide, Wide, Wide, Wide, Wide, Wide, Wide);

ffi_type ffi_type_void    = { 1, FFI_KIND_VOID };
ffi_type ffi_type_sint    = { sizeof (int), FFI_KIND_I32 };
ffi_type ffi_type_uint    = { sizeof (unsigned), FFI_KIND_I32 };
ffi_type ffi_type_slong   = { sizeof (long), FFI_KIND_I32 };
ffi_type ffi_type_ulong   = { sizeof (unsigned long), FFI_KIND_I32 };
ffi_type ffi_type_sint64  = { sizeof (int64_t), FFI_KIND_I64 };
ffi_type ffi_type_uint64  = { sizeof (uint64_t), FFI_KIND_I64 };
ffi_type ffi_type_float   = { sizeof (float), FFI_KIND_F32 };
ffi_type ffi_type_double  = { sizeof (double), FFI_KIND_F64 };
ffi_type ffi_type_pointer = { sizeof (void *), FFI_KIND_I32 };

_Static_assert (sizeof (long) == 4 && sizeof (void *) == 4, "written for wasm32");

ffi_status
ffi_prep_cif (ffi_cif   *cif,
              ffi_abi    abi,
              unsigned   argument_count,
              ffi_type  *result_type,
              ffi_type **argument_types)
{
  (void) abi;

  if (argument_count > MAX_ARGUMENTS)
    return FFI_BAD_TYPEDEF;

  cif->argument_count = argument_count;
  cif->argument_types = argument_types;
  cif->result_type    = result_type;

  return FFI_OK;
}

static size_t
width_of (const ffi_type *type)
{
  switch (type->kind)
    {
    case FFI_KIND_VOID:
      return 0;
    case FFI_KIND_I32:
    case FFI_KIND_F32:
      return 4;
    case FFI_KIND_I64:
    case FFI_KIND_F64:
      return 8;
    }

  fprintf (stderr, "ffi: a type of unknown kind %d\n", (int) type->kind);
  abort ();
}

void
ffi_call (ffi_cif *cif,
          void   (*function) (void),
          void    *result,
          void   **arguments)
{
  Wide a[MAX_ARGUMENTS] = { 0 };
  Wide r;

  /* Little-endian: copying the narrow bytes over a zero extends it. */
  for (unsigned i = 0; i < cif->argument_count; i++)
    memcpy (&a[i], arguments[i], width_of (cif->argument_types[i]));

  r = ((WideFunction) function) (a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
                                 a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15]);

  if (result)
    memcpy (result, &r, width_of (cif->result_type));
}
