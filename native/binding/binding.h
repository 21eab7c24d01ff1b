/* The C side of the wrapper (src/gegl): plain functions over pointers, ints, doubles and
 * UTF-8 strings, so that JavaScript needs no knowledge of any struct. Strings that a function
 * returns are the caller's, to be released with free(). */
#ifndef GEGL_WASM_BINDING_H
#define GEGL_WASM_BINDING_H

#include <emscripten.h>
#include <gegl.h>
#include <gegl-plugin.h>

#define EXPORT EMSCRIPTEN_KEEPALIVE

/* What a setter answers; the wrapper turns these into GeglErrors. */
enum { SET_OK = 0, SET_NO_PROPERTY = -1, SET_WRONG_TYPE = -2, SET_BAD_VALUE = -3 };

/* json.c: a JSON text built in a GString. */
void json_append_string (GString *json, const char *text);
void json_append_member (GString *json, const char *name, const char *text);
void json_append_number (GString *json, double number);
void json_append_value  (GString *json, const GValue *value);

#endif
