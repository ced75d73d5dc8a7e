#include "model/loss.h"

#include "base/memory.h"
#include "config/typed_section.h"

#include <string.h>

/* The keys that every loss has. */
static const cr_option loss_options[] = {
    {.key = "class_weights",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(cr_loss, class_weights),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_STRING | 1u << CR_JSON_OBJECT,
     .expects = "\"balanced\" or an object with a number for each class",
     .help =
         "what an example's loss counts, by its class: L = (1/N) sum w L_i. "
         "\"balanced\": rows / (classes * rows of the class) in the training part; or "
         "{\"yes\": 5, \"no\": 1}, where a class that is left out has 1"},
};

void cr_loss_read(cr_reader *reader, cr_json *root, cr_loss *loss)
{
    cr_typed types[CR_MOST_TYPES];
    const cr_option_group common = {loss_options, 1, loss};
    for (size_t i = 0; i < cr_loss_type_count; i++)
        types[i] =
            (cr_typed){cr_loss_types[i]->name, cr_loss_types[i]->options,
                       cr_loss_types[i]->option_count, cr_loss_types[i]->options_size};
    int index = cr_typed_section_read(reader, root, "loss", "loss", NULL, types,
                                      cr_loss_type_count, &common, &loss->options);
    loss->type = index < 0 ? NULL : cr_loss_types[index];
    if (loss->type && loss->class_weights && !loss->type->classify)
        cr_reader_error(reader, "loss.class_weights",
                        "the targets of \"%s\" are numbers, not classes; remove this key",
                        loss->type->name);
}

/* rows / (classes × rows of the class), as scikit-learn's "balanced". */
static bool balance(const cr_part *train, cr_loss *loss, size_t classes, cr_error *err)
{
    size_t *counts = cr_alloc(classes, sizeof *counts, err);
    if (!counts)
        return false;
    for (size_t i = 0; i < train->count; i++)
        counts[train->dataset->labels[cr_part_row(train, i)]]++;
    for (size_t i = 0; i < classes; i++)
        if (counts[i] > 0)
            loss->weights[i] =
                (cr_real)((double)train->count / ((double)classes * (double)counts[i]));
    cr_free(counts);
    return true;
}

static void read_weight(cr_reader *reader, const cr_encoding *encoding,
                        const cr_json *member, cr_loss *loss)
{
    const char *name = cr_json_key(member);
    int32_t class = cr_names_place(&encoding->classes, name);
    if (class < 0)
        cr_reader_unknown(reader, "loss.class_weights", "class", name,
                          (const char *const *)encoding->classes.items,
                          encoding->classes.count);
    else if (!cr_json_is(member, CR_JSON_NUMBER) || !(cr_json_number(member) >= 0))
        cr_reader_error(reader, "loss.class_weights",
                        "the weight of class \"%s\" is to be a number, 0 or more", name);
    else
        loss->weights[class] = (cr_real)cr_json_number(member);
}

/* What "balanced" came to becomes a part of the resolved config. */
static bool record(cr_json *root, const cr_encoding *encoding, const cr_loss *loss)
{
    cr_json *section = cr_json_edit(root, "loss");
    cr_json_remove(section, "class_weights");
    cr_json *object = cr_json_add(section, "class_weights", CR_JSON_OBJECT);
    bool good = object != NULL;
    for (size_t i = 0; good && i < encoding->classes.count; i++)
        good = cr_json_set_number(object, encoding->classes.items[i],
                                  (double)loss->weights[i]);
    return good;
}

bool cr_loss_weigh(cr_reader *reader, cr_json *root, const cr_encoding *encoding,
                   const cr_part *train, cr_loss *loss)
{
    size_t errors = reader->err->count, classes = encoding->classes.count;
    const cr_json *given = loss->class_weights;
    if (!given)
        return true;
    bool balanced = cr_json_is(given, CR_JSON_STRING);
    if (!encoding->classify) {
        cr_reader_error(reader, "loss.class_weights",
                        "with several target columns there are no classes to weigh; "
                        "remove this key");
        return false;
    }
    if (balanced && (strcmp(cr_json_string(given), "balanced") != 0 || !train)) {
        cr_reader_error(reader, "loss.class_weights",
                        "found \"%s\", expected \"balanced\" or an object with a number "
                        "for each class, such as {\"%s\": 1, \"%s\": 5}",
                        cr_json_string(given), encoding->classes.items[0],
                        encoding->classes.items[1]);
        return false;
    }
    loss->weights = cr_alloc(classes, sizeof *loss->weights, reader->err);
    for (size_t i = 0; loss->weights && i < classes; i++)
        loss->weights[i] = 1;
    if (!loss->weights || (balanced && !balance(train, loss, classes, reader->err)))
        return false;
    for (const cr_json *m = balanced ? NULL : cr_json_first(given); m;
         m = cr_json_next(m))
        read_weight(reader, encoding, m, loss);
    loss->class_weights = NULL; /* it is about to be replaced in the tree */
    return reader->err->count == errors &&
           (record(root, encoding, loss) ||
            cr_fail(reader->err, CR_E_MEMORY, "out of memory"));
}

void cr_loss_describe(cr_text *out)
{
    cr_options_describe("loss", "Keys of every type whose targets are classes.",
                        loss_options, 1, out);
    for (size_t i = 0; i < cr_loss_type_count; i++) {
        const cr_loss_type *type = cr_loss_types[i];
        cr_options_describe(type->name, type->summary, type->options, type->option_count,
                            out);
    }
}

cr_target_kind cr_loss_targets(const cr_loss_type *loss)
{
    if (loss->binary)
        return CR_TARGETS_BINARY;
    return loss->classify ? CR_TARGETS_CLASSES : CR_TARGETS_NUMBERS;
}

bool cr_loss_fits(const cr_loss_type *loss, const cr_encoding *encoding)
{
    if (loss->binary)
        return !encoding->classify || encoding->classes.count == 2;
    return loss->classify == encoding->classify;
}

bool cr_loss_check_targets(const cr_loss_type *loss, const cr_part *part,
                           const char *name, cr_error *err)
{
    const cr_dataset *set = part->dataset;
    size_t count = set ? set->target_count : 0;
    bool is_checked = loss && loss->logarithmic && count > 0;
    for (size_t i = 0; is_checked && i < part->count; i++)
        for (size_t j = 0, row = cr_part_row(part, i); j < count; j++) {
            double target = (double)cr_dataset_target(set, row * count + j);
            if (target < 0)
                return cr_fail(
                    err, CR_E_DATA,
                    "example %zu (from 0) of the %s data has the target %g; the loss "
                    "\"%s\" takes numbers from 0 on, and none that \"normalize_target\" "
                    "has made negative",
                    row, name, target, loss->name);
        }
    return true;
}
