/* The table of augmentations as a config, for tests that walk it. */
#ifndef CHAINRULE_TESTS_AUGMENTATIONS_H
#define CHAINRULE_TESTS_AUGMENTATIONS_H

#include "base/text.h"
#include "files.h"
#include "image/augment.h"

#include <string.h>

/* Options of a type: those that it cannot do without, and such as fit small images. */
static inline const char *augmentations_options(const char *type)
{
    static const char *const known[][2] = {
        {"crop", ", \"padding\": 2"},
        {"shift", ", \"pixels\": 2"},
        {"rotate", ", \"degrees\": 20"},
        {"scale", ", \"range\": [0.8, 1.3]"},
        {"cutout", ", \"size\": 3"},
        {"noise", ", \"std\": 9"},
        {"brightness", ", \"range\": [0.8, 1.2]"},
        {"contrast", ", \"range\": [0.8, 1.2]"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(type, known[i][0]) == 0)
            return known[i][1];
    return "";
}

/* All of them, as the list that "augment" takes. The caller finishes the text. */
static inline cr_text augmentations_all(void)
{
    cr_text list = {0};
    for (size_t i = 0; i < cr_augmentation_type_count; i++) {
        const char *name = cr_augmentation_types[i]->name;
        cr_text_add(&list, "%s{\"type\": \"%s\"%s}", i ? ", " : "[", name,
                    augmentations_options(name));
    }
    cr_text_add(&list, "]");
    return list;
}

enum { AUGMENTATIONS_IMAGES = 40, AUGMENTATIONS_SIDE = 6 };

/* Writes a few grey images of two classes and returns the override of a config that
 * trains on them with all augmentations, without a third of them. The caller finishes
 * the text. */
static inline cr_text augmentations_data(void)
{
    enum { PIXELS = AUGMENTATIONS_SIDE * AUGMENTATIONS_SIDE, N = AUGMENTATIONS_IMAGES };
    static unsigned char images[16 + N * PIXELS] = {
        0, 0, 8, 3, 0, 0, 0, N, 0, 0, 0, AUGMENTATIONS_SIDE, 0, 0, 0, AUGMENTATIONS_SIDE};
    static unsigned char labels[8 + N] = {0, 0, 8, 1, 0, 0, 0, N};
    for (int i = 0; i < N; i++) {
        labels[8 + i] = (unsigned char)(i % 2);
        for (int j = 0; j < PIXELS; j++)
            images[16 + i * PIXELS + j] =
                (unsigned char)((i % 2 ? j : PIXELS - j) * 5 + i * j % 60);
    }
    files_write("images.idx", images, sizeof images);
    files_write("labels.idx", labels, sizeof labels);
    cr_text all = augmentations_all(), out = {0};
    cr_text_add(&out,
                "data={\"train\": {\"images\": \"%s\", \"labels\": \"%s\"}, "
                "\"normalize\": \"standardize\", \"validation\": {\"fraction\": 0.3}, "
                "\"augment\": %s}",
                files_path("images.idx"), files_path("labels.idx"), all.data);
    cr_text_finish(&all);
    return out;
}

#endif
