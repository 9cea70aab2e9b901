/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one table of hyperparameters. A row here is a property of AttuneTrainConfig, a --set name, a
 * key of the JSON file and of run.json, and a line of README; names and meanings are those of
 * transformers' TrainingArguments wherever it has them.
 */
#include "config.h"

#include <glib/gi18n.h>

#include "attune-train-config.h"

static const char * const schedulers[] = {
  "linear", "cosine", "polynomial", "constant", "constant_with_warmup", "reduce_lr_on_plateau", NULL
};
static const char * const optimizers[] = { "adamw", "adam", "sgd", NULL };
static const char * const lora_targets[] = { "query_value", "all-linear", NULL };
static const char * const eval_strategies[] = { "no", "steps", "epoch", NULL };
static const char * const save_strategies[] = { "no", "steps", "epoch", "end", NULL };
static const char * const metrics[] = { "accuracy", "loss", "f1_macro", "f1_micro", "mcc", NULL };
static const char * const precisions[] = { "auto", "fp32", "bf16", "fp16", NULL };
static const char * const long_texts[] = { "head", "tail", "head_tail", "windows", NULL };
static const char * const poolings[] = { "auto", "max", "mean", "last", "attention", NULL };
static const char * const auto_yes_no[] = { "auto", "no", "yes", NULL };
static const char * const no_yes[] = { "no", "yes", NULL };
static const char * const samplings[] = {
  "group_by_length", "random", "sequential", "balanced", NULL
};

#define TRAINING N_("Training")
#define SCHEDULE N_("Schedule")
#define OPTIMIZER N_("Optimizer")
#define REGULARIZATION N_("Regularization")
#define EVALUATION N_("Evaluation")
#define RECURRENT N_("Recurrent Network")
#define COMPUTER N_("Computer")

#define INT(name, min, max, preset, title, subtitle, help, group) \
  { name, ATTUNE_FIELD_INT, min, max, preset, NULL, FALSE, NULL, title, subtitle, help, group }
#define AUTO_INT(name, min, max, preset, title, subtitle, help, group) \
  { name, ATTUNE_FIELD_INT, min, max, preset, "auto", TRUE, NULL, title, subtitle, help, group }
#define DOUBLE(name, min, max, preset, title, subtitle, help, group) \
  { name, ATTUNE_FIELD_DOUBLE, min, max, preset, NULL, FALSE, NULL, title, subtitle, help, group }
#define AUTO_DOUBLE(name, min, max, preset, title, subtitle, help, group) \
  { name, ATTUNE_FIELD_DOUBLE, min, max, preset, "auto", TRUE, NULL, title, subtitle, help, group }
#define CHOICE(name, choices, preset, title, subtitle, help, group) \
  { name, ATTUNE_FIELD_CHOICE, 0, 0, 0, preset, FALSE, choices, title, subtitle, help, group }
#define STRING(name, preset, title, subtitle, help, group) \
  { name, ATTUNE_FIELD_STRING, 0, 0, 0, preset, FALSE, NULL, title, subtitle, help, group }

static const AttuneField fields[] = {
  DOUBLE ("num_train_epochs", 0.01, 1000, 3, N_("Epochs"), N_("Times through the data"),
          N_("How many times training goes through all texts. More helps small data sets; too many "
             "learn the texts by heart."), TRAINING),
  INT ("per_device_train_batch_size", 1, 4096, 32, N_("Batch Size"), N_("Texts per step"),
       N_("How many texts are looked at before the weights change. Larger is steadier and needs "
          "more memory."), TRAINING),
  AUTO_DOUBLE ("learning_rate", 1e-8, 1, 0, N_("Learning Rate"), N_("Size of one step"),
               N_("How far the weights move per step. Chosen by the size of the model: 2e-5 for "
                  "base, 5e-5 for six layers, 1e-4 for tiny ones. Lower it when the loss jumps."),
               TRAINING),
  AUTO_INT ("max_length", 8, 65535, 0, N_("Maximum Length"), N_("Tokens; longer texts are cut"),
            /* xgettext:no-c-format */
            N_("Texts are cut after this many tokens. Chosen so that 99 % of the texts fit whole; "
               "shorter is faster."), TRAINING),
  CHOICE ("long_text_strategy", long_texts, "head", N_("Long Texts"),
          N_("What is read beyond the maximum length"),
          N_("Head reads the beginning, tail the end, head_tail a quarter of the beginning and the "
             "rest from the end, which suits reviews with a verdict at either. Windows reads all of "
             "it in pieces and averages their answers: best for long documents, and slower."),
          TRAINING),
  INT ("window_overlap", 0, 65535, 32, N_("Overlap of Windows"), N_("Tokens; with windows only"),
       N_("How many tokens a window shares with the one before, so that no sentence is seen only in "
          "two halves. At most half a window."), TRAINING),
  INT ("max_windows", 1, 512, 8, N_("Most Windows"), N_("Of a text; the rest is not read"),
       N_("Bounds the memory and time that a very long text takes."), TRAINING),
  INT ("gradient_accumulation_steps", 1, 1024, 1, N_("Gradient Accumulation"),
       N_("Batches per step"),
       N_("How many batches are added up before the weights change: a larger batch without more "
          "memory."), TRAINING),
  INT ("max_steps", -1, 100000000, -1, N_("Maximum Steps"), N_("-1: as the epochs say"),
       N_("Ends training after this many steps whatever the number of epochs."), TRAINING),
  CHOICE ("train_sampling_strategy", samplings, "group_by_length", N_("Order of Texts"),
          N_("How batches are put together"),
          N_("Texts of similar length together are fastest; random mixes all; sequential keeps the "
             "order of the file; balanced shows each label equally often, for labels of which some "
             "are rare."), TRAINING),
  INT ("seed", 0, 4294967295.0, 42, N_("Seed"), N_("Start of all chance"),
       N_("The same seed, data and settings give the same run on the same computer."), TRAINING),
  CHOICE ("lr_scheduler_type", schedulers, "linear", N_("Schedule"),
          N_("How the learning rate changes"),
          N_("Linear and cosine lower the learning rate to zero at the end, polynomial to the final "
             "rate on a curve of its power; constant keeps it, with or without warm-up: for runs "
             "whose length is not known yet; reduce_lr_on_plateau lowers it when the "
             "validation has stopped getting better."),
          SCHEDULE),
  DOUBLE ("lr_plateau_factor", 0.001, 0.999, 0.1, N_("Plateau Factor"), N_("With that schedule only"),
          N_("What the learning rate is multiplied by on a plateau."), SCHEDULE),
  INT ("lr_plateau_patience", 0, 10000, 10, N_("Plateau Patience"), N_("Evaluations without gain"),
       N_("How many evaluations without a gain are borne before the learning rate is lowered; 0 or 1 "
          "where there are few."), SCHEDULE),
  DOUBLE ("lr_power", 0.01, 10, 1, N_("Power of the Polynomial"), N_("With that schedule only"),
          N_("1 falls evenly, 2 fast at first and then slowly: worth a try when the loss is still "
             "falling at the end."), SCHEDULE),
  DOUBLE ("lr_end", 0, 1, 1e-7, N_("Final Learning Rate"), N_("With polynomial only"),
          N_("What the polynomial ends at; must be below the learning rate."), SCHEDULE),
  DOUBLE ("warmup_ratio", 0, 1, 0.06, N_("Warm-up Share"), N_("Part of all steps"),
          N_("The learning rate rises from zero during this part of the steps, which keeps the "
             "first ones from spoiling the model."), SCHEDULE),
  INT ("warmup_steps", 0, 100000000, 0, N_("Warm-up Steps"), N_("0: by the share"),
       N_("Warm-up as a number of steps; when positive it replaces the share."), SCHEDULE),
  CHOICE ("optim", optimizers, "adamw", N_("Optimizer"), N_("How gradients become steps"),
          N_("AdamW suits language models. Adam takes weight decay into the gradient, as older "
             "papers have it. SGD needs less memory and a learning rate some hundred times as "
             "large; it is for the classics and for comparing."), OPTIMIZER),
  DOUBLE ("sgd_momentum", 0, 0.9999, 0.9, N_("Momentum"), N_("Of SGD"),
          N_("How much of the step before goes into the next one; 0.9 smooths noisy steps."),
          OPTIMIZER),
  CHOICE ("sgd_nesterov", no_yes, "no", N_("Nesterov"), N_("Of SGD with momentum"),
          N_("Looks ahead along the momentum: often a little faster at the same rate."), OPTIMIZER),
  DOUBLE ("layerwise_lr_decay", 0.01, 1, 1, N_("Layer-Wise Decay"),
          N_("Of the learning rate, per layer downwards"),
          N_("0.9 lets lower layers, which know the language, change less than upper ones. Helps "
             "with few texts."), OPTIMIZER),
  CHOICE ("freeze_embeddings", no_yes, "no", N_("Freeze Embeddings"), N_("Words keep their meaning"),
          N_("Leaves the word embeddings as they are: less memory, and words that are not in the "
             "training texts stay beside those that are."), OPTIMIZER),
  INT ("freeze_layers", 0, 1000, 0, N_("Frozen Layers"), N_("From below, embeddings included"),
       N_("Leaves the lowest layers as they are: faster, less memory, and safer with few texts. All "
          "of them trains the classifier alone."), OPTIMIZER),
  INT ("lora_r", 0, 1024, 0, N_("LoRA Rank"), N_("0: without adapters"),
       N_("Trains small matrices of this rank beside the model's, which stay as they are, so that there is "
          "less to keep in memory: for models too large otherwise. 8 is usual, with a learning rate "
          "about ten times as large."),
       OPTIMIZER),
  DOUBLE ("lora_alpha", 0.001, 10000, 16, N_("LoRA Alpha"), N_("Strength of the adapters"),
          N_("The adapters count times alpha divided by their rank; twice the rank is usual."),
          OPTIMIZER),
  DOUBLE ("lora_dropout", 0, 0.99, 0, N_("LoRA Dropout"), N_("Before the adapters"),
          N_("Part of what goes into the adapters silenced at random; 0.1 helps with few texts."),
          OPTIMIZER),
  CHOICE ("lora_target_modules", lora_targets, "query_value", N_("LoRA In"),
          N_("Which matrices get adapters"),
          N_("Query and value of attention are usually enough; all linear layers learn more and cost "
             "more."), OPTIMIZER),
  CHOICE ("gradient_checkpointing", no_yes, "no", N_("Gradient Checkpointing"),
          N_("Compute twice instead of keeping"),
          N_("Computes each layer again when its gradient is due: slower, with much less memory for "
             "long texts. Same numbers."), OPTIMIZER),
  DOUBLE ("weight_decay", 0, 10, 0.01, N_("Weight Decay"),
          N_("Pulls weights towards zero, per step"),
          N_("Keeps weights small; biases and layer norms are left alone. Raise it when the "
             "validation loss rises early."), OPTIMIZER),
  DOUBLE ("adam_beta1", 0, 0.999999, 0.9, N_("Adam Beta 1"), N_("Memory of the gradient"),
          N_("Weight of past gradients in the running mean."), OPTIMIZER),
  DOUBLE ("adam_beta2", 0, 0.9999999, 0.999, N_("Adam Beta 2"), N_("Memory of its square"),
          N_("Weight of past squared gradients in the running mean."), OPTIMIZER),
  DOUBLE ("adam_epsilon", 1e-15, 1, 1e-8, N_("Adam Epsilon"), N_("Guard against division by zero"),
          N_("Added to the denominator of each update."), OPTIMIZER),
  DOUBLE ("max_grad_norm", 0, 1e6, 1, N_("Gradient Clipping"), N_("Largest norm; 0 is off"),
          N_("A gradient longer than this is shortened to it, so that single texts cannot throw "
             "the model off."), OPTIMIZER),
  DOUBLE ("label_smoothing_factor", 0, 0.999, 0, N_("Label Smoothing"),
          N_("Share taken from the label"),
          N_("Asks the model to be a little less certain; helps when labels are noisy."),
          REGULARIZATION),
  DOUBLE ("l1_penalty", 0, 10, 0, N_("L1 Penalty"), N_("Pulls weights to exactly zero"),
          N_("Added to the gradient: makes many weights vanish. Small values such as 1e-6; for the "
             "classics, and to see which words matter."), REGULARIZATION),
  DOUBLE ("l2_penalty", 0, 10, 0, N_("L2 Penalty"), N_("In the gradient"),
          N_("Added to the gradient, as papers before AdamW have it; weight decay does the same more "
             "evenly."), REGULARIZATION),
  AUTO_DOUBLE ("hidden_dropout_prob", 0, 0.99, -1, N_("Dropout"), N_("Of hidden units"),
               N_("Part of the hidden units silenced at random in each step. The model's own value "
                  "unless set."), REGULARIZATION),
  AUTO_DOUBLE ("attention_probs_dropout_prob", 0, 0.99, -1, N_("Attention Dropout"),
               N_("Of attention weights"),
               N_("Part of the attention weights silenced at random in each step. The model's own "
                  "value unless set."), REGULARIZATION),
  AUTO_DOUBLE ("classifier_dropout", 0, 0.99, -1, N_("Classifier Dropout"),
               N_("Before the last layer"),
               N_("Part of the features silenced before the classifier. The model's own value "
                  "unless set."), REGULARIZATION),
  STRING ("class_weight", "none", N_("Class Weights"), N_("none, balanced, or one number a class"),
          N_("Balanced makes rare labels count as much as frequent ones; or give a weight for each "
             "label, separated by commas."), REGULARIZATION),
  DOUBLE ("validation_split", 0, 0.9, 0.1, N_("Validation Share"), N_("Held out to measure"),
          N_("Part of the texts kept out of training to measure accuracy. Not used with a "
             "validation file of its own."), EVALUATION),
  AUTO_INT ("split_seed", 0, 4294967295.0, -1, N_("Seed of the Split"),
            N_("Which texts are held out"),
            N_("The seed, unless set. Runs with several seeds and one seed of the split are measured on "
               "the same texts, so that they can be compared."), EVALUATION),
  CHOICE ("eval_strategy", eval_strategies, "epoch", N_("Evaluate"), N_("When to measure"),
          N_("After each epoch, every so many steps, or never."), EVALUATION),
  INT ("eval_steps", 0, 100000000, 0, N_("Steps Between Evaluations"), N_("0: none besides"),
       N_("Also evaluates after each of this many steps."), EVALUATION),
  CHOICE ("metric_for_best_model", metrics, "accuracy", N_("Best Model By"),
          N_("Which weights are kept"),
          N_("The weights with the best value of this measure are kept."), EVALUATION),
  INT ("early_stopping_patience", 0, 10000, 0, N_("Early Stopping"),
       N_("Evaluations without gain; 0 is off"),
       N_("Ends training when this many evaluations in a row bring no improvement."), EVALUATION),
  CHOICE ("save_strategy", save_strategies, "epoch", N_("Save"), N_("When to keep a checkpoint"),
          N_("A run that is interrupted goes on from its last checkpoint: one after each epoch, every "
             "so many steps, at the end, or none. The best weights are kept in any case."),
          EVALUATION),
  INT ("save_steps", 0, 100000000, 0, N_("Steps Between Checkpoints"), N_("0: none besides"),
       N_("Also saves a checkpoint after each of this many steps: what an interruption can cost."),
       EVALUATION),
  INT ("save_total_limit", 1, 10000, 2, N_("Checkpoints Kept"), N_("The newest, and the best"),
       N_("Older checkpoints are removed once a newer one is whole. Each takes three times the "
          "model's size on the disk."), EVALUATION),
  INT ("logging_steps", 1, 1000000, 1, N_("Steps Between Log Lines"), N_("Points of the curves"),
       N_("Loss and speed are recorded every so many steps."), EVALUATION),
  AUTO_INT ("rnn_hidden_size", 1, 4096, 0, N_("Size of the Network"), N_("Numbers it keeps in mind"),
            N_("Of an RNN, LSTM or GRU: how much it can keep in mind from word to word, 128 unless set. "
               "Larger learns more from many texts and is slower."), RECURRENT),
  INT ("rnn_num_layers", 1, 8, 1, N_("Recurrent Layers"), N_("One on top of the other"),
       N_("A second layer reads what the first one makes of the words; worth a try with tens of thousands "
          "of texts."), RECURRENT),
  CHOICE ("rnn_bidirectional", auto_yes_no, "auto", N_("Read Both Ways"),
          N_("Also from the end of the text"),
          N_("A second network reads from the end, so that each word knows what follows it. As the "
             "model's name says unless set."), RECURRENT),
  CHOICE ("rnn_pooling", poolings, "auto", N_("From Words to Text"), N_("What the answer is made of"),
          N_("The largest value over all words (max), their mean, what was known last, or a mean whose "
             "weights are learned (attention). As the model's name says unless set."), RECURRENT),
  STRING ("rnn_embeddings", "trained", N_("Word Embeddings"), N_("trained, or the name of a model"),
          N_("What a word is to the network: a row of numbers learned with it, or what an installed model "
             "of the BERT family makes of the word in its sentence."), RECURRENT),
  CHOICE ("rnn_tune_embeddings", no_yes, "no", N_("Tune the Embeddings' Model"),
          N_("Where a model's are used"),
          N_("Whether that model learns, too. Without it a step is three times as fast; with it the learning "
             "rate is that of fine-tuning."), RECURRENT),
  AUTO_INT ("rnn_embedding_size", 1, 4096, 0, N_("Size of Trained Embeddings"), N_("Numbers a word"),
            N_("128 unless set. Fewer are enough for small data."), RECURRENT),
  INT ("rnn_vocab_size", 100, 500000, 30000, N_("Words"), N_("The most frequent of the texts"),
       N_("How many words the network tells apart, among those that occur at least twice in the training "
          "texts; all others are the same to it."), RECURRENT),
  CHOICE ("precision", precisions, "auto", N_("Precision"), N_("Numbers used in computing"),
          N_("Auto measures before training which is fastest here and says so. Full precision "
             "(fp32) is always exact; bf16 and fp16 are faster on hardware made for them."),
          COMPUTER),
  STRING ("device", "auto", N_("Device"), N_("auto, cpu, cuda, cuda:0 …"),
          N_("What computes: a graphics card when there is one, else the processor."), COMPUTER),
  AUTO_INT ("num_threads", 1, 1024, 0, N_("Threads"), N_("Of the processor"),
            N_("How many processor cores compute. Fewer leave room for other programs."), COMPUTER),
};

/**
 * attune_train_config_get_fields:
 * @n_fields: (out): how many there are
 *
 * Returns: (transfer none): the table, in the order a person reads it
 */
const AttuneField *
attune_train_config_get_fields (guint *n_fields)
{
  if (n_fields != NULL)
    *n_fields = G_N_ELEMENTS (fields);
  return fields;
}

/**
 * attune_train_config_find_field:
 * @name: a name as in the table, or with '-' for '_'
 *
 * Returns: (transfer none) (nullable): its row
 */
const AttuneField *
attune_train_config_find_field (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      const char *a = fields[i].name;
      const char *b = name;

      while (*a != '\0' && (*a == *b || (*a == '_' && *b == '-')))
        a++, b++;
      if (*a == '\0' && *b == '\0')
        return &fields[i];
    }
  return NULL;
}
