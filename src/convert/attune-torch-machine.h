/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stack that a pickle's opcodes work on, and the few things on it that are more than a value:
 * dicts, and what a tensor is made of. Used by this room only.
 */
#pragma once

#include "attune-torch-pickle.h"

G_BEGIN_DECLS

typedef enum {
  VALUE_NONE,
  VALUE_BOOL,
  VALUE_INTEGER,
  VALUE_REAL,
  VALUE_STRING,
  VALUE_TUPLE,
  VALUE_LIST,        /* nothing a tensor needs; what is put into one is forgotten */
  VALUE_DICT,
  VALUE_GLOBAL,
  VALUE_STORAGE,
  VALUE_TENSOR,
  VALUE_MARK,        /* no value: where a tuple or the items of a dict begin */
} ValueKind;

typedef struct {
  ValueKind kind;
  guint n;           /* length of a string or tuple */
  union {
    gint64 integer;
    const char *string;
    guint first;     /* of a tuple's members */
    guint index;     /* of a dict, storage, tensor or global */
  };
} Value;

typedef struct {
  Value key;
  Value value;
} Pair;

/* What a pickle may name. Storages follow: GLOBAL_STORAGE + their place in the table of types. */
enum {
  GLOBAL_ORDERED_DICT,
  GLOBAL_REBUILD_TENSOR,
  GLOBAL_REBUILD_PARAMETER,
  GLOBAL_DTYPE,
  GLOBAL_STORAGE,
};

typedef struct {
  GArray *stack;     /* Value */
  GArray *memo;      /* Value */
  GArray *members;   /* Value, of all tuples */
  GPtrArray *dicts;  /* GArray of Pair */
  GArray *views;     /* AttuneTorchView */
  GArray *storages;  /* AttuneTorchStorage */
} Machine;

void     attune_torch_machine_init    (Machine             *self);
void     attune_torch_machine_clear   (Machine             *self);
void     attune_torch_machine_push    (Machine             *self,
                                       Value                value);
gboolean attune_torch_machine_pop     (Machine             *self,
                                       Value               *value);
gboolean attune_torch_machine_tuple   (Machine             *self,
                                       guint                n);
gboolean attune_torch_machine_to_mark (Machine             *self,
                                       guint               *n);
Value    attune_torch_machine_dict    (Machine             *self);
gboolean attune_torch_machine_set     (Machine             *self,
                                       guint                n_values,
                                       gboolean             marked);
gboolean attune_torch_machine_global  (Machine             *self,
                                       const char          *module,
                                       gsize                module_length,
                                       const char          *name,
                                       gsize                name_length,
                                       AttuneConvertFault  *fault);
gboolean attune_torch_machine_storage (Machine             *self);
gboolean attune_torch_machine_reduce  (Machine             *self,
                                       AttuneConvertFault  *fault);
gboolean attune_torch_machine_build   (Machine             *self);

G_END_DECLS
