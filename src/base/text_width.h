/* How wide a character is on a terminal: the table of characters that do not take one
 * column. */
#ifndef CHAINRULE_BASE_TEXT_WIDTH_H
#define CHAINRULE_BASE_TEXT_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/* Code points from first to last. */
typedef struct cr_text_range {
    uint32_t first, last;
} cr_text_range;

/* In ascending order: those that take no column, and those that take two. */
extern const cr_text_range cr_text_width_none[], cr_text_width_two[];
extern const size_t cr_text_width_none_count, cr_text_width_two_count;

/* 0, 1 or 2 columns. The locale plays no part. */
int cr_text_width(uint32_t code);

#endif
