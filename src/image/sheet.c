#include "image/sheet.h"

#include "base/memory.h"
#include "base/text.h"
#include "image/resize.h"

#include <string.h>

/* Pixels of the page. */
enum {
    MARGIN = 28,
    GAP = 20,           /* between tiles */
    LEAST_TILE = 96,    /* which small pictures are enlarged to */
    LARGEST_TILE = 256, /* which large pictures are made smaller to */
    WIDEST_CELL = 184,  /* of a small tile with a long caption */
    WIDEST = 1120,      /* of a page, where the columns are not said */
    NARROWEST = 480,
    LETTERS = 2, /* of captions and notes: how many times the font's size */
    TITLE = 3,   /* of headings */
    ABOVE = 2,   /* a caption */
    LINE = CR_FONT_HEIGHT * LETTERS,
    MOST_ROWS = 3, /* of a caption's line that is wrapped */
};

static const cr_colour ground = {{250, 250, 250}}, frame = {{205, 205, 205}},
                       title = {{25, 25, 25}}, grey = {{105, 105, 105}};
static const cr_colour inks[] = {[CR_SHEET_BLACK] = {{40, 40, 40}},
                                 [CR_SHEET_BLUE] = {{0, 114, 178}},
                                 [CR_SHEET_RED] = {{213, 94, 0}},
                                 [CR_SHEET_GREY] = {{105, 105, 105}}};

static bool copy(char **to, const char *text, cr_error *err)
{
    *to = text ? cr_text_copy(text, strlen(text), err) : NULL;
    return *to || !text;
}

bool cr_sheet_begin(cr_sheet *sheet, const char *heading, const char *note, cr_error *err)
{
    if (!cr_reserve(&sheet->sections, &sheet->capacity, sheet->count + 1,
                    sizeof *sheet->sections, err))
        return false;
    cr_sheet_section *section = &sheet->sections[sheet->count++];
    *section = (cr_sheet_section){.count = 0};
    return copy(&section->heading, heading, err) && copy(&section->note, note, err);
}

bool cr_sheet_add(cr_sheet *sheet, const double *values, size_t channels, size_t height,
                  size_t width, double black, double white,
                  const cr_sheet_caption captions[CR_SHEET_LINES], cr_error *err)
{
    cr_sheet_section *section = &sheet->sections[sheet->count - 1];
    if (!cr_reserve(&section->tiles, &section->capacity, section->count + 1,
                    sizeof *section->tiles, err))
        return false;
    cr_sheet_tile *tile = &section->tiles[section->count++];
    *tile = (cr_sheet_tile){0};
    bool good = cr_picture_from_values(&tile->picture, values, channels, height, width,
                                       black, white, err) &&
                (sheet->scale > 0 || cr_resize_shrink(&tile->picture, LARGEST_TILE, err));
    for (size_t i = 0; good && i < CR_SHEET_LINES; i++) {
        tile->lines[i].ink = captions[i].ink;
        good = copy(&tile->lines[i].text, captions[i].text, err) &&
               copy(&tile->lines[i].end, captions[i].end, err);
    }
    return good;
}

/* Where a section's tiles go. */
typedef struct layout {
    size_t scale, height, width; /* of a tile, on the page */
    size_t lines, letters;       /* of captions, and the width of the widest */
    size_t cell, columns, rows;
} layout;

static const char dots[] = "…";

static size_t text_width(const char *text)
{
    return cr_font_width(text, strlen(text), LETTERS);
}

static size_t line_width(const cr_sheet_line *line)
{
    return text_width(line->text) + (line->end ? text_width(line->end) + GAP : 0);
}

/* How many bytes of the text stand in a row of a caption: it is broken behind what parts
 * words, where that is near. */
static size_t row_length(const char *text, size_t width)
{
    const size_t length = strlen(text), fits = cr_font_fit(text, length, width, LETTERS);
    for (size_t i = fits; fits < length && i > 2 * fits / 3; i--)
        if (strchr(" /_-", text[i - 1]))
            return i;
    return fits;
}

static size_t wrapped_rows(const char *text, size_t width)
{
    size_t rows = 0, length = 0;
    for (; *text && (length = row_length(text, width)) > 0; text += length)
        rows++;
    return rows;
}

static size_t rows_of(const cr_sheet_line *line, size_t width)
{
    if (!line->text || line->end)
        return line->text != NULL;
    const size_t rows = wrapped_rows(line->text, width);
    return rows < MOST_ROWS ? rows : MOST_ROWS;
}

/* The largest tile and the widest caption. */
static void measure(layout *l, const cr_sheet_section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        const cr_sheet_tile *tile = &section->tiles[i];
        l->height = tile->picture.height > l->height ? tile->picture.height : l->height;
        l->width = tile->picture.width > l->width ? tile->picture.width : l->width;
        for (size_t k = 0; k < CR_SHEET_LINES && tile->lines[k].text; k++) {
            size_t letters = line_width(&tile->lines[k]);
            l->letters = letters > l->letters ? letters : l->letters;
        }
    }
    l->letters = l->letters < WIDEST_CELL ? l->letters : WIDEST_CELL;
}

static size_t most_lines(const cr_sheet_section *section, size_t width)
{
    size_t most = 0;
    for (size_t i = 0; i < section->count; i++) {
        size_t rows = 0;
        for (size_t k = 0; k < CR_SHEET_LINES; k++)
            rows += rows_of(&section->tiles[i].lines[k], width);
        most = rows > most ? rows : most;
    }
    return most;
}

static layout arrange(const cr_sheet *sheet, const cr_sheet_section *section)
{
    layout l = {.scale = sheet->scale};
    measure(&l, section);
    size_t side = l.height > l.width ? l.height : l.width;
    if (l.scale == 0 && side > 0) { /* nearly as wide as its caption */
        size_t wanted = 3 * l.letters / 4;
        wanted = wanted > LEAST_TILE ? wanted : LEAST_TILE;
        l.scale = (wanted + side - 1) / side;
    }
    l.height *= l.scale;
    l.width *= l.scale;
    l.cell = l.width > l.letters ? l.width : l.letters;
    l.lines = most_lines(section, l.cell);
    size_t most = (WIDEST - 2 * MARGIN + GAP) / (l.cell + GAP);
    most = sheet->columns > 0 ? sheet->columns : most > 0 ? most : 1;
    l.rows = (section->count + most - 1) / most;
    l.columns = section->count < most ? section->count : most;
    if (sheet->columns == 0 && l.rows > 0 && section->count % l.rows == 0)
        l.columns = section->count / l.rows; /* all rows are full */
    return l;
}

static void fill(cr_picture *page, size_t x, size_t y, size_t width, size_t height,
                 cr_colour colour)
{
    for (size_t i = y; i < y + height && i < page->height; i++)
        for (size_t j = x; j < x + width && j < page->width; j++)
            memcpy(page->bytes + (i * page->width + j) * 3, colour.rgb, 3);
}

/* The tile in its frame, each pixel a square. */
static void draw_tile(cr_picture *page, size_t x, size_t y, size_t scale,
                      const cr_picture *tile)
{
    fill(page, x - 1, y - 1, tile->width * scale + 2, tile->height * scale + 2, frame);
    for (size_t i = 0; i < tile->height; i++)
        for (size_t j = 0; j < tile->width; j++) {
            const uint8_t *p = tile->bytes + (i * tile->width + j) * tile->channels;
            const bool coloured = tile->channels == CR_PICTURE_COLOUR;
            const cr_colour colour = {{p[0], p[coloured], p[2 * coloured]}};
            fill(page, x + j * scale, y + i * scale, scale, scale, colour);
        }
}

/* How many bytes of a note stand in a line: it is broken between words. */
static size_t words_length(const char *note, size_t width)
{
    size_t fits = 0, end = strcspn(note, " ");
    while (end > fits && (fits == 0 || cr_font_width(note, end, LETTERS) <= width)) {
        fits = end;
        end += note[end] ? 1 + strcspn(note + end + 1, " ") : 0;
    }
    return fits;
}

/* Draws a note where there is a page, and returns how many lines it has. */
static size_t draw_lines(cr_picture *page, size_t y, size_t width, const char *note)
{
    size_t lines = 0;
    for (; *note; lines++) {
        const size_t fits = words_length(note, width);
        if (page)
            cr_font_draw(page, MARGIN, y + lines * LINE, page->width - 2 * MARGIN,
                         LETTERS, grey, note, fits);
        note += fits;
        note += strspn(note, " ");
    }
    return lines;
}

/* A note's lines of at most `width` pixels, about as long as one another; drawn where there
 * is a page. Returns their height. */
static size_t draw_note(cr_picture *page, size_t y, size_t width, const char *note)
{
    const size_t lines = draw_lines(NULL, y, width, note), step = CR_FONT_HEIGHT;
    while (width > step && draw_lines(NULL, y, width - step, note) == lines)
        width -= step;
    return draw_lines(page, y, width, note) * LINE;
}

/* One row of a line of a caption, its end at the right. */
static void draw_row(cr_picture *page, size_t x, size_t y, size_t width,
                     const cr_sheet_line *line)
{
    const size_t end = text_width(line->end), taken = end > 0 ? end + GAP / 2 : 0;
    if (taken < width)
        cr_font_draw(page, x, y, width - taken, LETTERS, inks[line->ink], line->text,
                     strlen(line->text));
    cr_font_draw(page, end < width ? x + width - end : x, y, end, LETTERS,
                 inks[line->ink], line->end, strlen(line->end));
}

/* A line of a caption in several rows. Of what has no room in them the first row shows the
 * beginning, and the others the end. */
static void draw_rows(cr_picture *page, size_t x, size_t y, size_t width,
                      const cr_sheet_line *line)
{
    const char *text = line->text;
    const cr_colour ink = inks[line->ink];
    if (wrapped_rows(text, width) > MOST_ROWS) {
        const size_t room = width - text_width(dots) - LETTERS;
        const size_t head = cr_font_fit(text, strlen(text), room, LETTERS);
        cr_font_draw(page, x, y, room, LETTERS, ink, text, head);
        cr_font_draw(page, x + cr_font_width(text, head, LETTERS) + LETTERS, y, width,
                     LETTERS, ink, dots, strlen(dots));
        for (text += head; wrapped_rows(text, width) > MOST_ROWS - 1;)
            text += cr_font_first(text, strlen(text));
        y += LINE;
    }
    size_t length = 0;
    for (; *text && (length = row_length(text, width)) > 0; text += length, y += LINE)
        cr_font_draw(page, x, y, width, LETTERS, ink, text, length);
}

static void draw_tiles(cr_picture *page, size_t y, const layout *l,
                       const cr_sheet_section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        const cr_sheet_tile *tile = &section->tiles[i];
        size_t x = MARGIN + i % l->columns * (l->cell + GAP);
        size_t top = y + i / l->columns * (l->height + l->lines * LINE + GAP + ABOVE);
        draw_tile(page, x, top, l->scale, &tile->picture);
        size_t below = top + l->height + ABOVE;
        for (size_t k = 0; k < CR_SHEET_LINES && tile->lines[k].text; k++) {
            const cr_sheet_line *line = &tile->lines[k];
            (line->end ? draw_row : draw_rows)(page, x, below, l->cell, line);
            below += rows_of(line, l->cell) * LINE;
        }
    }
}

/* One section after the other; drawn where there is a page, of this width inside its
 * margins. Returns the page's height. */
static size_t draw_sections(const cr_sheet *sheet, cr_picture *page, size_t width)
{
    size_t y = MARGIN + (sheet->title ? LINE + GAP / 2 : 0);
    if (page && sheet->title)
        cr_font_draw(page, MARGIN, MARGIN, width, LETTERS, grey, sheet->title,
                     strlen(sheet->title));
    for (size_t i = 0; i < sheet->count; i++) {
        const cr_sheet_section *section = &sheet->sections[i];
        const layout l = arrange(sheet, section);
        if (page)
            cr_font_draw(page, MARGIN, y, width, TITLE, title, section->heading,
                         strlen(section->heading));
        y += CR_FONT_HEIGHT * TITLE;
        y += draw_note(page, y, width, section->note) + GAP / 2;
        if (page)
            draw_tiles(page, y, &l, section);
        y += l.rows * (l.height + l.lines * LINE + GAP + ABOVE) + MARGIN;
    }
    return y;
}

bool cr_sheet_draw(const cr_sheet *sheet, cr_picture *page, cr_error *err)
{
    size_t width = NARROWEST;
    for (size_t i = 0; i < sheet->count; i++) {
        const layout l = arrange(sheet, &sheet->sections[i]);
        size_t needed = l.columns > 0 ? l.columns * (l.cell + GAP) - GAP : 0;
        width = needed > width ? needed : width;
    }
    size_t height = draw_sections(sheet, NULL, width);
    width += 2 * MARGIN;
    if (width > CR_PICTURE_MAX_PIXELS / height)
        return cr_fail(
            err, CR_E_USAGE,
            "the page would be %zu pixels wide and %zu high, more than the %zu "
            "in all that are drawn; take fewer or smaller pictures",
            width, height, CR_PICTURE_MAX_PIXELS);
    if (!cr_picture_shape(page, CR_PICTURE_COLOUR, height, width, "the page", err))
        return false;
    fill(page, 0, 0, page->width, page->height, ground);
    (void)draw_sections(sheet, page, width - 2 * MARGIN);
    return true;
}

void cr_sheet_finish(cr_sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        cr_sheet_section *section = &sheet->sections[i];
        for (size_t k = 0; k < section->count; k++) {
            cr_picture_finish(&section->tiles[k].picture);
            for (size_t n = 0; n < CR_SHEET_LINES; n++) {
                cr_free(section->tiles[k].lines[n].text);
                cr_free(section->tiles[k].lines[n].end);
            }
        }
        cr_free(section->tiles);
        cr_free(section->heading);
        cr_free(section->note);
    }
    cr_free(sheet->sections);
    *sheet = (cr_sheet){0};
}
