#include "inspect/show.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/augmented.h"
#include "inspect/show_images.h"

/* The epoch's first rows as they are gathered for its first step. */
static bool gather(const cr_experiment *e, const uint32_t *rows, size_t count, cr_real *x,
                   cr_error *err)
{
    const cr_dataset *dataset = e->data->parts[CR_PART_TRAIN].dataset;
    const cr_augmented_step step = {.seed = (uint64_t)e->seed};
    cr_augmented augmented;
    if (e->augment.count == 0) {
        cr_batch_gather(dataset, rows, count, x, NULL);
        return true;
    }
    if (!cr_augmented_init(&augmented, &e->augment, e->model.encoding, 1, err))
        return false;
    cr_augmented_gather(&augmented, &step, dataset, rows, count, x);
    cr_augmented_finish(&augmented);
    return true;
}

static bool begin(cr_sheet *sheet, const cr_experiment *e, size_t count, cr_error *err)
{
    cr_text note = {0};
    size_t all = e->data->parts[CR_PART_TRAIN].count;
    size_t batch = (size_t)e->training.batch_size;
    batch = batch < all ? batch : all;
    if (count < batch)
        cr_text_add(&note, "The first %zu of the %zu examples", count, batch);
    else
        cr_text_add(&note, "The %zu examples", count);
    cr_text_add(&note, " of the first batch, %s",
                e->augment.count > 0 ? "augmented by " : "without augmentation");
    cr_augment_names(&e->augment, &note);
    cr_text_add(&note, e->augment.count > 0 ? "; other batches draw anew." : ".");
    bool good = note.failed
                    ? cr_fail(err, CR_E_MEMORY, "out of memory")
                    : cr_sheet_begin(sheet, "What the network is fed", note.data, err);
    cr_text_finish(&note);
    return good;
}

static bool add(cr_sheet *sheet, const cr_experiment *e, const cr_show_images *images,
                const uint32_t *rows, cr_error *err)
{
    bool good = begin(sheet, e, images->count, err);
    for (size_t i = 0; good && i < images->count; i++) {
        cr_text target = {0};
        cr_show_images_target(images->encoding, images->dataset, rows[i],
                              e->model.loss.type->binary, &target);
        const cr_sheet_caption captions[CR_SHEET_LINES] = {
            {target.failed ? NULL : target.data, NULL, CR_SHEET_BLACK},
            {cr_show_images_file(images->dataset, rows[i]), NULL, CR_SHEET_GREY}};
        good = cr_show_images_add(images, sheet, i, captions, err);
        cr_text_finish(&target);
    }
    return good;
}

bool cr_show_inputs(cr_sheet *sheet, const cr_experiment *experiment, size_t most,
                    cr_error *err)
{
    const cr_experiment *e = experiment;
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    size_t count = (size_t)e->training.batch_size;
    count = count < train->count ? count : train->count;
    count = count < most ? count : most;
    if (!cr_show_images_check(e->model.encoding, err))
        return false;
    cr_show_images images = {0};
    uint32_t *order = cr_alloc(train->count, sizeof *order, err);
    cr_real *x = cr_alloc(count, e->model.encoding->features * sizeof *x, err);
    bool good = order && x;
    if (good)
        cr_batch_order(train, e->training.shuffle, (uint64_t)e->seed, 0, order);
    good =
        good && gather(e, order, count, x, err) &&
        cr_show_images_init(&images, e->model.encoding, train->dataset, x, count, err) &&
        add(sheet, e, &images, order, err);
    cr_show_images_finish(&images);
    cr_free(order);
    cr_free(x);
    return good;
}
