#include "exchange/import_ops/import_geometry.h"

#include "data/json_lists.h"
#include "exchange/import_layers.h"

#include <string.h>

enum { LARGEST = 65535 }; /* as of a config */

bool cr_import_geometry_list(cr_import_graph *graph, const char *name, size_t least,
                             size_t count, size_t fallback, size_t *list, cr_error *err)
{
    const cr_onnx_model_attribute *a = cr_import_graph_attribute(graph, name);
    for (size_t i = 0; i < count; i++)
        list[i] = fallback;
    if (!a)
        return true;
    if (a->numbers.count != count)
        return cr_import_graph_fail(
            graph, err,
            "its %s has %zu numbers, expected %zu: layers are for "
            "lines and images",
            name, a->numbers.count, count);
    for (size_t i = 0; i < count; i++) {
        const double n = a->numbers.values[i];
        if (!(n >= (double)least && n <= LARGEST))
            return cr_import_graph_fail(graph, err,
                                        "its %s has %g, expected numbers from %zu to %d",
                                        name, n, least, LARGEST);
        list[i] = (size_t)n;
    }
    return true;
}

bool cr_import_geometry_read_window(cr_import_graph *graph, const cr_import_computed *x,
                                    const size_t *kernel, cr_import_geometry *g,
                                    cr_error *err)
{
    *g = (cr_import_geometry){.axes = x->shape.rank - 1};
    if (x->shape.rank < 2 || x->shape.rank > 3)
        return cr_import_graph_fail(graph, err,
                                    "its input has %zu dimensions an example; layers are "
                                    "for lines [channels, length] and images [channels, "
                                    "height, width]",
                                    x->shape.rank);
    if (!cr_import_geometry_list(graph, "kernel_shape", 1, g->axes, 0, g->size, err) ||
        !cr_import_geometry_list(graph, "strides", 1, g->axes, 1, g->stride, err) ||
        !cr_import_geometry_list(graph, "dilations", 1, g->axes, 1, g->dilation, err))
        return false;
    for (size_t i = 0; i < g->axes; i++) {
        if (kernel && g->size[i] == 0)
            g->size[i] = kernel[i];
        if (g->size[i] == 0 || g->size[i] > LARGEST ||
            (kernel && g->size[i] != kernel[i]))
            return cr_import_graph_fail(graph, err,
                                        "its kernel_shape is not that of its weights, or "
                                        "is none");
    }
    return true;
}

static size_t extent(const cr_import_geometry *g, size_t i)
{
    return (g->size[i] - 1) * g->dilation[i] + 1;
}

/* What an axis of so many places is padded with in all, if positions are as many as places,
 * divided by the stride. */
static size_t same_total(const cr_import_geometry *g, size_t i, size_t places)
{
    const size_t positions = (places - 1) / g->stride[i] + 1;
    const size_t needed = (positions - 1) * g->stride[i] + extent(g, i);
    return needed > places ? needed - places : 0;
}

static bool read_padding(cr_import_graph *graph, const cr_import_computed *x,
                         cr_import_geometry *g, cr_error *err)
{
    size_t pads[2 * CR_GEOMETRY_AXES] = {0};
    const bool upper =
        cr_import_graph_attribute_is(graph, "auto_pad", "SAME_UPPER", "NOTSET");
    const bool lower =
        cr_import_graph_attribute_is(graph, "auto_pad", "SAME_LOWER", "NOTSET");
    if (!cr_import_graph_attribute_is(graph, "auto_pad", "VALID", "NOTSET") &&
        !cr_import_geometry_list(graph, "pads", 0, 2 * g->axes, 0, pads, err))
        return false;
    bool same = true, even = true;
    for (size_t i = 0; i < g->axes; i++) {
        const size_t total = same_total(g, i, x->shape.dim[i + 1]);
        g->begin[i] = upper || lower ? (total + lower) / 2 : pads[i];
        g->end[i] = upper || lower ? total - g->begin[i] : pads[g->axes + i];
        same = same && g->begin[i] == total / 2 && g->end[i] == total - total / 2;
        even = even && g->begin[i] == g->end[i];
    }
    g->same = same && !even;
    return same || even ||
           cr_import_graph_fail(graph, err,
                                "it pads %zu rows or columns at the beginning and %zu at "
                                "the end; layers pad alike, or as SAME_UPPER does",
                                g->begin[g->begin[0] == g->end[0]],
                                g->end[g->begin[0] == g->end[0]]);
}

bool cr_import_geometry_read(cr_import_graph *graph, const cr_import_computed *x,
                             const size_t *kernel, cr_import_geometry *g, cr_error *err)
{
    const bool ceiling = cr_import_graph_attribute_number(graph, "ceil_mode", 0) != 0;
    if (!cr_import_geometry_read_window(graph, x, kernel, g, err) ||
        !read_padding(graph, x, g, err))
        return false;
    for (size_t i = 0; i < g->axes; i++) {
        const size_t places = x->shape.dim[i + 1] + g->begin[i] + g->end[i];
        if (places < extent(g, i))
            return cr_import_graph_fail(graph, err,
                                        "its kernel covers %zu places of %zu, with its "
                                        "padding",
                                        extent(g, i), places);
        const size_t moves = places - extent(g, i);
        if (ceiling && moves % g->stride[i] != 0)
            return cr_import_graph_fail(
                graph, err,
                "a window hangs over the edge (ceil_mode); layers "
                "leave such a one out");
        g->output[i] = moves / g->stride[i] + 1;
    }
    return true;
}

bool cr_import_geometry_add(cr_json *object, const char *key, const cr_import_geometry *g,
                            const size_t *values, bool as_image, size_t one)
{
    const size_t pair[CR_GEOMETRY_AXES] = {g->axes == 1 ? one : values[0],
                                           g->axes == 1 ? values[0] : values[1]};
    return g->axes == 1 && !as_image
               ? cr_json_set_number(object, key, (double)values[0])
               : cr_json_lists_write_numbers(object, key, pair, CR_GEOMETRY_AXES);
}

bool cr_import_geometry_add_padding(cr_json *object, const cr_import_geometry *g,
                                    bool as_image)
{
    const bool none = g->begin[0] + g->begin[1] == 0;
    if (g->same)
        return cr_json_set_string(object, "padding", "same");
    return none || cr_import_geometry_add(object, "padding", g, g->begin, as_image, 0);
}
