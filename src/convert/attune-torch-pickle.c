/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The opcodes of pickle's protocol 2 (Python's Lib/pickletools.py), as many as torch.save uses: read
 * from the caller's bytes, one after the other, with every length checked. Opcodes that import,
 * instantiate or extend anything else are refused by number.
 */
#include "config.h"

#include "attune-torch-machine.h"

#include <string.h>

/* A model of a thousand layers needs a fiftieth of that. */
#define MAX_LENGTH (16u << 20)
#define MAX_OPCODES 4000000
#define MAX_NAME_LENGTH 1024
#define MAX_GLOBAL_LENGTH 256

enum {
  OP_MARK = '(', OP_STOP = '.', OP_POP = '0', OP_BINFLOAT = 'G', OP_BININT = 'J', OP_BININT1 = 'K',
  OP_BININT2 = 'M', OP_NONE = 'N', OP_BINPERSID = 'Q', OP_REDUCE = 'R', OP_BINUNICODE = 'X',
  OP_EMPTY_LIST = ']', OP_APPEND = 'a', OP_BUILD = 'b', OP_GLOBAL = 'c', OP_APPENDS = 'e',
  OP_BINGET = 'h', OP_LONG_BINGET = 'j', OP_BINPUT = 'q', OP_LONG_BINPUT = 'r', OP_SETITEM = 's',
  OP_TUPLE = 't', OP_EMPTY_TUPLE = ')', OP_SETITEMS = 'u', OP_EMPTY_DICT = '}', OP_PROTO = 0x80,
  OP_TUPLE1 = 0x85, OP_TUPLE2 = 0x86, OP_TUPLE3 = 0x87, OP_NEWTRUE = 0x88, OP_NEWFALSE = 0x89,
  OP_LONG1 = 0x8a,
};

typedef struct {
  const guint8 *start;
  const guint8 *at;
  const guint8 *end;
} Cursor;

/* n bytes of an argument, or NULL where there are not as many. */
static const guint8 *
take (Cursor *cursor,
      gsize   n)
{
  const guint8 *bytes = cursor->at;

  if ((gsize) (cursor->end - cursor->at) < n)
    return NULL;
  cursor->at += n;
  return bytes;
}

/* Little-endian and without a sign. */
static gboolean
take_uint (Cursor  *cursor,
           guint    n,
           guint64 *value)
{
  const guint8 *bytes = take (cursor, n);

  *value = 0;
  for (guint i = 0; bytes != NULL && i < n; i++)
    *value |= (guint64) bytes[i] << (8 * i);
  return bytes != NULL;
}

static gboolean
push_integer (Machine *machine,
              gint64   integer)
{
  attune_torch_machine_push (machine, (Value) { .kind = VALUE_INTEGER, .integer = integer });
  return TRUE;
}

static gboolean
push_uint (Machine *machine,
           Cursor  *cursor,
           guint    n)
{
  guint64 value;

  return take_uint (cursor, n, &value) && push_integer (machine, (gint64) value);
}

/* BININT and LONG1: two's complement of n bytes. */
static gboolean
push_signed (Machine *machine,
             Cursor  *cursor,
             guint    n)
{
  guint64 value;

  if (n > 8 || !take_uint (cursor, n, &value))
    return FALSE;
  if (n > 0 && n < 8 && value >> (8 * n - 1) != 0)
    value |= G_MAXUINT64 << (8 * n);
  return push_integer (machine, (gint64) value);
}

static gboolean
push_long (Machine *machine,
           Cursor  *cursor)
{
  guint64 n;

  return take_uint (cursor, 1, &n) && push_signed (machine, cursor, (guint) n);
}

static gboolean
push_string (Machine *machine,
             Cursor  *cursor)
{
  const guint8 *bytes;
  guint64 n;

  if (!take_uint (cursor, 4, &n))
    return FALSE;
  bytes = take (cursor, n);
  if (bytes == NULL || !g_utf8_validate ((const char *) bytes, (gssize) n, NULL))
    return FALSE;
  attune_torch_machine_push (machine, (Value) { .kind = VALUE_STRING, .n = (guint) n,
                                                .string = (const char *) bytes });
  return TRUE;
}

static gboolean
push_kind (Machine   *machine,
           ValueKind  kind,
           gint64     integer)
{
  attune_torch_machine_push (machine, (Value) { .kind = kind, .integer = integer });
  return TRUE;
}

static const char *
take_line (Cursor *cursor,
           gsize  *length)
{
  gsize left = (gsize) (cursor->end - cursor->at);
  const guint8 *line = cursor->at;
  const guint8 *end = memchr (line, '\n', MIN (left, MAX_GLOBAL_LENGTH));

  if (end == NULL)
    return NULL;
  *length = (gsize) (end - line);
  cursor->at = end + 1;
  return (const char *) line;
}

static gboolean
push_global (Machine            *machine,
             Cursor             *cursor,
             AttuneConvertFault *fault)
{
  gsize module_length, name_length = 0;
  const char *module = take_line (cursor, &module_length);
  const char *name = module != NULL ? take_line (cursor, &name_length) : NULL;

  return name != NULL
         && attune_torch_machine_global (machine, module, module_length, name, name_length, fault);
}

/* Python numbers what it remembers from 0 upwards, one after the other. */
static gboolean
put (Machine *machine,
     Cursor  *cursor,
     guint    n)
{
  guint64 index;
  Value value;

  if (!take_uint (cursor, n, &index) || index > machine->memo->len
      || !attune_torch_machine_pop (machine, &value))
    return FALSE;
  attune_torch_machine_push (machine, value);
  if (index == machine->memo->len)
    g_array_append_val (machine->memo, value);
  else
    g_array_index (machine->memo, Value, index) = value;
  return TRUE;
}

static gboolean
get (Machine *machine,
     Cursor  *cursor,
     guint    n)
{
  guint64 index;

  if (!take_uint (cursor, n, &index) || index >= machine->memo->len)
    return FALSE;
  attune_torch_machine_push (machine, g_array_index (machine->memo, Value, index));
  return TRUE;
}

/* All above the topmost mark becomes one value, and the mark goes. */
static gboolean
close_tuple (Machine *machine)
{
  Value tuple;
  guint n;

  if (!attune_torch_machine_to_mark (machine, &n) || !attune_torch_machine_tuple (machine, n))
    return FALSE;
  attune_torch_machine_pop (machine, &tuple);
  g_array_set_size (machine->stack, machine->stack->len - 1);
  attune_torch_machine_push (machine, tuple);
  return TRUE;
}

static gboolean
set_items (Machine *machine)
{
  guint n;

  return attune_torch_machine_to_mark (machine, &n) && attune_torch_machine_set (machine, n, TRUE);
}

static gboolean
append (Machine *machine,
        gboolean many)
{
  Value value;
  guint n = 1;

  if (many && !attune_torch_machine_to_mark (machine, &n))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!attune_torch_machine_pop (machine, &value))
      return FALSE;
  if (many)
    g_array_set_size (machine->stack, machine->stack->len - 1);
  return machine->stack->len > 0
         && g_array_index (machine->stack, Value, machine->stack->len - 1).kind == VALUE_LIST;
}

/* FALSE without a fault set: malformed. */
static gboolean
run_opcode (Machine            *machine,
            Cursor             *cursor,
            guint8              opcode,
            AttuneConvertFault *fault)
{
  Value value;

  switch (opcode)
    {
    case OP_MARK:         return push_kind (machine, VALUE_MARK, 0);
    case OP_NONE:         return push_kind (machine, VALUE_NONE, 0);
    case OP_NEWTRUE:      return push_kind (machine, VALUE_BOOL, 1);
    case OP_NEWFALSE:     return push_kind (machine, VALUE_BOOL, 0);
    case OP_EMPTY_LIST:   return push_kind (machine, VALUE_LIST, 0);
    case OP_BINFLOAT:     return take (cursor, 8) != NULL && push_kind (machine, VALUE_REAL, 0);
    case OP_BININT1:      return push_uint (machine, cursor, 1);
    case OP_BININT2:      return push_uint (machine, cursor, 2);
    case OP_BININT:       return push_signed (machine, cursor, 4);
    case OP_LONG1:        return push_long (machine, cursor);
    case OP_BINUNICODE:   return push_string (machine, cursor);
    case OP_GLOBAL:       return push_global (machine, cursor, fault);
    case OP_BINPERSID:    return attune_torch_machine_storage (machine);
    case OP_REDUCE:       return attune_torch_machine_reduce (machine, fault);
    case OP_BUILD:        return attune_torch_machine_build (machine);
    case OP_POP:          return attune_torch_machine_pop (machine, &value);
    case OP_EMPTY_TUPLE:  return attune_torch_machine_tuple (machine, 0);
    case OP_TUPLE1:       return attune_torch_machine_tuple (machine, 1);
    case OP_TUPLE2:       return attune_torch_machine_tuple (machine, 2);
    case OP_TUPLE3:       return attune_torch_machine_tuple (machine, 3);
    case OP_TUPLE:        return close_tuple (machine);
    case OP_SETITEM:      return attune_torch_machine_set (machine, 2, FALSE);
    case OP_SETITEMS:     return set_items (machine);
    case OP_APPEND:       return append (machine, FALSE);
    case OP_APPENDS:      return append (machine, TRUE);
    case OP_BINPUT:       return put (machine, cursor, 1);
    case OP_LONG_BINPUT:  return put (machine, cursor, 4);
    case OP_BINGET:       return get (machine, cursor, 1);
    case OP_LONG_BINGET:  return get (machine, cursor, 4);

    case OP_EMPTY_DICT:
      attune_torch_machine_push (machine, attune_torch_machine_dict (machine));
      return TRUE;

    default:
      return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_OPCODE, "0x%02x at byte %zu",
                                       opcode, (gsize) (cursor->at - 1 - cursor->start));
    }
}

static gboolean
run (Machine            *machine,
     Cursor             *cursor,
     AttuneConvertFault *fault)
{
  const guint8 *head = take (cursor, 2);

  if (head == NULL || head[0] != OP_PROTO || head[1] != 2)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_PICKLE, "0");

  for (guint n = 0; n < MAX_OPCODES; n++)
    {
      const gsize where = (gsize) (cursor->at - cursor->start);
      const guint8 *opcode = take (cursor, 1);

      if (opcode != NULL && *opcode == OP_STOP && cursor->at == cursor->end)
        return TRUE;
      if (opcode == NULL || *opcode == OP_STOP || !run_opcode (machine, cursor, *opcode, fault))
        return fault->code != ATTUNE_CONVERT_FAULT_NONE
                 ? FALSE
                 : attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_PICKLE, "%zu", where);
    }
  return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TOO_LARGE, "opcodes");
}

static int
compare_items (gconstpointer a,
               gconstpointer b)
{
  const AttuneTorchItem *x = a, *y = b;
  int order = memcmp (x->name, y->name, MIN (x->name_length, y->name_length));

  return order != 0 ? order
                    : (x->name_length > y->name_length) - (x->name_length < y->name_length);
}

/* A name is a line that safetensors does not keep for itself. */
static gboolean
is_name (const Value *key)
{
  if (key->n == 0 || key->n > MAX_NAME_LENGTH
      || (key->n == strlen ("__metadata__") && memcmp (key->string, "__metadata__", key->n) == 0))
    return FALSE;
  for (guint i = 0; i < key->n; i++)
    if ((guchar) key->string[i] < ' ' || key->string[i] == 0x7f)
      return FALSE;
  return TRUE;
}

/* What is left must be one dict of tensors. */
static gboolean
collect (Machine            *machine,
         GArray             *items,
         AttuneConvertFault *fault)
{
  const Value *root = (const Value *) machine->stack->data;
  GArray *pairs;

  if (machine->stack->len != 1 || root->kind != VALUE_DICT)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_NOT_TENSOR, " ");
  pairs = g_ptr_array_index (machine->dicts, root->index);
  if (pairs->len == 0)
    return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_EMPTY, " ");

  for (guint i = 0; i < pairs->len; i++)
    {
      const Pair *pair = &g_array_index (pairs, Pair, i);
      AttuneTorchItem item = { pair->key.string, pair->key.n, pair->value.index };
      const gboolean named = pair->key.kind == VALUE_STRING;

      if (!named || pair->value.kind != VALUE_TENSOR)
        return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_NOT_TENSOR, "%.*s",
                                         named ? (int) MIN (pair->key.n, 200) : 1,
                                         named && pair->key.n > 0 ? pair->key.string : " ");
      if (!is_name (&pair->key))
        return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TENSOR_NAME, "%.*s",
                                         (int) MIN (pair->key.n, 200), pair->key.string);
      g_array_append_val (items, item);
    }

  g_array_sort (items, compare_items);
  for (guint i = 1; i < items->len; i++)
    {
      const AttuneTorchItem *item = &g_array_index (items, AttuneTorchItem, i);

      if (compare_items (item - 1, item) == 0)
        return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TENSOR_REPEATED, "%.*s",
                                         (int) MIN (item->name_length, 200), item->name);
    }
  return TRUE;
}

/**
 * attune_torch_pickle_new:
 * @bytes: (array length=length): kept by the caller as long as the pickle
 *
 * Returns: (transfer full) (nullable): the tensors of a state_dict, by name
 */
AttuneTorchPickle *
attune_torch_pickle_new (const guint8       *bytes,
                         gsize               length,
                         AttuneConvertFault *fault)
{
  g_autoptr (AttuneTorchPickle) self = g_new0 (AttuneTorchPickle, 1);
  Cursor cursor = { bytes, bytes, bytes + length };
  Machine machine;
  gboolean ok;

  if (length > MAX_LENGTH)
    {
      attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TOO_LARGE, "data.pkl");
      return NULL;
    }

  fault->code = ATTUNE_CONVERT_FAULT_NONE;
  attune_torch_machine_init (&machine);
  self->items = g_array_new (FALSE, FALSE, sizeof (AttuneTorchItem));
  ok = run (&machine, &cursor, fault) && collect (&machine, self->items, fault);
  self->views = g_steal_pointer (&machine.views);
  self->storages = g_steal_pointer (&machine.storages);
  attune_torch_machine_clear (&machine);

  return ok ? g_steal_pointer (&self) : NULL;
}

/**
 * attune_torch_pickle_free:
 * @self: (nullable): nothing is done for %NULL
 */
void
attune_torch_pickle_free (AttuneTorchPickle *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->items, g_array_unref);
  g_clear_pointer (&self->views, g_array_unref);
  g_clear_pointer (&self->storages, g_array_unref);
  g_free (self);
}
