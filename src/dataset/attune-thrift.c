/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The compact protocol of Thrift; see attune-thrift.h. Numbers are written seven bits a byte, those
 * with a sign folded so that small ones stay short. Every count is held against the bytes that are
 * left, and what is skipped may nest only so deep. Any thread.
 * Source: the Thrift specification, "Thrift Compact protocol encoding".
 */
#include "config.h"

#include "attune-thrift.h"

#define DEEPEST 32

static guint64
fail (AttuneThrift *self)
{
  self->failed = TRUE;
  self->position = self->length;
  return 0;
}

static guint8
read_byte (AttuneThrift *self)
{
  return self->position < self->length ? self->data[self->position++] : (guint8) fail (self);
}

static guint64
read_varint (AttuneThrift *self)
{
  guint64 value = 0;

  for (guint shift = 0; shift < 64; shift += 7)
    {
      guint8 byte = read_byte (self);

      value |= (guint64) (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return self->failed ? 0 : value;
    }
  return fail (self);
}

gint64
attune_thrift_i64 (AttuneThrift *self)
{
  guint64 folded = read_varint (self);

  return (gint64) ((folded >> 1) ^ (0 - (folded & 1)));
}

gint32
attune_thrift_i32 (AttuneThrift *self)
{
  gint64 value = attune_thrift_i64 (self);

  return value >= G_MININT32 && value <= G_MAXINT32 ? (gint32) value : (gint32) fail (self);
}

const char *
attune_thrift_binary (AttuneThrift *self,
                      gsize        *length)
{
  guint64 n = read_varint (self);
  const char *bytes = (const char *) self->data + self->position;

  *length = 0;
  if (n > self->length - self->position)
    fail (self);
  if (self->failed)
    return "";
  self->position += n;
  *length = n;
  return bytes;
}

static guint
read_list (AttuneThrift     *self,
           AttuneThriftType *element)
{
  guint8 byte = read_byte (self);
  guint64 n = byte >> 4;

  *element = byte & 0x0f;
  if (n == 15)
    n = read_varint (self);
  return n <= self->length - self->position && n <= G_MAXUINT ? (guint) n : (guint) fail (self);
}

guint
attune_thrift_list (AttuneThrift     *self,
                    AttuneThriftType  element)
{
  AttuneThriftType found;
  guint n = read_list (self, &found);

  return n == 0 || found == element ? n : (guint) fail (self);
}

gboolean
attune_thrift_next (AttuneThrift      *self,
                    AttuneThriftField *field)
{
  guint8 byte = read_byte (self);

  if (self->failed || byte == ATTUNE_THRIFT_STOP)
    return FALSE;
  field->type = byte & 0x0f;
  field->id = byte >> 4 != 0 ? field->id + (byte >> 4) : (gint) attune_thrift_i32 (self);
  if (field->id > G_MAXINT16 || field->id < G_MININT16)
    fail (self);
  return !self->failed;
}

gboolean
attune_thrift_is (AttuneThrift      *self,
                  AttuneThriftField *field,
                  gint               id,
                  AttuneThriftType   type)
{
  if (field->id != id || self->failed)
    return FALSE;
  if (field->type != type)
    fail (self);
  return !self->failed;
}

gboolean
attune_thrift_is_bool (AttuneThrift      *self,
                       AttuneThriftField *field,
                       gint               id,
                       gboolean          *value)
{
  if (field->id != id || self->failed)
    return FALSE;
  if (field->type != ATTUNE_THRIFT_TRUE && field->type != ATTUNE_THRIFT_FALSE)
    fail (self);
  *value = field->type == ATTUNE_THRIFT_TRUE;
  return !self->failed;
}

/* The elements of lists and maps, where a bool is a byte of its own. */
static void
skip_value (AttuneThrift     *self,
            AttuneThriftType  type,
            gboolean          in_list,
            guint             depth)
{
  AttuneThriftField field = { 0 };
  AttuneThriftType element, key;
  guint8 byte;
  guint64 n;
  gsize length;

  if (depth == DEEPEST)
    fail (self);
  if (self->failed)
    return;
  switch (type)
    {
    case ATTUNE_THRIFT_TRUE:
    case ATTUNE_THRIFT_FALSE:
      if (in_list)
        read_byte (self);
      break;
    case ATTUNE_THRIFT_I8:
      read_byte (self);
      break;
    case ATTUNE_THRIFT_I16:
    case ATTUNE_THRIFT_I32:
    case ATTUNE_THRIFT_I64:
      read_varint (self);
      break;
    case ATTUNE_THRIFT_DOUBLE:
    case ATTUNE_THRIFT_UUID:
      length = type == ATTUNE_THRIFT_UUID ? 16 : 8;
      if (length > self->length - self->position)
        fail (self);
      else
        self->position += length;
      break;
    case ATTUNE_THRIFT_BINARY:
      attune_thrift_binary (self, &length);
      break;
    case ATTUNE_THRIFT_LIST:
    case ATTUNE_THRIFT_SET:
      for (n = read_list (self, &element); n > 0 && !self->failed; n--)
        skip_value (self, element, TRUE, depth + 1);
      break;
    case ATTUNE_THRIFT_MAP:
      n = read_varint (self);
      byte = n > 0 ? read_byte (self) : 0;
      key = byte >> 4;
      element = byte & 0x0f;
      for (; n > 0 && !self->failed; n--)
        {
          skip_value (self, key, TRUE, depth + 1);
          skip_value (self, element, TRUE, depth + 1);
        }
      break;
    case ATTUNE_THRIFT_STRUCT:
      while (attune_thrift_next (self, &field))
        skip_value (self, field.type, FALSE, depth + 1);
      break;
    case ATTUNE_THRIFT_STOP:
    default:
      fail (self);
    }
}

void
attune_thrift_skip (AttuneThrift     *self,
                    AttuneThriftType  type)
{
  skip_value (self, type, FALSE, 0);
}
