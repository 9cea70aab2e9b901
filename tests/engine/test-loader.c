/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loader, with the fake engine and with files that are none. The loader decides once for a
 * process, so each case runs in a process of its own.
 */
#define _GNU_SOURCE /* dladdr */
#include "config.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "attune-engine-loader.h"

size_t attune_engine_sizes (size_t i);
size_t attune_engine_sizes_in_cxx (size_t i);

static void
run_in_subprocess (const char *name)
{
  g_autofree char *path = g_strconcat ("/engine/loader/subprocess/", name, NULL);

  g_test_trap_subprocess (path, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
assert_no_plugin (const char *directory,
                  const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_assert_null (attune_engine_load (directory, &error));
  g_assert_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_ERROR_NO_PLUGIN);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (attune_engine_load (NULL, &again));
  g_assert_cmpstr (error->message, ==, again->message);
}

static void
in_empty_folder (void)
{
  g_autofree char *folder = g_dir_make_tmp ("attune-engine-XXXXXX", NULL);

  g_unsetenv ("ATTUNE_ENGINE");
  assert_no_plugin (folder, folder);
  g_rmdir (folder);
}

static void
in_folder_of_garbage (void)
{
  g_autofree char *folder = g_dir_make_tmp ("attune-engine-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "attune-engine-cpu.so", NULL);

  g_unsetenv ("ATTUNE_ENGINE");
  g_file_set_contents (path, "not a library", -1, NULL);
  assert_no_plugin (folder, path);
  g_unlink (path);
  g_rmdir (folder);
}

static void
in_library_that_is_no_engine (void)
{
  g_setenv ("ATTUNE_ENGINE", "libm.so.6", TRUE);
  assert_no_plugin (NULL, "libm.so.6");
}

static void
in_fake_engine (void)
{
  const AttuneEngineApi *api;
  g_autoptr (GError) error = NULL;
  AttuneEngine *engine = NULL;
  AttuneEngineInfo info;

  g_setenv ("ATTUNE_ENGINE", g_getenv ("ATTUNE_FAKE_ENGINE"), TRUE);
  api = attune_engine_load ("/nowhere", &error);
  g_assert_no_error (error);
  g_assert_nonnull (api);
  g_assert_true (attune_engine_load (NULL, NULL) == api);
  g_assert_cmpint (api->open (NULL, 0, &engine, NULL), ==, ATTUNE_ENGINE_OK);
  g_assert_cmpint (api->get_info (engine, &info, NULL), ==, ATTUNE_ENGINE_OK);
  g_assert_cmpstr (info.name, ==, "fake");
  api->close (engine);
}

/* Two plug-ins side by side, that for CUDA in one of these states. */
typedef enum { WHOLE, BROKEN, NONE } Plugin;

typedef struct {
  const char *name;
  Plugin cuda, cpu;
  gboolean has_driver;
  const char *status, *cards; /* what the driver answers */
  guint n_devices;            /* what the engine then lists */
  const char *opened;         /* the variant that opens */
  const char *words;          /* of the notice; NULL: none */
} Case;

static const Case cases[] = {
  { "card", WHOLE, WHOLE, TRUE, "0", "1", 2, "cuda", NULL },
  { "no-card", WHOLE, WHOLE, TRUE, "0", "0", 1, "cpu", "finds no graphics card" },
  { "no-card-either", WHOLE, WHOLE, TRUE, "100", "1", 1, "cpu", "finds no graphics card" },
  { "driver-updated", WHOLE, WHOLE, TRUE, "803", "1", 1, "cpu", "Restart the computer" },
  { "driver-fails", WHOLE, WHOLE, TRUE, "999", "1", 1, "cpu", "error 999" },
  { "no-driver", WHOLE, WHOLE, FALSE, "0", "1", 1, "cpu", "not installed" },
  { "cannot-open", BROKEN, WHOLE, TRUE, "0", "1", 1, "cpu", "attune-engine-cuda.so" },
  { "old-driver", WHOLE, WHOLE, TRUE, "0", "1", 1, "cuda", "too old" },
  { "only-cuda", WHOLE, NONE, TRUE, "0", "0", 1, "cuda", "finds no graphics card" },
  { "only-cpu", NONE, WHOLE, TRUE, "0", "1", 1, "cpu", NULL },
  { "card-and-broken-cpu", WHOLE, BROKEN, TRUE, "0", "1", 2, "cuda", NULL },
};

static char *
put_plugin (const char *folder,
            const char *file,
            Plugin      plugin)
{
  char *path = g_build_filename (folder, file, NULL);

  if (plugin == WHOLE)
    g_assert_cmpint (symlink (g_getenv ("ATTUNE_FAKE_ENGINE"), path), ==, 0);
  else if (plugin == BROKEN)
    g_assert_true (g_file_set_contents (path, "not a library", -1, NULL));
  return path;
}

static void
in_folder_of_two (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *folder = g_dir_make_tmp ("attune-engine-XXXXXX", NULL);
  g_autofree char *cuda = put_plugin (folder, "attune-engine-cuda.so", c->cuda);
  g_autofree char *cpu = put_plugin (folder, "attune-engine-cpu.so", c->cpu);
  g_autoptr (GError) error = NULL;
  const AttuneEngineApi *api;
  const char *notice;
  Dl_info info;

  g_unsetenv ("ATTUNE_ENGINE");
  api = attune_engine_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (dladdr (api, &info), !=, 0);
  g_assert_cmpstr (info.dli_fname, ==, g_str_equal (c->opened, "cuda") ? cuda : cpu);
  notice = attune_engine_get_notice (c->n_devices);
  g_test_message ("%s", notice != NULL ? notice : "no notice");
  if (c->words == NULL)
    g_assert_null (notice);
  else
    g_assert_nonnull (strstr (notice, c->words));
  g_unlink (cuda);
  g_unlink (cpu);
  g_rmdir (folder);
}

/* The driver is found by the path the process started with. */
static void
test_two_plugins (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *path = g_strconcat ("/engine/loader/subprocess/", c->name, NULL);
  g_autofree char *before = g_strdup (g_getenv ("LD_LIBRARY_PATH"));
  void *driver = NULL;

  /* The build may have put the stub in the way, which knows no version. */
  if (!c->has_driver && (driver = dlopen ("libcuda.so.1", RTLD_LAZY)) != NULL
      && dlsym (driver, "cuDriverGetVersion") != NULL)
    {
      g_test_skip ("NVIDIA's driver is installed here");
      return;
    }
  if (c->has_driver)
    g_setenv ("LD_LIBRARY_PATH", g_getenv ("ATTUNE_STUB_DRIVER"), TRUE);
  else
    g_unsetenv ("LD_LIBRARY_PATH");
  g_setenv ("ATTUNE_STUB_STATUS", c->status, TRUE);
  g_setenv ("ATTUNE_STUB_CARDS", c->cards, TRUE);
  g_test_trap_subprocess (path, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  if (before != NULL)
    g_setenv ("LD_LIBRARY_PATH", before, TRUE);
  g_test_trap_assert_passed ();
}

static void
test_no_engine (void)
{
  run_in_subprocess ("empty");
  run_in_subprocess ("garbage");
  run_in_subprocess ("no-engine");
}

static void
test_named_file (void)
{
  run_in_subprocess ("fake");
}

static void
test_errors (void)
{
  AttuneEngineError reported = { ATTUNE_ENGINE_OUT_OF_MEMORY, "Too little.", "details" };
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_engine_set_error (&error, &reported, "Training"));
  g_assert_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_OUT_OF_MEMORY);
  g_assert_cmpstr (error->message, ==, "Training: Too little.");
  g_clear_error (&error);
  reported.status = ATTUNE_ENGINE_CANCELLED;
  g_assert_false (attune_engine_set_error (&error, &reported, "Training"));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_sizes (void)
{
#ifdef HAVE_CXX
  for (size_t i = 0; attune_engine_sizes (i) != 0; i++)
    g_assert_cmpuint (attune_engine_sizes (i), ==, attune_engine_sizes_in_cxx (i));
#else
  g_test_skip ("needs a C++ compiler");
#endif
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/loader/subprocess/empty", in_empty_folder);
  g_test_add_func ("/engine/loader/subprocess/garbage", in_folder_of_garbage);
  g_test_add_func ("/engine/loader/subprocess/no-engine", in_library_that_is_no_engine);
  g_test_add_func ("/engine/loader/subprocess/fake", in_fake_engine);
  g_test_add_func ("/engine/loader/no-engine-is-one-clear-sentence", test_no_engine);
  g_test_add_func ("/engine/loader/named-file-is-opened-once", test_named_file);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *inner = g_strconcat ("/engine/loader/subprocess/", cases[i].name, NULL);
      g_autofree char *outer = g_strconcat ("/engine/loader/cuda/", cases[i].name, NULL);

      g_test_add_data_func (inner, &cases[i], in_folder_of_two);
      g_test_add_data_func (outer, &cases[i], test_two_plugins);
    }
  g_test_add_func ("/engine/loader/errors-keep-their-status", test_errors);
  g_test_add_func ("/engine/header/same-sizes-in-c-and-cxx", test_sizes);
  return g_test_run ();
}
