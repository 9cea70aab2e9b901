/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See step-watch.h. On a machine without a graphics card the device path of the engine computes in
 * the host's memory, so that a copy between devices cannot be told by its devices. There staging
 * memory, which the engine marks, stands for the host and all other memory for the device.
 */
#include "step-watch.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace {

struct Frame : at::ObserverContext
{
  Frame *above = nullptr;
  std::string name;
  bool staging = false;
  bool opaque = false; /* what happens within is its own affair */
  bool works = false;  /* it or something within computes or copies */
};

struct Watch
{
  std::mutex mutex;
  at::CallbackHandle handle = 0;
  std::vector<at::Tensor> staged; /* held, so that their addresses are not used again */
  std::string operations, complaints;
  unsigned n_operations = 0, n_uploads = 0, n_downloads = 0;
};

Watch watch;
thread_local Frame *innermost = nullptr;

/* What returns a view, memory, or is made of others that show up by themselves. */
bool
is_free (const std::string &name)
{
  static const std::set<std::string> names {
    "alias", "as_strided", "contiguous", "detach", "empty", "empty_like", "empty_strided", "expand",
    "expand_as", "flatten", "is_pinned", "narrow", "permute", "reshape", "_reshape_alias",
    "resolve_conj", "resolve_neg", "result_type", "select", "slice", "squeeze", "t", "to",
    "_to_copy", "transpose", "unsqueeze", "_unsafe_view", "view",
  };

  return names.count (name) > 0;
}

/* Each needs a number or a shape that only the device knows. */
bool
waits (const std::string &name)
{
  static const std::set<std::string> names {
    "_local_scalar_dense", "allclose", "bincount", "equal", "is_nonzero", "item", "masked_select",
    "nonzero", "nonzero_static", "repeat_interleave", "unique_consecutive", "unique_dim",
    "_unique", "_unique2",
  };

  return names.count (name) > 0;
}

/* The CPU's fused AdamW reads the number of updates and the flag as numbers; a graphics card's
 * takes them by their addresses (FusedAdamWKernel.cpp and FusedAdamWKernel.cu of libtorch). */
bool
is_opaque (const at::RecordFunction &function, const std::string &name)
{
  return name == "_fused_adamw_" && function.inputs ()[0].toTensorList ().get (0).is_cpu ();
}

template <typename Work>
void
for_each_tensor (c10::ArrayRef<const c10::IValue> values, Work &&work)
{
  for (const c10::IValue &value : values)
    if (value.isTensor () && value.toTensor ().defined ())
      work (value.toTensor ());
    else if (value.isTensorList ())
      for (const at::Tensor &tensor : value.toTensorVector ())
        work (tensor);
}

bool
is_staged (const at::Tensor &tensor)
{
  for (const at::Tensor &staged : watch.staged)
    if (tensor.has_storage () && tensor.is_alias_of (staged))
      return true;
  return false;
}

void
complain (const std::string &name, const char *of)
{
  watch.complaints += name + " " + of;
  for (const Frame *frame = innermost; frame != nullptr; frame = frame->above)
    watch.complaints += ", in " + frame->name;
  watch.complaints += "\n";
}

void
judge_copy (const at::RecordFunction &function, const std::string &name)
{
  auto inputs = function.inputs ();
  const at::Tensor &to = inputs[0].toTensor (), &from = inputs[1].toTensor ();
  bool up = is_staged (from), down = is_staged (to);

  watch.n_uploads += up && !down;
  watch.n_downloads += down && !up;
  if (up && down)
    complain (name, "between two places of the host");
  if (!up && !down && to.device () != from.device ())
    complain (name, "between devices, and not by way of staging memory");
  if ((up || down) && !inputs[2].toBool ())
    complain (name, "waits until it is done");
}

std::string
name_of (const at::RecordFunction &function)
{
  std::string name = function.name ();

  return name.substr (name.rfind (':') + 1);
}

std::unique_ptr<at::ObserverContext>
entered_cb (const at::RecordFunction &function)
{
  std::lock_guard<std::mutex> lock (watch.mutex);
  auto frame = std::make_unique<Frame> ();
  std::string name = name_of (function);

  bool inside = innermost != nullptr && innermost->opaque;

  if (!inside && waits (name))
    complain (name, "waits for the device");
  if (name == "copy_")
    judge_copy (function, name);
  else if (!is_free (name))
    for_each_tensor (function.inputs (), [&name] (const at::Tensor &tensor) {
      if (is_staged (tensor))
        complain (name, "computes in staging memory");
    });
  frame->above = innermost;
  frame->name = name;
  frame->opaque = inside || is_opaque (function, name);
  frame->staging = std::strcmp (function.name (), "attune::staging") == 0;
  innermost = frame.get ();
  return frame;
}

void
left_cb (const at::RecordFunction &function, at::ObserverContext *context)
{
  std::lock_guard<std::mutex> lock (watch.mutex);
  Frame *frame = static_cast<Frame *> (context);
  std::string name = name_of (function);

  innermost = frame->above;
  if (innermost != nullptr && innermost->staging && name == "empty")
    for (const c10::IValue &output : function.outputs ())
      watch.staged.push_back (output.toTensor ());
  frame->works = frame->works || !(frame->staging || is_free (name));
  if (innermost != nullptr)
    {
      innermost->works = innermost->works || (frame->works && !innermost->staging);
      return;
    }
  if (!frame->works)
    return;
  watch.n_operations++;
  watch.operations += name + "\n";
}

} // namespace

extern "C" void
step_watch_begin (void)
{
  watch.staged.clear ();
  watch.operations.clear ();
  watch.complaints.clear ();
  watch.n_operations = watch.n_uploads = watch.n_downloads = 0;
  watch.handle = at::addGlobalCallback (
    at::RecordFunctionCallback (entered_cb, left_cb).needsInputs (true).needsOutputs (true)
      .scopes ({ at::RecordScope::FUNCTION }));
}

extern "C" void
step_watch_end (StepWatch *result)
{
  at::removeCallback (watch.handle);
  result->n_operations = watch.n_operations;
  result->n_uploads = watch.n_uploads;
  result->n_downloads = watch.n_downloads;
  result->operations = strdup (watch.operations.c_str ());
  result->complaints = strdup (watch.complaints.c_str ());
  watch.staged.clear ();
}

extern "C" void
step_watch_clear (StepWatch *result)
{
  std::free (result->operations);
  std::free (result->complaints);
  *result = StepWatch ();
}

static at::Tensor
staging ()
{
  RECORD_FUNCTION ("attune::staging", {});
  return at::empty ({ 3 });
}

extern "C" unsigned
step_watch_do_wrong (unsigned way)
{
  at::Tensor numbers = at::ones ({ 3 });

  switch (way)
    {
    case 0: numbers.sum ().item<float> (); break;
    case 1: numbers.nonzero (); break;
    case 2: numbers.index ({ numbers.gt (0.5) }); break;
    case 3: numbers.copy_ (staging ()); break;
    case 4: staging ().copy_ (numbers); break;
    case 5: numbers.add_ (staging ()); break;
    case 6: staging ().fill_ (0.5); break;
    default: break;
    }
  return 7;
}
