/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Charts are single widgets to assistive technology, so the place that the keyboard has reached
 * within one is told as its value text and announced.
 */
#include "config.h"

#include "attune-chart-speech.h"

/* GTK's context for tests has no way to announce, and GTK 4.18 calls it all the same. */
static gboolean
can_announce (GtkWidget *widget)
{
  g_autoptr(GtkATContext) context = gtk_accessible_get_at_context (GTK_ACCESSIBLE (widget));

  return context != NULL && g_strcmp0 (G_OBJECT_TYPE_NAME (context), "GtkTestATContext") != 0;
}

/**
 * attune_chart_say:
 * @widget: a chart
 * @text: where the keyboard is in it, and what stands there
 *
 * Makes @text the chart's value text and announces it after what is being said.
 */
void
attune_chart_say (GtkWidget  *widget,
                  const char *text)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
  if (can_announce (widget))
    gtk_accessible_announce (accessible, text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}
