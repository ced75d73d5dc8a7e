#include "config/synonyms.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 64 };

static const struct {
    const char *theirs, *ours;
} synonyms[] = {
    {"lr", "learning_rate"},
    {"eta", "learning_rate"},
    {"eta0", "learning_rate"},
    {"base_lr", "learning_rate"},
    {"learning_rate_init", "learning_rate"},
    {"batch", "batch_size"},
    {"minibatch", "batch_size"},
    {"max_iter", "epochs"},
    {"num_epochs", "epochs"},
    {"n_epochs", "epochs"},
    {"lambda", "l2"},
    {"sep", "delimiter"},
    {"separator", "delimiter"},
    {"charset", "encoding"},
    {"skiprows", "skip_rows"},
    {"skip", "skip_rows"},
    {"skip_lines", "skip_rows"},
    {"comments", "comment_prefix"},
    {"comment_char", "comment_prefix"},
    {"na_values", "missing_values"},
    {"null_values", "missing_values"},
    {"missing_words", "missing_values"},
    {"decimal_separator", "decimal"},
    {"decimal_mark", "decimal"},
    {"thousands_separator", "thousands"},
    {"dtype", "types"},
    {"dtypes", "types"},
    {"column_types", "types"},
    {"schema", "types"},
    {"datetime", "date"},
    {"timestamp", "date"},
    {"money", "currency"},
    {"price", "currency"},
    {"percentage", "percent"},
    {"categorical", "words"},
    {"category", "words"},
    {"string", "words"},
    {"text", "words"},
    {"str", "words"},
    {"float", "number"},
    {"int", "number"},
    {"integer", "number"},
    {"numeric", "number"},
    {"day_of_week", "weekday"},
    {"dense", "linear"},
    {"fc", "linear"},
    {"connected", "linear"},
    {"fully_connected", "linear"},
    {"inner_product", "linear"},
    {"affine", "linear"},
    {"conv", "conv2d"},
    {"convolution", "conv2d"},
    {"convolution2d", "conv2d"},
    {"convolutional", "conv2d"},
    {"depthwise_conv2d", "conv2d"},
    {"convolution1d", "conv1d"},
    {"conv2d_transpose", "conv_transpose2d"},
    {"convolution2d_transpose", "conv_transpose2d"},
    {"conv_transpose", "conv_transpose2d"},
    {"deconv", "conv_transpose2d"},
    {"deconvolution", "conv_transpose2d"},
    {"deconvolutional", "conv_transpose2d"},
    {"max_pool", "max_pool2d"},
    {"max_pooling", "max_pool2d"},
    {"max_pooling2d", "max_pool2d"},
    {"pool", "max_pool2d"},
    {"pooling", "max_pool2d"},
    {"avg_pool", "avg_pool2d"},
    {"average_pool", "avg_pool2d"},
    {"average_pooling", "avg_pool2d"},
    {"average_pooling2d", "avg_pool2d"},
    {"out_channels", "filters"},
    {"channels", "filters"},
    {"num_filters", "filters"},
    {"n_filters", "filters"},
    {"num_output", "filters"},
    {"kernel_size", "kernel"},
    {"filter_size", "kernel"},
    {"size", "kernel"},
    {"pool_size", "size"},
    {"kernel_size", "size"},
    {"kernel", "size"},
    {"strides", "stride"},
    {"dilation_rate", "dilation"},
    {"dilations", "dilation"},
    {"pad", "padding"},
    {"pads", "padding"},
    {"group", "groups"},
    {"num_group", "groups"},
    {"out_features", "units"},
    {"num_output", "units"},
    {"n_out", "units"},
    {"neurons", "units"},
    {"width", "units"},
    {"hidden", "units"},
    {"size", "units"},
    {"use_bias", "bias"},
    {"bias_term", "bias"},
    {"kernel_initializer", "init"},
    {"weight_filler", "init"},
    {"kaiming", "he"},
    {"kaiming_normal", "he"},
    {"he_normal", "he"},
    {"glorot", "xavier"},
    {"glorot_normal", "xavier"},
    {"xavier_normal", "xavier"},
    {"gaussian", "normal"},
    {"stddev", "std"},
    {"sigma", "std"},
    {"plus", "add"},
    {"eltwise", "add"},
    {"sub", "subtract"},
    {"minus", "subtract"},
    {"multiply", "mul"},
    {"times", "mul"},
    {"product", "mul"},
    {"maximum", "max"},
    {"dot", "matmul"},
    {"mm", "matmul"},
    {"ln", "log"},
    {"inverse", "reciprocal"},
    {"pow", "power"},
    {"average", "mean"},
    {"concatenate", "concat"},
    {"constant", "value"},
    {"parameter", "value"},
    {"logistic", "sigmoid"},
    {"rectifier", "relu"},
    {"cross_entropy", "softmax"},
    {"crossentropy", "softmax"},
    {"categorical_crossentropy", "softmax"},
    {"sparse_categorical_crossentropy", "softmax"},
    {"nll", "softmax"},
    {"nll_loss", "softmax"},
    {"log_loss", "softmax"},
    {"hinge", "svm"},
    {"multi_margin", "svm"},
    {"mse", "l2"},
    {"mean_squared_error", "l2"},
    {"squared_error", "l2"},
    {"euclidean", "l2"},
    {"delta", "margin"},
    {"criterion", "loss"},
    {"objective", "loss"},
    {"penalty", "regularization"},
    {"regularizer", "regularization"},
    {"solver", "optimizer"},
    {"optim", "optimizer"},
    {"gradient_descent", "sgd"},
    {"network", "model"},
    {"net", "model"},
    {"label", "target"},
    {"labels", "target"},
    {"target_column", "target"},
    {"y", "target"},
    {"val", "validation"},
    {"valid", "validation"},
    {"scaler", "normalize"},
    {"normalization", "normalize"},
    {"standard", "standardize"},
    {"zscore", "standardize"},
    {"min_max", "minmax"},
    {"validation_split", "fraction"},
    {"test_size", "fraction"},
    {"stratified", "stratify"},
    {"groups", "group"},
    {"group_column", "group"},
    {"random_state", "seed"},
    {"random_seed", "seed"},
    {"n_jobs", "threads"},
    {"bottom", "inputs"},
    {"input", "inputs"},
    {"frozen", "trainable"},
    {"requires_grad", "trainable"},
    {"kind", "type"},
    {"id", "name"},
    {"bce", "logistic"},
    {"binary_crossentropy", "logistic"},
    {"bce_with_logits", "logistic"},
    {"sigmoid_cross_entropy", "logistic"},
    {"mae", "l1"},
    {"absolute_error", "l1"},
    {"l1_loss", "l1"},
    {"smooth_l1", "huber"},
    {"smooth_l1_loss", "huber"},
    {"class_weight", "class_weights"},
    {"layernorm", "layer_norm"},
    {"batchnorm", "batch_norm"},
    {"bn", "batch_norm"},
    {"batch_normalization", "batch_norm"},
    {"layer_normalization", "layer_norm"},
    {"leakyrelu", "leaky_relu"},
    {"p", "rate"},
    {"drop", "rate"},
    {"features", "columns"},
    {"feature_columns", "columns"},
    {"exclude", "ignore"},
    {"drop_columns", "ignore"},
    {"skip", "ignore"},
    {"one_hot", "categorical"},
    {"categories", "categorical"},
    {"na", "missing"},
    {"na_values", "missing"},
    {"nan", "missing"},
    {"impute", "missing"},
    {"impute_missing", "missing"},
    {"gamma", "factor"},
    {"decay", "factor"},
    {"step_every", "every"},
    {"max_norm", "norm"},
    {"clip_norm", "norm"},
    {"clipnorm", "norm"},
    {"clip_value", "value"},
    {"clipvalue", "value"},
    {"step_size", "every"},
    {"step_size", "learning_rate"},
    {"milestone", "milestones"},
    {"decay_steps", "every"},
    {"decay_steps", "period"},
    {"decay_rate", "factor"},
    {"t_max", "period"},
    {"eta_min", "minimum"},
    {"min_lr", "minimum"},
    {"warmup_steps", "warmup"},
    {"warmup_epochs", "warmup"},
    {"threshold", "min_delta"},
    {"tol", "min_delta"},
    {"n_iter_no_change", "patience"},
    {"restore_best_weights", "restore_best"},
    {"eps", "epsilon"},
    {"rho", "alpha"},
    {"smoothing", "label_smoothing"},
    {"slope", "negative_slope"},
    {"alpha", "negative_slope"},
    {"glorot_uniform", "xavier"},
    {"xavier_uniform", "xavier"},
    {"kaiming_uniform", "he"},
    {"he_uniform", "he"},
    {"lecun_normal", "lecun"},
    {"lecun_uniform", "lecun"},
    {"random_normal", "normal"},
    {"random_uniform", "uniform"},
    {"batch_norm1d", "batch_norm"},
    {"step_lr", "step"},
    {"multi_step_lr", "multistep"},
    {"exponential_lr", "exponential"},
    {"exponential_decay", "exponential"},
    {"linear_lr", "linear"},
    {"polynomial_decay", "linear"},
    {"cosine_annealing", "cosine"},
    {"cosine_annealing_lr", "cosine"},
    {"cosine_decay", "cosine"},
    {"reduce_lr_on_plateau", "plateau"},
    {"constant_lr", "constant"},
    {"val_loss", "validation_loss"},
    {"val_accuracy", "validation_accuracy"},
    {"val_acc", "validation_accuracy"},
    {"val_rmse", "validation_rmse"},
    {"accuracy", "validation_accuracy"},
    {"acc", "validation_accuracy"},
    {"auc", "validation_roc_auc"},
    {"val_auc", "validation_roc_auc"},
    {"validation_auc", "validation_roc_auc"},
    {"train_auc", "train_roc_auc"},
    {"drop", "ignore"},
    {"scale", "normalize"},
    {"standardize", "normalize"},
    {"kfold", "folds"},
    {"n_iter", "samples"},
    {"scoring", "metric"},
    {"standard_scaler", "standardize"},
    {"n_splits", "folds"},
    {"cv", "folds"},
};

/* What there is no other name for, and what to do in its place. */
static const struct {
    const char *theirs, *note;
} notes[] = {
    {"activation",
     "an activation is a layer of its own behind this one, such as {\"type\": "
     "\"relu\"}"},
    {"alpha",
     "scikit-learn's alpha is \"l2\" in \"regularization\" times twice the batch size"},
    {"betas", "here they are \"beta1\" and \"beta2\""},
    {"conv3d", "there are convolutions of images (conv2d) and of lines (conv1d)"},
    {"in_channels", "leave it out: it follows from the layer before"},
    {"separable_conv2d", "write it as two of \"conv2d\": one with as many \"groups\" as "
                         "channels, and one with "
                         "\"kernel\": 1"},
    {"data_format", "leave it out: images are [channels, height, width]"},
    {"padding_mode", "leave it out: padding is zeros"},
    {"embedding", "words of a table become inputs by themselves (\"categorical\" in "
                  "\"data\")"},
    {"flatten", "leave it out: \"linear\" takes an example of any shape as a flat one"},
    {"input", "leave it out: the first layer takes the batch"},
    {"input_dim", "leave it out: it follows from the data"},
    {"input_shape", "leave it out: it follows from the data"},
    {"in_features", "leave it out: it follows from the layer before"},
    {"kernel_regularizer", "take \"l2\" in \"regularization\""},
    {"verbose", "leave it out; -q on the command line is for silence"},
    {"keep_prob", "here it is \"rate\", the share that is dropped: 1 - keep_prob"},
    {"mode", "leave it out: the metric says whether more or less of it is better"},
    {"pos_weight", "take \"class_weights\": {\"yes\": 5} with the class's own name"},
    {"swish", "write it as \"mul\" of a layer and its \"sigmoid\""},
    {"silu", "write it as \"mul\" of a layer and its \"sigmoid\""},
};

/* Letters and digits alone, in lower case, without the ending of PyTorch's classes:
 * "BCEWithLogitsLoss" and "bce_with_logits" are one. */
static void squash(const char *name, char out[LONGEST])
{
    size_t length = strlen(name), used = 0;
    if (length > 4 && strcmp(name + length - 4, "Loss") == 0)
        length -= 4;
    for (size_t i = 0; i < length && used + 1 < LONGEST; i++)
        if (isalnum((unsigned char)name[i]))
            out[used++] = (char)tolower((unsigned char)name[i]);
    out[used] = '\0';
}

static bool are_alike(const char *a, const char *b)
{
    char x[LONGEST], y[LONGEST];
    squash(a, x);
    squash(b, y);
    return *x && strcmp(x, y) == 0;
}

const char *cr_synonyms_next(const char *name, size_t *at)
{
    while (*at < CR_COUNT(synonyms))
        if (are_alike(name, synonyms[(*at)++].theirs))
            return synonyms[*at - 1].ours;
    return NULL;
}

const char *cr_synonyms_find(const char *name, const char *const *known, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (are_alike(name, known[k]))
            return known[k];
    size_t at = 0;
    for (const char *ours; (ours = cr_synonyms_next(name, &at));)
        for (size_t k = 0; k < count; k++)
            if (strcmp(known[k], ours) == 0)
                return known[k];
    return NULL;
}

const char *cr_synonyms_note(const char *name)
{
    for (size_t i = 0; i < CR_COUNT(notes); i++)
        if (are_alike(name, notes[i].theirs))
            return notes[i].note;
    return NULL;
}
