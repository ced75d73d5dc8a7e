#include "commands/screen.h"

#include "base/text_visible.h"
#include "commands/print.h"
#include "commands/terminal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TEXT = 4096, PRINTED_ROWS = 24, BUFFER = 1 << 16 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

/* As setlocale(3) would find out, without changing how the program writes numbers. The
 * console of Linux knows UTF-8, but has no font for what charts are made of. */
static bool has_unicode(const char *term)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < 3; i++)
        if (is_set(names[i])) {
            const char *charset = strchr(getenv(names[i]), '.');
            return charset && strcmp(term, "linux") != 0 &&
                   (strncasecmp(charset, ".utf-8", 6) == 0 ||
                    strncasecmp(charset, ".utf8", 5) == 0);
        }
    return false;
}

/* Keys are read one by one; Ctrl-Z would leave the terminal as the picture has it. */
static void take_keys(cr_screen *s)
{
    s->has_keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &s->before) == 0;
    if (!s->has_keys)
        return;
    struct termios own = s->before;
    own.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    own.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSANOW, &own);
}

void cr_screen_begin(cr_screen *screen, bool follows)
{
    const char *term = is_set("TERM") ? getenv("TERM") : "dumb";
    bool able = isatty(STDOUT_FILENO) && strcmp(term, "dumb") != 0;
    *screen =
        (cr_screen){.unicode = has_unicode(term), .colors = able && !is_set("NO_COLOR")};
    /* in the background a program may not touch the terminal */
    screen->in_place = follows && able && tcgetpgrp(STDOUT_FILENO) == getpgrp();
    if (screen->in_place) {
        setvbuf(stdout, NULL, _IOFBF, BUFFER); /* a picture goes out as one */
        take_keys(screen);
        cr_print("\033[?1049h\033[?25l\033[?7l"); /* own screen, no cursor, no wrapping */
    }
    cr_screen_clear(screen);
}

void cr_screen_clear(cr_screen *screen)
{
    struct winsize size = {0};
    screen->columns = cr_terminal_width();
    screen->rows = PRINTED_ROWS;
    if (screen->in_place && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0 && size.ws_row > 0) {
        screen->columns = size.ws_col;
        screen->rows =
            size.ws_row > 2 ? size.ws_row - 2u : 1; /* a prompt comes below it */
    }
    for (size_t i = 0; i < screen->count; i++) {
        cr_text_finish(&screen->lines[i].text);
        cr_text_finish(&screen->lines[i].inks);
    }
    screen->count = 0;
}

cr_screen_line *cr_screen_line_at(cr_screen *screen, size_t i)
{
    while (screen->count <= i && screen->count < CR_SCREEN_LINES)
        screen->lines[screen->count++] = (cr_screen_line){.limit = screen->columns};
    return &screen->lines[i < CR_SCREEN_LINES ? i : CR_SCREEN_LINES - 1];
}

cr_screen_line *cr_screen_next(cr_screen *screen)
{
    return cr_screen_line_at(screen, screen->count);
}

static void add_bytes(cr_screen_line *line, cr_ink ink, const char *bytes, size_t length,
                      size_t width)
{
    cr_text_add_bytes(&line->text, bytes, length);
    for (size_t i = 0; i < length; i++)
        cr_text_add(&line->inks, "%c", '0' + (int)ink);
    line->width += width;
}

void cr_screen_add(cr_screen_line *line, cr_ink ink, const char *format, ...)
{
    char text[TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t length = strlen(text), left = cr_text_visible_width(text, length);
    size_t room = line->limit > line->width ? line->limit - line->width : 0;
    bool cut = left > room;
    for (size_t at = 0; at < length && room > 0;) {
        cr_text_shown shown;
        at += cr_text_visible_character(text + at, length - at, &shown);
        size_t width = (size_t)shown.width;
        if (cut && width > room - 1) {
            add_bytes(line, ink, ">", 1, 1);
            return;
        }
        add_bytes(line, ink, shown.bytes, shown.length, width);
        room -= width;
    }
}

void cr_screen_pad(cr_screen_line *line, size_t width)
{
    while (line->width < width)
        add_bytes(line, CR_INK_PLAIN, " ", 1, 1);
}

void cr_screen_add_fields(cr_screen *screen, cr_bar_line *fields)
{
    cr_text text = {0};
    cr_bar_line_compose(fields, screen->columns + 1, &text); /* there is no wrapping */
    if (text.length > 0 && !text.failed)
        cr_screen_add(cr_screen_next(screen), CR_INK_PLAIN, "%s", text.data);
    cr_text_finish(&text);
    cr_bar_line_finish(fields);
}

/* So many bytes of a line, which have one ink. */
static void draw_piece(const cr_screen *s, int ink, const char *text, int length)
{
    if (!s->colors || ink == CR_INK_PLAIN)
        cr_print("%.*s", length, text);
    else if (ink == CR_INK_STRONG)
        cr_print("\033[1m%.*s\033[0m", length, text);
    else if (ink == CR_INK_FAINT)
        cr_print("\033[2m%.*s\033[0m", length, text);
    else if (ink == CR_INK_FIRST)
        cr_print("\033[36m%.*s\033[0m", length, text);
    else
        cr_print("\033[33m%.*s\033[0m", length, text);
}

static void draw_line(const cr_screen *s, const cr_screen_line *line)
{
    if (line->text.failed || line->inks.failed)
        return;
    for (size_t first = 0, end = 0; first < line->text.length; first = end) {
        const char *inks = line->inks.data;
        while (end < line->text.length && inks[end] == inks[first])
            end++;
        draw_piece(s, inks[first] - '0', line->text.data + first, (int)(end - first));
    }
}

static void draw_all(const cr_screen *screen)
{
    for (size_t i = 0; i < screen->count; i++) {
        draw_line(screen, &screen->lines[i]);
        cr_print("\n");
    }
}

void cr_screen_draw(const cr_screen *screen)
{
    if (!screen->in_place) {
        draw_all(screen);
        return;
    }
    cr_print("\033[H");
    for (size_t i = 0; i < screen->count && i < screen->rows; i++) {
        if (i > 0)
            cr_print("\r\n");
        cr_print("\033[K"); /* in front: behind a full line it would take its end */
        draw_line(screen, &screen->lines[i]);
    }
    cr_print("\033[J");
    fflush(stdout);
}

bool cr_screen_wait(const cr_screen *screen, double seconds)
{
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 0;
    if (poll(&keys, screen->has_keys ? 1 : 0, (int)(seconds * 1e3)) <= 0)
        return true;
    return read(STDIN_FILENO, &key, 1) == 1 && key != 'q' && key != 'Q';
}

void cr_screen_end(cr_screen *screen)
{
    if (screen->in_place) {
        cr_print("\033[?7h\033[?25h\033[?1049l");
        if (screen->has_keys)
            tcsetattr(STDIN_FILENO, TCSANOW, &screen->before);
        screen->in_place = false;
        draw_all(screen);
    }
    cr_screen_clear(screen);
}
