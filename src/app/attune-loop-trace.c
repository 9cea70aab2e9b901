/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times everything that the main loop calls, without a word in what is called: the loop's poll
 * function is replaced, and a turn of the loop is what lies between two polls. Frames are taken out
 * of it by emission hooks on GTK's frame clock, as a frame is GTK's own work; what our widgets draw
 * inside of one is timed each by itself. So a turn is an upper bound for any callback of ours in it:
 * it also holds GTK's events and what little of the accessibility bus is answered.
 *
 * In the JSON each sample is [start, wall, cpu, name]: microseconds on the monotonic clock, then
 * milliseconds; the name is "turn", "frame", or the type that drew.
 */
#include "config.h"

#include "attune-loop-trace.h"

#include <gtk/gtk.h>
#include <time.h>

/* A turn below this did nothing but look for work; counting it would only flatter the quantiles. */
#define SHORTEST_TURN_US 50

#define TURN "turn"
#define FRAME "frame"

typedef struct {
  gint64 wall; /* microseconds */
  gint64 cpu;
} Clock;

typedef struct {
  gint64 start;
  double wall; /* milliseconds */
  double cpu;
  const char *name;
} Sample;

typedef struct {
  GPollFunc poll;
  GArray *samples;
  Clock turn;       /* began */
  Clock frame;      /* began, when in_frame */
  Clock frames;     /* spent in this turn */
  gboolean in_turn;
  gboolean in_frame;
  guint drawing;    /* depth */
  gint64 first_frame;
  guint signals[2];
  gulong hooks[2];
} Trace;

/* A poll function is given no data of its own, so there has to be one place that knows. */
static Trace *trace;

static Clock
now (void)
{
  struct timespec cpu;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu);
  return (Clock) { g_get_monotonic_time (),
                   (gint64) cpu.tv_sec * G_USEC_PER_SEC + cpu.tv_nsec / 1000 };
}

static Clock
since (Clock start)
{
  Clock end = now ();

  return (Clock) { end.wall - start.wall, end.cpu - start.cpu };
}

static void
add_sample (gint64 start, Clock spent, const char *name)
{
  Sample sample = { start, (double) spent.wall / 1000, (double) spent.cpu / 1000, name };

  g_array_append_val (trace->samples, sample);
}

static void
end_frame (void)
{
  Clock spent = since (trace->frame);

  trace->in_frame = FALSE;
  trace->frames.wall += spent.wall;
  trace->frames.cpu += spent.cpu;
  add_sample (trace->frame.wall, spent, FRAME);
  if (trace->first_frame == 0)
    trace->first_frame = trace->frame.wall + spent.wall;
}

static gint
traced_poll (GPollFD *fds, guint n_fds, gint timeout)
{
  gint result;

  if (trace->in_frame)
    end_frame ();
  if (trace->in_turn)
    {
      Clock spent = since (trace->turn);

      spent.wall -= trace->frames.wall;
      spent.cpu -= trace->frames.cpu;
      if (spent.wall >= SHORTEST_TURN_US)
        add_sample (trace->turn.wall, spent, TURN);
    }

  result = trace->poll (fds, n_fds, timeout);

  trace->in_turn = TRUE;
  trace->frames = (Clock) { 0, 0 };
  trace->turn = now ();
  return result;
}

typedef void (*SnapshotFunc) (GtkWidget *widget, GtkSnapshot *snapshot);

static GQuark
snapshot_quark (void)
{
  return g_quark_from_static_string ("attune-loop-trace-snapshot");
}

static void
traced_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GType type = G_OBJECT_TYPE (widget);
  SnapshotFunc original = (SnapshotFunc) (gsize) g_type_get_qdata (type, snapshot_quark ());
  Clock start = now ();

  trace->drawing++;
  original (widget, snapshot);
  if (--trace->drawing == 0)
    add_sample (start.wall, since (start), g_type_name (type));
}

/* Our types that draw, each once, as soon as there is one of it. */
static void
wrap_drawing (GType type)
{
  guint n;
  g_autofree GType *children = g_type_children (type, &n);

  for (guint i = 0; i < n; i++)
    wrap_drawing (children[i]);
  if (g_str_has_prefix (g_type_name (type), "Attune")
      && g_type_get_qdata (type, snapshot_quark ()) == NULL)
    {
      GtkWidgetClass *klass = g_type_class_peek (type);
      GtkWidgetClass *parent = g_type_class_peek (g_type_parent (type));

      if (klass == NULL || klass->snapshot == parent->snapshot)
        return;
      g_type_set_qdata (type, snapshot_quark (), (gpointer) (gsize) klass->snapshot);
      klass->snapshot = traced_snapshot;
    }
}

static gboolean
before_paint_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  if (!trace->in_frame)
    trace->frame = now ();
  trace->in_frame = TRUE;
  wrap_drawing (GTK_TYPE_WIDGET);
  return TRUE;
}

static gboolean
after_paint_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  if (trace->in_frame)
    end_frame ();
  return TRUE;
}

void
attune_loop_trace_start (void)
{
  g_return_if_fail (trace == NULL);

  trace = g_new0 (Trace, 1);
  trace->samples = g_array_new (FALSE, FALSE, sizeof (Sample));
  trace->poll = g_main_context_get_poll_func (NULL);
  g_main_context_set_poll_func (NULL, traced_poll);

  /* The class, so that its signals exist; a program has it to its end. */
  g_type_class_ref (GDK_TYPE_FRAME_CLOCK);
  trace->signals[0] = g_signal_lookup ("before-paint", GDK_TYPE_FRAME_CLOCK);
  trace->signals[1] = g_signal_lookup ("after-paint", GDK_TYPE_FRAME_CLOCK);
  trace->hooks[0] = g_signal_add_emission_hook (trace->signals[0], 0, before_paint_cb, NULL, NULL);
  trace->hooks[1] = g_signal_add_emission_hook (trace->signals[1], 0, after_paint_cb, NULL, NULL);
}

static void
unwrap_drawing (GType type)
{
  guint n;
  g_autofree GType *children = g_type_children (type, &n);
  SnapshotFunc original = (SnapshotFunc) (gsize) g_type_get_qdata (type, snapshot_quark ());

  for (guint i = 0; i < n; i++)
    unwrap_drawing (children[i]);
  if (original != NULL)
    {
      GTK_WIDGET_CLASS (g_type_class_peek (type))->snapshot = original;
      g_type_set_qdata (type, snapshot_quark (), NULL);
    }
}

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

static void
append_number (GString *json, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (json, g_ascii_formatd (buffer, sizeof buffer, "%.3f", value));
}

/* Count, 99th percentile and greatest wall time of the frames, or of all that is not a frame. */
static void
append_summary (GString *json, const char *key, gboolean frames)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < trace->samples->len; i++)
    {
      const Sample *sample = &g_array_index (trace->samples, Sample, i);

      if (g_str_equal (sample->name, FRAME) == frames)
        g_array_append_val (times, sample->wall);
    }
  g_array_sort (times, compare_doubles);
  g_string_append_printf (json, "  \"%s\": {\"count\": %u, \"p99_ms\": ", key, times->len);
  append_number (json, times->len > 0 ? g_array_index (times, double, (times->len - 1) * 99 / 100)
                                      : 0);
  g_string_append (json, ", \"max_ms\": ");
  append_number (json, times->len > 0 ? g_array_index (times, double, times->len - 1) : 0);
  g_string_append (json, "},\n");
}

gboolean
attune_loop_trace_finish (const char *path, GError **error)
{
  g_autoptr (GString) json = g_string_new ("{\n  \"version\": 1,\n");
  gboolean written;

  if (trace == NULL)
    return TRUE;

  g_main_context_set_poll_func (NULL, trace->poll);
  for (guint i = 0; i < G_N_ELEMENTS (trace->hooks); i++)
    g_signal_remove_emission_hook (trace->signals[i], trace->hooks[i]);
  unwrap_drawing (GTK_TYPE_WIDGET);

  g_string_append_printf (json, "  \"first_frame_us\": %" G_GINT64_FORMAT ",\n",
                          trace->first_frame);
  append_summary (json, "callbacks", FALSE);
  append_summary (json, "frames", TRUE);
  g_string_append (json, "  \"samples\": [");
  for (guint i = 0; i < trace->samples->len; i++)
    {
      const Sample *sample = &g_array_index (trace->samples, Sample, i);

      g_string_append_printf (json, "%s\n    [%" G_GINT64_FORMAT ", ", i > 0 ? "," : "",
                              sample->start);
      append_number (json, sample->wall);
      g_string_append (json, ", ");
      append_number (json, sample->cpu);
      g_string_append_printf (json, ", \"%s\"]", sample->name);
    }
  g_string_append (json, "\n  ]\n}\n");
  written = g_file_set_contents (path, json->str, (gssize) json->len, error);

  g_array_unref (trace->samples);
  g_clear_pointer (&trace, g_free);
  return written;
}
