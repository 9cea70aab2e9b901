/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "attune-torch-pickle.h"
#include "torch-fixture.h"

#include <string.h>

static const gint64 shape[] = { 2, 3 }, strides[] = { 3, 1 };

static void
assert_refused (const GByteArray       *pickle,
                AttuneConvertFaultCode  code,
                const char             *detail)
{
  g_autofree guint8 *copy = g_memdup2 (pickle->data, pickle->len);
  AttuneConvertFault fault = { 0 };

  g_assert_null (attune_torch_pickle_new (copy, pickle->len, &fault));
  g_assert_cmpint (fault.code, ==, code);
  if (detail != NULL)
    g_assert_cmpstr (fault.detail, ==, detail);
}

/* A pickle of those opcodes alone. */
static void
assert_raw_refused (const char             *bytes,
                    gsize                   length,
                    AttuneConvertFaultCode  code,
                    const char             *detail)
{
  g_autoptr (GByteArray) pickle = fixture_pickle_begin ();

  fixture_pickle_raw (pickle, bytes, length);
  assert_refused (pickle, code, detail);
}
#define ASSERT_REFUSED(literal, code, detail) \
  assert_raw_refused (literal, sizeof literal - 1, ATTUNE_CONVERT_FAULT_##code, detail)

static void
test_tensor (void)
{
  g_autoptr (GByteArray) bytes = fixture_pickle_one ("HalfStorage", 10, 4, 2, shape, strides);
  AttuneConvertFault fault = { 0 };
  g_autoptr (AttuneTorchPickle) pickle = attune_torch_pickle_new (bytes->data, bytes->len, &fault);
  const AttuneTorchView *view;
  const AttuneTorchStorage *storage;

  g_assert_cmpstr (fault.detail, ==, "");
  g_assert_nonnull (pickle);
  g_assert_cmpuint (pickle->items->len, ==, 1);
  view = &g_array_index (pickle->views, AttuneTorchView, 0);
  g_assert_cmpuint (view->offset, ==, 4);
  g_assert_cmpuint (view->n_dims, ==, 2);
  g_assert_cmpuint (view->shape[1], ==, 3);
  g_assert_cmpuint (view->strides[0], ==, 3);
  storage = &g_array_index (pickle->storages, AttuneTorchStorage, view->storage);
  g_assert_cmpstr (storage->type->safetensors_name, ==, "F16");
  g_assert_cmpmem (storage->key, storage->key_length, "0", 1);
  g_assert_cmpuint (storage->n_elements, ==, 10);
}

/* Everything that Python would import is refused by its name, and nothing is called. */
static void
test_globals (void)
{
  ASSERT_REFUSED ("cos\nsystem\nX\x02\0\0\0id\x85R.", GLOBAL, "os.system");
  ASSERT_REFUSED ("cbuiltins\neval\n.", GLOBAL, "builtins.eval");
  ASSERT_REFUSED ("ctorch._utils\n_rebuild_tensor_v3\n.", GLOBAL, "torch._utils._rebuild_tensor_v3");
  ASSERT_REFUSED ("ctorch\nload\n.", GLOBAL, "torch.load");
  ASSERT_REFUSED ("ctorch\nUntypedStorage\n.", GLOBAL, "torch.UntypedStorage");
  ASSERT_REFUSED ("ctorch \nFloatStorage\n.", GLOBAL, "torch .FloatStorage");
  ASSERT_REFUSED ("c\n\n.", GLOBAL, ".");
  ASSERT_REFUSED ("ccollections\nOrderedDict", PICKLE, "2");
}

static void
test_opcodes (void)
{
  ASSERT_REFUSED ("}\x81.", OPCODE, "0x81 at byte 3");        /* NEWOBJ */
  ASSERT_REFUSED ("ios\nsystem\n.", OPCODE, "0x69 at byte 2"); /* INST */
  ASSERT_REFUSED ("\x93.", OPCODE, NULL);                       /* STACK_GLOBAL, protocol 4 */
  ASSERT_REFUSED ("\x82\x01.", OPCODE, NULL);                   /* EXT1 */
  ASSERT_REFUSED ("P0\n.", OPCODE, NULL);                       /* PERSID */
  ASSERT_REFUSED ("I1\n.", OPCODE, NULL);                       /* protocol 0 */
  ASSERT_REFUSED ("2.", OPCODE, NULL);                          /* DUP */
}

/* REDUCE calls nothing but the three functions, and those with what they take. */
static void
test_calls (void)
{
  ASSERT_REFUSED ("ctorch\nfloat32\n)R.", PICKLE, NULL);
  ASSERT_REFUSED ("ctorch\nFloatStorage\n)R.", PICKLE, NULL);
  ASSERT_REFUSED ("})R.", PICKLE, NULL);
  ASSERT_REFUSED ("ctorch._utils\n_rebuild_tensor_v2\n)R.", PICKLE, NULL);
  ASSERT_REFUSED ("ctorch._utils\n_rebuild_parameter\n}\x88}\x87R.", PICKLE, NULL);
  ASSERT_REFUSED ("ccollections\nOrderedDict\n]\x85R.", PICKLE, NULL);
  ASSERT_REFUSED ("K\x01}b.", PICKLE, NULL);  /* attributes of a number */
  ASSERT_REFUSED ("}K\x01" "b.", PICKLE, NULL);
  ASSERT_REFUSED (")Q.", PICKLE, NULL);
}

static void
test_stack (void)
{
  ASSERT_REFUSED ("R.", PICKLE, NULL);
  ASSERT_REFUSED ("s.", PICKLE, NULL);
  ASSERT_REFUSED ("u.", PICKLE, NULL);
  ASSERT_REFUSED ("t.", PICKLE, NULL);
  ASSERT_REFUSED ("}(K\x01u.", PICKLE, NULL);
  ASSERT_REFUSED ("(}K\x01s.", PICKLE, NULL);
  ASSERT_REFUSED ("((\x86.", PICKLE, NULL);
  ASSERT_REFUSED ("(q\0.", PICKLE, NULL);
  ASSERT_REFUSED ("(((((((((((((((0.", PICKLE, NULL);
  ASSERT_REFUSED ("]e.", PICKLE, NULL);
  ASSERT_REFUSED ("}(NNe.", PICKLE, NULL);
  ASSERT_REFUSED (".", NOT_TENSOR, NULL);
  ASSERT_REFUSED ("}}.", NOT_TENSOR, NULL);
  ASSERT_REFUSED ("}..", PICKLE, NULL); /* more after the end */
  ASSERT_REFUSED ("}", PICKLE, NULL);
  ASSERT_REFUSED ("", PICKLE, NULL);
}

static void
test_memo (void)
{
  ASSERT_REFUSED ("h\0.", PICKLE, NULL);
  ASSERT_REFUSED ("}q\1.", PICKLE, NULL);
  ASSERT_REFUSED ("}r\xff\xff\xff\xff.", PICKLE, NULL); /* would take 64 GB */
  ASSERT_REFUSED ("}j\xff\xff\xff\xff.", PICKLE, NULL);
}

static void
test_strings (void)
{
  ASSERT_REFUSED ("X\xff\xff\xff\xff" "a.", PICKLE, NULL);
  ASSERT_REFUSED ("X\x02\0\0\0\xc0\x80.", PICKLE, NULL);
  ASSERT_REFUSED ("X\x03\0\0\0\xed\xa0\x80.", PICKLE, NULL);
  ASSERT_REFUSED ("\x8a\x09" "000000000.", PICKLE, NULL);
  ASSERT_REFUSED ("G1234567", PICKLE, NULL);
}

/* A dict that holds itself, and one whose values are no tensors. */
static void
test_contents (void)
{
  ASSERT_REFUSED ("}q\0X\x01\0\0\0ah\0s.", NOT_TENSOR, "a");
  ASSERT_REFUSED ("}X\x05\0\0\0epochK\x03s.", NOT_TENSOR, "epoch");
  ASSERT_REFUSED ("}K\x01K\x03s.", NOT_TENSOR, NULL);
  ASSERT_REFUSED ("}.", EMPTY, NULL);
  ASSERT_REFUSED ("].", NOT_TENSOR, NULL);
}

/* Tuples of tuples, as deep as there are bytes, and shared ones: neither walked nor copied. */
static void
test_bombs (void)
{
  g_autoptr (GByteArray) deep = fixture_pickle_begin ();
  g_autoptr (GByteArray) wide = fixture_pickle_begin ();

  for (guint i = 0; i < 200000; i++)
    fixture_pickle_op (deep, ")\x85");
  fixture_pickle_op (deep, ".");
  assert_refused (deep, ATTUNE_CONVERT_FAULT_NOT_TENSOR, NULL);

  fixture_pickle_op (wide, ")q\0");
  for (guint i = 0; i < 30; i++)
    {
      const char opcodes[] = { 'h', (char) i, 'h', (char) i, 'h', (char) i, '\x87', 'q',
                               (char) (i + 1) };

      fixture_pickle_raw (wide, opcodes, sizeof opcodes);
    }
  fixture_pickle_op (wide, ".");
  assert_refused (wide, ATTUNE_CONVERT_FAULT_NOT_TENSOR, NULL);
}

static void
test_lengths (void)
{
  g_autoptr (GByteArray) marks = fixture_pickle_begin ();
  g_autoptr (GByteArray) long_one = fixture_pickle_begin ();

  g_byte_array_set_size (marks, 5000002);
  memset (marks->data + 2, '(', 5000000);
  assert_refused (marks, ATTUNE_CONVERT_FAULT_TOO_LARGE, "opcodes");

  g_byte_array_set_size (long_one, (16 << 20) + 1);
  memset (long_one->data + 2, 0, long_one->len - 2);
  assert_refused (long_one, ATTUNE_CONVERT_FAULT_TOO_LARGE, "data.pkl");
}

static void
test_tensors (void)
{
  static const gint64 nine[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, negative[] = { -1, 1 };
  g_autoptr (GByteArray) many = fixture_pickle_one ("FloatStorage", 1, 0, 9, nine, nine);
  g_autoptr (GByteArray) shapes = fixture_pickle_one ("FloatStorage", 6, 0, 2, negative, strides);
  g_autoptr (GByteArray) steps = fixture_pickle_one ("FloatStorage", 6, 0, 2, shape, negative);
  g_autoptr (GByteArray) before = fixture_pickle_one ("FloatStorage", 6, -1, 2, shape, strides);
  g_autoptr (GByteArray) fewer = fixture_pickle_one ("FloatStorage", -6, 0, 2, shape, strides);
  g_autoptr (GByteArray) twice = fixture_pickle_begin ();

  assert_refused (many, ATTUNE_CONVERT_FAULT_DIMENSIONS, "9");
  assert_refused (shapes, ATTUNE_CONVERT_FAULT_PICKLE, NULL);
  assert_refused (steps, ATTUNE_CONVERT_FAULT_PICKLE, NULL);
  assert_refused (before, ATTUNE_CONVERT_FAULT_PICKLE, NULL);
  assert_refused (fewer, ATTUNE_CONVERT_FAULT_PICKLE, NULL);

  fixture_pickle_op (twice, "}");
  for (guint i = 0; i < 2; i++)
    {
      fixture_pickle_text (twice, "weight");
      fixture_pickle_tensor (twice, "FloatStorage", 6, 0, 2, shape, strides);
      fixture_pickle_op (twice, "s");
    }
  fixture_pickle_op (twice, ".");
  assert_refused (twice, ATTUNE_CONVERT_FAULT_TENSOR_REPEATED, "weight");
}

static void
test_names (void)
{
  static const char *const bad[] = { "", "__metadata__", "a\nb", "\x7f" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GByteArray) pickle = fixture_pickle_begin ();

      fixture_pickle_op (pickle, "}");
      fixture_pickle_text (pickle, bad[i]);
      fixture_pickle_tensor (pickle, "FloatStorage", 6, 0, 2, shape, strides);
      fixture_pickle_op (pickle, "s.");
      assert_refused (pickle, ATTUNE_CONVERT_FAULT_TENSOR_NAME, NULL);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/torch-pickle/tensor", test_tensor);
  g_test_add_func ("/torch-pickle/globals", test_globals);
  g_test_add_func ("/torch-pickle/opcodes", test_opcodes);
  g_test_add_func ("/torch-pickle/calls", test_calls);
  g_test_add_func ("/torch-pickle/stack", test_stack);
  g_test_add_func ("/torch-pickle/memo", test_memo);
  g_test_add_func ("/torch-pickle/strings", test_strings);
  g_test_add_func ("/torch-pickle/contents", test_contents);
  g_test_add_func ("/torch-pickle/bombs", test_bombs);
  g_test_add_func ("/torch-pickle/lengths", test_lengths);
  g_test_add_func ("/torch-pickle/tensors", test_tensors);
  g_test_add_func ("/torch-pickle/names", test_names);
  return g_test_run ();
}
