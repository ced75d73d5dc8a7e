#include "base/memory.h"
#include "config/synonyms.h"

#include <strings.h>

/* Where keys are that people look for elsewhere. */
static const cr_home homes[] = {
    {"learning_rate", "\"optimizer\""},
    {"weight_decay", "\"optimizer\" (or is \"l2\" in \"regularization\", half of it)"},
    {"momentum", "\"optimizer\" of type \"sgd\" or \"rmsprop\""},
    {"nesterov", "\"optimizer\" of type \"sgd\""},
    {"beta1", "\"optimizer\" of type \"adam\" or \"adamw\""},
    {"beta2", "\"optimizer\" of type \"adam\" or \"adamw\""},
    {"epochs", "\"training\""},
    {"batch_size", "\"training\""},
    {"shuffle", "\"training\""},
    {"threads", "\"training\""},
    {"max_seconds", "\"training\""},
    {"seed", "the config itself, beside \"data\""},
    {"layers", "\"model\""},
    {"units", "a layer of type \"linear\""},
    {"filters", "a layer of type \"conv2d\""},
    {"kernel", "a layer of type \"conv2d\""},
    {"train", "\"data\""},
    {"target", "\"data\""},
    {"normalize", "\"data\""},
    {"augment", "\"data\""},
    {"validation", "\"data\""},
    {"test", "\"data\""},
    {"missing", "\"data\""},
    {"ignore", "\"data\""},
    {"weight", "\"data\""},
    {"columns", "\"data\""},
    {"header", "\"data\""},
    {"decimal", "\"data\""},
    {"thousands", "\"data\""},
    {"missing_values", "\"data\""},
    {"types", "\"data\""},
    {"delimiter", "\"data\""},
    {"encoding", "\"data\""},
    {"skip_rows", "\"data\""},
    {"comment_prefix", "\"data\""},
    {"fraction", "\"validation\" in \"data\""},
    {"folds", "\"validation\" in \"data\""},
    {"stratify", "\"validation\" in \"data\""},
    {"group", "\"validation\" in \"data\""},
    {"last", "\"validation\" in \"data\""},
    {"loss", "the config itself, beside \"model\""},
    {"optimizer", "the config itself, beside \"model\""},
    {"regularization", "the config itself, beside \"model\""},
    {"learning_rate_schedule", "the config itself, beside \"optimizer\""},
    {"gradient_clipping", "the config itself, beside \"optimizer\""},
    {"early_stopping", "the config itself, beside \"training\""},
    {"log", "the config itself, beside \"training\""},
    {"warmup", "\"learning_rate_schedule\""},
    {"patience",
     "\"early_stopping\" (or \"learning_rate_schedule\" of type \"plateau\")"},
    {"monitor", "\"early_stopping\" (or \"learning_rate_schedule\" of type \"plateau\")"},
    {"min_delta", "\"early_stopping\""},
    {"restore_best", "\"early_stopping\""},
    {"l2", "\"regularization\""},
    {"l1", "\"regularization\""},
    {"margin", "\"loss\" of type \"svm\""},
    {"delta", "\"loss\" of type \"huber\""},
    {"label_smoothing", "\"loss\" of type \"softmax\" or \"logistic\""},
    {"class_weights", "\"loss\""},
    {"norm", "\"gradient_clipping\""},
    {"health", "\"log\""},
    {"metrics", "\"log\""},
    {"dropout", "\"model.layers\" as a layer: {\"type\": \"dropout\", \"rate\": 0.5}"},
    {"schedule", "the config itself, as \"learning_rate_schedule\""},
    {"scheduler", "the config itself, as \"learning_rate_schedule\""},
    {"lr_schedule", "the config itself, as \"learning_rate_schedule\""},
    {"lr_scheduler", "the config itself, as \"learning_rate_schedule\""},
};

static const cr_home *find_home(const char *name)
{
    for (size_t i = 0; i < CR_COUNT(homes); i++)
        if (strcasecmp(homes[i].key, name) == 0)
            return &homes[i];
    return NULL;
}

const cr_home *cr_synonyms_home(const char *name)
{
    const cr_home *found = find_home(name);
    size_t at = 0;
    for (const char *ours; !found && (ours = cr_synonyms_next(name, &at));)
        found = find_home(ours);
    return found;
}
