#include "inspect/picture_survey.h"

#include "base/memory.h"
#include "inspect/copies.h"

#include <stdlib.h>
#include <string.h>

enum {
    RARE = 10, /* a class of which another has more than so many times as many */
    FEW = 10   /* pictures of a class */
};

void cr_picture_survey_finish(cr_picture_survey *survey)
{
    cr_folder_list_finish(&survey->list);
    cr_free(survey->seen);
    cr_names_finish(&survey->classes);
    cr_free(survey->counts);
    cr_text_finish(&survey->odd);
    *survey = (cr_picture_survey){0};
}

static bool count_classes(cr_picture_survey *s, cr_error *err)
{
    if (!cr_names_add_all(&s->classes, &s->list.classes, err) ||
        !cr_names_sort(&s->classes, err))
        return false;
    s->counts = cr_alloc(s->classes.count, sizeof *s->counts, err);
    for (size_t i = 0; s->counts && i < s->list.files.count; i++) {
        const char *class = s->list.classes.items[s->list.codes[i]];
        s->counts[cr_names_place(&s->classes, class)]++;
    }
    return s->counts != NULL;
}

static int compare_sizes(const void *a, const void *b)
{
    const cr_picture_size *x = a, *y = b;
    if (x->height != y->height)
        return x->height < y->height ? -1 : 1;
    return (x->width > y->width) - (x->width < y->width);
}

static int compare_counts(const void *a, const void *b)
{
    const cr_picture_size *x = a, *y = b;
    if (x->pictures != y->pictures)
        return x->pictures > y->pictures ? -1 : 1;
    return compare_sizes(a, b);
}

/* The sizes that there are, and how often. */
static bool count_sizes(cr_picture_survey *s, cr_error *err)
{
    cr_picture_size *all = cr_alloc(s->list.files.count, sizeof *all, err);
    if (!all)
        return false;
    for (size_t i = 0; i < s->list.files.count; i++) {
        const cr_folder_seen *seen = &s->seen[i];
        if (seen->state == CR_FOLDER_DAMAGED)
            continue;
        all[s->whole++] = (cr_picture_size){seen->height, seen->width, 1};
        s->coloured += seen->state == CR_FOLDER_COLOURED;
    }
    qsort(all, s->whole, sizeof *all, compare_sizes);
    for (size_t i = 0; i < s->whole; i++)
        if (s->size_count > 0 && compare_sizes(&all[s->size_count - 1], &all[i]) == 0)
            all[s->size_count - 1].pictures++;
        else
            all[s->size_count++] = all[i];
    qsort(all, s->size_count, sizeof *all, compare_counts);
    for (size_t i = 0; i < s->size_count && i < CR_PICTURE_SIZES; i++)
        s->sizes[i] = all[i];
    cr_free(all);
    return true;
}

static void say_copies(cr_picture_survey *s, const cr_copies *copies, const char *where)
{
    if (copies->count > 0)
        cr_text_add_line(
            &s->odd, "%zu file%s stand%s there twice%s, such as %s and %s", copies->count,
            copies->count == 1 ? "" : "s", copies->count == 1 ? "s" : "", where,
            s->list.files.items[copies->pair[0]], s->list.files.items[copies->pair[1]]);
}

/* Files that are the same, byte by byte. */
static bool find_copies(cr_picture_survey *s, cr_error *err)
{
    size_t files = s->list.files.count, count = 0;
    cr_copies found[CR_COPIES];
    cr_copies_item *items = cr_alloc(files, sizeof *items, err);
    if (!items)
        return false;
    for (size_t i = 0; i < files; i++)
        if (s->seen[i].state != CR_FOLDER_DAMAGED)
            items[count++] = (cr_copies_item){s->seen[i].hash, i, s->list.codes[i]};
    cr_copies_find(items, count, found);
    say_copies(s, &found[CR_COPIES_ALIKE], "");
    say_copies(s, &found[CR_COPIES_OTHER_CLASS], ", in two classes");
    cr_free(items);
    return true;
}

static void say_classes(cr_picture_survey *s)
{
    size_t least = 0, most = 0;
    for (size_t i = 1; i < s->classes.count; i++) {
        least = s->counts[i] < s->counts[least] ? i : least;
        most = s->counts[i] > s->counts[most] ? i : most;
    }
    const char *plural = s->counts[least] == 1 ? "" : "s";
    if (s->counts[least] < FEW)
        cr_text_add_line(&s->odd,
                         "%zu picture%s of \"%s\": too few to learn from, and to be "
                         "judged by; some dozens are a beginning",
                         s->counts[least], plural, s->classes.items[least]);
    else if (s->counts[most] > RARE * s->counts[least])
        cr_text_add_line(&s->odd,
                         "%zu picture%s of \"%s\" and %zu of \"%s\": \"class_weights\": "
                         "\"balanced\" in \"loss\" lets the rare class count as much",
                         s->counts[least], plural, s->classes.items[least],
                         s->counts[most], s->classes.items[most]);
}

/* What a training refuses. */
static void say_refused(cr_picture_survey *s)
{
    size_t damaged = s->list.files.count - s->whole;
    if (s->list.empty.length > 0)
        cr_text_add(&s->odd, "%s", s->list.empty.data);
    if (damaged > 0)
        cr_text_add_line(&s->odd,
                         "a training refuses pictures that cannot be read: remove or "
                         "replace the %zu first",
                         damaged);
}

bool cr_picture_survey_size(const cr_picture_survey *survey, size_t size[2])
{
    return cr_folder_pictures_choose_size(survey->seen, survey->list.files.count, size);
}

bool cr_picture_survey_read(cr_picture_survey *survey, const char *folder, cr_error *err)
{
    cr_picture_survey *s = survey;
    *s = (cr_picture_survey){.folder = folder};
    bool good = cr_folder_list_classes(&s->list, folder, err);
    s->seen = good ? cr_alloc(s->list.files.count, sizeof *s->seen, err) : NULL;
    good = s->seen && cr_folder_pictures_look(&s->list, s->seen, &s->odd, err) &&
           count_classes(s, err) && count_sizes(s, err);
    if (good) {
        say_refused(s);
        cr_folder_list_tell(&s->list, &s->odd);
    }
    good = good && find_copies(s, err);
    if (good)
        say_classes(s);
    if (good && s->odd.failed)
        good = cr_fail(err, CR_E_MEMORY, "out of memory");
    if (!good)
        cr_picture_survey_finish(s);
    return good;
}
