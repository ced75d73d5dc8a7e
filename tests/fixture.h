/* What the unit tests share: cmocka's headers, and a model made from a few lines of JSON.
 */
#ifndef CHAINRULE_TESTS_FIXTURE_H
#define CHAINRULE_TESTS_FIXTURE_H

#include "base/kept_draws.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "config/document.h"
#include "measure/evaluator.h"
#include "model/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Skips the test with a line that tests/run shows. */
#define SKIP_BECAUSE(reason)                                                             \
    do {                                                                                 \
        print_message("skipped %s: %s\n", __func__, reason);                             \
        skip();                                                                          \
    } while (0)

/* A model without data: its encoding says how many classes or targets there are. */
typedef struct fixture {
    cr_model model;
    cr_encoding encoding;
    cr_error err;
    cr_text warnings;
    cr_reader reader;
} fixture;

/* Parses {"model": …, "loss": …} and plans the network for examples of the given shape
 * (NULL: a graph without data) with `targets` outputs (0: what comes out). False with
 * fixture->err. */
static inline bool fixture_create(fixture *f, const char *json, const cr_shape *shape,
                                  size_t targets, bool all_gradients)
{
    *f = (fixture){0};
    f->reader = (cr_reader){.document = &f->model.document,
                            .directory = (char[]){""},
                            .err = &f->err,
                            .warnings = &f->warnings};
    char *text = cr_text_copy(json, strlen(json), &f->err);
    if (!cr_document_parse(&f->model.document, "test.json", text, strlen(text),
                           CR_E_CONFIG, &f->err))
        return false;
    cr_json *root = f->model.document.root;
    cr_model_section_read(&f->reader, root, &f->model.section);
    if (cr_json_get(root, "loss"))
        cr_loss_read(&f->reader, root, &f->model.loss);
    if (f->err.count > 0)
        return false;
    f->encoding.shape = shape ? *shape : cr_shape_flat(0);
    f->encoding.features = cr_shape_size(&f->encoding.shape);
    f->encoding.target_count = targets;
    const cr_loss_type *loss = f->model.loss.type;
    f->encoding.classify = loss && loss->classify && !loss->binary;
    f->model.encoding = &f->encoding;
    f->model.network =
        cr_network_create(&f->reader, &f->model.section, shape, targets, all_gradients);
    return f->model.network != NULL;
}

static inline void fixture_finish(fixture *f)
{
    cr_model_finish(&f->model);
    cr_text_finish(&f->warnings);
}

/* n normal draws of standard deviation std, by a name. */
static inline void fixture_draw(const char *name, double std, size_t n, cr_real *out)
{
    for (size_t i = 0; i < n; i += 2) {
        double draw[2];
        cr_random_normal(1, CR_FOR_CHECK, cr_random_stream(name), i, 2, draw);
        out[i] = (cr_real)(std * draw[0]);
        if (i + 1 < n)
            out[i + 1] = (cr_real)(std * draw[1]);
    }
}

#endif
