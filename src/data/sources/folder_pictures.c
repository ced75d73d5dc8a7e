#include "data/sources/folder_pictures.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/size.h"
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
    MOST_NAMED = 5,     /* damaged files that are named */
    LONGEST = 64 /* pixels of a side: more cost time, and a first network needs no more */
};

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
    size_t place;         /* bytes of a picture's place: those of all its channels, of 3
                            where nobody has said how many there are */
    uint8_t *bytes;       /* [files, place] */
    cr_folder_seen *seen; /* [files] */
    atomic_size_t next;   /* file that nobody has taken yet */
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
static cr_folder_state place(tools *t, job *j, size_t i, cr_error *err)
{
    cr_picture *picture = &t->picture;
    bool coloured = !cr_picture_is_grey(picture);
    size_t channels = j->wanted->channels ? j->wanted->channels : coloured ? 3 : 1;
    if (channels == 1 || !coloured)
        cr_picture_to_grey(picture);
    if (picture->height != j->height || picture->width != j->width) {
        if (!j->wanted->resize)
            return CR_FOLDER_OTHER_SIZE;
        if (!cr_resize_run(&t->resize, picture, j->height, j->width, &t->resized, err))
            return CR_FOLDER_NO_MEMORY;
        picture = &t->resized;
    }
    cr_picture_to_planes(picture, channels, j->bytes + i * j->place);
    return coloured ? CR_FOLDER_COLOURED : CR_FOLDER_GREY;
}

static cr_folder_state decode(tools *t, job *j, size_t i, cr_error *err)
{
    err->code = CR_OK; /* it serves for one file after the other */
    err->count = err->length = 0;
    if (!load(t, j->list, i, err))
        return err->code == CR_E_MEMORY ? CR_FOLDER_NO_MEMORY : CR_FOLDER_DAMAGED;
    cr_folder_seen *seen = &j->seen[i];
    seen->hash = cr_hash_bytes((cr_hash){0, 0}, t->file.data, t->file.length);
    seen->height = (uint32_t)t->picture.height;
    seen->width = (uint32_t)t->picture.width;
    return j->bytes                          ? place(t, j, i, err)
           : cr_picture_is_grey(&t->picture) ? CR_FOLDER_GREY
                                             : CR_FOLDER_COLOURED;
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
            j->seen[i].state = decode(&t, j, i, &err);
    }
    finish_tools(&t);
}

static size_t count(const job *j, cr_folder_state wanted, size_t *first)
{
    size_t found = 0;
    for (size_t i = j->list->files.count; i-- > 0;)
        if (j->seen[i].state == wanted) {
            *first = i;
            found++;
        }
    return found;
}

/* Says of the first damaged files, by looking at them again, what is wrong with each.
 * Nothing if they are none: the PNG library may call it damage when memory ends. */
static void tell_damaged(const job *j, cr_text *lines)
{
    tools t = {0};
    size_t files = j->list->files.count, named = 0, first = 0;
    size_t damaged = count(j, CR_FOLDER_DAMAGED, &first);
    for (size_t i = first; i < files && named < MOST_NAMED; i++) {
        cr_error one = CR_ERROR_INIT;
        if (j->seen[i].state != CR_FOLDER_DAMAGED || load(&t, j->list, i, &one))
            continue;
        cr_text_add_line(lines, "%s", one.text);
        named++;
    }
    finish_tools(&t);
    if (named > 0 && damaged > named)
        cr_text_add_line(lines, "%zu of %zu pictures cannot be read", damaged, files);
}

static bool fail_damaged(const job *j, cr_error *err)
{
    cr_text lines = {0};
    tell_damaged(j, &lines);
    bool failed = lines.failed || !lines.data;
    for (const char *line = failed ? "" : lines.data; *line;
         line += strcspn(line, "\n") + 1)
        cr_error_add(err, CR_E_DATA, "%.*s", (int)strcspn(line, "\n"), line);
    cr_text_finish(&lines);
    return failed ? cr_fail(err, CR_E_MEMORY, "out of memory") : false;
}

static size_t round_side(double side)
{
    size_t rounded = (size_t)(side / CR_FOLDER_STEP + 0.5) * CR_FOLDER_STEP;
    return rounded < CR_FOLDER_STEP ? CR_FOLDER_STEP : rounded;
}

/* The median of the shorter sides of so many whole pictures, LONGEST at most. */
static size_t middle_side(const cr_folder_seen *seen, size_t files, size_t whole)
{
    size_t counts[LONGEST + 1] = {0}, side = 0;
    for (size_t i = 0; i < files; i++)
        if (seen[i].state != CR_FOLDER_DAMAGED) {
            size_t shorter = cr_size_smaller(seen[i].height, seen[i].width);
            counts[cr_size_smaller(shorter, LONGEST)]++;
        }
    for (size_t up_to = counts[0]; up_to <= whole / 2; up_to += counts[side])
        side++;
    return side;
}

bool cr_folder_pictures_choose_size(const cr_folder_seen *seen, size_t files,
                                    size_t size[2])
{
    size_t whole = 0;
    bool alike = true;
    size[0] = size[1] = 0;
    for (size_t i = 0; i < files; i++) {
        if (seen[i].state == CR_FOLDER_DAMAGED)
            continue;
        if (whole++ == 0) {
            size[0] = seen[i].height;
            size[1] = seen[i].width;
        }
        alike = alike && seen[i].height == size[0] && seen[i].width == size[1];
    }
    size_t longer = size[0] > size[1] ? size[0] : size[1];
    if (alike && longer <= LONGEST)
        return false;
    if (alike) {
        double factor = (double)LONGEST / (double)longer;
        size[0] = round_side((double)size[0] * factor);
        size[1] = round_side((double)size[1] * factor);
    } else {
        size[0] = size[1] = round_side((double)middle_side(seen, files, whole));
    }
    return true;
}

static bool fail_size(const job *j, size_t other, cr_error *err)
{
    const cr_folder_wanted *wanted = j->wanted;
    char path[CR_FOLDER_PATH], first[CR_FOLDER_PATH], cure[96];
    size_t size[2] = {j->height, j->width};
    if (!wanted->of_model)
        (void)cr_folder_pictures_choose_size(j->seen, j->list->files.count, size);
    snprintf(cure, sizeof cure, "\"size\": [%zu, %zu] beside \"folder\"", size[0],
             size[1]);
    return cr_fail(err, CR_E_DATA,
                   "%s: a picture %u pixels high and %u wide, expected %zu and %zu as of "
                   "%s; %s makes them fit",
                   cr_folder_list_path(j->list, other, path), j->seen[other].height,
                   j->seen[other].width, j->height, j->width,
                   wanted->of_model ? "the training data"
                                    : cr_folder_list_path(j->list, 0, first),
                   wanted->cure ? wanted->cure : cure);
}

static bool check(const job *j, cr_error *err)
{
    size_t first = 0;
    if (count(j, CR_FOLDER_NO_MEMORY, &first) > 0)
        return cr_fail(err, CR_E_MEMORY, "out of memory for the pictures of %s",
                       j->list->folder ? j->list->folder : "the files");
    if (count(j, CR_FOLDER_DAMAGED, &first) > 0)
        return fail_damaged(j, err);
    return count(j, CR_FOLDER_OTHER_SIZE, &first) == 0 || fail_size(j, first, err);
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
        j->seen[i].state =
            one.code == CR_E_MEMORY ? CR_FOLDER_NO_MEMORY : CR_FOLDER_DAMAGED;
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
        } else if (j->seen[i].state == CR_FOLDER_GREY) {
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
        pictures->coloured += j->seen[i].state == CR_FOLDER_COLOURED;
        pictures->hash = cr_hash_text(pictures->hash, j->list->files.items[i]);
        pictures->hash =
            cr_hash_bytes(pictures->hash, &j->seen[i].hash, sizeof j->seen[i].hash);
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
    return true;
}

bool cr_folder_pictures_read(cr_folder_pictures *pictures, const cr_folder_list *list,
                             const cr_folder_wanted *wanted, cr_error *err)
{
    *pictures = (cr_folder_pictures){0};
    job j = {.list = list,
             .wanted = wanted,
             .seen = cr_alloc(list->files.count, sizeof *j.seen, err)};
    bool good = j.seen && find_size(&j, err) && allocate(&j, err) && run(&j, err) &&
                check(&j, err);
    if (good) {
        sum_up(&j, pictures);
        settle_channels(&j, pictures);
    }
    cr_free(j.seen);
    cr_free(j.bytes);
    return good;
}

bool cr_folder_pictures_look(const cr_folder_list *list, cr_folder_seen *seen,
                             cr_text *lines, cr_error *err)
{
    size_t first = 0;
    job j = {.list = list, .seen = seen};
    if (!run(&j, err))
        return false;
    if (count(&j, CR_FOLDER_NO_MEMORY, &first) > 0)
        return cr_fail(err, CR_E_MEMORY, "out of memory for the pictures of %s",
                       list->folder);
    if (count(&j, CR_FOLDER_DAMAGED, &first) > 0)
        tell_damaged(&j, lines);
    return true;
}
