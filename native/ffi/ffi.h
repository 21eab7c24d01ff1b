/* The part of libffi's interface that GObject uses: calls of C functions whose
 * argument types are known at run time only. No closures.
 */
#ifndef GEGL_WASM_FFI_H
#define GEGL_WASM_FFI_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long ffi_arg;
typedef signed long   ffi_sarg;

/* What a value is to WebAssembly; every integer up to 32 bits and every
 * pointer is an i32 there.
 */
typedef enum
{
  FFI_KIND_VOID,
  FFI_KIND_I32,
  FFI_KIND_I64,
  FFI_KIND_F32,
  FFI_KIND_F64
} ffi_kind;

typedef struct
{
  size_t   size;
  ffi_kind kind;
} ffi_type;

extern ffi_type ffi_type_void;
extern ffi_type ffi_type_sint;
extern ffi_type ffi_type_uint;
extern ffi_type ffi_type_slong;
extern ffi_type ffi_type_ulong;
extern ffi_type ffi_type_sint64;
extern ffi_type ffi_type_uint64;
extern ffi_type ffi_type_float;
extern ffi_type ffi_type_double;
extern ffi_type ffi_type_pointer;

typedef enum
{
  FFI_OK,
  FFI_BAD_TYPEDEF
} ffi_status;

typedef enum
{
  FFI_DEFAULT_ABI = 1
} ffi_abi;

typedef struct
{
  unsigned   argument_count;
  ffi_type **argument_types;
  ffi_type  *result_type;
} ffi_cif;

#define FFI_FN(function) ((void (*) (void)) (function))

/* FFI_BAD_TYPEDEF: more arguments than ffi_call can pass. */
ffi_status ffi_prep_cif (ffi_cif   *cif,
                         ffi_abi    abi,
                         unsigned   argument_count,
                         ffi_type  *result_type,
                         ffi_type **argument_types);

/* The result is written at its full width; a narrow integer fills an ffi_arg. */
void       ffi_call     (ffi_cif *cif,
                         void   (*function) (void),
                         void    *result,
                         void   **arguments);

#ifdef __cplusplus
}
#endif

#endif
