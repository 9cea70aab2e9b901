/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a file to a table: its bytes, what they are packed with, their encoding, and then the reader
 * of the format that was asked for or that first knows the text for its own. Any thread.
 */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-folders.h"
#include "attune-reader.h"
#include "attune-table-join.h"
#include "attune-table-private.h"

/* In the order in which they are asked; any text is delimited text. */
static const AttuneReader *const readers[] = {
  &attune_reader_fasttext,    &attune_reader_json_lines, &attune_reader_json,
  &attune_reader_label_first, &attune_reader_delimited,
};

static void
note_free (AttuneNote *note)
{
  g_free (note->message);
  g_free (note);
}

void
attune_reading_clear (AttuneReading *self)
{
  attune_source_clear (&self->source);
  g_clear_pointer (&self->encoding, g_free);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
}

void
attune_reading_add_note (AttuneReading *self,
                         const char    *code,
                         char          *message)
{
  AttuneNote *note = g_new (AttuneNote, 1);

  *note = (AttuneNote) { code, message };
  if (self->notes == NULL)
    self->notes = g_ptr_array_new_with_free_func ((GDestroyNotify) note_free);
  g_ptr_array_add (self->notes, note);
}

/* Files that are often opened for a table and are none. */
static gboolean
refuse_known_format (const AttuneSource *source,
                     const char         *name,
                     GError            **error)
{
  static const struct {
    const char *magic;
    gsize size;
    const char *what;
  } formats[] = {
    { "PK\003\004", 4, N_("a spreadsheet or another packed file; save it as CSV") },
    { "\320\317\021\340", 4, N_("an old spreadsheet; save it as CSV") },
    { "BZh", 3, N_("compressed with bzip2; unpack it") },
    { "\3757zXZ", 5, N_("compressed with xz; unpack it") },
    { "\004\042\115\030", 4, N_("compressed with LZ4; unpack it") },
    { "7z\274\257\047\034", 6, N_("a 7-Zip archive; unpack it") },
    { "Rar!", 4, N_("a RAR archive; unpack it") },
    { "%PDF", 4, N_("a PDF document; export its table as CSV") },
    { "SQLite format 3", 15, N_("a database; export its table as CSV") },
    { "\211PNG", 4, N_("a picture; choose a file with texts") },
    { "\177ELF", 4, N_("a program; choose a file with texts") },
    { "version https://git-lfs", 23, N_("only a pointer to a file that was not downloaded; run "
                                        "“git lfs pull”") },
  };

  /* The mark of a tar archive is not at its beginning. */
  if (source->length >= 262 && memcmp (source->data + 257, "ustar", 5) == 0)
    {
      g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                   _("%s: this is a tar archive; unpack it and open the folder"), name);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (source->length >= formats[i].size
        && memcmp (source->data, formats[i].magic, formats[i].size) == 0)
      {
        g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                     _("%s: this is not a table of texts but %s"), name, _(formats[i].what));
        return FALSE;
      }
  return TRUE;
}

static const AttuneReader *
choose_reader (const AttuneReading *reading)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (reading->options.format == ATTUNE_FORMAT_DETECT ? readers[i]->detect (reading)
                                                        : readers[i]->format
                                                            == reading->options.format)
      return readers[i];
  return NULL;
}

/* Delimiter, quoting and header are of delimited text: who asks for one of them means that. */
static gboolean
wants_delimited (const AttuneTableOptions *options)
{
  return options->format == ATTUNE_FORMAT_DETECT
         && (options->delimiter != 0 || options->quoting != ATTUNE_QUOTING_DETECT
             || options->header != ATTUNE_HEADER_DETECT);
}

/* A head ends with a whole line, in UTF-16 too. */
static void
cut_head (AttuneSource *source)
{
  gsize length = source->length;

  while (length > 0 && source->data[length - 1] != '\n')
    length--;
  if (length == 0)
    return;
  if (length < source->length && source->data[length] == '\0')
    length++;
  source->length = length;
  source->data[length] = '\0';
}

/* The bytes that are there become UTF-8. */
static gboolean
decode (AttuneReading *reading,
        GError       **error)
{
  gboolean guessed = FALSE;

  if (!attune_source_to_utf8 (&reading->source, reading->name, &reading->encoding, &guessed,
                              reading->cancellable, error))
    return FALSE;
  reading->options.encoding = reading->encoding;
  if (guessed)
    attune_reading_add_note (reading, "encoding-guessed",
                             g_strdup_printf (_("The file is not UTF-8; it is read as %s, which is "
                                                "a guess: look at the letters with accents, and "
                                                "choose another encoding if they are wrong"),
                                              reading->encoding));
  return TRUE;
}

/* Bytes that are to become text: whose it is. */
static const AttuneReader *
choose_text_reader (AttuneReading *reading,
                    GError       **error)
{
  const AttuneReader *reader;

  if (!refuse_known_format (&reading->source, reading->name, error))
    return NULL;
  if (reading->is_head)
    cut_head (&reading->source);
  if (!decode (reading, error))
    return NULL;

  if (wants_delimited (&reading->options))
    reading->options.format = ATTUNE_FORMAT_DELIMITED;
  reader = choose_reader (reading);
  if (reader == NULL)
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                 _("%s: the file is text and not of the format that was asked for; choose "
                   "another format"), reading->name);
  return reader;
}

/* Whether the bytes are not text at all, or are asked to be read as such. */
static gboolean
is_parquet (const AttuneReading *reading)
{
  return reading->options.format == ATTUNE_FORMAT_PARQUET
         || (reading->options.format == ATTUNE_FORMAT_DETECT
             && attune_reader_parquet.detect (reading));
}

/* Of a source that holds the bytes of the file. */
static AttuneTable *
read_source (AttuneReading *reading,
             GError       **error)
{
  g_autoptr (AttuneTable) table = NULL;
  const AttuneReader *reader = &attune_reader_parquet;

  reading->encoding = g_strdup (reading->options.encoding);
  reading->options.encoding = reading->encoding;
  reading->n_bytes = reading->source.length;
  if (!attune_source_unpack (&reading->source, reading->name, reading->is_head, reading->cancellable,
                             error))
    return NULL;
  if (!is_parquet (reading))
    reader = choose_text_reader (reading, error);
  /* What is in such a file stands at its end, to which one must be able to go. */
  else if (reading->is_head && g_file_peek_path (reading->file) == NULL)
    return attune_table_read (reading->file, &reading->options, reading->cancellable, error);
  if (reader == NULL)
    return NULL;
  reading->options.format = reader->format;
  table = reader->read (reading, error);
  if (table == NULL)
    return NULL;
  if (reader != &attune_reader_delimited)
    {
      reading->options.quoting = ATTUNE_QUOTING_NONE;
      reading->options.header = ATTUNE_HEADER_NO;
    }

  g_set_object (&table->file, reading->file);
  g_set_str (&table->sha256, attune_source_get_sha256 (&reading->source));
  table->n_bytes = reading->n_bytes;
  table->options = reading->options;
  g_free (table->encoding);
  table->encoding = g_steal_pointer (&reading->encoding);
  table->options.encoding = table->encoding;
  table->notes = g_steal_pointer (&reading->notes);
  table->is_head = reading->is_head;
  return g_steal_pointer (&table);
}

static char *
get_display_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);

  return g_filename_display_name (base != NULL ? base : "?");
}

static AttuneTable *
read_file (GFile                    *file,
           const AttuneTableOptions *options,
           const AttuneProgress     *progress,
           GCancellable             *cancellable,
           GError                  **error)
{
  g_auto (AttuneReading) reading = { 0 };
  g_autofree char *name = get_display_name (file);
  AttuneProgress loading = attune_progress_part (progress, 0, 0.3);
  AttuneProgress parsing = attune_progress_part (progress, 0.3, 1);

  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, cancellable) == G_FILE_TYPE_DIRECTORY)
    return attune_folders_read (file, name, options, progress, cancellable, error);

  reading.name = name;
  reading.file = file;
  reading.cancellable = cancellable;
  reading.progress = &parsing;
  if (options != NULL)
    reading.options = *options;
  if (!attune_source_read (&reading.source, file, name, &loading, cancellable, error))
    return NULL;
  return read_source (&reading, error);
}

/**
 * attune_table_read:
 * @file: a file, or a folder with a folder for each label and a file for each text
 * @options: (nullable): what is known of the file; what is not is detected
 *
 * Reads a whole file. Errors are of the domains ATTUNE_DATASET_ERROR and G_IO_ERROR and name the
 * file, and the line and column where there is one.
 *
 * Returns: (transfer full): the table, with one row or more, or NULL
 */
AttuneTable *
attune_table_read (GFile                    *file,
                   const AttuneTableOptions *options,
                   GCancellable             *cancellable,
                   GError                  **error)
{
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  return read_file (file, options, NULL, cancellable, error);
}

/**
 * attune_table_read_files:
 * @files: (array length=n_files): one or more
 * @source_name: (nullable): what to call them together
 * @progress: (nullable): is told how far it has come, on this thread
 *
 * As attune_table_read(), of files that are one table in pieces: they have the same columns, in any
 * order where the files name them. Each row knows its file and its line there.
 */
AttuneTable *
attune_table_read_files (GFile                   **files,
                         guint                     n_files,
                         const char               *source_name,
                         const AttuneTableOptions *options,
                         const AttuneProgress     *progress,
                         GCancellable             *cancellable,
                         GError                  **error)
{
  g_autoptr (AttuneTableJoin) join = NULL;
  AttuneTableOptions used = { 0 };

  g_return_val_if_fail (n_files > 0, NULL);

  if (n_files == 1)
    return read_file (files[0], options, progress, cancellable, error);
  if (options != NULL)
    used = *options;
  join = attune_table_join_new ();
  for (guint i = 0; i < n_files; i++)
    {
      AttuneProgress part = attune_progress_part (progress, (double) i / n_files,
                                                  (i + 1.0) / n_files);
      g_autoptr (AttuneTable) table = read_file (files[i], &used, &part, cancellable, error);

      if (table == NULL || !attune_table_join_add (join, g_steal_pointer (&table), error))
        return NULL;
      /* A piece is too small to tell whether it has a header; the first one says it for all. */
      if (i == 0)
        attune_table_join_expect (join, &used);
    }
  return attune_table_join_end (g_steal_pointer (&join), source_name);
}

/**
 * attune_table_read_head:
 * @n_bytes: how much of the file to look at
 *
 * The first rows of a file, at once however long it is: for a preview. What is detected may differ
 * from what the whole file tells. attune_table_is_head() tells whether it is but the beginning.
 */
AttuneTable *
attune_table_read_head (GFile                    *file,
                        const AttuneTableOptions *options,
                        gsize                     n_bytes,
                        GCancellable             *cancellable,
                        GError                  **error)
{
  g_auto (AttuneReading) reading = { 0 };
  g_autofree char *name = get_display_name (file);
  gboolean is_whole = FALSE;

  reading.name = name;
  reading.file = file;
  reading.cancellable = cancellable;
  if (options != NULL)
    reading.options = *options;
  if (!attune_source_read_head (&reading.source, file, name, n_bytes, &is_whole, cancellable,
                                error))
    return NULL;
  reading.is_head = !is_whole;
  return read_source (&reading, error);
}

/**
 * attune_table_read_bytes:
 * @source_name: how messages call it
 *
 * As attune_table_read(), of bytes that are in memory; attune_table_get_file() is NULL then.
 */
AttuneTable *
attune_table_read_bytes (GBytes                   *bytes,
                         const char               *source_name,
                         const AttuneTableOptions *options,
                         GCancellable             *cancellable,
                         GError                  **error)
{
  g_auto (AttuneReading) reading = { 0 };
  g_autofree char *name = g_filename_display_name (source_name);

  g_return_val_if_fail (bytes != NULL && source_name != NULL, NULL);

  reading.name = name;
  reading.cancellable = cancellable;
  if (options != NULL)
    reading.options = *options;
  if (!attune_source_copy (&reading.source, bytes, name, cancellable, error))
    return NULL;
  return read_source (&reading, error);
}
