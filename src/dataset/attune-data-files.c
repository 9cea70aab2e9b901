/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is given, sorted by name into train, validation and test. One file is all for training,
 * whatever it is called. Of a folder the tables in it count, or those in folders named after a part
 * (train/, test/) or called "data", as the Hugging Face Hub has them; or it is a folder with a
 * folder for each label. Nothing is read but the names. Any thread.
 */
#include "config.h"

#include "attune-data-files.h"

#include <glib/gi18n.h>
#include <string.h>

#include "attune-data-names.h"
#include "attune-folders.h"

#define MOST_ENTRIES 100000u

struct _AttuneDataFiles {
  GPtrArray *parts[ATTUNE_N_PARTS]; /* GFile */
};

G_DEFINE_BOXED_TYPE (AttuneDataFiles, attune_data_files, attune_data_files_ref,
                     attune_data_files_unref)

/* What a folder holds, sorted by name. */
typedef struct {
  GPtrArray *files[ATTUNE_N_PARTS]; /* tables whose names say the part */
  GPtrArray *others;                /* … and do not */
  GPtrArray *folders;
} Listing;

static GPtrArray *
file_array_new (void)
{
  return g_ptr_array_new_with_free_func (g_object_unref);
}

static void
listing_clear (Listing *self)
{
  for (guint i = 0; i < ATTUNE_N_PARTS; i++)
    g_clear_pointer (&self->files[i], g_ptr_array_unref);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static char *
get_display_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);

  return g_filename_display_name (base != NULL ? base : "?");
}

static gint
compare_files_cb (gconstpointer a,
                  gconstpointer b)
{
  g_autofree char *first = g_file_get_basename (G_FILE (a));
  g_autofree char *second = g_file_get_basename (G_FILE (b));

  return strcmp (first, second);
}

static void
sort_file (Listing *self,
           GFile   *file)
{
  g_autofree char *name = g_file_get_basename (file);
  gint part = attune_data_name_get_part (name);

  g_ptr_array_add (part >= 0 ? self->files[part] : self->others, g_object_ref (file));
}

static void
listing_init (Listing *self)
{
  for (guint i = 0; i < ATTUNE_N_PARTS; i++)
    self->files[i] = file_array_new ();
  self->others = file_array_new ();
  self->folders = file_array_new ();
}

static gboolean
list_folder (Listing      *self,
             GFile        *folder,
             GCancellable *cancellable,
             GError      **error)
{
  g_autoptr (GFileEnumerator) children = NULL;

  listing_init (self);
  children = g_file_enumerate_children (folder,
                                        G_FILE_ATTRIBUTE_STANDARD_NAME
                                        "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                                        G_FILE_QUERY_INFO_NONE, cancellable, error);
  if (children == NULL)
    return FALSE;
  for (guint i = 0; i < MOST_ENTRIES; i++)
    {
      GFileInfo *info;
      GFile *child;

      if (!g_file_enumerator_iterate (children, &info, &child, cancellable, error))
        return FALSE;
      if (info == NULL)
        break;
      if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY
          && *g_file_info_get_name (info) != '.')
        g_ptr_array_add (self->folders, g_object_ref (child));
      else if (g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR
               && attune_data_name_is_table (g_file_info_get_name (info)))
        sort_file (self, child);
    }
  for (guint i = 0; i < ATTUNE_N_PARTS; i++)
    g_ptr_array_sort_values (self->files[i], compare_files_cb);
  g_ptr_array_sort_values (self->others, compare_files_cb);
  g_ptr_array_sort_values (self->folders, compare_files_cb);
  return TRUE;
}

static gboolean
listing_has_parts (const Listing *self)
{
  return self->files[ATTUNE_PART_TRAIN]->len > 0 || self->files[ATTUNE_PART_VALIDATION]->len > 0
         || self->files[ATTUNE_PART_TEST]->len > 0;
}

static void
move_files (GPtrArray *to,
            GPtrArray *from)
{
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_object_ref (g_ptr_array_index (from, i)));
}

/* Files that are one part must be of one kind, and none of a numbered row may be missing. */
static gboolean
check_part (GPtrArray   *files,
            const char  *name,
            GError     **error)
{
  g_autofree char *first_kind = NULL;
  guint n_shards = 0;

  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *base = g_file_get_basename (g_ptr_array_index (files, i));
      g_autofree char *kind = attune_data_name_get_kind (base);

      n_shards = MAX (n_shards, attune_data_name_get_n_shards (base));
      if (first_kind == NULL)
        first_kind = g_steal_pointer (&kind);
      else if (!g_str_equal (kind, first_kind))
        {
          g_autofree char *first = get_display_name (g_ptr_array_index (files, 0));
          g_autofree char *other = get_display_name (g_ptr_array_index (files, i));

          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                       _("%s: %s and %s are of different kinds and may be the same texts twice; "
                         "choose the files to open"), name, first, other);
          return FALSE;
        }
    }
  if (n_shards <= files->len)
    return TRUE;
  g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
               _("%s: of the %u files that belong together only %u are here; get the others"), name,
               n_shards, files->len);
  return FALSE;
}

static gboolean find_parts (AttuneDataFiles *self,
                            GFile           *folder,
                            guint            depth,
                            GCancellable    *cancellable,
                            GError         **error);

/* Folders whose names say the part: "train/", with tables or with folders of texts in them. */
static gboolean
take_part_folders (AttuneDataFiles *self,
                   const Listing   *listing,
                   GCancellable    *cancellable,
                   GError         **error)
{
  for (guint i = 0; i < listing->folders->len; i++)
    {
      GFile *folder = g_ptr_array_index (listing->folders, i);
      g_autofree char *name = g_file_get_basename (folder);
      gint part = attune_data_name_get_part (name);
      g_auto (Listing) inside = { 0 };

      if (part < 0)
        continue;
      if (!list_folder (&inside, folder, cancellable, error))
        return FALSE;
      if (attune_folders_detect (folder, cancellable))
        g_ptr_array_add (self->parts[part], g_object_ref (folder));
      else
        {
          move_files (self->parts[part], inside.others);
          for (guint j = 0; j < ATTUNE_N_PARTS; j++)
            move_files (self->parts[part], inside.files[j]);
        }
    }
  return TRUE;
}

static guint
count_files (AttuneDataFiles *self)
{
  guint n = 0;

  for (guint i = 0; i < ATTUNE_N_PARTS; i++)
    n += self->parts[i]->len;
  return n;
}

/* A folder that is but the way to another: "data", or the only one there is. */
static gboolean
follow_folder (AttuneDataFiles *self,
               const Listing   *listing,
               const char      *name,
               guint            depth,
               GCancellable    *cancellable,
               GError         **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  GFile *next = NULL;

  for (guint i = 0; i < listing->folders->len; i++)
    {
      GFile *folder = g_ptr_array_index (listing->folders, i);
      g_autofree char *base = g_file_get_basename (folder);
      g_autofree char *shown = get_display_name (folder);

      if (g_ascii_strcasecmp (base, "data") == 0 || listing->folders->len == 1)
        next = folder;
      if (i < 5)
        g_string_append_printf (names, i == 0 ? "%s" : ", %s", shown);
    }
  if (next != NULL && depth < 3)
    return find_parts (self, next, depth + 1, cancellable, error);
  if (listing->folders->len > 1)
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                 _("%s: the folder holds several folders (%s) and no table; choose one of them"),
                 name, names->str);
  else
    g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                 _("%s: the folder holds no table of texts; choose a folder with CSV, TSV, JSON or "
                   "Parquet files, or with a folder for each label"), name);
  return FALSE;
}

static gboolean
find_parts (AttuneDataFiles *self,
            GFile           *folder,
            guint            depth,
            GCancellable    *cancellable,
            GError         **error)
{
  g_autofree char *name = get_display_name (folder);
  g_auto (Listing) listing = { 0 };

  if (!list_folder (&listing, folder, cancellable, error))
    return FALSE;
  if (!take_part_folders (self, &listing, cancellable, error))
    return FALSE;
  if (count_files (self) > 0)
    return TRUE;
  if (attune_folders_detect (folder, cancellable))
    g_ptr_array_add (self->parts[ATTUNE_PART_TRAIN], g_object_ref (folder));
  else if (listing_has_parts (&listing))
    for (guint i = 0; i < ATTUNE_N_PARTS; i++)
      move_files (self->parts[i], listing.files[i]);
  else if (listing.others->len > 0)
    move_files (self->parts[ATTUNE_PART_TRAIN], listing.others);
  else
    return follow_folder (self, &listing, name, depth, cancellable, error);
  return TRUE;
}

/* Several files that were given by name: parts if their names tell them apart. */
static void
sort_given (AttuneDataFiles  *self,
            GFile           **given,
            guint             n_given)
{
  g_auto (Listing) listing = { 0 };

  listing_init (&listing);
  for (guint i = 0; i < n_given; i++)
    sort_file (&listing, given[i]);
  if (listing.files[ATTUNE_PART_TRAIN]->len > 0 && listing.others->len == 0)
    for (guint i = 0; i < ATTUNE_N_PARTS; i++)
      move_files (self->parts[i], listing.files[i]);
  else
    for (guint i = 0; i < n_given; i++)
      g_ptr_array_add (self->parts[ATTUNE_PART_TRAIN], g_object_ref (given[i]));
}

/* There must be something to train on: what is not named so, if it is the only part. */
static gboolean
check_parts (AttuneDataFiles *self,
             const char      *name,
             GError         **error)
{
  GPtrArray **parts = self->parts;

  if (parts[ATTUNE_PART_TRAIN]->len == 0)
    {
      guint only = parts[ATTUNE_PART_VALIDATION]->len > 0 ? ATTUNE_PART_VALIDATION
                                                          : ATTUNE_PART_TEST;

      if (parts[ATTUNE_PART_VALIDATION]->len > 0 && parts[ATTUNE_PART_TEST]->len > 0)
        {
          g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                       _("%s: there are files for validation and for a test, but none for training; "
                         "choose the file to train on"), name);
          return FALSE;
        }
      move_files (parts[ATTUNE_PART_TRAIN], parts[only]);
      g_ptr_array_set_size (parts[only], 0);
    }
  for (guint i = 0; i < ATTUNE_N_PARTS; i++)
    if (!check_part (parts[i], name, error))
      return FALSE;
  return TRUE;
}

/**
 * attune_data_files_new:
 * @given: (array length=n_given): files, or one folder
 *
 * Errors are of the domains ATTUNE_DATASET_ERROR (FORMAT: a folder that holds no data, several data
 * sets, or files that do not belong together) and G_IO_ERROR.
 *
 * Returns: (transfer full): at least one file to train on, or NULL
 */
AttuneDataFiles *
attune_data_files_new (GFile        **given,
                       guint          n_given,
                       GCancellable  *cancellable,
                       GError       **error)
{
  g_autoptr (AttuneDataFiles) self = g_atomic_rc_box_new0 (AttuneDataFiles);
  g_autofree char *name = NULL;

  g_return_val_if_fail (n_given > 0, NULL);

  name = get_display_name (given[0]);
  for (guint i = 0; i < ATTUNE_N_PARTS; i++)
    self->parts[i] = file_array_new ();
  for (guint i = 0; i < n_given; i++)
    if (g_file_query_file_type (given[i], G_FILE_QUERY_INFO_NONE, cancellable)
          != G_FILE_TYPE_DIRECTORY)
      continue;
    else if (n_given == 1)
      return find_parts (self, given[0], 0, cancellable, error) && check_parts (self, name, error)
               ? g_steal_pointer (&self)
               : NULL;
    else
      {
        g_autofree char *folder = get_display_name (given[i]);

        g_set_error (error, ATTUNE_DATASET_ERROR, ATTUNE_DATASET_ERROR_FORMAT,
                     _("%s: a folder is opened by itself; choose it alone, or choose files"),
                     folder);
        return NULL;
      }
  sort_given (self, given, n_given);
  return g_steal_pointer (&self);
}

AttuneDataFiles *
attune_data_files_ref (AttuneDataFiles *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
free_parts (AttuneDataFiles *self)
{
  for (guint i = 0; i < ATTUNE_N_PARTS; i++)
    g_clear_pointer (&self->parts[i], g_ptr_array_unref);
}

void
attune_data_files_unref (AttuneDataFiles *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) free_parts);
}

GPtrArray *
attune_data_files_get_part (AttuneDataFiles *self,
                            AttunePart       part)
{
  return self->parts[part];
}

char *
attune_data_files_describe (AttuneDataFiles *self,
                            AttunePart       part)
{
  guint n = self->parts[part]->len;

  if (n == 0)
    return NULL;
  if (n == 1)
    return get_display_name (g_ptr_array_index (self->parts[part], 0));
  return g_strdup_printf (ngettext ("%u file", "%u files", n), n);
}

AttuneTable *
attune_data_files_read (AttuneDataFiles          *self,
                        AttunePart                part,
                        const AttuneTableOptions *options,
                        const AttuneProgress     *progress,
                        GCancellable             *cancellable,
                        GError                  **error)
{
  GPtrArray *files = self->parts[part];

  if (files->len == 0)
    return NULL;
  return attune_table_read_files ((GFile **) files->pdata, files->len, NULL, options, progress,
                                  cancellable, error);
}

const char *
attune_part_get_name (AttunePart part)
{
  static const char *const names[] = { "train", "validation", "test" };

  return names[part];
}
