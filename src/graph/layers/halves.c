#include "graph/layers/halves.h"

bool cr_halves_cover(const cr_window *window)
{
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        if (window->size[i] != 2 || window->stride[i] != 2 || window->before[i] != 0 ||
            window->positions[i] * 2 != window->image[i])
            return false;
    return true;
}

/* n windows in a row; x0 and x1 [2n] are the two rows under them. */
static inline void halve(size_t n, const cr_real *restrict x0, const cr_real *restrict x1,
                         cr_real *restrict y)
{
    for (size_t j = 0; j < n; j++) {
        cr_real upper = cr_halves_maximum(x0[2 * j], x0[2 * j + 1]);
        cr_real lower = cr_halves_maximum(x1[2 * j], x1[2 * j + 1]);
        y[j] = cr_halves_maximum(upper, lower);
    }
}

/* What the four pixels of a window get, side by side of up to MOST windows. */
enum { MOST = 16 };
typedef struct quarters {
    cr_real upper[2][MOST], lower[2][MOST];
} quarters;

static inline void divide(size_t n, const cr_real *restrict x0,
                          const cr_real *restrict x1, const cr_real *restrict y,
                          const cr_real *restrict dy, quarters *restrict q)
{
    for (size_t j = 0; j < n; j++) {
        cr_real left = dy[j]; /* what nobody has taken */
        q->upper[0][j] = x0[2 * j] == y[j] ? left : 0;
        left = x0[2 * j] == y[j] ? 0 : left;
        q->upper[1][j] = x0[2 * j + 1] == y[j] ? left : 0;
        left = x0[2 * j + 1] == y[j] ? 0 : left;
        q->lower[0][j] = x1[2 * j] == y[j] ? left : 0;
        left = x1[2 * j] == y[j] ? 0 : left;
        q->lower[1][j] = x1[2 * j + 1] == y[j] ? left : 0;
    }
}

static inline void interleave(size_t n, cr_real halves[2][MOST], cr_real *restrict row)
{
    for (size_t j = 0; j < n; j++) {
        row[2 * j] = halves[0][j];
        row[2 * j + 1] = halves[1][j];
    }
}

static inline void spread(size_t n, const cr_real *x0, const cr_real *x1,
                          const cr_real *y, const cr_real *dy, cr_real *dx0, cr_real *dx1)
{
    quarters q;
    divide(n, x0, x1, y, dy, &q);
    interleave(n, q.upper, dx0);
    interleave(n, q.lower, dx1);
}

/* Short rows are done in a length that the compiler knows, past their ends, since what
 * comes behind is done afterwards; the last ones, behind which too little comes, exactly.
 */
static size_t longer_rows(size_t rows, size_t columns)
{
    size_t last = (MOST + columns - 1) / columns;
    return columns <= MOST && rows > last ? rows - last : 0;
}

void cr_halves_forward(size_t rows, size_t columns, const cr_real *x, cr_real *y)
{
    size_t n = columns, longer = longer_rows(rows, n);
    for (size_t i = 0; i < rows; i++, x += 4 * n, y += n)
        if (i >= longer)
            halve(n, x, x + 2 * n, y);
        else
            halve(MOST, x, x + 2 * n, y);
}

void cr_halves_backward(size_t rows, size_t columns, const cr_real *x, const cr_real *y,
                        const cr_real *dy, cr_real *dx)
{
    size_t n = columns, longer = longer_rows(rows, n);
    for (size_t i = 0; i < rows; i++, x += 4 * n, dx += 4 * n, y += n, dy += n)
        if (i < longer)
            spread(MOST, x, x + 2 * n, y, dy, dx, dx + 2 * n);
        else
            for (size_t j = 0; j < n; j += MOST)
                spread(n - j < MOST ? n - j : MOST, x + 2 * j, x + 2 * (n + j), y + j,
                       dy + j, dx + 2 * j, dx + 2 * (n + j));
}
