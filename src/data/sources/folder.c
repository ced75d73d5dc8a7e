/* Pictures in a folder a class, or pictures without classes to be predicted. */
#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/raw.h"
#include "data/sources/folder_pictures.h"
#include "image/decoder.h"

#include <stdio.h>
#include <string.h>

#define CHANNELS "1 (grey) or 3 (red, green, blue)"

enum { MAX_SIDE = 8192 }; /* its square is CR_PICTURE_MAX_PIXELS */

/* [height, width] as whole numbers. */
static void read_size(cr_reader *reader, const char *path, cr_source *source)
{
    char where[CR_WHERE];
    double sides[2] = {0, 0};
    const cr_json *list = source->size;
    if (!list)
        return;
    bool good = cr_json_count(list) == 2;
    const cr_json *side = cr_json_first(list);
    for (size_t i = 0; good && i < 2; i++, side = cr_json_next(side)) {
        sides[i] = cr_json_is(side, CR_JSON_NUMBER) ? cr_json_number(side) : 0;
        good =
            sides[i] >= 1 && sides[i] <= MAX_SIDE && sides[i] == (double)(size_t)sides[i];
    }
    char found[CR_JSON_SHOWN];
    if (!good)
        cr_reader_error(reader, cr_json_path(path, "size", where),
                        "found %s, expected [height, width], two whole numbers from 1 to "
                        "%d, such as [32, 32]",
                        cr_json_show(list, found), MAX_SIDE);
    source->height = good ? (size_t)sides[0] : 0;
    source->width = good ? (size_t)sides[1] : 0;
}

static void check(cr_reader *reader, const char *path, cr_source *source)
{
    char where[CR_WHERE];
    read_size(reader, path, source);
    if (source->channels == 2)
        cr_reader_error(reader, cr_json_path(path, "channels", where),
                        "found 2, expected " CHANNELS);
}

static bool recognize(const char *path)
{
    uint8_t head[64];
    if (!cr_directory_problem(path))
        return true;
    FILE *file = cr_file_problem(path) ? NULL : fopen(path, "rb");
    size_t length = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    return cr_decoder_recognize(head, length);
}

/* What every picture becomes: what the config says, or else what the training data is. */
static cr_folder_wanted want(const cr_source *source, const cr_reading *reading)
{
    const cr_shape *known = reading->known ? &reading->known->shape : NULL;
    bool of_model = known && source->height == 0;
    return (cr_folder_wanted){.channels = source->channels ? (size_t)source->channels
                                          : known          ? known->dim[0]
                                                           : 0,
                              .height = of_model ? known->dim[1] : source->height,
                              .width = of_model ? known->dim[2] : source->width,
                              .resize = source->height > 0 || source->resize,
                              .of_model = of_model,
                              .max_bytes = source->max_bytes,
                              .cure = source->is_named ? "--resize" : NULL};
}

/* Whether the training data was pictures too. */
static bool check_known(const cr_source *source, const cr_encoding *known, cr_error *err)
{
    if (!known)
        return true;
    if (known->target_positions)
        return cr_fail(err, CR_E_DATA,
                       "%s: pictures, but the training data is a table; expected a table",
                       source->path);
    char shape[CR_SHAPE_TEXT];
    const size_t *dim = known->shape.dim;
    if (known->shape.rank == 3 && (dim[0] == 1 || dim[0] == 3))
        return true;
    return cr_fail(err, CR_E_DATA,
                   "%s: pictures, but the training data has examples of %s; expected "
                   "[channels, height, width] with 1 or 3 channels",
                   source->path, cr_shape_format(&known->shape, shape));
}

static bool list_files(cr_folder_list *list, const cr_source *source,
                       const cr_reading *reading, cr_error *err)
{
    bool is_file = !source->files && cr_directory_problem(source->path);
    if (reading->targets > 0 && (source->files || is_file))
        return cr_fail(err, CR_E_DATA,
                       "%s: a picture without a class; expected a folder with a folder a "
                       "class",
                       source->path);
    if (reading->targets > 0 && !reading->classify)
        return cr_fail(err, CR_E_CONFIG,
                       "%s: the targets of pictures in folders are classes, but this "
                       "loss takes numbers; use \"softmax\"",
                       source->path);
    if (source->files)
        return cr_folder_list_files(list, source->files, source->file_count, err);
    if (is_file)
        return cr_folder_list_files(list, &source->path, 1, err);
    return reading->targets > 0 ? cr_folder_list_classes(list, source->path, err)
                                : cr_folder_list_pictures(list, source->path, err);
}

/* A model's file keeps the names of classes, as text. */
static bool check_name(const char *folder, const char *class, cr_error *err)
{
    size_t left = strlen(class), step = 1;
    for (const char *at = class; left > 0 && step > 0; at += step, left -= step)
        step = cr_text_utf8_length(at, left);
    return step > 0 ||
           cr_fail(err, CR_E_DATA,
                   "%s%s%s: the name of this class folder is not UTF-8; "
                   "rename it",
                   folder, folder[strlen(folder) - 1] == '/' ? "" : "/", class);
}

static bool take_classes(cr_raw *raw, cr_folder_list *list, cr_error *err)
{
    bool good = true;
    for (size_t i = 0, c = 0; good && c < list->classes.count; c++) {
        int32_t number = 0;
        const char *name = list->classes.items[c];
        while (list->codes[i] < (int32_t)c)
            i++;
        good = check_name(list->folder, name, err) &&
               cr_words_number(&raw->classes, name, i, &number, err);
    }
    raw->codes = list->codes;
    list->codes = NULL;
    return good;
}

static bool take_pictures(cr_raw *raw, cr_folder_pictures *pictures,
                          const cr_folder_list *list, cr_error *err)
{
    raw->rows = list->files.count;
    raw->shape = (cr_shape){3, {pictures->channels, pictures->height, pictures->width}};
    raw->bytes = pictures->bytes;
    raw->content = (char *)pictures->bytes;
    raw->files[raw->file_count++] =
        (cr_checksum){"folder", (uint32_t)(pictures->hash.low ^ pictures->hash.high)};
    char path[CR_FOLDER_PATH];
    bool good = true;
    for (size_t i = 0; good && i < raw->rows; i++)
        good = cr_names_add(&raw->names, cr_folder_list_path(list, i, path), err);
    return good;
}

static void tell(const cr_source *source, const cr_reading *reading,
                 const cr_folder_list *list, const cr_folder_pictures *pictures,
                 cr_text *notes)
{
    cr_folder_list_tell(list, notes);
    if (reading->known && source->channels == 0 && pictures->channels == 1 &&
        pictures->coloured > 0)
        cr_text_add_line(notes,
                         "%s: %zu of %zu picture%s %s colours and %s made grey, as the "
                         "training data is",
                         source->path, pictures->coloured, list->files.count,
                         list->files.count == 1 ? "" : "s",
                         pictures->coloured == 1 ? "has" : "have",
                         pictures->coloured == 1 ? "was" : "were");
}

static bool read_source(const cr_opened *opened, const cr_reading *reading, cr_raw *raw,
                        cr_error *err)
{
    const cr_source *source = opened->source;
    cr_folder_list list = {0};
    cr_folder_pictures pictures = {0};
    cr_folder_wanted wanted = {0};
    bool good = check_known(source, reading->known, err) &&
                list_files(&list, source, reading, err);
    if (good) {
        wanted = want(source, reading);
        bool whole = cr_folder_list_check(&list, err); /* with it, what is damaged */
        good = cr_folder_pictures_read(&pictures, &list, &wanted, err);
        if (!whole)
            cr_free(pictures.bytes);
        good = good && whole && take_pictures(raw, &pictures, &list, err) &&
               (list.classes.count == 0 || take_classes(raw, &list, err));
    }
    if (good)
        tell(source, reading, &list, &pictures, &raw->notes);
    cr_folder_list_finish(&list);
    return good;
}

static const cr_option options[] = {
    {.key = "folder",
     .kind = CR_OPTION_FOLDER,
     .offset = offsetof(cr_source, path),
     .fallback = CR_REQUIRED,
     .no_effect = true, /* the path; the content is compared by its checksum */
     .help =
         "a folder with a folder a class, named as the class: PNG, JPEG, PGM and PPM"},
    {.key = "size",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(cr_source, size),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_ARRAY,
     .expects = "[height, width]",
     .help =
         "makes pictures of another size fit, by linear interpolation in which every "
         "pixel counts; if left out, it is that of \"train\", or else all must have the "
         "same size"},
    {.key = "channels",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(cr_source, channels),
     .fallback = CR_OPTIONAL,
     .minimum = 1,
     .maximum = 3,
     .expects = CHANNELS,
     .help = "if left out, 1 where no picture of the training part has a colour, else "
             "3"},
};

const cr_source_type cr_source_folder = {
    .name = "pictures in folders",
    .content = "pictures",
    .summary = "a folder of pictures with a folder a class",
    .expected = "{\"folder\": DIRECTORY}",
    .options = options,
    .option_count = CR_COUNT(options),
    .heading = "For pictures:",
    .has_classes = true,
    .takes_files = true,
    .check = check,
    .target_place = "in the names of their folders",
    .recognize = recognize,
    .read = read_source,
};
