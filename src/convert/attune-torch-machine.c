/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What opcodes do to the stack. Every function answers %FALSE where the pickle asks for something
 * that torch.save never does; nothing is called, however it is named. Values refer to one another
 * by number and are never walked, so that a dict that holds itself is no trap.
 */
#include "config.h"

#include "attune-torch-machine.h"

#include <string.h>

#define MAX_KEY_LENGTH 20

static const AttuneTorchType types[] = {
  { "FloatStorage", "F32", 4 }, { "HalfStorage", "F16", 2 },  { "BFloat16Storage", "BF16", 2 },
  { "DoubleStorage", "F64", 8 }, { "LongStorage", "I64", 8 }, { "IntStorage", "I32", 4 },
  { "ShortStorage", "I16", 2 },  { "CharStorage", "I8", 1 },  { "ByteStorage", "U8", 1 },
  { "BoolStorage", "BOOL", 1 },
};

static const struct {
  const char *module;
  const char *name;
  guint what;
} globals[] = {
  { "collections", "OrderedDict", GLOBAL_ORDERED_DICT },
  { "torch._utils", "_rebuild_tensor_v2", GLOBAL_REBUILD_TENSOR },
  { "torch._utils", "_rebuild_parameter", GLOBAL_REBUILD_PARAMETER },
};

/* torch's own numeric types by name; they stand in metadata and make nothing. */
static const char *const dtypes[] = { "float32", "float16", "bfloat16", "float64", "int64", "int32",
                                      "int16",   "int8",    "uint8",    "bool",    "float", "half",
                                      "double",  "long",    "int",      "short" };

void
attune_torch_machine_init (Machine *self)
{
  self->stack = g_array_new (FALSE, FALSE, sizeof (Value));
  self->memo = g_array_new (FALSE, FALSE, sizeof (Value));
  self->members = g_array_new (FALSE, FALSE, sizeof (Value));
  self->dicts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  self->views = g_array_new (FALSE, FALSE, sizeof (AttuneTorchView));
  self->storages = g_array_new (FALSE, FALSE, sizeof (AttuneTorchStorage));
}

void
attune_torch_machine_clear (Machine *self)
{
  g_clear_pointer (&self->stack, g_array_unref);
  g_clear_pointer (&self->memo, g_array_unref);
  g_clear_pointer (&self->members, g_array_unref);
  g_clear_pointer (&self->dicts, g_ptr_array_unref);
  g_clear_pointer (&self->views, g_array_unref);
  g_clear_pointer (&self->storages, g_array_unref);
}

void
attune_torch_machine_push (Machine *self,
                           Value    value)
{
  g_array_append_val (self->stack, value);
}

/* A mark is not for taking: whoever reaches one took more than was put. */
gboolean
attune_torch_machine_pop (Machine *self,
                          Value   *value)
{
  guint n = self->stack->len;

  if (n == 0 || g_array_index (self->stack, Value, n - 1).kind == VALUE_MARK)
    return FALSE;
  *value = g_array_index (self->stack, Value, n - 1);
  g_array_set_size (self->stack, n - 1);
  return TRUE;
}

/* How many values lie above the topmost mark. */
gboolean
attune_torch_machine_to_mark (Machine *self,
                              guint   *n)
{
  guint length = self->stack->len;

  for (*n = 0; *n < length; ++*n)
    if (g_array_index (self->stack, Value, length - 1 - *n).kind == VALUE_MARK)
      return TRUE;
  return FALSE;
}

/* The topmost n values become one. */
gboolean
attune_torch_machine_tuple (Machine *self,
                            guint    n)
{
  Value tuple = { .kind = VALUE_TUPLE, .n = n, .first = self->members->len };
  guint length = self->stack->len;

  if (n > length)
    return FALSE;
  for (guint i = length - n; i < length; i++)
    if (g_array_index (self->stack, Value, i).kind == VALUE_MARK)
      return FALSE;
  if (n > 0)
    g_array_append_vals (self->members, &g_array_index (self->stack, Value, length - n), n);
  g_array_set_size (self->stack, length - n);
  attune_torch_machine_push (self, tuple);
  return TRUE;
}

Value
attune_torch_machine_dict (Machine *self)
{
  const Value dict = { .kind = VALUE_DICT, .index = self->dicts->len };

  g_ptr_array_add (self->dicts, g_array_new (FALSE, FALSE, sizeof (Pair)));
  return dict;
}

/* The topmost values, key and value in turn, go into the dict below them; marked: there is a mark
 * in between. */
gboolean
attune_torch_machine_set (Machine *self,
                          guint    n_values,
                          gboolean marked)
{
  guint length = self->stack->len, n_taken = n_values + (marked ? 1 : 0);
  const Value *values, *dict;
  GArray *pairs;

  if (n_values % 2 != 0 || length <= n_taken)
    return FALSE;
  dict = &g_array_index (self->stack, Value, length - n_taken - 1);
  values = &g_array_index (self->stack, Value, length - n_values);
  if (dict->kind != VALUE_DICT)
    return FALSE;

  pairs = g_ptr_array_index (self->dicts, dict->index);
  for (guint i = 0; i < n_values; i += 2)
    {
      const Pair pair = { values[i], values[i + 1] };

      if (pair.key.kind == VALUE_MARK || pair.value.kind == VALUE_MARK)
        return FALSE;
      g_array_append_val (pairs, pair);
    }
  g_array_set_size (self->stack, length - n_taken);
  return TRUE;
}

static gboolean
equals (const char *bytes,
        gsize       length,
        const char *text)
{
  return strlen (text) == length && memcmp (bytes, text, length) == 0;
}

/* Pushes what a pickle may name; all else is refused by its name. */
gboolean
attune_torch_machine_global (Machine            *self,
                             const char         *module,
                             gsize               module_length,
                             const char         *name,
                             gsize               name_length,
                             AttuneConvertFault *fault)
{
  Value value = { .kind = VALUE_GLOBAL, .index = G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (globals); i++)
    if (equals (module, module_length, globals[i].module)
        && equals (name, name_length, globals[i].name))
      value.index = globals[i].what;
  if (equals (module, module_length, "torch"))
    {
      for (guint i = 0; i < G_N_ELEMENTS (types); i++)
        if (equals (name, name_length, types[i].torch_name))
          value.index = GLOBAL_STORAGE + i;
      for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
        if (equals (name, name_length, dtypes[i]))
          value.index = GLOBAL_DTYPE;
    }
  if (value.index == G_MAXUINT)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_GLOBAL, "%.*s.%.*s",
                                     (int) MIN (module_length, 100), module,
                                     (int) MIN (name_length, 100), name);

  attune_torch_machine_push (self, value);
  return TRUE;
}

static const Value *
get_members (Machine     *self,
             const Value *tuple)
{
  return (const Value *) self->members->data + tuple->first;
}

/* ("storage", torch.FloatStorage, key, location, number of elements) */
gboolean
attune_torch_machine_storage (Machine *self)
{
  Value tuple, value = { .kind = VALUE_STORAGE, .index = self->storages->len };
  AttuneTorchStorage storage;
  const Value *members;

  if (!attune_torch_machine_pop (self, &tuple) || tuple.kind != VALUE_TUPLE || tuple.n != 5)
    return FALSE;
  members = get_members (self, &tuple);
  if (members[0].kind != VALUE_STRING || !equals (members[0].string, members[0].n, "storage")
      || members[1].kind != VALUE_GLOBAL || members[1].index < GLOBAL_STORAGE
      || members[2].kind != VALUE_STRING || members[2].n == 0 || members[2].n > MAX_KEY_LENGTH
      || members[3].kind != VALUE_STRING || members[4].kind != VALUE_INTEGER
      || members[4].integer < 0)
    return FALSE;
  for (guint i = 0; i < members[2].n; i++)
    if (!g_ascii_isdigit (members[2].string[i]))
      return FALSE;

  storage = (AttuneTorchStorage) {
    .type = &types[members[1].index - GLOBAL_STORAGE],
    .key = members[2].string,
    .key_length = members[2].n,
    .n_elements = (guint64) members[4].integer,
  };
  g_array_append_val (self->storages, storage);
  attune_torch_machine_push (self, value);
  return TRUE;
}

static gboolean
read_counts (Machine     *self,
             const Value *tuple,
             guint64     *counts)
{
  const Value *members = get_members (self, tuple);

  for (guint i = 0; i < tuple->n; i++)
    {
      if (members[i].kind != VALUE_INTEGER || members[i].integer < 0)
        return FALSE;
      counts[i] = (guint64) members[i].integer;
    }
  return TRUE;
}

/* (storage, offset, size, stride, requires_grad, backward_hooks[, metadata]) */
static gboolean
rebuild_tensor (Machine            *self,
                const Value        *arguments,
                AttuneConvertFault *fault)
{
  const Value *members = get_members (self, arguments);
  AttuneTorchView view = { 0 };
  const Value value = { .kind = VALUE_TENSOR, .index = self->views->len };

  if ((arguments->n != 6 && arguments->n != 7) || members[0].kind != VALUE_STORAGE
      || members[1].kind != VALUE_INTEGER || members[1].integer < 0
      || members[2].kind != VALUE_TUPLE || members[3].kind != VALUE_TUPLE
      || members[2].n != members[3].n || members[4].kind != VALUE_BOOL)
    return FALSE;
  if (members[2].n > ATTUNE_TORCH_MAX_DIMS)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_DIMENSIONS, "%u", members[2].n);

  view.storage = members[0].index;
  view.offset = (guint64) members[1].integer;
  view.n_dims = members[2].n;
  if (!read_counts (self, &members[2], view.shape) || !read_counts (self, &members[3], view.strides))
    return FALSE;

  g_array_append_val (self->views, view);
  attune_torch_machine_push (self, value);
  return TRUE;
}

/* A tuple of arguments and below it what is to be called with them. */
gboolean
attune_torch_machine_reduce (Machine            *self,
                             AttuneConvertFault *fault)
{
  Value arguments, global;

  if (!attune_torch_machine_pop (self, &arguments) || arguments.kind != VALUE_TUPLE
      || !attune_torch_machine_pop (self, &global) || global.kind != VALUE_GLOBAL)
    return FALSE;

  switch (global.index)
    {
    case GLOBAL_ORDERED_DICT:
      if (arguments.n != 0)
        return FALSE;
      attune_torch_machine_push (self, attune_torch_machine_dict (self));
      return TRUE;

    case GLOBAL_REBUILD_TENSOR:
      return rebuild_tensor (self, &arguments, fault);

    case GLOBAL_REBUILD_PARAMETER: /* (tensor, requires_grad, backward_hooks) */
      if (arguments.n != 3 || get_members (self, &arguments)[0].kind != VALUE_TENSOR)
        return FALSE;
      attune_torch_machine_push (self, get_members (self, &arguments)[0]);
      return TRUE;

    default:
      return FALSE;
    }
}

/* Attributes of a dict, as the _metadata of a state_dict: read, and of no use to anybody here. */
gboolean
attune_torch_machine_build (Machine *self)
{
  Value state;

  return attune_torch_machine_pop (self, &state)
         && (state.kind == VALUE_DICT || state.kind == VALUE_NONE) && self->stack->len > 0
         && g_array_index (self->stack, Value, self->stack->len - 1).kind == VALUE_DICT;
}
