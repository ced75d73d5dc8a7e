/* What the pictures of the training part are like. */
#include "base/memory.h"
#include "inspect/copies.h"
#include "inspect/doctor.h"

#include <stdio.h>

/* The brightest value of bytes that use what they have. */
enum { BRIGHT = 64, NAME = 160 };

bool cr_doctor_pictures_apply(const cr_doctor *doctor)
{
    const cr_dataset *set = doctor->experiment->data->parts[CR_PART_TRAIN].dataset;
    return set->bytes && doctor->experiment->model.encoding->shape.rank == 3;
}

/* What a picture is called: its file, or its number. */
static const char *name_of(const cr_dataset *set, size_t row, char out[NAME])
{
    if (set->names.count > 0)
        snprintf(out, NAME, "%s", set->names.items[row]);
    else
        snprintf(out, NAME, "number %zu (from 0)", row);
    return out;
}

static void say_copies(const cr_part *train, const cr_copies found[CR_COPIES],
                       cr_finding *finding)
{
    char a[NAME], b[NAME];
    const cr_dataset *set = train->dataset;
    const cr_copies *alike = &found[CR_COPIES_ALIKE];
    const cr_copies *other = &found[CR_COPIES_OTHER_CLASS];
    if (other->count > 0)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "%zu stand%s in two classes, such as %s and %s: one of the two is "
                      "wrong",
                      other->count, other->count == 1 ? "s" : "",
                      name_of(set, other->pair[0], a), name_of(set, other->pair[1], b));
    if (alike->count > 0)
        cr_doctor_say(finding,
                      alike->count * 20 > train->count ? CR_VERDICT_WARNING
                                                       : CR_VERDICT_OK,
                      "%zu %s of others, such as %s of %s", alike->count,
                      alike->count == 1 ? "is a copy" : "are copies",
                      name_of(set, alike->pair[1], b), name_of(set, alike->pair[0], a));
}

/* The darkest and the brightest value of a picture. */
static void find_range(const uint8_t *bytes, size_t count, uint8_t range[2])
{
    uint8_t least = UINT8_MAX, most = 0;
    for (size_t i = 0; i < count; i++) {
        least = bytes[i] < least ? bytes[i] : least;
        most = bytes[i] > most ? bytes[i] : most;
    }
    range[0] = least;
    range[1] = most;
}

static void say_values(const cr_doctor *doctor, cr_copies_item *items,
                       cr_finding *finding)
{
    char shape[CR_SHAPE_TEXT], name[NAME];
    const cr_part *train = &doctor->experiment->data->parts[CR_PART_TRAIN];
    const cr_dataset *set = train->dataset;
    size_t flat = 0, first = 0;
    uint8_t all[2] = {UINT8_MAX, 0}, own[2];
    for (size_t i = 0; i < train->count; i++) {
        size_t row = cr_part_row(train, i);
        items[i] = (cr_copies_item){cr_doctor_hash(set, row), row,
                                    set->labels ? set->labels[row] : 0};
        find_range(set->bytes + row * set->features, set->features, own);
        if (own[0] == own[1] && flat++ == 0)
            first = row;
        all[0] = own[0] < all[0] ? own[0] : all[0];
        all[1] = own[1] > all[1] ? own[1] : all[1];
    }
    cr_doctor_say(finding, CR_VERDICT_OK, "%zu of %s, values from %u to %u", train->count,
                  cr_shape_format(&doctor->experiment->model.encoding->shape, shape),
                  all[0], all[1]);
    if (all[1] < BRIGHT)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "as dark as this, \"normalize\": \"standardize\" brings them to "
                      "what networks expect, 255 does not");
    if (flat > 0)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "%zu %s the same value in all pixels, such as %s: remove them",
                      flat, flat == 1 ? "has" : "have", name_of(set, first, name));
}

bool cr_doctor_pictures_check(const cr_doctor *doctor, cr_finding *finding, cr_error *err)
{
    const cr_part *train = &doctor->experiment->data->parts[CR_PART_TRAIN];
    cr_copies found[CR_COPIES];
    cr_copies_item *items = cr_alloc(train->count, sizeof *items, err);
    if (!items)
        return false;
    say_values(doctor, items, finding);
    cr_copies_find(items, train->count, found);
    say_copies(train, found, finding);
    cr_free(items);
    return true;
}
