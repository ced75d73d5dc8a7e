/*
 * Examples on a page: as pictures where they are pictures, else as the values of the table's
 * columns. A section chooses some, refers to them by their places, and writes them once.
 */
#ifndef CHAINRULE_REPORT_PAGE_EXAMPLES_H
#define CHAINRULE_REPORT_PAGE_EXAMPLES_H

#include "report/page_json.h"
#include "report/page_scores.h"

typedef struct cr_page_examples {
    const cr_page_scores *scores; /* borrowed */
    size_t *places;     /* [scores->count] place + 1 in the list; 0: not in it */
    uint32_t *items;    /* [count] examples of the scores */
    size_t count, most; /* most: so many as the page has room for */
} cr_page_examples;

CR_MUST_CHECK bool cr_page_examples_init(cr_page_examples *examples,
                                         const cr_page_scores *scores, cr_error *err);
void cr_page_examples_finish(cr_page_examples *examples); /* takes zeros */

/* Adds example i unless it is there, and returns its place; SIZE_MAX where there is no room. */
size_t cr_page_examples_add(cr_page_examples *examples, size_t i);

/* Writes {"columns": […] of rows, "items": [{"row": …, "file": …, "picture": … or "cells":
 * […], "said": …, "right": …}]}, where said and right are what predictions show: of classes
 * {"class": number, "share": …}, else a list of numbers. */
CR_MUST_CHECK bool cr_page_examples_write(const cr_page_examples *examples,
                                          const char *key, cr_page_json *out,
                                          cr_error *err);

/* The raw values of an input's features [count] as its cell, as near as they tell: a number,
 * a word, the parts of a date; "" where it was missing. Returns out. */
enum { CR_PAGE_EXAMPLES_CELL = 200 };
const char *cr_page_examples_cell(const cr_input *input, const double *features,
                                  char out[CR_PAGE_EXAMPLES_CELL]);

/* What input j is called: its column, or its number. Returns out. */
const char *cr_page_examples_input(const cr_encoding *encoding, size_t j,
                                   char out[CR_PAGE_EXAMPLES_CELL]);

#endif
