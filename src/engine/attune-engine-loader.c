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
  gboolean for_cuda; /* the plug-in is the one for CUDA, and a card answers */
  char *notice;      /* nullable: why the one for CUDA is of no use */
} Outcome;

G_DEFINE_QUARK (attune-engine-error-quark, attune_engine_error)

/* Asks NVIDIA's driver, not libtorch, whether a card answers. Its numbers are those of cuda.h. */
static gboolean
card_answers (char **why_not)
{
  enum { SUCCESS = 0, NO_DEVICE = 100, DRIVER_MISMATCH = 803 };
  int (*init) (unsigned int flags) = NULL;
  int (*count) (int *n_devices) = NULL;
  int n_devices = 0, status;
  GModule *driver = g_module_open ("libcuda.so.1", G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);

  if (driver == NULL)
    {
      *why_not = g_strdup (_("Training on the processor: NVIDIA's driver is not installed. "
                             "Install it and start Attune again."));
      return FALSE;
    }
  /* The driver starts threads of its own and does not bear being unloaded. */
  g_module_make_resident (driver);
  if (!g_module_symbol (driver, "cuInit", (gpointer *) &init) || init == NULL
      || !g_module_symbol (driver, "cuDeviceGetCount", (gpointer *) &count) || count == NULL)
    status = -1;
  else if ((status = init (0)) == SUCCESS)
    status = count (&n_devices);
  if (status == SUCCESS && n_devices > 0)
    return TRUE;

  if (status == SUCCESS || status == NO_DEVICE)
    *why_not = g_strdup (_("Training on the processor: NVIDIA's driver finds no graphics card."));
  else if (status == DRIVER_MISMATCH)
    *why_not = g_strdup (_("Training on the processor: NVIDIA's driver has been updated. "
                           "Restart the computer."));
  else
    *why_not = g_strdup_printf (_("Training on the processor: NVIDIA's driver does not answer "
                                  "(error %d). Restart the computer, or ask nvidia-smi."), status);
  return FALSE;
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

static GModule *
open_plugin (const char *path,
             GError    **error)
{
  GModule *module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);

  if (module == NULL)
    g_set_error (error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_ERROR_NO_PLUGIN,
                 _("The engine “%s” cannot be opened (%s). Reinstall Attune's engine."),
                 path, g_module_error ());
  else
    g_module_make_resident (module);
  return module;
}

/* module: nullable, then error is set already. */
static const AttuneEngineApi *
query_plugin (GModule    *module,
              const char *path,
              GError    **error)
{
  AttuneEngineQuery query = NULL;
  const AttuneEngineApi *api;

  if (module == NULL)
    return NULL;
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

/* A plug-in that cannot be opened leaves no part of its libtorch behind: the linker finds and binds
 * all libraries before it starts any. So the other one may be tried. One that was opened, whatever
 * it then says, has taken this process's only place. */
static void
choose (const char *cuda,
        const char *cpu,
        Outcome    *outcome)
{
  gboolean answers = cuda != NULL && card_answers (&outcome->notice);

  /* The plug-in for CUDA computes on the processor too, so alone it serves every machine. */
  if (cuda != NULL && (answers || cpu == NULL))
    {
      GModule *module = open_plugin (cuda, &outcome->error);

      if (module != NULL || cpu == NULL)
        {
          outcome->api = query_plugin (module, cuda, &outcome->error);
          outcome->for_cuda = answers;
          return;
        }
      outcome->notice = g_strdup_printf (_("Training on the processor, not on the graphics card. "
                                           "%s"), outcome->error->message);
      g_clear_error (&outcome->error);
    }
  outcome->api = query_plugin (open_plugin (cpu, &outcome->error), cpu, &outcome->error);
}

static void
load (const char *directory,
      Outcome    *outcome)
{
  const char *named = g_getenv ("ATTUNE_ENGINE");
  g_autofree char *cuda = NULL;
  g_autofree char *cpu = NULL;

  let_idle_threads_sleep ();
  if (named != NULL && *named != '\0')
    {
      outcome->api = query_plugin (open_plugin (named, &outcome->error), named, &outcome->error);
      return;
    }

  if (directory == NULL)
    directory = g_getenv ("ATTUNE_ENGINE_DIR");
  if (directory == NULL || *directory == '\0')
    directory = ENGINEDIR;

  cuda = find_plugin (directory, "cuda");
  cpu = find_plugin (directory, "cpu");
  if (cuda != NULL || cpu != NULL)
    choose (cuda, cpu, outcome);
  else
    g_set_error (&outcome->error, ATTUNE_ENGINE_ERROR, ATTUNE_ENGINE_ERROR_NO_PLUGIN,
                 _("No engine is installed in “%s”, so nothing can be computed. "
                   "Install Attune's engine for libtorch."), directory);
}

static gpointer
load_once_cb (gpointer directory)
{
  Outcome *outcome = g_new0 (Outcome, 1);

  load (directory, outcome);
  return outcome;
}

static const Outcome *
decide (const char *directory)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_once_cb, (gpointer) directory);
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
  const Outcome *outcome = decide (directory);

  if (outcome->api == NULL)
    g_propagate_error (error, g_error_copy (outcome->error));
  return outcome->api;
}

/**
 * attune_engine_get_notice:
 * @n_devices: how many devices the engine lists, the processor included
 *
 * Why no graphics card computes although the plug-in for CUDA is installed, and what to do, in a
 * sentence or two for the user. After attune_engine_load().
 *
 * Returns: (transfer none) (nullable): %NULL when there is nothing to say
 */
const char *
attune_engine_get_notice (gsize n_devices)
{
  const Outcome *outcome = decide (NULL);

  if (outcome->for_cuda && n_devices == 1)
    return _("Training on the processor: the engine cannot use the graphics card. NVIDIA's driver "
             "may be too old for it; update it and start Attune again.");
  return outcome->notice;
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
