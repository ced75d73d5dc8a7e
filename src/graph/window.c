#include "graph/window.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void cr_window_read_pair(cr_reader *reader, const char *path, const cr_json *value,
                         size_t axes, size_t minimum, size_t pair[CR_WINDOW_AXES])
{
    bool list = cr_json_is(value, CR_JSON_ARRAY);
    const cr_json *item = list ? cr_json_first(value) : value;
    bool good = !list || cr_json_count(value) == axes;
    pair[CR_HEIGHT] = minimum;
    for (size_t i = CR_WINDOW_AXES - axes; good && i < CR_WINDOW_AXES; i++) {
        double number = cr_json_is(item, CR_JSON_NUMBER) ? cr_json_number(item) : -1;
        good = number >= (double)minimum && number <= CR_LARGEST_WINDOW &&
               floor(number) == number;
        if (good)
            pair[i] = (size_t)number;
        item = list ? cr_json_next(item) : item;
    }
    char found[CR_JSON_SHOWN];
    if (!good)
        cr_reader_error(reader, path,
                        "found %s, expected a whole number from %zu to %d%s",
                        cr_json_show(value, found), minimum, CR_LARGEST_WINDOW,
                        axes > 1 ? ", or two of them: [height, width]" : "");
}

static void read_padding(cr_reader *reader, const char *path, size_t axes,
                         cr_window_options *o)
{
    if (!cr_json_is(o->padding_json, CR_JSON_STRING)) {
        cr_window_read_pair(reader, path, o->padding_json, axes, 0, o->padding);
        return;
    }
    static const char *const words[] = {"valid", "same"};
    const char *word = cr_json_string(o->padding_json);
    o->same = strcmp(word, "same") == 0;
    if (!o->same && strcmp(word, "valid") != 0)
        cr_reader_unknown(reader, path, "padding", word, words, CR_COUNT(words));
}

void cr_window_read(cr_reader *reader, const char *path, size_t axes,
                    cr_window_options *options)
{
    cr_window_options *o = options;
    char where[CR_WHERE];
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        o->size[i] = o->stride[i] = o->dilation[i] = 1;
    if (o->size_json)
        cr_window_read_pair(reader, cr_json_path(path, o->name, where), o->size_json,
                            axes, 1, o->size);
    if (o->stride_json)
        cr_window_read_pair(reader, cr_json_path(path, "stride", where), o->stride_json,
                            axes, 1, o->stride);
    if (o->dilation_json)
        cr_window_read_pair(reader, cr_json_path(path, "dilation", where),
                            o->dilation_json, axes, 1, o->dilation);
    if (o->padding_json)
        read_padding(reader, cr_json_path(path, "padding", where), axes, o);
    if (o->output_padding_json)
        cr_window_read_pair(reader, cr_json_path(path, "output_padding", where),
                            o->output_padding_json, axes, 0, o->output_padding);
}

static cr_window make(const cr_window_options *o, const cr_shape *shape)
{
    size_t rank = shape->rank;
    cr_window w = {.channels = shape->dim[0],
                   .image = {rank > 2 ? shape->dim[1] : 1, shape->dim[rank - 1]}};
    memcpy(w.size, o->size, sizeof w.size);
    memcpy(w.stride, o->stride, sizeof w.stride);
    memcpy(w.dilation, o->dilation, sizeof w.dilation);
    memcpy(w.before, o->padding, sizeof w.before);
    return w;
}

/* Zeros along an axis in all, and how many of them lie before the image. */
static size_t padding(const cr_window_options *o, const cr_window *w, size_t axis,
                      size_t *before)
{
    *before = o->padding[axis];
    if (!o->same)
        return 2 * o->padding[axis];
    size_t image = w->image[axis], stride = w->stride[axis];
    size_t last = (image + stride - 1) / stride - 1; /* position */
    size_t wanted = last * stride + cr_window_extent(w, axis);
    size_t all = wanted > image ? wanted - image : 0;
    *before = all / 2;
    return all;
}

cr_window cr_window_make(const cr_window_options *options, const cr_shape *image)
{
    cr_window w = make(options, image);
    for (size_t i = 0; i < CR_WINDOW_AXES; i++) {
        size_t padded = w.image[i] + padding(options, &w, i, &w.before[i]);
        w.positions[i] = (padded - cr_window_extent(&w, i)) / w.stride[i] + 1;
    }
    return w;
}

/* "5x5", or "5" of a line. */
enum { SIDES = 48 };
static const char *sides(size_t axes, size_t height, size_t width, char out[SIDES])
{
    if (axes == 1)
        snprintf(out, SIDES, "%zu", width);
    else
        snprintf(out, SIDES, "%zux%zu", height, width);
    return out;
}

/* The shape that so many values of an example most likely have. */
static cr_shape likely_shape(const cr_shape *input, size_t axes)
{
    cr_shape shape = {axes + 1, {1}};
    size_t count = cr_shape_size(input);
    size_t side = (size_t)lround(sqrt((double)count));
    size_t side3 = (size_t)lround(sqrt((double)count / 3));
    if (input->rank + 1 == shape.rank) { /* the channel alone is missing */
        memcpy(shape.dim + 1, input->dim, input->rank * sizeof *input->dim);
    } else if (axes == 1) {
        shape.dim[1] = count;
    } else {
        bool colour = side * side != count && 3 * side3 * side3 == count;
        side = colour ? side3 : side;
        shape.dim[0] = colour ? 3 : 1;
        shape.dim[1] = side * side == count || colour ? side : 1;
        shape.dim[2] = count / shape.dim[0] / shape.dim[1];
    }
    return shape;
}

bool cr_window_takes(size_t axes, const cr_shape *image, cr_error *err)
{
    if (image->rank == axes + 1)
        return true;
    cr_shape likely = likely_shape(image, axes);
    char text[CR_SHAPE_TEXT], list[CR_SHAPE_TEXT];
    int used = snprintf(list, sizeof list, "[%zu", likely.dim[0]);
    for (size_t i = 1; i < likely.rank; i++)
        used += snprintf(list + used, sizeof list - (size_t)used, ", %zu", likely.dim[i]);
    snprintf(list + used, sizeof list - (size_t)used, "]");
    const bool flat = image->rank == 1; /* else it has a shape already */
    return cr_fail(
        err, CR_E_CONFIG,
        "it takes %s, but an example of its input is %s: give it a shape, such "
        "as %s%s%s{\"type\": \"reshape\", \"shape\": %s} before this layer",
        axes == 1 ? "lines [channels, length]" : "images [channels, height, width]",
        cr_shape_format(image, text), flat ? "\"shape\": " : "", flat ? list : "",
        flat ? " in \"data\", or " : "", list);
}

bool cr_window_plan(const cr_window_options *options, size_t axes, const cr_shape *image,
                    cr_error *err)
{
    if (!cr_window_takes(axes, image, err))
        return false;
    cr_window w = make(options, image);
    size_t padded[CR_WINDOW_AXES], extent[CR_WINDOW_AXES], before = 0;
    bool fits = true;
    for (size_t i = 0; i < CR_WINDOW_AXES; i++) {
        padded[i] = w.image[i] + padding(options, &w, i, &before);
        extent[i] = cr_window_extent(&w, i);
        fits = fits && extent[i] <= padded[i];
    }
    char size[SIDES], spread[SIDES], given[SIDES], with[SIDES];
    if (fits)
        return true;
    bool dilated = w.dilation[0] > 1 || w.dilation[1] > 1;
    bool is_padded = options->padding[0] > 0 || options->padding[1] > 0;
    sides(axes, extent[0], extent[1], spread);
    sides(axes, padded[0], padded[1], with);
    return cr_fail(err, CR_E_CONFIG,
                   "\"%s\" %s%s%s is larger than its input, %s%s%s: make it smaller, or "
                   "\"padding\" larger",
                   options->name, sides(axes, w.size[0], w.size[1], size),
                   dilated ? ", spread by its dilation to " : "", dilated ? spread : "",
                   sides(axes, w.image[0], w.image[1], given),
                   is_padded ? ", with its padding " : "", is_padded ? with : "");
}

cr_window_reach cr_window_reach_of(const cr_window *window, size_t axis, size_t tap)
{
    size_t at = tap * window->dilation[axis], before = window->before[axis];
    size_t stride = window->stride[axis], end = window->image[axis] + before;
    cr_window_reach reach = {0};
    if (at < before)
        reach.first = (before - at + stride - 1) / stride;
    reach.last = at < end ? (end - at + stride - 1) / stride : 0;
    if (reach.last > window->positions[axis])
        reach.last = window->positions[axis];
    if (reach.first >= reach.last)
        return (cr_window_reach){0};
    reach.pixel = reach.first * stride + at - before;
    return reach;
}

/* The side of a transposed convolution's output, before its padding is cut away. */
static size_t spread_side(const cr_window *w, const cr_window_options *o, size_t axis)
{
    return (w->image[axis] - 1) * w->stride[axis] + cr_window_extent(w, axis) +
           o->output_padding[axis];
}

cr_window cr_window_make_transposed(const cr_window_options *options,
                                    const cr_shape *input, size_t channels)
{
    cr_window w = make(options, input);
    w.channels = channels;
    for (size_t i = 0; i < CR_WINDOW_AXES; i++) {
        size_t side = spread_side(&w, options, i);
        w.positions[i] = w.image[i];
        w.image[i] = side - 2 * options->padding[i];
    }
    return w;
}

bool cr_window_plan_transposed(const cr_window_options *options, const cr_shape *input,
                               cr_error *err)
{
    if (!cr_window_takes(2, input, err))
        return false;
    cr_window w = make(options, input);
    for (size_t i = 0; i < CR_WINDOW_AXES; i++) {
        const char *axis = i == CR_HEIGHT ? "height" : "width";
        if (spread_side(&w, options, i) <= 2 * options->padding[i])
            return cr_fail(err, CR_E_CONFIG,
                           "\"padding\" %zu leaves nothing of the output's %s, %zu: make "
                           "it smaller",
                           options->padding[i], axis, spread_side(&w, options, i));
        if (options->output_padding[i] >= w.stride[i] &&
            options->output_padding[i] >= w.dilation[i])
            return cr_fail(err, CR_E_CONFIG,
                           "\"output_padding\" %zu of the %s must be less than the "
                           "stride, %zu, or the dilation, %zu",
                           options->output_padding[i], axis, w.stride[i], w.dilation[i]);
    }
    return true;
}
