/*
 * Sections of a page: a file under sections/ that collects the figures of a run and a row
 * in section_table.c; and under page/ a file that draws them, and a row in page/views.js.
 */
#ifndef CHAINRULE_REPORT_PAGE_SECTION_H
#define CHAINRULE_REPORT_PAGE_SECTION_H

#include "report/page_run.h"

typedef struct cr_page_section {
    const char
        *key;      /* of the run's object, under which it writes one value, or nothing */
    bool of_model; /* it needs the run's model */
    bool of_part;  /* it needs the model and the part that it is looked at on */
    /* False with err where it cannot be shown, which the page then says; what it had
     * written by then is taken back. */
    bool (*add)(const cr_page_run *run, const char *key, cr_page_json *out,
                cr_error *err);
} cr_page_section;

/* The table, in the order of the run's object. */
extern const cr_page_section *const cr_page_sections[];
extern const size_t cr_page_section_count;

extern const cr_page_section cr_page_section_metrics;
extern const cr_page_section cr_page_section_data;
extern const cr_page_section cr_page_section_figures;
extern const cr_page_section cr_page_section_classes;
extern const cr_page_section cr_page_section_values;
extern const cr_page_section cr_page_section_importance;
extern const cr_page_section cr_page_section_weights;
extern const cr_page_section cr_page_section_network;

#endif
