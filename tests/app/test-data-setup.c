/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data and Setup pages: what they say of a draft, and that choices made there reach it.
 */
#include "config.h"

#include "app-fixture.h"

#include <string.h>

#include "attune-charts.h"
#include "attune-data-options.h"
#include "attune-data-page.h"
#include "attune-label-editor.h"
#include "attune-length-table.h"
#include "attune-setting-row.h"
#include "attune-setup-page.h"

typedef struct
{
  AttuneTrainer *trainer;
  AttuneProject *project;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

/* project: (transfer full) */
static void
show (Fixture *f, GType type, AttuneProject *project)
{
  f->project = project;
  f->page = g_object_ref_sink (g_object_new (type, "project", project, NULL));
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1000, 800);
  gtk_window_set_child (GTK_WINDOW (f->window), f->page);
  gtk_window_present (GTK_WINDOW (f->window));
  app_fixture_wait_loaded (project);
  app_fixture_spin (50);
}

static void
tear_down (Fixture *f)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  app_fixture_release (f->page);
  app_fixture_end (f->trainer, f->project);
}

static void
show_data (Fixture *f, const char *name, const char *content)
{
  g_autoptr (GFile) file = content != NULL ? app_fixture_write_file (name, content, -1)
                                           : app_fixture_get_sample ();

  f->trainer = attune_trainer_new (NULL);
  show (f, ATTUNE_TYPE_DATA_PAGE, attune_project_new_for_file (f->trainer, file));
}

static const char *
get_preview (Fixture *f)
{
  return gtk_stack_get_visible_child_name (app_fixture_get_child (f->page, "preview_stack"));
}

static gpointer
get_option (Fixture *f, const char *id)
{
  return app_fixture_get_child (app_fixture_get_child (f->page, "options"), id);
}

static void
test_the_sample_is_described (void)
{
  GtkListBox *findings;
  guint n = 0, cut;
  Fixture f;

  show_data (&f, NULL, NULL);
  attune_project_set_model (f.project, APP_FIXTURE_MODEL);
  app_fixture_wait_loaded (f.project);
  g_assert_cmpstr (get_preview (&f), ==, "preview");
  findings = app_fixture_get_child (f.page, "findings");
  while (gtk_list_box_get_row_at_index (findings, (int) n) != NULL)
    n++;
  g_assert_cmpuint (n, >=, attune_project_get_findings (f.project)->len);
  g_assert_cmpstr (app_fixture_get_words (f.page, "blocking"), ==, "");
  g_assert_nonnull (strstr (app_fixture_get_words (f.page, "counts"), "texts to learn from"));
  g_assert_true (g_str_has_prefix (app_fixture_get_words (f.page, "length_summary"), "median "));
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (f.page, "charts")));
  g_assert_cmpstr (gtk_label_get_text (get_option (&f, "file_name")), ==, "remarks.csv");
  g_assert_true (gtk_test_accessible_has_property (app_fixture_get_child (f.page, "labels"),
                                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));

  /* The line in the histogram and the setting are one. */
  g_object_set (app_fixture_get_child (f.page, "histogram"), "cut", 24, NULL);
  g_assert_cmpint (attune_train_config_get_int (attune_project_get_config (f.project), "max_length"), ==, 24);
  app_fixture_set (f.project, "max_length", "32", NULL);
  g_object_get (app_fixture_get_child (f.page, "histogram"), "cut", &cut, NULL);
  g_assert_cmpuint (cut, ==, 32);
  tear_down (&f);
}

static char *
get_cell (GListModel *model, guint row, const char *property)
{
  g_autoptr (GObject) item = g_list_model_get_item (model, row);
  char *text;

  g_assert_nonnull (item);
  g_object_get (item, property, &text, NULL);
  return text;
}

/* The numbers of the histogram for those who do not see it. */
static void
test_lengths_are_also_a_table (void)
{
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (guint));
  const guint some[] = { 3, 8, 9, 16, 17, 40, 40, 40, 40, 65535 };
  static const char * const cells[][4] = {
    { "1–8", "2", "100.0 %", "100.0 %" },
    { "1–256", "9", "90.0 %", "90.0 %" },
  };

  for (guint n = 2; n <= G_N_ELEMENTS (some); n += 8)
    {
      AdwDialog *dialog;
      GListModel *model;
      g_autofree char *tokens = NULL, *texts = NULL, *share = NULL, *up_to = NULL;
      const char * const *want = cells[n == G_N_ELEMENTS (some)];

      g_array_set_size (lengths, 0);
      g_array_append_vals (lengths, some, n);
      dialog = g_object_ref_sink (attune_length_table_new (lengths));
      model = G_LIST_MODEL (gtk_column_view_get_model (app_fixture_get_child (dialog, "view")));
      g_assert_cmpuint (g_list_model_get_n_items (model), ==, n == 2 ? 1 : 2);
      tokens = get_cell (model, 0, "tokens");
      texts = get_cell (model, 0, "texts");
      share = get_cell (model, 0, "share");
      up_to = get_cell (model, 0, "up-to");
      g_assert_cmpstr (tokens, ==, want[0]);
      g_assert_cmpstr (texts, ==, want[1]);
      g_assert_cmpstr (share, ==, want[2]);
      g_assert_cmpstr (up_to, ==, want[3]);
      app_fixture_release (dialog);
    }
}

static void
test_choices_reach_the_draft (void)
{
  Fixture f;

  show_data (&f, "choices.csv", "words,more;kind;note\nred,round;apple;n1\nlong,bent;banana;n2\n"
             "sour,round;apple;n3\n");
  g_assert_cmpuint (gtk_drop_down_get_selected (get_option (&f, "delimiter")), ==, 2);
  gtk_drop_down_set_selected (get_option (&f, "delimiter"), 0);
  app_fixture_wait_loaded (f.project);
  g_assert_cmpint (attune_table_get_options (attune_project_get_table (f.project))->delimiter, ==, ',');
  gtk_drop_down_set_selected (get_option (&f, "delimiter"), 2);
  app_fixture_wait_loaded (f.project);

  app_fixture_spin (20);
  gtk_drop_down_set_selected (get_option (&f, "text"), 1);
  app_fixture_wait_loaded (f.project);
  gtk_drop_down_set_selected (get_option (&f, "label"), 0);
  app_fixture_wait_loaded (f.project);
  g_assert_cmpint (attune_dataset_get_columns (attune_project_get_dataset (f.project))->text, ==, 1);
  g_assert_cmpint (attune_dataset_get_columns (attune_project_get_dataset (f.project))->label, ==, 0);
  gtk_drop_down_set_selected (get_option (&f, "pair"), 3);
  app_fixture_wait_loaded (f.project);
  g_assert_cmpint (attune_dataset_get_columns (attune_project_get_dataset (f.project))->pair, ==, 2);

  tear_down (&f);
}

/* Opens the names, sets them, and says whether they may be had. */
static AdwDialog *
edit_names (Fixture *f, const char * const *names)
{
  AdwDialog *dialog = g_object_ref (attune_label_editor_new (f->project));
  GListModel *model;

  adw_dialog_present (dialog, f->page);
  app_fixture_spin (50);
  model = G_LIST_MODEL (gtk_column_view_get_model (app_fixture_get_child (dialog, "view")));
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      g_object_set (item, "name", names[i], NULL);
    }
  return dialog;
}

static void
test_labels_are_renamed_and_keep_their_numbers (void)
{
  static const char * const names[] = { "good", "bad", NULL };
  static const char * const swapped[] = { "bad", "good", NULL };
  static const char * const same[] = { "x", "x", NULL };
  static const char * const empty[] = { "", "x", NULL };
  Fixture f;

  show_data (&f, "names.csv", "text,label\nred,0\nlong,1\nsour,0\nbent,0\n");
  for (guint round = 0; round < 4; round++)
    {
      const char * const *now = (const char * const *[]) { same, empty, names, swapped }[round];
      AdwDialog *dialog = edit_names (&f, now);
      GtkWidget *rename = app_fixture_get_child (dialog, "rename");
      GtkLabel *notice = app_fixture_get_child (dialog, "notice");
      AttuneDataset *dataset;

      g_assert_cmpint (gtk_widget_is_sensitive (rename), ==, round >= 2);
      g_assert_cmpint (gtk_widget_has_css_class (GTK_WIDGET (notice), "error"), ==, round < 2);
      if (round >= 2)
        {
          g_signal_emit_by_name (rename, "clicked");
          app_fixture_wait_loaded (f.project);
          dataset = attune_project_get_dataset (f.project);
          g_assert_cmpuint (attune_dataset_get_n_labels (dataset), ==, 2);
          for (guint i = 0; i < 2; i++)
            g_assert_cmpstr (attune_dataset_get_label_names (dataset)[i], ==, now[i]);
          g_assert_cmpuint (attune_dataset_get_label_counts (dataset)[0], ==, 3);
        }
      else
        adw_dialog_force_close (dialog);
      app_fixture_spin (300);
      app_fixture_release (dialog);
    }
  tear_down (&f);
}

static gpointer
get_validation (Fixture *f, const char *id)
{
  return app_fixture_get_child (get_option (f, "validation"), id);
}

static const char *
get_validation_words (Fixture *f)
{
  return gtk_label_get_text (get_validation (f, "chosen"));
}

typedef struct
{
  Fixture *f;
  const char *words;
} Counts;

static gboolean
has_counts (gpointer data)
{
  Counts *counts = data;

  return strstr (app_fixture_get_words (counts->f->page, "counts"), counts->words) != NULL;
}

/* Choices settle before the data is divided anew. */
static void
wait_counts (Fixture *f, const char *words)
{
  Counts counts = { f, words };

  app_fixture_wait (has_counts, &counts);
}

static void
test_validation_is_chosen (void)
{
  AttuneTrainConfig *config;
  g_autoptr (GFile) other = NULL;
  Fixture f;

  show_data (&f, "choices.csv", "text,label\nred,apple\nlong,banana\nsour,apple\nbent,banana\n");
  config = attune_project_get_config (f.project);
  g_assert_cmpstr (get_validation_words (&f), ==, "10 %, stratified");
  g_assert_true (gtk_check_button_get_active (get_validation (&f, "share")));
  g_assert_false (gtk_widget_get_visible (get_validation (&f, "named")));
  gtk_spin_button_set_value (get_validation (&f, "percent"), 12.5);
  gtk_spin_button_set_value (get_validation (&f, "seed"), 7);
  g_assert_cmpfloat (attune_train_config_get_double (config, "validation_split"), ==, 0.125);
  g_assert_cmpint (attune_train_config_get_int (config, "split_seed"), ==, 7);
  g_assert_cmpstr (get_validation_words (&f), ==, "12.5 %, stratified");

  gtk_check_button_set_active (get_validation (&f, "none"), TRUE);
  g_assert_cmpfloat (attune_train_config_get_double (config, "validation_split"), ==, 0);
  g_assert_cmpstr (get_validation_words (&f), ==, "Nothing held out");
  wait_counts (&f, "4 texts to learn from, none to check with");
  /* Chosen again, the share is what it was. */
  gtk_check_button_set_active (get_validation (&f, "share"), TRUE);
  g_assert_cmpfloat (attune_train_config_get_double (config, "validation_split"), ==, 0.125);

  other = app_fixture_write_file ("other.csv", "text,label\nblue,apple\n", -1);
  attune_project_set_validation_file (f.project, other);
  app_fixture_wait_loaded (f.project);
  g_assert_cmpstr (get_validation_words (&f), ==, "other.csv");
  wait_counts (&f, "4 texts to learn from, 1 to check with");
  gtk_check_button_set_active (get_validation (&f, "share"), TRUE);
  app_fixture_wait_loaded (f.project);
  g_assert_null (attune_project_get_validation (f.project));
  gtk_check_button_set_active (get_validation (&f, "file"), TRUE);
  app_fixture_wait_loaded (f.project);
  g_assert_nonnull (attune_project_get_validation (f.project));
  tear_down (&f);
}

/* A folder with a split of its own is measured on that unless something else is chosen. */
static void
test_a_named_split_is_offered (void)
{
  g_autoptr (GFile) train = app_fixture_write_file ("set-train.csv",
                                                    "text,label\nred,apple\nlong,banana\n", -1);
  g_autoptr (GFile) validation = app_fixture_write_file ("set-validation.csv",
                                                         "text,label\nsour,apple\n", -1);
  GFile *files[] = { train, validation };
  Fixture f;

  f.trainer = attune_trainer_new (NULL);
  show (&f, ATTUNE_TYPE_DATA_PAGE, attune_project_new_for_files (f.trainer, files, 2));
  g_assert_true (gtk_widget_get_visible (get_validation (&f, "named")));
  g_assert_true (gtk_check_button_get_active (get_validation (&f, "named")));
  g_assert_nonnull (strstr (get_validation_words (&f), "set-validation.csv"));
  g_assert_nonnull (attune_project_get_validation (f.project));
  gtk_check_button_set_active (get_validation (&f, "share"), TRUE);
  app_fixture_wait_loaded (f.project);
  g_assert_null (attune_project_get_validation (f.project));
  g_assert_cmpstr (get_validation_words (&f), ==, "10 %, stratified");
  gtk_check_button_set_active (get_validation (&f, "named"), TRUE);
  app_fixture_wait_loaded (f.project);
  g_assert_nonnull (attune_project_get_validation (f.project));
  tear_down (&f);
}

static void
test_a_bad_file_is_explained (void)
{
  AdwStatusPage *status;
  AttuneTableOptions options = { .encoding = "UTF-8" };
  Fixture f;

  show_data (&f, "markup.csv", "text,label\n<b>&caf\xe9,x\nth\xe9,y\n");
  attune_project_set_table_options (f.project, &options);
  app_fixture_wait_loaded (f.project);
  g_assert_cmpstr (get_preview (&f), ==, "error");
  status = app_fixture_get_child (f.page, "error_page");
  g_assert_nonnull (strstr (adw_status_page_get_description (status), "UTF-8"));
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (f.page, "charts")));

  /* Another encoding chosen there mends it. */
  gtk_drop_down_set_selected (get_option (&f, "encoding"), 4);
  app_fixture_wait_loaded (f.project);
  g_assert_cmpstr (attune_project_get_error (f.project), ==, NULL);
  g_assert_cmpstr (get_preview (&f), ==, "preview");
  tear_down (&f);
}

static guint
count_rows (Fixture *f)
{
  guint n = 0;

  while (gtk_list_box_get_row_at_index (app_fixture_get_child (f->page, "findings"), (int) n)
         != NULL)
    n++;
  return n;
}

/* The button with these words in the findings list; NULL without one. */
static GtkButton *
find_button (gpointer widget, const char *words)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (widget), words) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkButton *button = find_button (child, words);

      if (button != NULL)
        return button;
    }
  return NULL;
}

static GtkButton *
find_remedy (Fixture *f, const char *words)
{
  return find_button (app_fixture_get_child (f->page, "findings"), words);
}

#define FAULTY "text,label\ngood film,good\nbad film,bad\nnice film,good\nold film,bad\n"           \
               "good film,good\nlong film,Good\nfine day,good\nsad day,bad\n,bad\nodd day,good\n"  \
               "odd day,bad\nnew day,bad\nwet day,bad\n"

static void
test_a_click_settles_a_finding (void)
{
  Fixture f;
  guint n;

  show_data (&f, "faulty.csv", FAULTY);
  n = count_rows (&f);
  g_assert_nonnull (find_remedy (&f, "Merge into “good”"));
  g_signal_emit_by_name (find_remedy (&f, "Merge into “good”"), "clicked");
  app_fixture_wait_loaded (f.project);
  app_fixture_spin (20);
  g_assert_null (find_remedy (&f, "Merge into “good”"));
  g_assert_cmpuint (attune_dataset_get_n_labels (attune_project_get_dataset (f.project)), ==, 2);
  g_assert_cmpuint (attune_dataset_get_label_counts (attune_project_get_dataset (f.project))[1], ==,
                    6);

  g_signal_emit_by_name (find_remedy (&f, "Drop 1 Row"), "clicked");
  app_fixture_wait_loaded (f.project);
  app_fixture_spin (20);
  g_assert_cmpuint (attune_dataset_get_n_dropped (attune_project_get_dataset (f.project)), ==, 1);
  g_assert_nonnull (strstr (app_fixture_get_words (f.page, "counts"), "11 texts to learn from"));

  /* Both are listed as done, and each can be taken back. */
  for (guint i = 0; i < 2; i++)
    {
      g_assert_nonnull (find_remedy (&f, "Undo"));
      g_signal_emit_by_name (find_remedy (&f, "Undo"), "clicked");
      app_fixture_wait_loaded (f.project);
      app_fixture_spin (20);
    }
  g_assert_null (find_remedy (&f, "Undo"));
  g_assert_cmpuint (count_rows (&f), ==, n);
  g_assert_cmpuint (attune_dataset_get_n_labels (attune_project_get_dataset (f.project)), ==, 3);
  tear_down (&f);
}

static void
test_a_click_changes_a_setting (void)
{
  GString *rows = g_string_new ("text,label\n");
  AttuneTrainConfig *config;
  Fixture f;

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (rows, "a b c d e f %c%c,%s\n", 'a' + i / 20, 'a' + i % 20,
                            i % 5 != 0 ? "x" : "y");
  show_data (&f, "skewed.csv", rows->str);
  config = attune_project_get_config (f.project);
  attune_project_set_model (f.project, APP_FIXTURE_MODEL);
  app_fixture_wait_loaded (f.project);
  app_fixture_spin (20);
  g_signal_emit_by_name (find_remedy (&f, "Weigh Classes"), "clicked");
  g_assert_cmpstr (attune_train_config_get_string (config, "class_weight"), ==, "balanced");
  g_assert_null (find_remedy (&f, "Weigh Classes"));
  attune_train_config_reset (config, "class_weight");
  g_assert_nonnull (find_remedy (&f, "Weigh Classes"));

  /* A length that cuts is found as soon as it is set. */
  app_fixture_set (f.project, "max_length", "8", NULL);
  app_fixture_spin (300);
  g_assert_false (attune_project_get_loading (f.project));
  g_assert_nonnull (find_remedy (&f, "Set Length to 16"));
  g_signal_emit_by_name (find_remedy (&f, "Set Length to 16"), "clicked");
  g_assert_cmpint (attune_train_config_get_int (config, "max_length"), ==, 16);
  app_fixture_spin (300);
  g_assert_null (find_remedy (&f, "Set Length to 16"));
  g_string_free (rows, TRUE);
  tear_down (&f);
}

/* The rows of a finding in a dialog. */
static void
test_rows_of_a_finding_are_shown (void)
{
  GtkWidget *row, *label;
  GListModel *dialogs;
  AdwDialog *dialog = NULL;
  GString *rows = g_string_new ("text,label\n");
  Fixture f;

  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (rows, "text %u,%c\n", i % 1000, "xy"[i % 2]);
  show_data (&f, "many.csv", rows->str);
  row = gtk_widget_get_ancestor (GTK_WIDGET (find_remedy (&f, "Drop 2000 Rows")),
                                 ADW_TYPE_ACTION_ROW);
  g_assert_nonnull (row);
  g_signal_emit_by_name (row, "activated");
  app_fixture_spin (300);
  dialogs = gtk_window_get_toplevels ();
  for (guint i = 0; dialog == NULL && i < g_list_model_get_n_items (dialogs); i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (dialogs, i);

      dialog = app_fixture_find (toplevel, ADW_TYPE_DIALOG);
    }
  g_assert_nonnull (dialog);
  label = app_fixture_find (app_fixture_find (dialog, GTK_TYPE_LIST_VIEW), GTK_TYPE_LABEL);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, "text 0");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (gtk_widget_get_next_sibling (label))), ==,
                   "Line 1002 · x");
  adw_dialog_force_close (dialog);
  app_fixture_spin (300);
  g_string_free (rows, TRUE);
  tear_down (&f);
}

static gboolean
show_setup (Fixture *f, guint n_rows)
{
  if (!app_fixture_use_engine (""))
    return FALSE;
  f->trainer = attune_trainer_new (NULL);
  show (f, ATTUNE_TYPE_SETUP_PAGE, app_fixture_create_draft (f->trainer, n_rows));
  return TRUE;
}

static AttuneSettingRow *
find_setting (gpointer widget, const char *field)
{
  if (ATTUNE_IS_SETTING_ROW (widget))
    return g_str_equal (attune_setting_row_get_field (widget), field) ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      AttuneSettingRow *row = find_setting (child, field);

      if (row != NULL)
        return row;
    }
  return NULL;
}

static const char *
get_value (Fixture *f, const char *field)
{
  return gtk_editable_get_text (app_fixture_find (find_setting (f->page, field), GTK_TYPE_SPIN_BUTTON));
}

/* device has a row of its own kind, validation_split is also on the Data page. */
static void
test_every_setting_has_its_row (void)
{
  const AttuneField *fields;
  guint n;
  Fixture f;

  if (!show_setup (&f, 24))
    return;
  fields = attune_train_config_get_fields (&n);
  for (guint i = 0; i < n; i++)
    {
      g_test_message ("%s", fields[i].name);
      /* The device has a row of another kind; what has no effect yet has none. */
      if (!g_str_equal (fields[i].name, "device") && !g_str_has_prefix (fields[i].name, "save_"))
        g_assert_nonnull (find_setting (f.page, fields[i].name));
    }
  tear_down (&f);
}

static void
test_automatic_values_are_those_of_the_model (void)
{
  Fixture f;

  if (!show_setup (&f, 24))
    return;
  g_assert_cmpstr (get_value (&f, "learning_rate"), ==, "0.0001");
  g_assert_cmpstr (get_value (&f, "hidden_dropout_prob"), ==, "0");
  g_assert_cmpstr (get_value (&f, "max_length"), !=, "Auto");
  g_assert_true (attune_train_config_is_default (attune_project_get_config (f.project), "learning_rate"));
  tear_down (&f);
}

static gboolean
is_estimated (gpointer data)
{
  Fixture *f = data;

  return strstr (app_fixture_get_words (app_fixture_get_child (f->page, "cost"), "speed"), "texts a second") != NULL;
}

static void
test_the_cost_is_estimated (void)
{
  Fixture f;

  if (!show_setup (&f, 24))
    return;
  app_fixture_wait (is_estimated, &f);
  g_assert_cmpstr (app_fixture_get_words (app_fixture_get_child (f.page, "cost"), "duration"), !=, "");
  g_assert_null (attune_trainer_get_run (f.trainer));
  app_fixture_set (f.project, "max_steps", "2", "warmup_steps", "5", NULL);
  app_fixture_spin (400);
  g_assert_false (is_estimated (&f));
  g_assert_nonnull (gtk_widget_get_tooltip_text (app_fixture_get_child (f.page, "start")));
  tear_down (&f);
}

static void
test_search_and_count_of_changes (void)
{
  GtkEditable *search;
  AdwExpanderRow *all;
  Fixture f;

  if (!show_setup (&f, 24))
    return;
  search = app_fixture_get_child (f.page, "search");
  all = app_fixture_get_child (f.page, "all_settings");
  gtk_editable_set_text (search, "decay");
  app_fixture_spin (300);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (find_setting (f.page, "weight_decay"))));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (find_setting (f.page, "seed"))));
  gtk_editable_set_text (search, "");
  app_fixture_spin (300);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (find_setting (f.page, "seed"))));
  g_assert_null (strstr (adw_expander_row_get_subtitle (all), "changed"));
  app_fixture_set (f.project, "seed", "1", "weight_decay", "0.1", NULL);
  g_assert_nonnull (strstr (adw_expander_row_get_subtitle (all), "2 changed"));
  tear_down (&f);
}

/* What a run was made with is read, not written. */
static void
test_a_started_run_cannot_be_changed (void)
{
  Fixture f;

  if (!show_setup (&f, 24))
    return;
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (f.page, "start")));
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (f.page, "again")));
  app_fixture_set (f.project, "max_steps", "2", NULL);
  app_fixture_train (f.project);
  g_assert_false (gtk_widget_get_visible (app_fixture_get_child (f.page, "start")));
  g_assert_true (gtk_widget_get_visible (app_fixture_get_child (f.page, "again")));
  g_assert_false (gtk_widget_is_sensitive (GTK_WIDGET (find_setting (f.page, "seed"))));
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  app_fixture_init (&argc, &argv);
  g_test_add_func ("/data-page/sample", test_the_sample_is_described);
  g_test_add_func ("/data-page/length-table", test_lengths_are_also_a_table);
  g_test_add_func ("/data-page/choices", test_choices_reach_the_draft);
  g_test_add_func ("/data-page/label-names", test_labels_are_renamed_and_keep_their_numbers);
  g_test_add_func ("/data-page/validation", test_validation_is_chosen);
  g_test_add_func ("/data-page/named-split", test_a_named_split_is_offered);
  g_test_add_func ("/data-page/bad-file", test_a_bad_file_is_explained);
  g_test_add_func ("/data-page/remedy", test_a_click_settles_a_finding);
  g_test_add_func ("/data-page/remedy-by-setting", test_a_click_changes_a_setting);
  g_test_add_func ("/data-page/rows-of-a-finding", test_rows_of_a_finding_are_shown);
  g_test_add_func ("/setup-page/every-setting", test_every_setting_has_its_row);
  g_test_add_func ("/setup-page/automatic", test_automatic_values_are_those_of_the_model);
  g_test_add_func ("/setup-page/cost", test_the_cost_is_estimated);
  g_test_add_func ("/setup-page/search", test_search_and_count_of_changes);
  g_test_add_func ("/setup-page/started", test_a_started_run_cannot_be_changed);
  return app_fixture_run ();
}
