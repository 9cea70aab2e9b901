/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong with a torch file, as a number and a word: all that the confined program says
 * to the one that started it, as the line "NUMBER FILE DETAIL" on its standard error. Sentences are
 * made of that on the other side, which believes none of it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ATTUNE_CONVERT_FAULT_NONE,
  ATTUNE_CONVERT_FAULT_USAGE,            /* started otherwise than agreed */
  ATTUNE_CONVERT_FAULT_CONFINEMENT,      /* detail: what the system did not grant */
  ATTUNE_CONVERT_FAULT_WRITE,            /* detail: errno */
  ATTUNE_CONVERT_FAULT_LEGACY,           /* the form before torch 1.6 */
  ATTUNE_CONVERT_FAULT_TORCHSCRIPT,      /* a program, not weights */
  ATTUNE_CONVERT_FAULT_FORMAT,           /* no torch file at all */
  ATTUNE_CONVERT_FAULT_DAMAGED,          /* detail: the part of the archive */
  ATTUNE_CONVERT_FAULT_COMPRESSED,       /* detail: the entry; torch stores */
  ATTUNE_CONVERT_FAULT_ENTRY_REPEATED,   /* detail: the entry */
  ATTUNE_CONVERT_FAULT_ENTRY_NAME,       /* detail: the entry */
  ATTUNE_CONVERT_FAULT_CHECKSUM,         /* detail: the entry */
  ATTUNE_CONVERT_FAULT_BYTE_ORDER,
  ATTUNE_CONVERT_FAULT_OPCODE,           /* detail: the opcode, "0x93 at byte 40" */
  ATTUNE_CONVERT_FAULT_GLOBAL,           /* detail: what the file wants called, "os.system" */
  ATTUNE_CONVERT_FAULT_PICKLE,           /* detail: the byte */
  ATTUNE_CONVERT_FAULT_NOT_TENSOR,       /* detail: the key */
  ATTUNE_CONVERT_FAULT_EMPTY,
  ATTUNE_CONVERT_FAULT_TENSOR_NAME,      /* detail: the name */
  ATTUNE_CONVERT_FAULT_TENSOR_REPEATED,  /* detail: the name */
  ATTUNE_CONVERT_FAULT_DIMENSIONS,       /* detail: the tensor */
  ATTUNE_CONVERT_FAULT_STORAGE_MISSING,  /* detail: the tensor */
  ATTUNE_CONVERT_FAULT_STORAGE_SHORT,    /* detail: the tensor */
  ATTUNE_CONVERT_FAULT_BEYOND,           /* detail: the tensor whose view leaves its storage */
  ATTUNE_CONVERT_FAULT_TOO_LARGE,        /* detail: what is too much, "records" */
  ATTUNE_CONVERT_N_FAULTS,
} AttuneConvertFaultCode;

/* Who starts and who is started agree on these descriptors. */
enum {
  ATTUNE_CONVERT_OUTPUT = 1,      /* the safetensors file, empty, written from its start */
  ATTUNE_CONVERT_MESSAGES = 2,
  ATTUNE_CONVERT_FIRST_INPUT = 3, /* torch files, as many as the only argument says */
  ATTUNE_CONVERT_MAX_INPUTS = 200,
};

typedef struct {
  AttuneConvertFaultCode code;
  char detail[256]; /* bytes of the file: anything but a line break or NUL */
} AttuneConvertFault;

gboolean attune_convert_fault_set (AttuneConvertFault     *self,
                                   AttuneConvertFaultCode  code,
                                   const char             *format,
                                   ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
