#include "report/page_examples.h"

#include "base/memory.h"
#include "base/size.h"
#include "image/png.h"
#include "image/resize.h"
#include "inspect/show_images.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    MOST_SIDE = 64,      /* pixels of a picture, which larger ones are made smaller to */
    MOST_BYTES = 250000, /* of all pictures, before they are packed */
    MOST_VALUES = 4000000, /* of all examples, as the network takes them */
    MOST_CELLS = 12000,    /* of all rows */
    MOST_COLUMNS = 40,     /* of a row; of more the first are shown */
    MOST_EXAMPLES = 300
};

static bool are_pictures(const cr_encoding *encoding)
{
    return encoding->shape.rank == 3;
}

static size_t columns_of(const cr_encoding *encoding)
{
    size_t all = encoding->inputs ? encoding->input_count : encoding->features;
    return cr_size_smaller(all, MOST_COLUMNS);
}

static size_t room_for(const cr_encoding *encoding)
{
    const size_t *dim = encoding->shape.dim;
    size_t most = cr_size_smaller(MOST_EXAMPLES, MOST_VALUES / encoding->features + 1);
    if (are_pictures(encoding))
        return cr_size_smaller(most,
                               MOST_BYTES / (dim[0] * cr_size_smaller(dim[1], MOST_SIDE) *
                                             cr_size_smaller(dim[2], MOST_SIDE)) +
                                   12);
    return cr_size_smaller(most, MOST_CELLS / columns_of(encoding));
}

bool cr_page_examples_init(cr_page_examples *examples, const cr_page_scores *scores,
                           cr_error *err)
{
    *examples = (cr_page_examples){.scores = scores};
    examples->most = room_for(scores->model->encoding);
    examples->places = cr_alloc(scores->count, sizeof *examples->places, err);
    examples->items = cr_alloc(examples->most, sizeof *examples->items, err);
    return examples->places && examples->items;
}

void cr_page_examples_finish(cr_page_examples *examples)
{
    cr_free(examples->places);
    cr_free(examples->items);
    *examples = (cr_page_examples){0};
}

size_t cr_page_examples_add(cr_page_examples *examples, size_t i)
{
    if (examples->places[i] == 0) {
        if (examples->count == examples->most)
            return SIZE_MAX;
        examples->items[examples->count++] = (uint32_t)i;
        examples->places[i] = examples->count;
    }
    return examples->places[i] - 1;
}

const char *cr_page_examples_input(const cr_encoding *encoding, size_t j,
                                   char out[CR_PAGE_EXAMPLES_CELL])
{
    if (j < encoding->columns.count)
        snprintf(out, CR_PAGE_EXAMPLES_CELL, "%s", encoding->columns.items[j]);
    else
        snprintf(out, CR_PAGE_EXAMPLES_CELL, "column %zu", j);
    return out;
}

static const char *word_of(const cr_input *input, const double *features)
{
    for (size_t k = 0; k < input->words.count && k < input->count; k++)
        if (features[k] > 0.5)
            return input->words.items[k];
    return "";
}

const char *cr_page_examples_cell(const cr_input *input, const double *features,
                                  char out[CR_PAGE_EXAMPLES_CELL])
{
    size_t length = 0, numbers = input->count - input->indicator;
    out[0] = '\0';
    if (input->indicator && features[input->count - 1] > 0.5)
        return out;
    if (input->words.count > 0)
        snprintf(out, CR_PAGE_EXAMPLES_CELL, "%s", word_of(input, features));
    for (size_t k = 0;
         input->words.count == 0 && k < numbers && length + 32 < CR_PAGE_EXAMPLES_CELL;
         k++)
        length += (size_t)snprintf(out + length, CR_PAGE_EXAMPLES_CELL - length, "%s%.6g",
                                   k > 0 ? " " : "", features[k]);
    return out;
}

/* Values were normalised in single precision: what is next to 0 then was 0. */
static void clean(const cr_encoding *encoding, double *x)
{
    const double precision = 4e-7;
    for (size_t j = 0; encoding->shift && j < encoding->features; j++)
        if (fabs(x[j]) < precision * (fabs(encoding->shift[j]) + 1 / encoding->scale[j]))
            x[j] = 0;
}

static void write_cells(const cr_encoding *encoding, double *x, cr_page_json *out)
{
    char cell[CR_PAGE_EXAMPLES_CELL];
    clean(encoding, x);
    cr_page_json_open(out, "cells", '[');
    for (size_t j = 0; j < columns_of(encoding); j++) {
        const cr_input one = {.first = j, .count = 1};
        const cr_input *input = encoding->inputs ? &encoding->inputs[j] : &one;
        cr_page_json_string(out, NULL,
                            cr_page_examples_cell(input, x + input->first, cell));
    }
    cr_page_json_close(out, ']');
}

static bool write_picture(const cr_show_images *images, size_t i, cr_page_json *out,
                          cr_error *err)
{
    cr_picture picture = {0};
    void *bytes = NULL;
    size_t length = 0;
    bool good = cr_show_images_picture(images, i, &picture, err) &&
                cr_resize_shrink(&picture, MOST_SIDE, err) &&
                cr_png_encode(&picture, "an example", &bytes, &length, err);
    if (good)
        cr_page_json_uri(out, "picture", "image/png", bytes, length);
    cr_png_free(bytes);
    cr_picture_finish(&picture);
    return good;
}

static void write_class(cr_page_json *out, const char *key, const double *shares,
                        size_t class)
{
    cr_page_json_open(out, key, '{');
    cr_page_json_number(out, "class", (double)class);
    cr_page_json_number(out, "share", shares[class]);
    cr_page_json_close(out, '}');
}

static void write_prediction(const cr_page_scores *s, size_t i, cr_page_json *out)
{
    const double *shares = s->shares + i * s->outputs;
    if (s->kind == CR_REPORT_CLASSES) {
        write_class(out, "said", shares, s->said[i]);
        write_class(out, "right", shares, s->right[i]);
        return;
    }
    size_t shown = cr_size_smaller(s->outputs, MOST_COLUMNS);
    cr_page_json_numbers(out, "said", shares, shown, 6);
    cr_page_json_numbers(out, "right", s->targets + i * s->outputs, shown, 6);
}

static void write_columns(const cr_encoding *encoding, cr_page_json *out)
{
    char name[CR_PAGE_EXAMPLES_CELL];
    cr_page_json_open(out, "columns", '[');
    for (size_t j = 0; j < columns_of(encoding); j++)
        cr_page_json_string(out, NULL, cr_page_examples_input(encoding, j, name));
    cr_page_json_close(out, ']');
}

static bool write_items(const cr_page_examples *examples, const cr_show_images *images,
                        cr_page_json *out, cr_error *err)
{
    const cr_page_scores *s = examples->scores;
    const cr_encoding *encoding = s->model->encoding;
    bool good = true, pictures = are_pictures(encoding);
    cr_page_json_open(out, "items", '[');
    for (size_t i = 0; good && i < examples->count; i++) {
        size_t example = examples->items[i], row = s->rows[example];
        cr_page_json_open(out, NULL, '{');
        cr_page_json_number(out, "row", (double)row);
        if (cr_show_images_file(s->part->dataset, row))
            cr_page_json_string(out, "file", cr_show_images_file(s->part->dataset, row));
        if (pictures)
            good = write_picture(images, i, out, err);
        else
            write_cells(encoding, images->values + i * encoding->features, out);
        write_prediction(s, example, out);
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
    return good;
}

bool cr_page_examples_write(const cr_page_examples *examples, const char *key,
                            cr_page_json *out, cr_error *err)
{
    const cr_page_scores *s = examples->scores;
    const cr_encoding *encoding = s->model->encoding;
    const size_t n = encoding->features;
    cr_show_images images = {0};
    cr_real *x = cr_alloc(examples->count, n * sizeof *x, err);
    bool good = x != NULL;
    for (size_t i = 0; good && i < examples->count; i++)
        cr_batch_gather(s->part->dataset, &s->rows[examples->items[i]], 1, x + i * n,
                        NULL);
    good = good && cr_show_images_init(&images, encoding, s->part->dataset, x,
                                       examples->count, err);
    cr_page_json_open(out, key, '{');
    if (!are_pictures(encoding))
        write_columns(encoding, out);
    good = good && write_items(examples, &images, out, err);
    cr_page_json_close(out, '}');
    cr_show_images_finish(&images);
    cr_free(x);
    return good;
}
