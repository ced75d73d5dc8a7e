/* What is new in a directory that another process works in: whether its files have
 * changed, when they last did, and what progress.json says. */
#ifndef CHAINRULE_COMMANDS_WATCH_NEWS_H
#define CHAINRULE_COMMANDS_WATCH_NEWS_H

#include "base/hash.h"
#include "commands/screen.h"
#include "config/document.h"
#include "runs/run_state.h"

typedef struct cr_watch_news {
    cr_document word; /* progress.json; its root is NULL where there is none */
    cr_hash seen;     /* of the files' sizes and times; zeros at first */
    double changed;   /* on the clock: when they last changed */
} cr_watch_news;

/* Looks at the files of the directory, names[0..count), and at progress.json. Starts as
 * {0}. Whether there is something new. */
bool cr_watch_news_look(cr_watch_news *news, const char *directory,
                        const char *const *names, size_t count);
void cr_watch_news_finish(cr_watch_news *news);

/* Seconds since something changed. */
double cr_watch_news_age(const cr_watch_news *news);

/* A number of progress.json; NaN without one. */
double cr_watch_news_number(const cr_watch_news *news, const char *key);

/* The machine that the work goes on on, if it is another, whose locks may not be seen
 * from here; NULL: it is this one, or not known. */
const char *cr_watch_news_elsewhere(const cr_watch_news *news);

/* The state as far as can be said: what looks interrupted from here may go on elsewhere. */
cr_run_state cr_watch_news_state(const cr_watch_news *news, cr_run_state seen);

/* A line where work that runs has left no news for long. */
void cr_watch_news_add_silence(const cr_watch_news *news, cr_run_state state,
                               cr_screen *screen);

#endif
