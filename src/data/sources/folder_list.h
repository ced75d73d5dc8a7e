/* Which pictures a folder has, and of which class each is. */
#ifndef CHAINRULE_DATA_SOURCES_FOLDER_LIST_H
#define CHAINRULE_DATA_SOURCES_FOLDER_LIST_H

#include "base/text.h"
#include "data/names.h"

enum { CR_FOLDER_PATH = 4096 }; /* bytes of a path, with its final 0 */

/* Pictures are files that are called .png, .jpg, .jpeg, .pgm, .ppm or .pnm, in whatever
 * letters; what they are is told by their content later. Hidden files and folders are
 * passed over; other files, and folders inside of those that are looked into, are skipped.
 * Links are followed; folders are looked into one level deep, so that no link leads in
 * circles. */

/* Why an entry is skipped. */
typedef enum cr_folder_skip {
    CR_FOLDER_SKIP_FORMAT, /* a picture that no decoder is for, by its name */
    CR_FOLDER_SKIP_FOLDER, /* inside of a folder that is looked into */
    CR_FOLDER_SKIP_STRAY,  /* a picture beside the class folders */
    CR_FOLDER_SKIP_OTHER,
    CR_FOLDER_SKIPS,
} cr_folder_skip;

typedef struct cr_folder_list {
    const char *folder; /* that all lie in; borrowed; NULL: the files are paths */
    cr_names files;     /* "cat/0012.jpg", class by class, in the order of their bytes */
    cr_names classes;   /* the folders' names in that order; none without classes */
    int32_t *codes;     /* [files.count] numbers of classes; NULL without classes */
    cr_text empty;      /* class folders without a picture, which are no classes: what is
                           wrong with each, a line each */
    size_t skipped[CR_FOLDER_SKIPS];    /* entries of the folders */
    char *skipped_one[CR_FOLDER_SKIPS]; /* one of them, below the folder; NULL: none */
} cr_folder_list;

/* Lists a folder a class, in the order of the folders' names. A folder without class
 * folders is CR_E_DATA, and so is one whose class folders have no picture. */
CR_MUST_CHECK bool cr_folder_list_classes(cr_folder_list *list, const char *folder,
                                          cr_error *err);

/* False with an error for each class folder without a picture. */
CR_MUST_CHECK bool cr_folder_list_check(const cr_folder_list *list, cr_error *err);

/* Lists pictures to be named and not to learn from: those in the folder itself, and
 * behind them those in the folders inside of it. None at all is CR_E_DATA. */
CR_MUST_CHECK bool cr_folder_list_pictures(cr_folder_list *list, const char *folder,
                                           cr_error *err);

/* Files that somebody has named, whatever they are called. */
CR_MUST_CHECK bool cr_folder_list_files(cr_folder_list *list, const char *const *files,
                                        size_t count, cr_error *err);

/* The path of file i. Returns out. */
const char *cr_folder_list_path(const cr_folder_list *list, size_t i,
                                char out[CR_FOLDER_PATH]);

/* Adds what there is to say of entries that were skipped; nothing without any. */
void cr_folder_list_tell(const cr_folder_list *list, cr_text *lines);

void cr_folder_list_finish(cr_folder_list *list); /* also of an empty one: {0} */

#endif
