/* The page without its data: what tools/embed.c makes of page/ and the charting library. */
#ifndef CHAINRULE_REPORT_PAGE_TEXT_H
#define CHAINRULE_REPORT_PAGE_TEXT_H

#include <stddef.h>

/* UTF-8, [length] each, ended with a 0 that is not counted. */
extern const unsigned char cr_page_head[];
extern const size_t cr_page_head_length;
extern const unsigned char cr_page_tail[];
extern const size_t cr_page_tail_length;

#endif
