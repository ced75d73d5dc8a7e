#include "base/text_visible.h"
#include "commands/bar_line.h"
#include "fixture.h"

/* A line's fields: what stands in each, and its rank; NULL is the bar. */
typedef struct example {
    const char *texts[CR_BAR_LINE_FIELDS];
    int ranks[CR_BAR_LINE_FIELDS];
    size_t count;
} example;

static const example examples[] = {
    {{"12/900", NULL, "loss 0.1234", "accuracy 0.9712", "validation 0.9805",
      "1:02:03 left", "11.4M samples/s"},
     {0, 2, 3, 4, 5, 1, 6},
     7},
    {{NULL, "0:03 left", "12/100 trials", "rung 1 of 3", "2 running", "1 diverged",
      "3 failed", "best 0.9805", "optimizer.learning_rate=0.01 model.layers.0.units=64"},
     {2, 1, 0, 6, 7, 5, 3, 4, 8},
     9},
    {{"赤い車 3/4", NULL, "re\u0301d", "한국어를 쓰는 이름", "\x1b[31mred"},
     {0, 1, 2, 3, 4},
     5},
    {{"only a field that is longer than many a window is wide"}, {0}, 1},
    {{NULL}, {0}, 1},
};

static void fill(const example *e, cr_bar_line *line)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->texts[i])
            cr_bar_line_add(line, e->ranks[i], "%s", e->texts[i]);
        else
            cr_bar_line_add_bar(line, e->ranks[i], 0.4);
}

/* Takes the field from the beginning of *at, if it stands there whole. */
static bool take(const char **at, const char *text)
{
    char visible[200];
    const char *rest = *at + strspn(*at, " ");
    if (!text) {
        size_t bar = *rest == '[' ? 1 + strspn(rest + 1, "=> ") : 0;
        if (bar == 0 || rest[bar] != ']')
            return false;
        *at = rest + bar + 1;
        return true;
    }
    size_t length = cr_text_visible(text, strlen(text), visible, sizeof visible);
    if (strncmp(rest, visible, length) != 0)
        return false;
    *at = rest + length;
    return true;
}

static size_t columns_of(const char *text)
{
    return text ? cr_text_visible_width(text, strlen(text)) : 7;
}

/* A field that is left out has no room beside those that matter more and are there. */
static void check_left_out(const example *e, const bool *shown, size_t columns)
{
    for (size_t i = 0; i < e->count; i++) {
        size_t needed = columns_of(e->texts[i]), before = 0;
        for (size_t k = 0; k < e->count; k++)
            if (shown[k] && e->ranks[k] < e->ranks[i]) {
                needed += columns_of(e->texts[k]) + 2;
                before++;
            }
        if (!shown[i] && needed <= columns - 1)
            fail_msg("%s is left out of %zu columns, beside %zu fields",
                     e->texts[i] ? e->texts[i] : "the bar", columns, before);
    }
}

static void check(const example *e, const cr_bar_line *line, size_t columns)
{
    cr_text text = {0};
    bool shown[CR_BAR_LINE_FIELDS];
    cr_bar_line_compose(line, columns, &text);
    const char *at = text.data ? text.data : "";
    assert_true(cr_text_visible_width(at, strlen(at)) < columns);
    for (size_t i = 0; i < e->count; i++)
        shown[i] = take(&at, e->texts[i]);
    if (*at)
        fail_msg("%zu columns: a field is cut: \"%s\"", columns, text.data);
    check_left_out(e, shown, columns);
    cr_text_finish(&text);
}

static void test_compose_cuts_no_field_at_any_width(void **state)
{
    (void)state;
    for (size_t i = 0; i < CR_COUNT(examples); i++) {
        cr_bar_line line = {0};
        fill(&examples[i], &line);
        for (size_t columns = 1; columns <= 250; columns++)
            check(&examples[i], &line, columns);
        cr_bar_line_finish(&line);
    }
}

static void check_text(size_t which, size_t columns, const char *expected)
{
    cr_bar_line line = {0};
    cr_text text = {0};
    fill(&examples[which], &line);
    cr_bar_line_compose(&line, columns, &text);
    assert_string_equal(text.data ? text.data : "", expected);
    cr_text_finish(&text);
    cr_bar_line_finish(&line);
}

static void test_compose_shows_first_what_matters_most(void **state)
{
    (void)state;
    check_text(0, 10, "12/900");
    check_text(0, 21, "12/900  1:02:03 left");
    check_text(0, 28, "12/900 [==>  ] 1:02:03 left");
    check_text(0, 40, "12/900 [======>          ] 1:02:03 left");
}

static void test_compose_plain_has_all_fields(void **state)
{
    (void)state;
    cr_bar_line line = {0};
    cr_text text = {0};
    fill(&examples[1], &line);
    cr_bar_line_compose_plain(&line, &text);
    assert_string_equal(
        text.data,
        "0:03 left  12/100 trials  rung 1 of 3  2 running  1 diverged  3 failed  best "
        "0.9805  optimizer.learning_rate=0.01 model.layers.0.units=64");
    cr_text_finish(&text);
    cr_bar_line_finish(&line);
}

static void test_compose_fills_the_bar(void **state)
{
    (void)state;
    for (int done = 0; done <= 10; done++) {
        cr_bar_line line = {0};
        cr_text text = {0};
        cr_bar_line_add_bar(&line, 0, done / 10.0);
        cr_bar_line_compose(&line, 13, &text);
        assert_int_equal(strlen(text.data), 12);
        size_t filled = strspn(text.data + 1, "=");
        assert_int_equal(filled, done);
        assert_int_equal(text.data[1 + filled], done < 10 ? '>' : ']');
        cr_text_finish(&text);
        cr_bar_line_finish(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compose_cuts_no_field_at_any_width),
        cmocka_unit_test(test_compose_shows_first_what_matters_most),
        cmocka_unit_test(test_compose_plain_has_all_fields),
        cmocka_unit_test(test_compose_fills_the_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
