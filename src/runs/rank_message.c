#include "runs/rank_message.h"

#include "base/memory.h"
#include "data/data_pack.h"
#include "runs/checkpoint.h"

/* What follows from rows that a rank does not have. */
typedef struct whole {
    cr_penalty penalty;
    uint64_t weights_crc32;
} whole;

bool cr_rank_message_put(const cr_trainer *trainer, const cr_data_rows *rows,
                         cr_byte_stream *to, cr_error *err)
{
    const cr_experiment *e = trainer->experiment;
    const cr_checkpoint_run nowhere = {0};
    const whole w = {e->penalty, e->weights_crc32};
    void *checkpoint = NULL;
    size_t length = 0;
    char *config = cr_json_print(e->model.document.root, false);
    bool good = (config || cr_fail(err, CR_E_MEMORY, "out of memory")) &&
                cr_byte_stream_put_text(to, e->model.document.name, err) &&
                cr_byte_stream_put_text(to, config, err) &&
                cr_byte_stream_put(to, &w, sizeof w, err) &&
                cr_data_pack_put(e->data, rows, to, err) &&
                cr_checkpoint_write(trainer, &nowhere, &checkpoint, &length, err) &&
                cr_byte_stream_put_whole(to, length, err) &&
                cr_byte_stream_put_array(to, checkpoint, length, 1, err) &&
                cr_byte_stream_put_end(to, err);
    cr_free(checkpoint);
    cr_free(config);
    return good;
}

static bool create(cr_rank_message *m, const char *name, const char *config,
                   const whole *w, cr_error *err)
{
    const cr_recipe recipe = {.path = name,
                              .text = config,
                              .load_for = CR_LOAD_TO_CHECK | CR_LOAD_DATA_AS_READ |
                                          CR_LOAD_SOME_ROWS,
                              .elsewhere = "/", /* its paths are whole */
                              .data = &m->data};
    m->experiment = cr_experiment_create(&recipe, err);
    if (!m->experiment)
        return false;
    m->experiment->penalty = w->penalty;
    m->experiment->weights_crc32 = (uint32_t)w->weights_crc32;
    return true;
}

bool cr_rank_message_get(cr_rank_message *m, cr_byte_stream *from, cr_error *err)
{
    whole w;
    *m = (cr_rank_message){0};
    char *name = cr_byte_stream_get_text(from, err);
    char *config = name ? cr_byte_stream_get_text(from, err) : NULL;
    bool good =
        config && cr_byte_stream_get(from, &w, sizeof w, err) &&
        cr_data_pack_get(&m->data, from, err) && create(m, name, config, &w, err) &&
        cr_byte_stream_get_count(from, SIZE_MAX / 2, &m->checkpoint_length, err) &&
        cr_byte_stream_get_array(from, &m->checkpoint, m->checkpoint_length, 1, err) &&
        cr_byte_stream_get_end(from, err);
    cr_free(name);
    cr_free(config);
    return good;
}

bool cr_rank_message_restore(const cr_rank_message *m, cr_trainer *trainer, cr_error *err)
{
    cr_checkpoint checkpoint;
    cr_text warnings = {0}; /* said by rank 0 */
    bool good =
        cr_checkpoint_read(&checkpoint, m->checkpoint, m->checkpoint_length, err) &&
        cr_checkpoint_restore(&checkpoint, trainer, &warnings, err);
    cr_text_finish(&warnings);
    cr_checkpoint_finish(&checkpoint);
    return good;
}

void cr_rank_message_finish(cr_rank_message *m)
{
    cr_experiment_destroy(m->experiment);
    cr_data_finish(&m->data);
    cr_free(m->checkpoint);
    *m = (cr_rank_message){0};
}
