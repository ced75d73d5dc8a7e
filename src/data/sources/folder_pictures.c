#include "data/sources/folder_pictures.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/team.h"
#include "image/decoder.h"
#include "image/resize.h"
#include "math/blas.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_FILE = 1 << 30, /* bytes of a file */
    BLOCK = 16,         /* files that a thread takes at a time */
    MOST_NAMED = 5      /* damaged files that are named */
};

/* What became of a file. */
typedef enum state { GREY, COLOURED, DAMAGED, OTHER_SIZE, NO_MEMORY } state;

/* What a thread keeps from one picture to the next. */
typedef struct tools {
    cr_file_bytes file;
    cr_decoder decoder;
    cr_picture picture, resized;
    cr_resize resize;
} tools;

/* Each file has a place of its own, so that it does not matter who decodes it. */
typedef struct job {
    const cr_folder_list *list;
    const cr_folder_wanted *wanted;
    size_t height, width;
    size_t place;       /* bytes of a picture's place: those of all its channels, of 3
                            where nobody has said how many there are */
    uint8_t *bytes;     /* [files, place] */
    uint8_t *states;    /* [files] */
    cr_hash *hashes;    /* [files] of their contents */
    atomic_size_t next; /* file that nobody has taken yet */
} job;

static void finish_tools(tools *t)
{
    cr_free(t->file.data);
    cr_decoder_finish(&t->decoder);
    cr_picture_finish(&t->picture);
    cr_picture_finish(&t->resized);
    cr_resize_finish(&t->resize);
}

static bool load(tools *t, const cr_folder_list *list, size_t i, cr_error *err)
{
    char path[CR_FOLDER_PATH];
    cr_folder_list_path(list, i, path);
    return cr_file_load(path, MAX_FILE, &t->file, err) &&
           cr_decoder_run(&t->decoder, t->file.data, t->file.length, path, &t->picture,
                          err);
}

/* Puts picture i where it belongs. Where the number of channels is not known yet, one
 * without a colour fills the first third of its place. */
static state place(tools *t, job *j, size_t i, cr_error *err)
{
    cr_picture *picture = &t->picture;
    bool coloured = !cr_picture_is_grey(picture);
    size_t channels = j->wanted->channels ? j->wanted->channels : coloured ? 3 : 1;
    if (channels == 1 || !coloured)
        cr_picture_to_grey(picture);
    if (picture->height != j->height || picture->width != j->width) {
        if (!j->wanted->resize)
            return OTHER_SIZE;
        if (!cr_resize_run(&t->resize, picture, j->height, j->width, &t->resized, err))
            return NO_MEMORY;
        picture = &t->resized;
    }
    cr_picture_to_planes(picture, channels, j->bytes + i * j->place);
    return coloured ? COLOURED : GREY;
}

static state decode(tools *t, job *j, size_t i, cr_error *err)
{
    err->code = CR_OK; /* it serves for one file after the other */
    err->count = err->length = 0;
    if (!load(t, j->list, i, err))
        return err->code == CR_E_MEMORY ? NO_MEMORY : DAMAGED;
    j->hashes[i] = cr_hash_bytes((cr_hash){0, 0}, t->file.data, t->file.length);
    return place(t, j, i, err);
}

static void work(void *context, size_t share, size_t shares)
{
    (void)share;
    (void)shares;
    job *j = context;
    tools t = {0};
    cr_error err = CR_ERROR_INIT;
    size_t files = j->list->files.count;
    for (size_t first = 0; first < files;) {
        first = atomic_fetch_add(&j->next, BLOCK);
        for (size_t i = first; i < files && i < first + BLOCK; i++)
            j->states[i] = (uint8_t)decode(&t, j, i, &err);
    }
    finish_tools(&t);
}

static size_t count(const job *j, state wanted, size_t *first)
{
    size_t found = 0;
    for (size_t i = j->list->files.count; i-- > 0;)
        if (j->states[i] == wanted) {
            *first = i;
            found++;
        }
    return found;
}

/* Says of the first damaged files what is wrong with each, by looking at them again. */
static bool fail_damaged(const job *j, size_t damaged, cr_error *err)
{
    tools t = {0};
    size_t files = j->list->files.count, named = 0;
    for (size_t i = 0; i < files && named < MOST_NAMED; i++) {
        cr_error one = CR_ERROR_INIT;
        if (j->states[i] != DAMAGED || load(&t, j->list, i, &one))
            continue;
        cr_error_add(err, CR_E_DATA, "%s", one.text);
        named++;
    }
    finish_tools(&t);
    if (damaged > named || named == 0)
        cr_error_add(err, CR_E_DATA, "%zu of %zu pictures cannot be read", damaged,
                     files);
    return false;
}

static bool fail_size(const job *j, size_t other, cr_error *err)
{
    tools t = {0};
    const cr_folder_wanted *wanted = j->wanted;
    char path[CR_FOLDER_PATH], first[CR_FOLDER_PATH], cure[96];
    snprintf(cure, sizeof cure, "\"size\": [%zu, %zu] beside \"folder\"", j->height,
             j->width);
    cr_folder_list_path(j->list, other, path);
    cr_folder_list_path(j->list, 0, first);
    if (load(&t, j->list, other, err))
        cr_fail(err, CR_E_DATA,
                "%s: a picture %zu pixels high and %zu wide, expected %zu and %zu as of "
                "%s; %s makes them fit",
                path, t.picture.height, t.picture.width, j->height, j->width,
                wanted->of_model ? "the training data" : first,
                wanted->cure ? wanted->cure : cure);
    finish_tools(&t);
    return false;
}

static bool check(const job *j, cr_error *err)
{
    size_t first = 0, damaged = count(j, DAMAGED, &first);
    if (count(j, NO_MEMORY, &first) > 0)
        return cr_fail(err, CR_E_MEMORY, "out of memory for the pictures of %s",
                       j->list->folder ? j->list->folder : "the files");
    if (damaged > 0)
        return fail_damaged(j, damaged, err);
    return count(j, OTHER_SIZE, &first) == 0 || fail_size(j, first, err);
}

/* The size that all are to have: the first one's where nobody has said it. Without any, all
 * are damaged. */
static bool find_size(job *j, cr_error *err)
{
    tools t = {0};
    cr_error one = CR_ERROR_INIT;
    bool found = j->wanted->height > 0;
    j->height = j->wanted->height;
    j->width = j->wanted->width;
    for (size_t i = 0; !found && i < j->list->files.count; i++) {
        one.code = CR_OK;
        found = load(&t, j->list, i, &one);
        j->height = t.picture.height;
        j->width = t.picture.width;
        j->states[i] = one.code == CR_E_MEMORY ? NO_MEMORY : DAMAGED;
    }
    finish_tools(&t);
    return found || check(j, err);
}

static bool allocate(job *j, cr_error *err)
{
    size_t files = j->list->files.count, all = 0;
    size_t channels = j->wanted->channels ? j->wanted->channels : CR_PICTURE_COLOUR;
    j->place = channels * j->height * j->width;
    if (!cr_memory_multiply(files, j->place, &all) || all > j->wanted->max_bytes)
        return cr_fail(err, CR_E_DATA,
                       "%s: %zu pictures %zu pixels high and %zu wide take more than the "
                       "%zu bytes that \"max_bytes\" in \"data\" allows; \"size\" makes "
                       "them smaller",
                       j->list->folder ? j->list->folder : j->list->files.items[0], files,
                       j->height, j->width, j->wanted->max_bytes);
    j->bytes = cr_alloc_raw(all, 1, err);
    return j->bytes != NULL;
}

/* Grey pictures among coloured ones get their other channels; where none has a colour, the
 * places close up. */
static void settle_channels(job *j, cr_folder_pictures *pictures)
{
    size_t files = j->list->files.count, plane = j->height * j->width;
    pictures->channels = j->wanted->channels      ? j->wanted->channels
                         : pictures->coloured > 0 ? CR_PICTURE_COLOUR
                                                  : CR_PICTURE_GREY;
    for (size_t i = 0; i < files && !j->wanted->channels; i++) {
        uint8_t *at = j->bytes + i * j->place;
        if (pictures->coloured == 0) {
            memmove(j->bytes + i * plane, at, plane);
        } else if (j->states[i] == GREY) {
            memcpy(at + plane, at, plane);
            memcpy(at + 2 * plane, at, plane);
        }
    }
    pictures->bytes = cr_memory_shrink(j->bytes, files * pictures->channels * plane);
    j->bytes = NULL;
    pictures->height = j->height;
    pictures->width = j->width;
}

static void sum_up(const job *j, cr_folder_pictures *pictures)
{
    for (size_t i = 0; i < j->list->files.count; i++) {
        pictures->coloured += j->states[i] == COLOURED;
        pictures->grey += j->states[i] == GREY;
        pictures->hash = cr_hash_text(pictures->hash, j->list->files.items[i]);
        pictures->hash = cr_hash_bytes(pictures->hash, &j->hashes[i], sizeof *j->hashes);
    }
}

static bool run(job *j, cr_error *err)
{
    size_t blocks = (j->list->files.count + BLOCK - 1) / BLOCK;
    size_t members = (size_t)cr_blas_processors();
    cr_team *team = cr_team_create(members < blocks ? members : blocks, err);
    if (!team)
        return false;
    cr_team_run(team, work, j);
    cr_team_destroy(team);
    return check(j, err);
}

bool cr_folder_pictures_read(cr_folder_pictures *pictures, const cr_folder_list *list,
                             const cr_folder_wanted *wanted, cr_error *err)
{
    *pictures = (cr_folder_pictures){0};
    job j = {.list = list,
             .wanted = wanted,
             .states = cr_alloc(list->files.count, sizeof *j.states, err),
             .hashes = cr_alloc(list->files.count, sizeof *j.hashes, err)};
    bool good =
        j.states && j.hashes && find_size(&j, err) && allocate(&j, err) && run(&j, err);
    if (good) {
        sum_up(&j, pictures);
        settle_channels(&j, pictures);
    }
    cr_free(j.states);
    cr_free(j.hashes);
    cr_free(j.bytes);
    return good;
}
