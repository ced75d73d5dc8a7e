/* The pictures of a list, decoded on all processors, as bytes of one shape. */
#ifndef CHAINRULE_DATA_SOURCES_FOLDER_PICTURES_H
#define CHAINRULE_DATA_SOURCES_FOLDER_PICTURES_H

#include "base/hash.h"
#include "data/sources/folder_list.h"

#include <stdint.h>

/* What every picture is to become. */
typedef struct cr_folder_wanted {
    size_t channels;      /* 1 or 3; 0: grey if none has a colour, else 3 */
    size_t height, width; /* 0: those of the first picture that can be read */
    bool resize;          /* pictures of another size are made to fit, not refused */
    bool of_model;        /* the size is that of a model, for messages */
    size_t max_bytes;     /* in all */
    const char *cure;     /* an option that makes them fit; NULL: "size" in a config */
} cr_folder_wanted;

/* What became of a file. */
typedef enum cr_folder_state {
    CR_FOLDER_GREY,     /* no pixel has a colour */
    CR_FOLDER_COLOURED, /* one has */
    CR_FOLDER_DAMAGED,
    CR_FOLDER_OTHER_SIZE, /* than the one that was wanted */
    CR_FOLDER_NO_MEMORY,
} cr_folder_state;

typedef struct cr_folder_seen {
    cr_hash hash;           /* of the file's content */
    uint32_t height, width; /* of the picture in it, if it is not damaged */
    cr_folder_state state;
} cr_folder_seen;

/* Starts as {0}. */
typedef struct cr_folder_pictures {
    uint8_t *bytes; /* [files, channels, height, width]; the caller frees it */
    size_t channels, height, width;
    cr_hash hash;    /* of the files' names and contents */
    size_t coloured; /* pictures with a colour */
} cr_folder_pictures;

/* Decodes the pictures. Damaged ones are CR_E_DATA all together, some of them named; so
 * is the first one of another size. What comes out does not depend on the number of
 * processors. On failure there is nothing to free. */
CR_MUST_CHECK bool cr_folder_pictures_read(cr_folder_pictures *pictures,
                                           const cr_folder_list *list,
                                           const cr_folder_wanted *wanted, cr_error *err);

/* Looks at all pictures, whatever their sizes, and keeps none: seen[files], grey, coloured
 * or damaged. Says of some damaged ones, a line each, what is wrong. */
CR_MUST_CHECK bool cr_folder_pictures_look(const cr_folder_list *list,
                                           cr_folder_seen *seen, cr_text *lines,
                                           cr_error *err);

enum { CR_FOLDER_STEP = 8 }; /* sides that are chosen are multiples of it */

/* [height, width] that "size" should say for the pictures that are whole. False: it should
 * say nothing, since all have that one size and it is small, or since there are none. */
bool cr_folder_pictures_choose_size(const cr_folder_seen *seen, size_t files,
                                    size_t size[2]);

#endif
