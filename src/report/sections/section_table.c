/* The table of sections of a run: a new one is one file and one row here. */
#include "base/memory.h"
#include "report/page_section.h"

const cr_page_section *const cr_page_sections[] = {
    &cr_page_section_metrics,
};

const size_t cr_page_section_count = CR_COUNT(cr_page_sections);
