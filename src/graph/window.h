/*
 * What convolutions and pools share: a window that moves over an image. Its options as the
 * config gives them, and where it stands on an image of a given shape.
 *
 * Position (i, j) of the window takes in the pixels
 * (i · stride + u · dilation − before, j · stride + v · dilation − before), 0 ≤ (u, v) <
 * size, of an image [channels, height, width]; those outside of it are padding.
 */
#ifndef CHAINRULE_GRAPH_WINDOW_H
#define CHAINRULE_GRAPH_WINDOW_H

#include "config/options.h"
#include "math/shape.h"

enum { CR_HEIGHT, CR_WIDTH, CR_WINDOW_AXES };

/* Larger sizes, strides, dilations and paddings are mistakes. */
enum { CR_LARGEST_WINDOW = 65535 };

typedef struct cr_window_options {
    /* as the option table finds them; NULL: left out */
    const cr_json *size_json, *stride_json, *dilation_json, *padding_json,
        *output_padding_json;
    /* as cr_window_read leaves them: height, width; of a line's window the height is 1
     * (padding 0) */
    size_t size[CR_WINDOW_AXES], stride[CR_WINDOW_AXES], dilation[CR_WINDOW_AXES],
        padding[CR_WINDOW_AXES], output_padding[CR_WINDOW_AXES];
    bool same;        /* "padding": "same" */
    const char *name; /* the key of its size: "kernel" or "size" */
} cr_window_options;

/* Rows of an option table whose struct `options` has a cr_window_options `window`: two
 * numbers of an image, and one of a line; and the padding of either. */
#define CR_WINDOW_VALUE(key_, field, default_, kinds_, expects_, help_)                  \
    {                                                                                    \
        .key = key_, .kind = CR_OPTION_VALUE,                                            \
        .offset = offsetof(options, window.field##_json), .fallback = default_,          \
        .kinds = kinds_, .expects = expects_, .help = help_                              \
    }
#define CR_WINDOW_PAIR(key, field, default_, help)                                       \
    CR_WINDOW_VALUE(key, field, default_, 1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY,    \
                    "a whole number or [height, width]", help)
#define CR_WINDOW_LENGTH(key, field, default_, help)                                     \
    CR_WINDOW_VALUE(key, field, default_, 1u << CR_JSON_NUMBER, "a whole number", help)
#define CR_WINDOW_PADDING                                                                \
    CR_WINDOW_VALUE("padding", padding, "0",                                             \
                    1u << CR_JSON_NUMBER | 1u << CR_JSON_ARRAY | 1u << CR_JSON_STRING,   \
                    "a whole number, [height, width], \"valid\" or \"same\"",            \
                    CR_WINDOW_PADDING_HELP)
#define CR_WINDOW_LENGTH_PADDING                                                         \
    CR_WINDOW_VALUE("padding", padding, "0",                                             \
                    1u << CR_JSON_NUMBER | 1u << CR_JSON_STRING,                         \
                    "a whole number, \"valid\" or \"same\"", CR_WINDOW_PADDING_HELP)
#define CR_WINDOW_PADDING_HELP                                                           \
    "what is added on each side; \"valid\" is 0; with \"same\" the output is as large "  \
    "as the input, divided by the stride and rounded up, and of an odd number of rows "  \
    "or columns the last is at the end"

/* One number, or one an axis, each at least `minimum`, into pair; the axis that a line lacks
 * (axes 1) gets the smallest. */
void cr_window_read_pair(cr_reader *reader, const char *path, const cr_json *value,
                         size_t axes, size_t minimum, size_t pair[CR_WINDOW_AXES]);

/* Reads the values that the option table found, for a window of an image (axes 2) or of a
 * line (axes 1). */
void cr_window_read(cr_reader *reader, const char *path, size_t axes,
                    cr_window_options *options);

/* A window on an image: heights and widths. */
typedef struct cr_window {
    size_t channels, image[CR_WINDOW_AXES]; /* of the image */
    size_t positions[CR_WINDOW_AXES];       /* of the window on it */
    size_t size[CR_WINDOW_AXES], stride[CR_WINDOW_AXES], dilation[CR_WINDOW_AXES];
    size_t before[CR_WINDOW_AXES]; /* rows above and columns left of the image */
} cr_window;

/* The window on an image [channels, height, width] or a line [channels, length] that
 * cr_window_plan has passed. */
cr_window cr_window_make(const cr_window_options *options, const cr_shape *image);

/* Checks that the input is an image (axes 2) or a line (axes 1), and that the window fits
 * on it. False with a plain sentence. */
CR_MUST_CHECK bool cr_window_plan(const cr_window_options *options, size_t axes,
                                  const cr_shape *image, cr_error *err);

/* Checks only that the input is an image or a line. */
CR_MUST_CHECK bool cr_window_takes(size_t axes, const cr_shape *image, cr_error *err);

/* The window whose positions are the input's pixels, on the image that a transposed
 * convolution makes of them: channels [channels], sides (input − 1) · stride + dilation ·
 * (size − 1) + 1 + output padding − 2 · padding, as torch.nn.ConvTranspose2d. */
cr_window cr_window_make_transposed(const cr_window_options *options,
                                    const cr_shape *input, size_t channels);

/* Checks that the input is an image and that something is left of the output. */
CR_MUST_CHECK bool cr_window_plan_transposed(const cr_window_options *options,
                                             const cr_shape *input, cr_error *err);

/* Pixels of the image, and positions of the window. */
static inline size_t cr_window_pixels(const cr_window *window)
{
    return window->image[CR_HEIGHT] * window->image[CR_WIDTH];
}

static inline size_t cr_window_count(const cr_window *window)
{
    return window->positions[CR_HEIGHT] * window->positions[CR_WIDTH];
}

/* Along an axis, the positions [first, last) whose pixel number `tap` under the window
 * lies on the image, and that pixel of the first of them. */
typedef struct cr_window_reach {
    size_t first, last, pixel;
} cr_window_reach;
cr_window_reach cr_window_reach_of(const cr_window *window, size_t axis, size_t tap);

/* Pixels along an axis from the window's first to its last. */
static inline size_t cr_window_extent(const cr_window *window, size_t axis)
{
    return (window->size[axis] - 1) * window->dilation[axis] + 1;
}

#endif
