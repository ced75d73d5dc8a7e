/* Members of .npz files, which are zip archives of .npy files. */
#ifndef CHAINRULE_DATA_SOURCES_NPZ_H
#define CHAINRULE_DATA_SOURCES_NPZ_H

#include "data/gzip.h"

/* The first `most` bytes of a member, or all of it, decompressed. path is
 * "FILE.npz:NAME", without NAME's ".npy", or FILE.npz alone where it has one array. The
 * caller frees content->text; its crc32 is that of the archive where all was read. */
CR_MUST_CHECK bool cr_npz_read(const char *path, size_t most, cr_content *content,
                               cr_error *err);

#endif
