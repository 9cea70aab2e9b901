/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decides which engine plug-in this process uses and opens it, once. libtorch cannot be loaded
 * twice in one process, nor linked into a GTK program (its symbols would replace Mesa's), so the
 * decision is made before anything is opened, and a plug-in once open stays.
 *
 * Runs on the thread that will compute.
 */
#include "config.h"

#include "attune-engine-loader.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <gmodule.h>

typedef struct {
  const AttuneEngineApi *api; /* static in the plug-in; NULL when there is an error */
  GError *error;
} Outcome;

G_DEFINE_QUARK (attune-engine-error-quark, attune_engine_error)

/* Asks NVIDIA's driver, not libtorch, whether a device answers: 0 means "success" in its API. */
static gboolean
cuda_device_answers (void)
{
  int (*init) (unsigned int flags) = NULL;
  int (*count) (int *n_devices) = NULL;
  int n_devices = 0;
  GModule *driver = g_module_open ("libcuda.so.1", G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);

  if (driver == NULL)
    return FALSE;
  /* The driver starts threads of its own and does not bear being unloaded. */
  g_module_make_resident (driver);
  return g_module_symbol (driver, "cuInit", (gpointer *) &init)
         && g_module_symbol (driver, "cuDeviceGetCount", (gpointer *) &count)
         && init != NULL && count != NULL
         && init (0) == 0 && count (&n_devices) == 0 && n_devices > 0;
}

/* Threads of OpenMP that wait for work spin on their cores unless they are told to sleep before
 * they start. On a desktop there is always other work, the window's for one: measured on two busy
 * cores, a training step takes five times as long when they spin. Sleeping at once costs a quarter
 * of a step in bf16, though: its parts are short, and waking takes longer than many of them. So
 * they look around for some 30 microseconds first. The user's own choice wins. */
static void
let_idle_threads_sleep (void)
{
  if (g_getenv ("OMP_WAIT_POLICY") == NULL)
    g_setenv ("GOMP_SPINCOUNT", "2000", FALSE);
  g_setenv ("OMP_WAIT_POLICY", "passive", FALSE);
}

static const AttuneEngineApi *
open_plugin (const char *path,
             GError    **error)
{
  AttuneEngineQuery query = NULL;
  const AttuneEngineApi *api;
  GModule *module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);

  if (module == NULL)
    {
      g_set_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_ERROR_NO_PLUGIN,
                   _("The engine “%s” cannot be opened (%s). Reinstall Attune's engine."),
                   path, g_module_error ());
      return NULL;
    }
  g_module_make_resident (module);
  if (!g_module_symbol (module, ATTUNE_ENGINE_QUERY_SYMBOL, (gpointer *) &query) || query == NULL)
    {
      g_set_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_ERROR_NO_PLUGIN,
                   _("“%s” is not an engine of Attune."), path);
      return NULL;
    }
  api = query (ATTUNE_ENGINE_ABI);
  if (api == NULL || api->abi != ATTUNE_ENGINE_ABI || api->size < sizeof *api)
    {
      g_set_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_ERROR_NO_PLUGIN,
                   _("The engine “%s” is of another version than Attune. Install both together."),
                   path);
      return NULL;
    }
  return api;
}

static char *
find_plugin (const char *directory,
             const char *variant)
{
  g_autofree char *file = g_strdup_printf ("attune-engine-%s.so", variant);
  g_autofree char *path = g_build_filename (directory, file, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

static const AttuneEngineApi *
load (const char *directory,
      GError    **error)
{
  const char *named = g_getenv ("ATTUNE_ENGINE");
  g_autofree char *cuda = NULL;
  g_autofree char *cpu = NULL;

  let_idle_threads_sleep ();
  if (named != NULL && *named != '\0')
    return open_plugin (named, error);

  if (directory == NULL)
    directory = g_getenv ("ATTUNE_ENGINE_DIR");
  if (directory == NULL || *directory == '\0')
    directory = ENGINEDIR;

  cuda = find_plugin (directory, "cuda");
  cpu = find_plugin (directory, "cpu");
  if (cuda == NULL && cpu == NULL)
    {
      g_set_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_ERROR_NO_PLUGIN,
                   _("No engine is installed in “%s”, so nothing can be computed. "
                     "Install Attune's engine for libtorch."), directory);
      return NULL;
    }
  /* A plug-in built for CUDA computes on the CPU too, so alone it serves every machine. */
  return open_plugin (cuda != NULL && (cpu == NULL || cuda_device_answers ()) ? cuda : cpu, error);
}

static gpointer
load_once_cb (gpointer directory)
{
  Outcome *outcome = g_new0 (Outcome, 1);

  outcome->api = load (directory, &outcome->error);
  return outcome;
}

/**
 * attune_engine_load:
 * @directory: (nullable): where the plug-ins are; %NULL for $ATTUNE_ENGINE_DIR, else the
 *   installed folder
 *
 * Opens the engine plug-in that suits this machine. The first call decides for the whole process;
 * later calls return what it returned, whatever their @directory. It takes about half a second
 * with libtorch. A file named by $ATTUNE_ENGINE is taken without asking.
 *
 * Returns: (transfer none) (nullable): a static table, or %NULL with @error set to
 *   %ATTUNE_ENGINE_ERROR_NO_PLUGIN
 */
const AttuneEngineApi *
attune_engine_load (const char *directory,
                    GError    **error)
{
  static GOnce once = G_ONCE_INIT;
  const Outcome *outcome = g_once (&once, load_once_cb, (gpointer) directory);

  if (outcome->api == NULL)
    g_propagate_error (error, g_error_copy (outcome->error));
  return outcome->api;
}

/**
 * attune_engine_set_error:
 * @engine_error: what an engine call reported
 * @what: what was being done, as the subject of a sentence: "Loading the model"
 *
 * Turns an engine's error into a #GError: "<what>: <message>". Its code is the engine's status;
 * cancellation becomes %G_IO_ERROR_CANCELLED.
 *
 * Returns: %FALSE, so that a caller can return it
 */
gboolean
attune_engine_set_error (GError                 **error,
                         const AttuneEngineError *engine_error,
                         const char              *what)
{
  g_autofree char *message = g_utf8_make_valid (engine_error->message, -1);

  if (engine_error->details[0] != '\0')
    g_debug ("%s: %s: %s", what, engine_error->message, engine_error->details);
  if (engine_error->status == ATTUNE_ENGINE_CANCELLED)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s: %s", what, message);
  else
    g_set_error (error, ATTUNE_ENGINE_ERROR, (int) engine_error->status, "%s: %s", what, message);
  return FALSE;
}
