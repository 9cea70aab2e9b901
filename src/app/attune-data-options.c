/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneDataOptions: drop-downs that show what was detected and pass on what is chosen.
 */
#include "config.h"

#include "attune-data-options.h"

#include <glib/gi18n.h>

#include "attune-validation-choice.h"

struct _AttuneDataOptions
{
  AdwBin parent_instance;

  GtkLabel *file_name;
  GtkLabel *file_size;
  GtkLabel *parts;     /* hidden for a file alone */
  GtkDropDown *format;
  GtkDropDown *encoding;
  GtkDropDown *delimiter;
  GtkDropDown *quoting;
  GtkCheckButton *header;
  GtkDropDown *text;
  GtkDropDown *label;
  GtkMenuButton *label_columns;
  GtkBox *column_checks;
  GtkDropDown *task;
  GtkDropDown *pair;
  AttuneValidationChoice *validation;
  GtkWidget *reading;  /* strips: insensitive for a run that has started */
  GtkWidget *roles;

  AttuneProject *project;
  gboolean updating;
  guint update_source;
};

G_DEFINE_FINAL_TYPE (AttuneDataOptions, attune_data_options, ADW_TYPE_BIN)

/* Behind them, should a file be of yet another encoding, is that one. */
static const char * const encodings[] = {
  "UTF-8",        "UTF-16LE",     "UTF-16BE",     "WINDOWS-1252", "ISO-8859-1",   "ISO-8859-15",
  "WINDOWS-1250", "ISO-8859-2",   "WINDOWS-1251", "KOI8-R",       "IBM866",       "WINDOWS-1253",
  "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "TIS-620",
  "GB18030",      "BIG5",         "SHIFT_JIS",    "EUC-JP",       "EUC-KR",
};
/* In the order of the .ui, as those below. */
static const AttuneFormat formats[] = { ATTUNE_FORMAT_DELIMITED,  ATTUNE_FORMAT_LABEL_FIRST,
                                        ATTUNE_FORMAT_FASTTEXT,   ATTUNE_FORMAT_JSON_LINES,
                                        ATTUNE_FORMAT_JSON,       ATTUNE_FORMAT_PARQUET,
                                        ATTUNE_FORMAT_FOLDERS };
static const char delimiters[] = { ',', '\t', ';', '|', ':', '^', '~', '\x1f', '\x01' };
static const AttuneQuoting quotings[] = { ATTUNE_QUOTING_RFC4180, ATTUNE_QUOTING_NONE };
#define MOST_CHECKS 500 /* columns to choose label columns from */
#define MOST_NAMES 3    /* of a part's files */

static void
fill_encodings (GtkDropDown *drop_down, const char *encoding)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      gtk_string_list_append (names, encodings[i]);
      if (encoding != NULL && g_ascii_strcasecmp (encodings[i], encoding) == 0)
        selected = i;
    }
  if (encoding != NULL && selected == GTK_INVALID_LIST_POSITION)
    {
      gtk_string_list_append (names, encoding);
      selected = G_N_ELEMENTS (encodings);
    }
  gtk_drop_down_set_model (drop_down, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (drop_down, selected);
}

/* NULL if none is chosen. */
static const char *
get_encoding (AttuneDataOptions *self)
{
  GtkStringObject *item = gtk_drop_down_get_selected_item (self->encoding);

  return item != NULL ? gtk_string_object_get_string (item) : NULL;
}

/* Names of all columns; with a first entry for none when it may be none. */
static void
fill_columns (GtkDropDown *drop_down, AttuneTable *table, gboolean optional, gint selected)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  if (optional)
    gtk_string_list_append (names, _("None"));
  for (guint i = 0; i < attune_table_get_n_columns (table); i++)
    gtk_string_list_append (names, attune_table_get_column_name (table, i));
  gtk_drop_down_set_model (drop_down, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (drop_down, selected >= 0 ? (guint) selected + optional
                                         : optional    ? 0
                                                       : GTK_INVALID_LIST_POSITION);
}

/* The entries of the task drop-down, and what stands between labels then. */
enum {
  TASK_SINGLE,
  TASK_COMMA,
  TASK_SEMICOLON,
  TASK_BAR,
  TASK_LIST,
  TASK_COLUMNS,
};
static const char separators[] = { '\0', ',', ';', '|', ATTUNE_LIST_SEPARATOR, '\0' };

static guint
find_task (const AttuneColumns *columns)
{
  if (columns == NULL || columns->task == ATTUNE_TASK_SINGLE_LABEL)
    return TASK_SINGLE;
  if (columns->n_more > 0)
    return TASK_COLUMNS;
  for (guint i = TASK_COMMA; i <= TASK_LIST; i++)
    {
      if (separators[i] == columns->separator)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static gboolean
is_label_column (const AttuneColumns *columns, gint column)
{
  for (guint i = 0; i < columns->n_more; i++)
    {
      if (columns->more[i] == column)
        return TRUE;
    }
  return columns->label == column;
}

/* One check a column, for labels that have a column each. */
static void
update_label_columns (AttuneDataOptions *self, AttuneTable *table, const AttuneColumns *columns)
{
  guint n = columns->n_more + 1;
  g_autofree char *words = g_strdup_printf (ngettext ("%u column", "%u columns", n), n);
  GtkWidget *child;

  gtk_menu_button_set_label (self->label_columns, words);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->column_checks))) != NULL)
    gtk_box_remove (self->column_checks, child);
  for (guint i = 0; i < MIN (attune_table_get_n_columns (table), MOST_CHECKS); i++)
    {
      GtkWidget *check = gtk_check_button_new_with_label (attune_table_get_column_name (table, i));

      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), is_label_column (columns, (gint) i));
      gtk_widget_set_sensitive (check, columns->text != (gint) i && columns->pair != (gint) i);
      gtk_box_append (self->column_checks, check);
    }
}

static void
update_task (AttuneDataOptions *self, AttuneTable *table, const AttuneColumns *columns)
{
  guint task = find_task (columns);

  gtk_drop_down_set_selected (self->task, task);
  gtk_widget_set_visible (GTK_WIDGET (self->label), task != TASK_COLUMNS);
  gtk_widget_set_visible (GTK_WIDGET (self->label_columns), task == TASK_COLUMNS);
  if (task == TASK_COLUMNS)
    update_label_columns (self, table, columns);
}

/* Known by their bytes, not by a reading of text; there is nothing to choose. */
static gboolean
is_fixed (AttuneFormat format)
{
  return format == ATTUNE_FORMAT_PARQUET || format == ATTUNE_FORMAT_FOLDERS;
}

static char *
get_display_name (GFile *file)
{
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : NULL;

  return name != NULL ? g_filename_display_name (name) : g_strdup ("");
}

/* What was opened, as a person calls it. */
static char *
describe_given (AttuneProject *project)
{
  guint n = attune_project_get_given (project) != NULL ? attune_project_get_given (project)->len : 0;

  return n > 1 ? g_strdup_printf (ngettext ("%u file", "%u files", n), n)
               : get_display_name (attune_project_get_file (project));
}

/* "a.csv, b.csv, c.csv and 2 more"; NULL if there is no such part. */
static char *
list_part (AttuneDataFiles *files, AttunePart part)
{
  GPtrArray *list = attune_data_files_get_part (files, part);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;
  g_autofree char *joined = NULL;

  if (list->len == 0)
    return NULL;
  for (guint i = 0; i < MIN (list->len, MOST_NAMES); i++)
    g_strv_builder_take (builder, get_display_name (g_ptr_array_index (list, i)));
  names = g_strv_builder_end (builder);
  joined = g_strjoinv (", ", names);
  if (list->len <= MOST_NAMES)
    return g_steal_pointer (&joined);
  /* Translators: names of files, and how many there are besides */
  return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", list->len - MOST_NAMES),
                          joined, list->len - MOST_NAMES);
}

/* Where more than one file came, which is used for what. */
static void
update_parts (AttuneDataOptions *self)
{
  AttuneDataFiles *files = attune_project_get_data_files (self->project);
  gboolean validates = attune_project_get_use_named_validation (self->project)
                       && attune_project_get_validation_file (self->project) == NULL;
  const char * const formats_of_parts[ATTUNE_N_PARTS] = {
    _("To learn from: %s"),
    validates ? _("To check with: %s") : _("Not used: %s"),
    _("Left for a test: %s"),
  };
  g_autoptr (GString) words = g_string_new (NULL);
  guint n = 0;

  for (guint part = 0; files != NULL && part < ATTUNE_N_PARTS; part++)
    {
      g_autofree char *names = list_part (files, part);
      g_autofree char *line = names != NULL ? g_strdup_printf (formats_of_parts[part], names) : NULL;

      n += attune_data_files_get_part (files, part)->len;
      if (line != NULL)
        g_string_append_printf (words, "%s%s", words->len > 0 ? "\n" : "", line);
    }
  gtk_label_set_text (self->parts, words->str);
  gtk_widget_set_visible (GTK_WIDGET (self->parts), n > 1);
}

static void
update (AttuneDataOptions *self)
{
  AttuneTable *table = attune_project_get_table (self->project);
  AttuneDataset *dataset = attune_project_get_dataset (self->project);
  gboolean editable = attune_project_get_editable (self->project);
  g_autofree char *name = describe_given (self->project);

  self->updating = TRUE;
  gtk_label_set_text (self->file_name, name);
  update_parts (self);
  gtk_widget_set_sensitive (self->reading, editable);
  gtk_widget_set_sensitive (self->roles, editable && table != NULL);
  if (table != NULL)
    {
      const AttuneTableOptions *options = attune_table_get_options (table);
      const AttuneColumns *columns = dataset != NULL || attune_table_is_head (table)
                                       ? attune_project_get_columns (self->project) : NULL;
      guint n_rows = attune_table_get_n_rows (table);
      gboolean is_delimited = options->format == ATTUNE_FORMAT_DELIMITED;
      g_autofree char *bytes = g_format_size (attune_table_get_n_bytes (table));
      g_autofree char *size = g_strdup_printf (ngettext ("%'u row · %s", "%'u rows · %s", n_rows),
                                               n_rows, bytes);

      gtk_label_set_text (self->file_size, attune_table_is_head (table) ? "" : size);
      for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
        {
          if (formats[i] == options->format)
            gtk_drop_down_set_selected (self->format, i);
        }
      fill_encodings (self->encoding, options->encoding);
      gtk_drop_down_set_selected (self->delimiter, GTK_INVALID_LIST_POSITION);
      for (guint i = 0; i < G_N_ELEMENTS (delimiters); i++)
        {
          if (delimiters[i] == options->delimiter)
            gtk_drop_down_set_selected (self->delimiter, i);
        }
      gtk_widget_set_visible (GTK_WIDGET (self->delimiter), is_delimited);
      gtk_widget_set_visible (GTK_WIDGET (self->quoting), is_delimited);
      gtk_widget_set_visible (GTK_WIDGET (self->header), is_delimited);
      gtk_widget_set_sensitive (GTK_WIDGET (self->format), !is_fixed (options->format));
      gtk_widget_set_sensitive (GTK_WIDGET (self->encoding),
                                options->format != ATTUNE_FORMAT_PARQUET);
      gtk_drop_down_set_selected (self->quoting, options->quoting == ATTUNE_QUOTING_NONE);
      gtk_check_button_set_active (self->header, options->header == ATTUNE_HEADER_YES);
      fill_columns (self->text, table, FALSE, columns != NULL ? columns->text : -1);
      fill_columns (self->label, table, FALSE, columns != NULL ? columns->label : -1);
      fill_columns (self->pair, table, TRUE, columns != NULL ? columns->pair : -1);
      update_task (self, table, columns);
    }
  self->updating = FALSE;
}

/* Of the file: read it again. */
static void
reading_changed_cb (AttuneDataOptions *self)
{
  AttuneTable *table = self->project != NULL ? attune_project_get_table (self->project) : NULL;
  guint delimiter = gtk_drop_down_get_selected (self->delimiter);
  AttuneTableOptions options;

  if (self->updating || self->project == NULL)
    return;
  options = (AttuneTableOptions) {
    .delimiter = delimiter < G_N_ELEMENTS (delimiters) ? delimiters[delimiter]
                 : table != NULL ? attune_table_get_options (table)->delimiter
                                 : '\0',
    .quoting = quotings[gtk_drop_down_get_selected (self->quoting)],
    .header = gtk_check_button_get_active (self->header) ? ATTUNE_HEADER_YES : ATTUNE_HEADER_NO,
    .encoding = get_encoding (self),
  };
  /* Only delimited text has them. */
  if (table != NULL && attune_table_get_options (table)->format != ATTUNE_FORMAT_DELIMITED)
    options = (AttuneTableOptions) { .format = attune_table_get_options (table)->format,
                                     .encoding = options.encoding };
  /* After a failed reading only the encoding is a choice; the rest is still to be detected. */
  if (table == NULL)
    options = (AttuneTableOptions) { .encoding = options.encoding };
  attune_project_set_table_options (self->project, &options);
}

/* How to read text of another format is yet to be detected. */
static void
format_changed_cb (AttuneDataOptions *self)
{
  guint format = gtk_drop_down_get_selected (self->format);
  AttuneTableOptions options = { .encoding = get_encoding (self) };

  if (self->updating || self->project == NULL || format >= G_N_ELEMENTS (formats))
    return;
  options.format = formats[format];
  attune_project_set_table_options (self->project, &options);
}

static void
columns_changed_cb (AttuneDataOptions *self)
{
  guint text = gtk_drop_down_get_selected (self->text);
  guint label = gtk_drop_down_get_selected (self->label);
  guint pair = gtk_drop_down_get_selected (self->pair);
  AttuneDataset *dataset = self->project != NULL ? attune_project_get_dataset (self->project) : NULL;
  AttuneColumns columns = dataset != NULL ? *attune_dataset_get_columns (dataset)
                                          : ATTUNE_COLUMNS_GUESS;

  if (self->updating || self->project == NULL)
    return;
  /* Of another column it must be found out anew how many labels a cell holds. */
  if (columns.n_more == 0 && label != GTK_INVALID_LIST_POSITION && columns.label != (gint) label)
    {
      columns.label = (gint) label;
      columns.task = ATTUNE_TASK_DETECT;
      columns.separator = '\0';
    }
  columns.text = text == GTK_INVALID_LIST_POSITION ? -1 : (gint) text;
  columns.pair = pair == GTK_INVALID_LIST_POSITION ? -1 : (gint) pair - 1;
  attune_project_set_columns (self->project, &columns);
}

/* How many labels a text has, and how they are written. */
static void
task_changed_cb (AttuneDataOptions *self)
{
  AttuneDataset *dataset = self->project != NULL ? attune_project_get_dataset (self->project) : NULL;
  guint task = gtk_drop_down_get_selected (self->task);
  AttuneColumns columns;

  if (self->updating || dataset == NULL || task == GTK_INVALID_LIST_POSITION)
    return;
  columns = *attune_dataset_get_columns (dataset);
  columns.n_more = 0;
  columns.separator = separators[task];
  columns.task = task == TASK_SINGLE ? ATTUNE_TASK_SINGLE_LABEL : ATTUNE_TASK_MULTI_LABEL;
  if (task == TASK_COLUMNS)
    columns.label = -1;
  attune_project_set_columns (self->project, &columns);
}

static void
label_columns_closed_cb (AttuneDataOptions *self)
{
  AttuneDataset *dataset = self->project != NULL ? attune_project_get_dataset (self->project) : NULL;
  AttuneColumns columns;
  gboolean changed = FALSE;
  gint column = 0;

  if (self->updating || dataset == NULL)
    return;
  columns = *attune_dataset_get_columns (dataset);
  columns.label = -1;
  columns.n_more = 0;
  for (GtkWidget *check = gtk_widget_get_first_child (GTK_WIDGET (self->column_checks));
       check != NULL; check = gtk_widget_get_next_sibling (check), column++)
    {
      gboolean active = gtk_check_button_get_active (GTK_CHECK_BUTTON (check));

      changed = changed
                || active != is_label_column (attune_dataset_get_columns (dataset), column);
      if (active && columns.label < 0)
        columns.label = column;
      else if (active && columns.n_more < G_N_ELEMENTS (columns.more))
        columns.more[columns.n_more++] = column;
    }
  if (!changed)
    return;
  /* One column alone is a column of labels again. */
  if (columns.n_more == 0)
    columns.task = ATTUNE_TASK_DETECT;
  attune_project_set_columns (self->project, &columns);
}

static void
update_cb (gpointer user_data)
{
  AttuneDataOptions *self = ATTUNE_DATA_OPTIONS (user_data);

  self->update_source = 0;
  update (self);
}

/* Not at once: a drop-down that is telling its choice must not lose its list meanwhile. */
static void
queue_update (AttuneDataOptions *self)
{
  if (self->update_source == 0)
    self->update_source = g_idle_add_once (update_cb, self);
}

/* While data is read the drop-downs keep what was chosen last, until its first rows are there. */
static void
loading_changed_cb (AttuneDataOptions *self)
{
  AttuneTable *table = attune_project_get_table (self->project);

  if (!attune_project_get_loading (self->project))
    update (self);
  else if (table != NULL && attune_table_is_head (table))
    queue_update (self);
}

void
attune_data_options_set_project (AttuneDataOptions *self, AttuneProject *project)
{
  if (self->project == project)
    return;
  if (self->project != NULL)
    g_signal_handlers_disconnect_by_data (self->project, self);
  g_clear_handle_id (&self->update_source, g_source_remove);
  g_set_object (&self->project, project);
  if (self->validation != NULL)
    attune_validation_choice_set_project (self->validation, project);
  if (project == NULL)
    return;
  g_signal_connect_object (project, "notify::loading", G_CALLBACK (loading_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::table", G_CALLBACK (loading_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::editable", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
attune_data_options_dispose (GObject *object)
{
  attune_data_options_set_project (ATTUNE_DATA_OPTIONS (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DATA_OPTIONS);
  G_OBJECT_CLASS (attune_data_options_parent_class)->dispose (object);
}

static void
attune_data_options_class_init (AttuneDataOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_data_options_dispose;
  g_type_ensure (ATTUNE_TYPE_VALIDATION_CHOICE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCE_BASE "/ui/attune-data-options.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, file_name);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, file_size);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, parts);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, format);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, encoding);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, delimiter);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, quoting);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, header);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, text);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, label);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, label_columns);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, column_checks);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, task);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, pair);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, validation);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, reading);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataOptions, roles);
  gtk_widget_class_bind_template_callback (widget_class, reading_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, format_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, columns_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, task_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, label_columns_closed_cb);
}

/* A drop-down takes its value for its name unless it is told otherwise once it is whole. */
static void
set_name (GtkDropDown *drop_down, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
}

static void
attune_data_options_init (AttuneDataOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_encodings (self->encoding, NULL);
  set_name (self->format, _("Format"));
  set_name (self->encoding, _("Encoding"));
  set_name (self->delimiter, _("Delimiter"));
  set_name (self->quoting, _("Quotes"));
  set_name (self->text, _("Text column"));
  set_name (self->label, _("Label column"));
  set_name (self->task, _("Labels of a text"));
  set_name (self->pair, _("Second text column"));
}
