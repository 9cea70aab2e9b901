/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing the tensors of torch files as safetensors: widest type first, then by name, row after
 * row. Names that share their numbers each get a copy, for the format knows no sharing; how much
 * all that may come to is the caller's to say. Uses write() and memory, nothing else.
 */
#include "config.h"

#include "attune-torch-file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE (1u << 20)

typedef struct {
  int fd;
  guint8 *buffer;
  gsize n_buffered;
  AttuneConvertFault *fault;
} Sink;

static gboolean
write_out (Sink         *sink,
           const guint8 *bytes,
           gsize         length)
{
  while (length > 0)
    {
      gssize n = write (sink->fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return attune_convert_fault_set (sink->fault, ATTUNE_CONVERT_FAULT_WRITE, "%d",
                                         n < 0 ? errno : EIO);
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
flush (Sink *sink)
{
  gsize n = sink->n_buffered;

  sink->n_buffered = 0;
  return write_out (sink, sink->buffer, n);
}

static gboolean
put (Sink         *sink,
     const guint8 *bytes,
     gsize         length)
{
  if (length > BUFFER_SIZE - sink->n_buffered && !flush (sink))
    return FALSE;
  if (length > BUFFER_SIZE)
    return write_out (sink, bytes, length);
  memcpy (sink->buffer + sink->n_buffered, bytes, length);
  sink->n_buffered += length;
  return TRUE;
}

/* The dimensions from which on everything lies in one piece: n_dims where nothing does. */
static guint
count_outer (const AttuneTorchTensor *tensor,
             guint64                 *n_piece)
{
  guint outer = tensor->n_dims;

  *n_piece = 1;
  while (outer > 0 && (tensor->strides[outer - 1] == *n_piece || tensor->shape[outer - 1] == 1))
    *n_piece *= tensor->shape[--outer];
  return outer;
}

static gboolean
put_tensor (Sink                    *sink,
            const AttuneTorchTensor *tensor)
{
  const gsize size = tensor->type->size;
  guint64 index[ATTUNE_TORCH_MAX_DIMS] = { 0 };
  guint64 n_piece, at = 0;
  guint outer = count_outer (tensor, &n_piece);

  for (guint64 done = 0; done < tensor->n_elements; done += n_piece)
    {
      if (!put (sink, tensor->data + at * size, n_piece * size))
        return FALSE;
      for (guint d = outer; d-- > 0;)
        {
          at += tensor->strides[d];
          if (++index[d] < tensor->shape[d])
            break;
          at -= tensor->strides[d] * tensor->shape[d];
          index[d] = 0;
        }
    }
  return TRUE;
}

/* JSON of a name that holds no control character. */
static void
append_name (GString                 *header,
             const AttuneTorchTensor *tensor)
{
  g_string_append_c (header, '"');
  for (gsize i = 0; i < tensor->name_length; i++)
    {
      if (tensor->name[i] == '"' || tensor->name[i] == '\\')
        g_string_append_c (header, '\\');
      g_string_append_c (header, tensor->name[i]);
    }
  g_string_append_c (header, '"');
}

static GString *
make_header (GPtrArray *tensors)
{
  GString *header = g_string_new ("{\"__metadata__\":{\"format\":\"pt\"}");
  guint64 at = 0;

  for (guint i = 0; i < tensors->len; i++)
    {
      const AttuneTorchTensor *tensor = g_ptr_array_index (tensors, i);

      g_string_append_c (header, ',');
      append_name (header, tensor);
      g_string_append_printf (header, ":{\"dtype\":\"%s\",\"shape\":[",
                              tensor->type->safetensors_name);
      for (guint d = 0; d < tensor->n_dims; d++)
        g_string_append_printf (header, d > 0 ? ",%" PRIu64 : "%" PRIu64, tensor->shape[d]);
      g_string_append_printf (header, "],\"data_offsets\":[%" PRIu64 ",", at);
      at += tensor->n_elements * tensor->type->size;
      g_string_append_printf (header, "%" PRIu64 "]}", at);
    }
  g_string_append_c (header, '}');
  while (header->len % 8 != 0)
    g_string_append_c (header, ' ');

  return header;
}

static int
compare_names (const AttuneTorchTensor *x,
               const AttuneTorchTensor *y)
{
  int order = memcmp (x->name, y->name, MIN (x->name_length, y->name_length));

  return order != 0 ? order
                    : (x->name_length > y->name_length) - (x->name_length < y->name_length);
}

static int
compare_for_names (gconstpointer a,
                   gconstpointer b)
{
  return compare_names (*(const AttuneTorchTensor *const *) a, *(const AttuneTorchTensor *const *) b);
}

static int
compare_for_writing (gconstpointer a,
                     gconstpointer b)
{
  const AttuneTorchTensor *x = *(const AttuneTorchTensor *const *) a;
  const AttuneTorchTensor *y = *(const AttuneTorchTensor *const *) b;

  return x->type->size != y->type->size ? (int) y->type->size - (int) x->type->size
                                        : compare_names (x, y);
}

/* No name in two files, and not more than may be written. */
static gboolean
check (GPtrArray          *tensors,
       guint64             limit,
       AttuneConvertFault *fault)
{
  guint64 left = limit;

  g_ptr_array_sort (tensors, compare_for_names);
  for (guint i = 0; i < tensors->len; i++)
    {
      const AttuneTorchTensor *tensor = g_ptr_array_index (tensors, i);

      if (i > 0 && compare_names (g_ptr_array_index (tensors, i - 1), tensor) == 0)
        return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TENSOR_REPEATED, "%.*s",
                                         (int) MIN (tensor->name_length, 200), tensor->name);
      if (tensor->n_elements > left / tensor->type->size)
        return attune_convert_fault_set (fault, ATTUNE_CONVERT_FAULT_TOO_LARGE, "tensors");
      left -= tensor->n_elements * tensor->type->size;
    }
  return TRUE;
}

/**
 * attune_torch_files_write:
 * @files: (array length=n_files): no name may stand in two of them
 * @limit: bytes that the tensors may take in all
 * @fd: written from where it is
 *
 * Returns: whether all was written; nothing was where a name is repeated or it is too much
 */
gboolean
attune_torch_files_write (AttuneTorchFile *const *files,
                          guint                   n_files,
                          guint64                 limit,
                          int                     fd,
                          AttuneConvertFault     *fault)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new ();
  g_autofree guint8 *buffer = g_malloc (BUFFER_SIZE);
  g_autoptr (GString) header = NULL;
  Sink sink = { .fd = fd, .buffer = buffer, .fault = fault };
  guint64 length;
  gboolean ok;

  for (guint f = 0; f < n_files; f++)
    for (guint i = 0; i < attune_torch_file_get_n_tensors (files[f]); i++)
      g_ptr_array_add (tensors, (gpointer) attune_torch_file_get_tensor (files[f], i));
  if (!check (tensors, limit, fault))
    return FALSE;

  g_ptr_array_sort (tensors, compare_for_writing);
  header = make_header (tensors);
  length = GUINT64_TO_LE ((guint64) header->len);
  ok = put (&sink, (const guint8 *) &length, sizeof length)
       && put (&sink, (const guint8 *) header->str, header->len);
  for (guint i = 0; ok && i < tensors->len; i++)
    ok = put_tensor (&sink, g_ptr_array_index (tensors, i));

  return ok && flush (&sink);
}
