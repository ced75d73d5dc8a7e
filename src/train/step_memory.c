#include "train/step_memory.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/size.h"
#include "graph/workspace.h"
#include "train/pieces.h"
#include "train/trainer.h"

#include <stdio.h>

bool cr_step_memory_count(cr_step_memory *memory, const cr_experiment *e, cr_error *err)
{
    const cr_network *network = e->model.network;
    bool trains = e->model.loss.type != NULL;
    size_t train = trains ? e->data->parts[CR_PART_TRAIN].count : 1;
    size_t threads = trains ? (size_t)e->training.threads : 1;
    size_t batch = cr_size_smaller((size_t)e->training.batch_size, train);
    cr_workspace_bytes of;
    size_t piece = trains ? cr_pieces_rows(network, batch, threads) : 0;
    const size_t shards = trains ? (size_t)e->training.shards : 1;
    if (shards > 1) {
        piece = (batch + shards - 1) / shards;
        threads = cr_size_smaller(threads, shards);
    }
    size_t workspaces = piece ? threads : 1;
    if (!cr_workspace_count(network, piece ? piece : batch, piece ? 1 : threads, true,
                            &of, err))
        return false;
    const double parameters = (double)network->parameter_size * sizeof(cr_real);
    const size_t copies = shards > 1 ? shards
                          : piece    ? threads
                          : trains   ? !cr_trainer_can_fuse(e)
                                     : 0;
    const size_t states = trains ? cr_optimizer_states(&e->optimizer) : 0;
    const size_t augment = e->augment.count > 0 ? cr_augment_scratch(&e->augment) : 0;
    *memory = (cr_step_memory){
        .batch = batch,
        .threads = threads,
        .parts = {{"values", (double)(workspaces * of.values)},
                  {"gradients of values", (double)(workspaces * of.gradients)},
                  {"kept for backward", (double)(workspaces * of.kept)},
                  {"scratch", (double)(workspaces * of.scratch)},
                  {"augmentation", (double)(threads * augment * sizeof(cr_real))},
                  {"parameters", parameters},
                  {"gradients of parameters", (double)copies * parameters},
                  {"optimizer", (double)states * parameters}}};
    for (size_t i = 0; i < CR_STEP_MEMORY_PARTS; i++)
        memory->bytes += memory->parts[i].bytes;
    return true;
}

const char *cr_step_memory_cure(const cr_step_memory *memory, const cr_experiment *e,
                                char out[CR_STEP_MEMORY_CURE])
{
    char bytes[CR_NUMBER_TEXT];
    bool pictures = e->data->type == &cr_source_folder;
    snprintf(
        out, CR_STEP_MEMORY_CURE,
        "a training step over %zu %s works in %s: take %sa smaller \"batch_size\" in "
        "\"training\" or a smaller network",
        memory->batch, pictures ? "pictures" : "examples",
        cr_number_format_bytes(memory->bytes, bytes),
        pictures ? "smaller pictures (\"size\" beside \"folder\"), " : "");
    return out;
}

void cr_step_memory_warn(const cr_step_memory *memory, const cr_experiment *e,
                         cr_text *lines)
{
    char cure[CR_STEP_MEMORY_CURE], bytes[CR_NUMBER_TEXT];
    size_t limit = cr_memory_limit();
    if (e->model.loss.type && limit > 0 && memory->bytes > (double)limit)
        cr_text_add_line(lines, "memory: there are %s, and %s",
                         cr_number_format_bytes((double)limit, bytes),
                         cr_step_memory_cure(memory, e, cure));
}
