/* A config for pictures of which nothing is known but what they look like. */
#include "base/memory.h"
#include "base/path.h"
#include "config/json_layout.h"
#include "inspect/picture_survey.h"

#include <stdio.h>

enum { STAGES = 3 /* of a convolution, whose filters double, and a halving */ };

/* How long and in what batches, by the number of pictures. */
typedef struct length {
    size_t pictures; /* fewer than these; 0: however many */
    int epochs, batch_size;
    double validation;
} length;

static const length lengths[] = {
    {1000, 60, 16, 0.2}, {5000, 40, 32, 0.2}, {20000, 20, 64, 0.1}, {0, 12, 64, 0.1}};

static const length *length_of(const cr_picture_survey *s)
{
    size_t k = 0;
    while (lengths[k].pictures > 0 && s->whole >= lengths[k].pictures)
        k++;
    return &lengths[k];
}

/* Whether some class has so many pictures that a fraction of them is one at least. */
static bool can_split(const cr_picture_survey *s, double fraction)
{
    size_t most = 0;
    for (size_t i = 0; i < s->classes.count; i++)
        most = s->counts[i] > most ? s->counts[i] : most;
    return (double)most * fraction >= 0.5;
}

/* Moved by a tenth where that is a pixel, and colours, which are of things rather than of
 * signs, seen in a mirror. */
static bool add_augmentations(const cr_picture_survey *s, size_t side, cr_json *data)
{
    char shift[64] = "";
    if (side >= CR_FOLDER_STEP)
        snprintf(shift, sizeof shift, "{\"type\": \"shift\", \"pixels\": %zu}",
                 side < 20 ? 1 : side / 10);
    const char *flip = s->coloured > 0 ? "{\"type\": \"flip\"}" : "";
    char text[112];
    snprintf(text, sizeof text, "[%s%s%s]", shift, *shift && *flip ? ", " : "", flip);
    return (!*shift && !*flip) || cr_json_set_text(data, "augment", text);
}

static bool add_data(const cr_picture_survey *s, const char *path, cr_json *root)
{
    char text[64];
    size_t size[2];
    double fraction = length_of(s)->validation;
    cr_json *data = cr_json_add(root, "data", CR_JSON_OBJECT);
    cr_json *train = data ? cr_json_add(data, "train", CR_JSON_OBJECT) : NULL;
    bool good = train && cr_json_set_string(train, "folder", path);
    if (cr_picture_survey_size(s, size)) {
        snprintf(text, sizeof text, "[%zu, %zu]", size[0], size[1]);
        good = good && cr_json_set_text(train, "size", text);
    }
    snprintf(text, sizeof text, "{\"fraction\": %g}", fraction);
    return good &&
           (!can_split(s, fraction) || cr_json_set_text(data, "validation", text)) &&
           cr_json_set_string(data, "normalize", "standardize") &&
           add_augmentations(s, size[0] < size[1] ? size[0] : size[1], data);
}

static bool add_layers(const cr_picture_survey *s, cr_json *root)
{
    size_t size[2];
    (void)cr_picture_survey_size(s, size);
    size_t side = size[0] < size[1] ? size[0] : size[1];
    cr_text text = {0};
    cr_text_add(&text, "{\"layers\": [");
    for (int stage = 0; stage < STAGES && (stage == 0 || side >= CR_FOLDER_STEP);
         stage++) {
        cr_text_add(&text,
                    "{\"type\": \"conv2d\", \"filters\": %d, \"kernel\": 3, \"padding\": "
                    "\"same\"}, {\"type\": \"batch_norm\"}, {\"type\": \"relu\"}, ",
                    32 << stage);
        if (side >= 2)
            cr_text_add(&text, "{\"type\": \"max_pool2d\", \"size\": 2}, ");
        side /= 2;
    }
    cr_text_add(&text,
                "{\"type\": \"dropout\", \"rate\": 0.3}, {\"type\": \"linear\"}]}");
    bool good = !text.failed && cr_json_set_text(root, "model", text.data);
    cr_text_finish(&text);
    return good;
}

static bool add_training(const cr_picture_survey *s, cr_json *root)
{
    char text[64];
    const length *how = length_of(s);
    snprintf(text, sizeof text, "{\"epochs\": %d, \"batch_size\": %d}", how->epochs,
             how->batch_size);
    return cr_json_set_text(root, "loss",
                            s->classes.count == 2 ? "{\"type\": \"logistic\"}"
                                                  : "{\"type\": \"softmax\"}") &&
           cr_json_set_text(root, "optimizer",
                            "{\"type\": \"adam\", \"learning_rate\": 0.002}") &&
           cr_json_set_text(root, "learning_rate_schedule", "{\"type\": \"cosine\"}") &&
           cr_json_set_text(root, "training", text);
}

char *cr_picture_survey_config(const cr_picture_survey *survey, const char *directory,
                               cr_error *err)
{
    if (survey->whole == 0 || survey->classes.count < 2) {
        cr_fail(err, CR_E_DATA,
                "%s: %s: a network learns to tell two classes or more apart, each with a "
                "folder of its pictures; no config was made",
                survey->folder,
                survey->whole == 0 ? "no picture can be read" : "one class alone");
        return NULL;
    }
    char *path = cr_path_relative(survey->folder, directory, err);
    cr_json *root = cr_json_new(CR_JSON_OBJECT);
    bool good = path && root && cr_json_set_number(root, "seed", 1) &&
                add_data(survey, path, root) && add_layers(survey, root) &&
                add_training(survey, root);
    char *text = good ? cr_json_layout_print(root) : NULL;
    if (!text)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_free(path);
    cr_json_free(root);
    return text;
}
