/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sentences for what can be wrong with a torch file. The message comes from a process that read
 * foreign bytes: it is a number, the number of a file and a few words, and what is not that is
 * taken for nothing. Any thread.
 */
#include "config.h"

#include "attune-conversion-error.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <glib/gi18n.h>

#include "attune-convert-fault.h"
#include "attune-safetensors.h"

#define MAX_DETAIL_LENGTH 200

typedef struct {
  AttuneConvertFaultCode code;
  guint file;
  char *detail;
} Message;

static void
message_clear (Message *message)
{
  g_free (message->detail);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Message, message_clear)

/* What may be shown: valid, printable, and not longer than a sentence bears. */
static char *
make_presentable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, strnlen (text, MAX_DETAIL_LENGTH));
  GString *presentable = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (presentable, g_unichar_isprint (c) ? c : 0xfffd);
    }
  return g_string_free (presentable, FALSE);
}

static gboolean
parse (const char *text,
       guint       n_files,
       Message    *message)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 3);
  guint64 code, file;

  if (g_strv_length (words) != 3
      || !g_ascii_string_to_unsigned (words[0], 10, 1, ATTUNE_CONVERT_N_FAULTS - 1, &code, NULL)
      || !g_ascii_string_to_unsigned (words[1], 10, 0, n_files - 1, &file, NULL))
    return FALSE;

  message->code = (AttuneConvertFaultCode) code;
  message->file = (guint) file;
  message->detail = make_presentable (g_strstrip (words[2]));
  return TRUE;
}

/* One %s for the file and one for the detail. */
static const char *
get_format (AttuneConvertFaultCode code)
{
  switch (code)
    {
    case ATTUNE_CONVERT_FAULT_COMPRESSED:
      return _("“%s” holds “%s” compressed or encrypted, which torch never writes; get the model "
               "from somewhere else");
    case ATTUNE_CONVERT_FAULT_ENTRY_REPEATED:
      return _("“%s” holds two entries named “%s”, which torch never writes; get the model from "
               "somewhere else");
    case ATTUNE_CONVERT_FAULT_ENTRY_NAME:
      return _("“%s” holds an entry named “%s”, which torch never writes; get the model from "
               "somewhere else");
    case ATTUNE_CONVERT_FAULT_DAMAGED:
      return _("“%s” is damaged or not whole (%s); get it again");
    case ATTUNE_CONVERT_FAULT_CHECKSUM:
      return _("“%s” is damaged: the checksum of “%s” is wrong; get it again");
    case ATTUNE_CONVERT_FAULT_OPCODE:
      return _("“%s” does more than list weights (opcode %s) and was not read; get the model as "
               "model.safetensors");
    case ATTUNE_CONVERT_FAULT_GLOBAL:
      return _("“%s” asks to call “%s”, which weights do not need, and was not read; get the model "
               "as model.safetensors");
    case ATTUNE_CONVERT_FAULT_PICKLE:
      return _("“%s” lists its weights in a way that makes no sense (byte %s of data.pkl); get it "
               "again");
    case ATTUNE_CONVERT_FAULT_NOT_TENSOR:
      return _("“%s” holds other things than weights (“%s”), as a checkpoint of a training does; "
               "save its state_dict alone");
    case ATTUNE_CONVERT_FAULT_TENSOR_NAME:
      return _("“%s” names a tensor “%s”, which is no name for one");
    case ATTUNE_CONVERT_FAULT_TENSOR_REPEATED:
      return _("“%s” holds the tensor “%s” a second time");
    case ATTUNE_CONVERT_FAULT_DIMENSIONS:
      return _("“%s” holds a tensor of %s dimensions, which is too many");
    case ATTUNE_CONVERT_FAULT_STORAGE_MISSING:
      return _("“%s” lacks the numbers of the tensor “%s”; get it again");
    case ATTUNE_CONVERT_FAULT_STORAGE_SHORT:
      return _("“%s” holds fewer numbers than it says for the tensor “%s”; get it again");
    case ATTUNE_CONVERT_FAULT_BEYOND:
      return _("“%s” has a tensor “%s” that reaches beyond its own numbers, which does harm in other "
               "programs; get the model from somewhere else");
    case ATTUNE_CONVERT_FAULT_TOO_LARGE:
      return _("“%s” holds more than a model can (%s)");
    case ATTUNE_CONVERT_FAULT_CONFINEMENT:
      return _("“%s” was not read, because this system does not let the converter be confined (%s); "
               "get the model as model.safetensors");
    case ATTUNE_CONVERT_FAULT_USAGE:
      return _("“%s” could not be handed to the converter (%s)");
    default:
      return NULL;
    }
}

/* One %s for the file. */
static const char *
get_plain_format (AttuneConvertFaultCode code)
{
  switch (code)
    {
    case ATTUNE_CONVERT_FAULT_LEGACY:
      return _("“%s” is in the form that torch wrote before version 1.6; load it with torch and save "
               "it again");
    case ATTUNE_CONVERT_FAULT_TORCHSCRIPT:
      return _("“%s” is a program (TorchScript), not weights; get the model as model.safetensors");
    case ATTUNE_CONVERT_FAULT_BYTE_ORDER:
      return _("“%s” was written on a machine with another byte order; get the model as "
               "model.safetensors");
    case ATTUNE_CONVERT_FAULT_EMPTY:
      return _("“%s” holds no weights");
    default:
      return _("“%s” is not a file that torch.save wrote");
    }
}

static void
set_error (const char     *path,
           const Message  *message,
           GError        **error)
{
  const char *format = get_format (message->code);
  int saved = atoi (message->detail);

  if (message->code == ATTUNE_CONVERT_FAULT_WRITE)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _("Could not write the weights of “%s”: %s"), path, g_strerror (saved));
      return;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (format != NULL)
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT, format, path,
                 message->detail);
  else
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                 get_plain_format (message->code), path);
#pragma GCC diagnostic pop
}

/* Nobody was left to say why. */
static void
set_ended_error (const char  *path,
                 int          status,
                 GError     **error)
{
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGSYS)
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                 _("“%s” led the converter to do what it is not allowed to, and was not read; do not "
                   "trust this file"),
                 path);
  else
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                 _("The converter did not survive reading “%s”, which may be too large for this "
                   "computer or made to do harm; get the model as model.safetensors"),
                 path);
}

/**
 * attune_conversion_check:
 * @names: the files that were converted, in @folder
 * @message: what the program said
 *
 * Returns: %TRUE when it ended with 0 and said nothing; otherwise FORMAT, UNSUPPORTED or an IO error
 */
gboolean
attune_conversion_check (const char          *folder,
                         const char * const  *names,
                         const char          *message,
                         int                  status,
                         GError             **error)
{
  g_auto (Message) parsed = { 0 };
  g_autofree char *path = NULL;

  if (WIFEXITED (status) && WEXITSTATUS (status) == 0 && *message == '\0')
    return TRUE;

  if (WIFEXITED (status) && parse (message, g_strv_length ((char **) names), &parsed))
    {
      path = g_build_filename (folder, names[parsed.file], NULL);
      set_error (path, &parsed, error);
    }
  else
    {
      path = g_build_filename (folder, names[0], NULL);
      set_ended_error (path, status, error);
    }
  return FALSE;
}
