/* Paths as texts. */
#ifndef CHAINRULE_BASE_PATH_H
#define CHAINRULE_BASE_PATH_H

#include <chainrule/error.h>

/* directory/name, or name alone if it is absolute or the directory is empty. Caller
 * frees. */
CR_MUST_CHECK char *cr_path_join(const char *directory, const char *name, cr_error *err);

/* The part before the last '/', "" if there is none. Caller frees. */
CR_MUST_CHECK char *cr_path_directory(const char *path, cr_error *err);

/* The last part of a path without its extension: configs/digits.json → digits. Caller
 * frees. */
CR_MUST_CHECK char *cr_path_stem(const char *path, cr_error *err);

/* The path made absolute against the current directory, without "." and "name/.." where
 * that can be seen from the text alone. Caller frees. */
CR_MUST_CHECK char *cr_path_absolute(const char *path, cr_error *err);

/* The path as seen from the directory ("" is the current one): absolute if it was, else
 * with a "../" for each name of the directory. Caller frees. */
CR_MUST_CHECK char *cr_path_relative(const char *path, const char *directory,
                                     cr_error *err);

/* The end of an absolute path that a user in the current directory would write: without
 * that directory in front, if it lies below it. Points into path. */
const char *cr_path_short(const char *path);

/* What a path names inside an archive: "x" of "data.npz:x". Points into path; NULL where
 * it names none. */
const char *cr_path_member(const char *path);

#endif
