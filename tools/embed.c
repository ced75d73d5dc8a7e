/*
 * Makes C of a page: embed OUT.c TEMPLATE NAME=FILE...
 *
 * A line of the template that is {{NAME}} and nothing else is replaced by the content of
 * the files of that name, in the order given. {{data}} is where the page's data goes: what
 * stands before it becomes cr_page_head, what stands behind it cr_page_tail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LINE = 4096 };

static FILE *open_or_die(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

/* The bytes as elements of an array. */
static size_t put(FILE *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fprintf(out, "%u,%s", (unsigned char)bytes[i], i % 24 == 23 ? "\n" : "");
    return length;
}

static size_t put_file(FILE *out, const char *path)
{
    char buffer[MOST_LINE];
    size_t length = 0, got;
    FILE *file = open_or_die(path, "rb");
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        length += put(out, buffer, got);
    fclose(file);
    return length;
}

static size_t put_named(FILE *out, const char *name, size_t name_length, char **files)
{
    size_t length = 0;
    for (; *files; files++)
        if (strncmp(*files, name, name_length) == 0 && (*files)[name_length] == '=')
            length += put_file(out, *files + name_length + 1);
    if (length == 0) {
        fprintf(stderr, "embed: no file is given for {{%.*s}}\n", (int)name_length, name);
        exit(1);
    }
    return length;
}

static void end_array(FILE *out, const char *name, size_t length)
{
    fprintf(out, "0};\nconst size_t %s_length = %zu;\n", name, length);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "embed: expected OUT.c TEMPLATE NAME=FILE...\n");
        return 2;
    }
    FILE *out = open_or_die(argv[1], "w"), *page = open_or_die(argv[2], "r");
    const char *array = "cr_page_head";
    char line[MOST_LINE];
    size_t length = 0;
    fprintf(out, "#include \"report/page_text.h\"\nconst unsigned char %s[] = {\n",
            array);
    while (fgets(line, sizeof line, page)) {
        char *end = strstr(line, "}}\n");
        if (strcmp(line, "{{data}}\n") == 0) {
            end_array(out, array, length);
            array = "cr_page_tail";
            length = 0;
            fprintf(out, "const unsigned char %s[] = {\n", array);
        } else if (strncmp(line, "{{", 2) == 0 && end) {
            length += put_named(out, line + 2, (size_t)(end - line - 2), argv + 3);
        } else {
            length += put(out, line, strlen(line));
        }
    }
    end_array(out, array, length);
    fclose(page);
    return fclose(out) != 0;
}
