#include "commands/kind.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "data/delimiter.h"
#include "data/file_kind.h"
#include "data/gzip.h"
#include "data/source.h"
#include "data/sources/folder_list.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { BEGINNING = 4096 };

/* The beginning of a file, decompressed. */
typedef struct beginning {
    char text[BEGINNING + 1]; /* ended with a 0 */
    size_t length;
} beginning;

static const char *const names[CR_KINDS] = {
    [CR_KIND_CONFIG] = "JSON, as a config is",
    [CR_KIND_TABLE] = "a table",
    [CR_KIND_DATA] = "a file of data",
    [CR_KIND_PICTURE] = "a picture",
    [CR_KIND_MODEL] = "a model file",
    [CR_KIND_ONNX] = "an ONNX file",
    [CR_KIND_FOLDER] = "a folder of pictures",
    [CR_KIND_RUN] = "the directory of a run",
    [CR_KIND_SWEEP] = "the directory of a sweep",
};

static bool has_file(const char *directory, const char *name)
{
    char *path = cr_path_join(directory, name, NULL);
    bool has = path && !cr_file_problem(path);
    cr_free(path);
    return has;
}

static bool read_beginning(const char *path, beginning *b)
{
    *b = (beginning){.length = 0};
    cr_gzip *file = cr_gzip_open(path, NULL);
    bool good = file && cr_gzip_read(file, b->text, BEGINNING, &b->length, NULL);
    cr_gzip_close(file);
    return good;
}

/* Those of file_kind.h, and PNM ("P6 640 480"), as which a table may begin too. */
static bool is_picture(const beginning *b)
{
    bool pnm = b->text[0] == 'P' && b->text[1] >= '1' && b->text[1] <= '6' &&
               isspace((unsigned char)b->text[2]);
    return pnm || cr_file_kind_is_picture(b->text, b->length);
}

/* safetensors: the length of a header, and its brace. */
static bool is_model(const beginning *b)
{
    return b->length > 9 && b->text[8] == '{' && memcmp(b->text + 5, "\0\0\0", 3) == 0;
}

/* ONNX: its version, a small number, and then the name of a program, or the graph. */
static bool is_onnx(const beginning *b)
{
    return b->length > 8 && b->text[0] == 0x08 && b->text[1] > 0 && b->text[1] < 32 &&
           (b->text[2] == 0x12 || b->text[2] == 0x3a || b->text[2] == 0x42);
}

static size_t count(const char *line, size_t length, char c)
{
    size_t found = 0;
    for (size_t i = 0; i < length; i++)
        found += line[i] == c;
    return found;
}

/* Two lines with the same number of delimiters, and no brace; or one column, in a file
 * whose name says so. */
static bool is_table(const beginning *b, const char *path)
{
    const char *second = strchr(b->text, '\n');
    if (memchr(b->text, '\0', b->length) || strpbrk(b->text, "{}"))
        return false;
    const char *dot = strrchr(path, '.');
    if (dot && strcasecmp(dot, ".gz") == 0)
        for (dot--; dot > path && *dot != '.';)
            dot--;
    if (dot && (strncasecmp(dot, ".csv", 4) == 0 || strncasecmp(dot, ".tsv", 4) == 0))
        return true;
    if (!second)
        return false;
    size_t length = (size_t)(second++ - b->text);
    char delimiter = cr_delimiter_guess(b->text, length);
    size_t cells = count(b->text, length, delimiter);
    return cells > 0 && cells == count(second, strcspn(second, "\n"), delimiter);
}

static cr_kind kind_of_directory(const char *path)
{
    if (has_file(path, "sweep.db"))
        return CR_KIND_SWEEP;
    if (has_file(path, "config.json") || has_file(path, "model.safetensors"))
        return CR_KIND_RUN;
    cr_folder_list list;
    if (!cr_folder_list_classes(&list, path, NULL))
        return CR_KIND_UNKNOWN;
    cr_folder_list_finish(&list);
    return CR_KIND_FOLDER;
}

cr_kind cr_kind_of(const char *path)
{
    struct stat status;
    beginning b;
    if (stat(path, &status) != 0)
        return CR_KIND_UNKNOWN;
    if (S_ISDIR(status.st_mode))
        return kind_of_directory(path);
    if (!S_ISREG(status.st_mode) || !read_beginning(path, &b)) /* a pipe is read once */
        return CR_KIND_UNKNOWN;
    size_t blank = cr_text_mark(b.text, b.length);
    blank += strspn(b.text + blank, " \t\r\n");
    if (b.text[blank] == '{')
        return CR_KIND_CONFIG;
    if (is_model(&b))
        return CR_KIND_MODEL;
    if (is_onnx(&b))
        return CR_KIND_ONNX;
    if (is_picture(&b))
        return CR_KIND_PICTURE;
    if (cr_source_of_file(path, NULL, &cr_table_format_default).type->recognize)
        return CR_KIND_DATA;
    return is_table(&b, path) ? CR_KIND_TABLE : CR_KIND_UNKNOWN;
}

/* advice[kind]: what takes it, where FILE stands for the path; NULL for the kinds that are
 * right, or better explained elsewhere. */
static bool check(const char *path, const char *const advice[CR_KINDS],
                  const char *expected, cr_error *err)
{
    cr_kind kind = cr_kind_of(path);
    if (!advice[kind])
        return true;
    cr_text text = {0};
    const char *at = advice[kind];
    for (const char *file = strstr(at, "FILE"); file; file = strstr(at, "FILE")) {
        cr_text_add(&text, "%.*s%s", (int)(file - at), at, path);
        at = file + strlen("FILE");
    }
    cr_text_add(&text, "%s", at);
    cr_fail(err, CR_E_USAGE, "%s: it is %s; %s was expected; %s", path, names[kind],
            expected, text.failed ? "" : text.data);
    cr_text_finish(&text);
    return false;
}

bool cr_kind_check_config(const char *path, cr_error *err)
{
    static const char *const advice[CR_KINDS] = {
        [CR_KIND_TABLE] = "chainrule describe FILE makes a config for it",
        [CR_KIND_DATA] = "a config names it in its section \"data\"",
        [CR_KIND_PICTURE] = "a config names files of data in its section \"data\"",
        [CR_KIND_FOLDER] = "chainrule describe FILE makes a config for it",
        [CR_KIND_MODEL] = "chainrule eval FILE and chainrule predict FILE take it, and a "
                          "config whose \"weights\" in \"model\" is it starts from it",
        [CR_KIND_ONNX] = "chainrule import FILE makes a run of it",
        [CR_KIND_RUN] = "chainrule eval FILE, predict FILE and resume FILE take it, and "
                        "its config is FILE/config.json",
        [CR_KIND_SWEEP] = "chainrule runs FILE shows it, and chainrule resume FILE goes "
                          "on with it",
    };
    return check(path, advice, "a config", err);
}

bool cr_kind_check_model(const char *path, cr_error *err)
{
    static const char *const advice[CR_KINDS] = {
        [CR_KIND_TABLE] = "chainrule predict RUN FILE and chainrule eval RUN --on FILE "
                          "take it",
        [CR_KIND_DATA] = "chainrule predict RUN FILE takes it",
        [CR_KIND_PICTURE] = "chainrule predict RUN FILE takes it",
        [CR_KIND_FOLDER] = "chainrule predict RUN FILE and chainrule eval RUN --on FILE "
                           "take it",
        [CR_KIND_ONNX] = "chainrule import FILE makes a run of it",
        [CR_KIND_SWEEP] = "its best model is FILE/best; chainrule runs FILE shows all",
    };
    return check(path, advice, "a model file or the directory of a run", err);
}

bool cr_kind_check_run(const char *path, cr_error *err)
{
    static const char *const advice[CR_KINDS] = {
        [CR_KIND_CONFIG] = "chainrule train FILE begins one",
        [CR_KIND_TABLE] = "chainrule predict RUN FILE takes it",
        [CR_KIND_DATA] = "chainrule predict RUN FILE takes it",
        [CR_KIND_PICTURE] = "chainrule predict RUN FILE takes it",
        [CR_KIND_FOLDER] = "chainrule predict RUN FILE takes it",
        [CR_KIND_ONNX] = "chainrule import FILE makes one of it",
        [CR_KIND_MODEL] = "a model file alone does not say where training was; give the "
                          "directory that it is in",
    };
    return check(path, advice, "the directory of a run or of a sweep", err);
}

bool cr_kind_check_data(const char *path, cr_error *err)
{
    static const char *const advice[CR_KINDS] = {
        [CR_KIND_CONFIG] = "chainrule check FILE looks at a config",
        [CR_KIND_MODEL] = "a model comes first, and then the data",
        [CR_KIND_RUN] = "a run comes first, and then the data",
        [CR_KIND_SWEEP] = "chainrule runs FILE shows it",
    };
    return check(path, advice, "a file of data", err);
}
