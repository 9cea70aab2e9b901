/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the room: reads the compact protocol of Thrift, in which Parquet writes everything
 * that is not data. Nothing is allocated; a fault is kept, and all reads after it give 0.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_THRIFT_STOP = 0,
  ATTUNE_THRIFT_TRUE = 1,
  ATTUNE_THRIFT_FALSE = 2,
  ATTUNE_THRIFT_I8 = 3,
  ATTUNE_THRIFT_I16 = 4,
  ATTUNE_THRIFT_I32 = 5,
  ATTUNE_THRIFT_I64 = 6,
  ATTUNE_THRIFT_DOUBLE = 7,
  ATTUNE_THRIFT_BINARY = 8,
  ATTUNE_THRIFT_LIST = 9,
  ATTUNE_THRIFT_SET = 10,
  ATTUNE_THRIFT_MAP = 11,
  ATTUNE_THRIFT_STRUCT = 12,
  ATTUNE_THRIFT_UUID = 13,
} AttuneThriftType;

typedef struct {
  const guint8 *data;
  gsize length;
  gsize position;
  gboolean failed;
} AttuneThrift;

/* A field of a struct; of a bool the type is the value. */
typedef struct {
  gint id;
  AttuneThriftType type;
} AttuneThriftField;

/* The next field of a struct: begin with { 0 }. FALSE at its end and after a fault. */
gboolean attune_thrift_next   (AttuneThrift      *self,
                               AttuneThriftField *field);
/* Whether the field is this one and of the type; one of another type is a fault. */
gboolean attune_thrift_is     (AttuneThrift      *self,
                               AttuneThriftField *field,
                               gint               id,
                               AttuneThriftType   type);
/* As attune_thrift_is() of a bool, in value. */
gboolean attune_thrift_is_bool (AttuneThrift      *self,
                               AttuneThriftField *field,
                               gint               id,
                               gboolean          *value);
gint32   attune_thrift_i32    (AttuneThrift      *self);
gint64   attune_thrift_i64    (AttuneThrift      *self);
/* (transfer none): length bytes of the data itself, not closed by a NUL */
const char *
         attune_thrift_binary (AttuneThrift      *self,
                               gsize             *length);
/* How many elements follow; never more than there are bytes. */
guint    attune_thrift_list   (AttuneThrift      *self,
                               AttuneThriftType   element);
void     attune_thrift_skip   (AttuneThrift      *self,
                               AttuneThriftType   type);

G_END_DECLS
