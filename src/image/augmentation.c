#include "image/augmentation.h"

void cr_augmentation_change(const cr_augmentation_image *image, size_t first,
                            size_t count, cr_real factor, cr_real offset)
{
    cr_real *restrict x = image->x + first;
    for (size_t i = 0; i < count; i++)
        x[i] = cr_augmentation_limit(image, factor * x[i] + offset);
}
