/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AttuneTablePreview: rows exist only where they are looked at, headers say which column is which.
 */
#include "config.h"

#include "app-fixture.h"

#include "attune-table-preview.h"

static AttuneTable *
create_table (guint n_rows)
{
  g_autoptr (GString) csv = g_string_new ("words,second,kind\n");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTableOptions options = { .header = ATTUNE_HEADER_YES, .delimiter = ',' };
  AttuneTable *table;

  for (guint i = 0; i < n_rows; i++)
    g_string_append_printf (csv, "text %u,\"two\nlines\",%s\n", i, i % 2 == 0 ? "a" : "b");
  bytes = g_string_free_to_bytes (g_steal_pointer (&csv));
  table = attune_table_read_bytes (bytes, "table.csv", &options, NULL, &error);
  g_assert_no_error (error);
  return table;
}

static GtkColumnView *
get_view (GtkWidget *preview)
{
  return app_fixture_find (preview, GTK_TYPE_COLUMN_VIEW);
}

static guint
count_columns (GtkWidget *preview)
{
  return g_list_model_get_n_items (gtk_column_view_get_columns (get_view (preview)));
}

static void
assert_title (GtkWidget *preview, guint column, const char *title)
{
  g_autoptr (GtkColumnViewColumn) view_column =
    g_list_model_get_item (gtk_column_view_get_columns (get_view (preview)), column);

  g_assert_cmpstr (gtk_column_view_column_get_title (view_column), ==, title);
}

/* Widgets of one type below root. */
static guint
count_widgets (GtkWidget *root, GType type)
{
  guint n = g_type_is_a (G_OBJECT_TYPE (root), type);

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_widgets (child, type);
  return n;
}

static void
test_a_large_table_makes_few_rows (void)
{
  g_autoptr (AttuneTable) table = create_table (100000);
  AttuneColumns columns = { .text = 0, .pair = 1, .label = 2 };
  GtkWidget *window = gtk_window_new ();
  GtkWidget *preview = g_object_new (ATTUNE_TYPE_TABLE_PREVIEW, NULL);
  GListModel *rows;
  guint n_labels;

  gtk_window_set_default_size (GTK_WINDOW (window), 600, 400);
  gtk_window_set_child (GTK_WINDOW (window), preview);
  gtk_window_present (GTK_WINDOW (window));
  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), table, &columns);
  app_fixture_spin (200);
  rows = G_LIST_MODEL (gtk_column_view_get_model (get_view (preview)));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 100000);
  n_labels = count_widgets (preview, GTK_TYPE_LABEL);
  g_test_message ("%u labels for 100,000 rows", n_labels);
  g_assert_cmpuint (n_labels, >, 30);
  g_assert_cmpuint (n_labels, <, 1500);

  /* The last row is there when it is scrolled to. */
  gtk_column_view_scroll_to (get_view (preview), 99999, NULL, GTK_LIST_SCROLL_NONE, NULL);
  app_fixture_spin (100);
  g_assert_cmpuint (count_widgets (preview, GTK_TYPE_LABEL), <, 1500);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_headers_say_the_roles (void)
{
  g_autoptr (AttuneTable) table = create_table (5);
  AttuneColumns columns = { .text = 0, .pair = 1, .label = 2 };
  GtkWidget *preview = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TABLE_PREVIEW, NULL));

  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), table, &columns);
  g_assert_cmpuint (count_columns (preview), ==, 3);
  assert_title (preview, 0, "words · Text");
  assert_title (preview, 1, "second · Second Text");
  assert_title (preview, 2, "kind · Label");

  columns = (AttuneColumns) { .text = 1, .pair = -1, .label = 2 };
  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), table, &columns);
  assert_title (preview, 0, "words");
  assert_title (preview, 1, "second · Text");

  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), table, NULL);
  g_assert_cmpuint (count_columns (preview), ==, 3);
  assert_title (preview, 2, "kind");

  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), NULL, NULL);
  g_assert_cmpuint (count_columns (preview), ==, 0);
  g_assert_finalize_object (preview);
}

static void
collect_texts (GtkWidget *root, GPtrArray *texts)
{
  if (GTK_IS_LABEL (root))
    g_ptr_array_add (texts, (gpointer) gtk_label_get_text (GTK_LABEL (root)));
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_texts (child, texts);
}

static gboolean
has_text (GPtrArray *texts, const char *text)
{
  return g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL);
}

/* Where the file names its classes a person reads names; what has no name stays as it is. */
static void
test_numbers_show_the_names_of_the_file (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "fixtures", "parquet", "hub.parquet", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTable) table = attune_table_read (file, NULL, NULL, &error);
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  AttuneColumns columns = { .text = 0, .pair = -1, .label = 1 };
  GtkWidget *window = gtk_window_new ();
  GtkWidget *preview = g_object_new (ATTUNE_TYPE_TABLE_PREVIEW, NULL);

  g_assert_no_error (error);
  gtk_window_set_default_size (GTK_WINDOW (window), 900, 500);
  gtk_window_set_child (GTK_WINDOW (window), preview);
  gtk_window_present (GTK_WINDOW (window));
  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), table, &columns);
  app_fixture_spin (200);
  collect_texts (preview, texts);
  g_assert_true (has_text (texts, "negative"));
  g_assert_true (has_text (texts, "positive"));
  g_assert_true (has_text (texts, "-1"));
  g_assert_false (has_text (texts, "0"));
  g_assert_false (has_text (texts, "1"));
  g_assert_true (has_text (texts, "negative, positive"));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* The table goes with what showed it. */
static void
test_nothing_keeps_the_table (void)
{
  AttuneTable *table = create_table (1000);
  AttuneColumns columns = { .text = 0, .pair = -1, .label = 2 };
  GtkWidget *preview = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TABLE_PREVIEW, NULL));

  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), table, &columns);
  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), NULL, NULL);
  g_assert_finalize_object (table);
  g_assert_finalize_object (preview);

  table = create_table (10);
  preview = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TABLE_PREVIEW, NULL));
  attune_table_preview_show (ATTUNE_TABLE_PREVIEW (preview), table, &columns);
  g_assert_finalize_object (preview);
  g_assert_finalize_object (table);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/table-preview/few-rows", test_a_large_table_makes_few_rows);
  g_test_add_func ("/table-preview/headers", test_headers_say_the_roles);
  g_test_add_func ("/table-preview/names-of-the-file", test_numbers_show_the_names_of_the_file);
  g_test_add_func ("/table-preview/nothing-kept", test_nothing_keeps_the_table);
  return app_fixture_run ();
}
