/* The table of sections of a run: a new one is one file and one row here. */
#include "base/memory.h"
#include "report/page_section.h"

const cr_page_section *const cr_page_sections[] = {
    &cr_page_section_metrics, &cr_page_section_data,    &cr_page_section_figures,
    &cr_page_section_classes, &cr_page_section_values,  &cr_page_section_importance,
    &cr_page_section_weights, &cr_page_section_network,
};

const size_t cr_page_section_count = CR_COUNT(cr_page_sections);
