#include "image/augmentation.h"

const cr_augmentation_type *const cr_augmentation_types[] = {
    &cr_augmentation_crop,       &cr_augmentation_flip,     &cr_augmentation_shift,
    &cr_augmentation_rotate,     &cr_augmentation_scale,    &cr_augmentation_cutout,
    &cr_augmentation_brightness, &cr_augmentation_contrast, &cr_augmentation_noise,
};

const size_t cr_augmentation_type_count = CR_COUNT(cr_augmentation_types);
