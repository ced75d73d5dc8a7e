#include "data/table_format.h"

#include "data/charset.h"

#include <string.h>

#define MAX_LINE 67108864 /* bytes: 64 MiB */
#define TEXT_OF(number) TEXT_AS_IS(number)
#define TEXT_AS_IS(number) #number

const cr_table_format cr_table_format_default = {.max_line = MAX_LINE};

const cr_option cr_table_format_options[] = {
    {.key = "encoding",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(cr_table_fields, encoding),
     .fallback = CR_OPTIONAL,
     .help = "what the text is written in: \"latin-1\", \"windows-1252\", \"utf-16\", or "
             "what else iconv knows; if left out, UTF-8, or UTF-16 where the file begins "
             "with its byte-order mark"},
    {.key = "delimiter",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(cr_table_fields, delimiter),
     .fallback = CR_OPTIONAL,
     .help = "the character between two cells, or \"tab\"; if left out, what a first "
             "line such as sep=; says, or else the one of comma, tab, semicolon and | "
             "that the first row has most of, in each file"},
    {.key = "comment_prefix",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(cr_table_fields, comment_prefix),
     .fallback = CR_OPTIONAL,
     .help = "lines that begin with this text, such as \"#\", are skipped"},
    {.key = "skip_rows",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(cr_table_fields, skip_rows),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "lines to skip at the start, before the line of names"},
    {.key = "max_line",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(cr_table_fields, max_line),
     .fallback = TEXT_OF(MAX_LINE),
     .minimum = 1,
     .maximum = 9007199254740992.0,
     .no_effect = true,
     .help = "the most bytes of a row"},
};

const size_t cr_table_format_option_count = CR_COUNT(cr_table_format_options);

static void read_delimiter(cr_reader *reader, const char *text, cr_table_format *format)
{
    format->delimiter = strcmp(text, "tab") == 0 ? '\t' : *text;
    bool one = strlen(text) == 1 || format->delimiter == '\t';
    bool visible = one && (*text == '\t' || (*text >= ' ' && *text <= '~'));
    if (!visible || *text == '"')
        cr_reader_error(reader, "data.delimiter",
                        "found \"%.20s\", expected one character such as \";\", \"|\" or "
                        "\" \", or \"tab\"%s",
                        text, *text == '"' ? "; quotes enclose a cell" : "");
}

static void read_comment_prefix(cr_reader *reader, const char *text,
                                cr_table_format *format)
{
    format->comment_prefix = text;
    if (*text == '\0' || strpbrk(text, "\r\n\""))
        cr_reader_error(reader, "data.comment_prefix",
                        "found \"%.20s\", expected what lines to skip begin with, such "
                        "as \"#\", without quotes and line ends",
                        text);
}

void cr_table_format_read(cr_reader *reader, const cr_table_fields *fields,
                          cr_table_format *format)
{
    *format = cr_table_format_default;
    format->encoding = fields->encoding;
    format->skip_rows = (size_t)fields->skip_rows;
    if (fields->max_line > 0)
        format->max_line = (size_t)fields->max_line;
    if (fields->encoding && !cr_charset_is_known(fields->encoding))
        cr_reader_error(
            reader, "data.encoding",
            "iconv knows no encoding \"%.40s\"; expected \"utf-8\", "
            "\"latin-1\", \"windows-1252\", \"utf-16\" or what else `iconv -l` "
            "lists",
            fields->encoding);
    if (fields->delimiter)
        read_delimiter(reader, fields->delimiter, format);
    if (fields->comment_prefix)
        read_comment_prefix(reader, fields->comment_prefix, format);
}

void cr_table_format_describe(cr_text *out)
{
    cr_options_describe("data, for tables",
                        "Further keys of `data`. They hold for all its tables, and for "
                        "those that `predict` and `eval` are given with the model.",
                        cr_table_format_options, cr_table_format_option_count, out);
}
