#include "image/augment.h"

#include "base/memory.h"
#include "base/random.h"
#include "config/typed_section.h"

#include <math.h>
#include <stdio.h>

static const cr_augmentation_type *find_type(cr_reader *reader, const char *path,
                                             const char *name)
{
    cr_typed types[CR_MOST_TYPES];
    for (size_t i = 0; i < cr_augmentation_type_count; i++)
        types[i] = (cr_typed){.name = cr_augmentation_types[i]->name};
    int index = cr_typed_section_find(reader, path, "augmentation", name, types,
                                      cr_augmentation_type_count);
    return index < 0 ? NULL : cr_augmentation_types[index];
}

static void item_path(size_t item, char path[CR_WHERE])
{
    snprintf(path, CR_WHERE, "data.augment.%zu", item);
}

/* The type's keys are known only when the type is. */
static void read_item(cr_reader *reader, const char *path, cr_json *object,
                      cr_augment_item *item)
{
    char where[CR_WHERE];
    const char *name = cr_json_get_string(object, "type"), *ignored = NULL;
    if (name)
        item->type = find_type(reader, cr_json_path(path, "type", where), name);
    const cr_augmentation_type *t = item->type;
    if (name && !t)
        return;
    item->options = t ? cr_alloc(1, t->options_size, reader->err) : NULL;
    if (t && !item->options)
        return;
    const cr_option_group groups[] = {
        {&cr_typed_section_type, 1, &ignored},
        {t ? t->options : NULL, t ? t->option_count : 0, item->options}};
    size_t errors = reader->err->count;
    cr_options_read(reader, path, object, groups, CR_COUNT(groups));
    if (t && t->read && reader->err->count == errors)
        t->read(reader, path, item->options);
}

void cr_augment_read(cr_reader *reader, cr_json *data, cr_augment *augment)
{
    *augment = (cr_augment){0};
    cr_json *list = cr_json_edit(data, "augment");
    if (!cr_json_is(list, CR_JSON_ARRAY)) /* the section's reader has refused it */
        return;
    size_t count = cr_json_count(list);
    if (count > CR_AUGMENT_MOST) {
        cr_reader_error(reader, "data.augment", "%zu augmentations; the most is %d",
                        count, CR_AUGMENT_MOST);
        return;
    }
    augment->items = cr_alloc(count, sizeof *augment->items, reader->err);
    if (!augment->items)
        return;
    augment->count = count;
    for (size_t i = 0; i < count; i++) {
        char path[CR_WHERE], index[24];
        item_path(i, path);
        snprintf(index, sizeof index, "%zu", i);
        cr_json *object = cr_json_edit(list, index);
        if (cr_json_is(object, CR_JSON_OBJECT))
            read_item(reader, path, object, &augment->items[i]);
        else
            cr_reader_error(reader, path,
                            "found %s, expected an augmentation such as {\"type\": "
                            "\"flip\"}",
                            cr_json_kind_name(cr_json_kind_of(object)));
    }
}

bool cr_augment_fit(cr_reader *reader, cr_augment *augment, const cr_shape *shape,
                    bool bytes)
{
    char text[CR_SHAPE_TEXT];
    size_t errors = reader->err->count;
    if (augment->count == 0)
        return true;
    if (shape->rank != 3) {
        cr_reader_error(
            reader, "data.augment",
            "images are augmented, which have channels, height and width, but "
            "an example of this data is %s; say \"shape\" in \"data\", such as "
            "[1, 8, 8], or remove this key",
            shape->rank == 1 ? "a flat row of numbers" : cr_shape_format(shape, text));
        return false;
    }
    augment->size = (cr_image_size){shape->dim[0], shape->dim[1], shape->dim[2]};
    for (size_t i = 0; i < augment->count; i++) {
        const cr_augment_item *item = &augment->items[i];
        char path[CR_WHERE];
        item_path(i, path);
        if (item->type->fit)
            item->type->fit(reader, path, item->options, &augment->size,
                            bytes ? 255 : (cr_real)INFINITY);
    }
    return reader->err->count == errors;
}

void cr_augment_finish(cr_augment *augment)
{
    for (size_t i = 0; i < augment->count; i++)
        cr_free(augment->items[i].options);
    cr_free(augment->items);
    *augment = (cr_augment){0};
}

void cr_augment_names(const cr_augment *augment, cr_text *out)
{
    for (size_t i = 0; i < augment->count; i++)
        cr_text_add(out, "%s%s", i > 0 ? ", " : "", augment->items[i].type->name);
}

void cr_augment_describe(cr_text *out)
{
    for (size_t i = 0; i < cr_augmentation_type_count; i++) {
        const cr_augmentation_type *type = cr_augmentation_types[i];
        cr_options_describe(type->name, type->summary, type->options, type->option_count,
                            out);
    }
}

void cr_augment_draw(const cr_augment *augment, const cr_augment_place *place,
                     cr_augmentation_draw *draws)
{
    for (size_t i = 0; i < augment->count; i++) {
        uint32_t words[4];
        cr_random_block(place->seed, CR_FOR_AUGMENT, (uint32_t)i,
                        place->step << 32 | place->row, words);
        for (int k = 0; k < 4; k++)
            draws[i].u[k] = (double)words[k] / 4294967296.0;
        draws[i].seed = (uint64_t)words[1] << 32 | words[0];
    }
}

/* Values of an image, up to where the next one can begin. */
static size_t room(const cr_image_size *size)
{
    return cr_warp_aligned(size->channels * size->height * size->width);
}

size_t cr_augment_scratch(const cr_augment *augment)
{
    return 2 * room(&augment->size) + cr_warp_scratch(&augment->size);
}

cr_real *cr_augment_apply(const cr_augment *augment, const cr_augmentation_draw *draws,
                          cr_real least, cr_real most, cr_real *scratch)
{
    const cr_image_size *size = &augment->size;
    cr_real *x = scratch, *other = scratch + room(size), *rest = other + room(size);
    cr_warp warp = cr_warp_none;
    for (size_t i = 0; i < augment->count; i++) {
        const cr_augment_item *item = &augment->items[i];
        if (item->type->paint) {
            const cr_augmentation_image image = {*size, x, least, most};
            item->type->paint(item->options, &image, &draws[i]);
            continue;
        }
        const cr_warp next = item->type->warp(item->options, size, &draws[i]);
        warp = cr_warp_join(&warp, &next);
        bool ends = i + 1 == augment->count || augment->items[i + 1].type->paint;
        if (!ends || cr_warp_is_none(&warp))
            continue;
        cr_warp_apply(&warp, size, x, other, rest);
        cr_real *before = x;
        x = other;
        other = before;
        warp = cr_warp_none;
    }
    return x;
}
