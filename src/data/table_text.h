/* The text of a table, piece by piece: unpacked where it is gzip, and as UTF-8, whatever
 * it is written in. */
#ifndef CHAINRULE_DATA_TABLE_TEXT_H
#define CHAINRULE_DATA_TABLE_TEXT_H

#include "data/table_format.h"

typedef struct cr_table_text cr_table_text;

/* The text of a file, or of a stream that is open already (which stays so, and is called
 * `name` in messages). More than max_bytes are an error of reading. The format's texts
 * are borrowed. NULL with err. */
CR_MUST_CHECK cr_table_text *cr_table_text_open(const char *path,
                                                const cr_table_format *format,
                                                size_t max_bytes, cr_error *err);
CR_MUST_CHECK cr_table_text *cr_table_text_open_stream(int stream, const char *name,
                                                       const cr_table_format *format,
                                                       size_t max_bytes, cr_error *err);
void cr_table_text_close(cr_table_text *text); /* takes NULL */

/* The next piece of whole characters, valid until the next call; its length is 0 at the
 * end. Of a stream, it is what has come by now. False with err for what is no text: bytes
 * that are no characters, and files of other kinds. */
CR_MUST_CHECK bool cr_table_text_read(cr_table_text *text, const char **piece,
                                      size_t *length, cr_error *err);

/* Whether the format says an encoding, but the file is UTF-8 all the same: its bytes beyond
 * ASCII, of which there are some, are all characters of UTF-8, which those of another
 * encoding practically never are. Reads the file, up to the first bytes that are none;
 * false for what can be read once only, and where a byte-order mark says it. */
bool cr_table_text_is_utf8_after_all(const char *path, const cr_table_format *format);

/* CRC-32 of the file as it lies on the disk, once its end was reached. */
uint32_t cr_table_text_crc32(const cr_table_text *text);

#endif
