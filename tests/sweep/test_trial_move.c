/* Runs that get other numbers, with a kill after every step. */
#include "files.h"
#include "fixture.h"
#include "sweep/trial_move.h"

#include <sys/stat.h>

/* Numbers of runs that trade places, and one that nobody stands in the way of. */
static const cr_trial_move moves[] = {{1, 2}, {2, 1}, {3, 30}, {4, 5}};
static const size_t count = 4;

static void make_run(size_t number, const char *content)
{
    char name[64];
    snprintf(name, sizeof name, "trials/%zu", number);
    mkdir(files_path(name), 0777);
    snprintf(name, sizeof name, "trials/%zu/is", number);
    files_write_text(name, content);
    snprintf(name, sizeof name, ".made/%zu", number);
    files_write_text(name, "");
}

static void begin(void)
{
    char command[256];
    snprintf(command, sizeof command, "cd '%s' && rm -rf trials .made moving gathering",
             files_directory);
    assert_int_equal(system(command), 0);
    mkdir(files_path("trials"), 0777);
    mkdir(files_path(".made"), 0777);
    make_run(1, "one");
    make_run(2, "two");
    make_run(3, "three");
}

static void assert_run(size_t number, const char *content)
{
    char name[64], found[16] = "";
    snprintf(name, sizeof name, "trials/%zu/is", number);
    FILE *file = fopen(files_path(name), "r");
    assert_non_null(file);
    assert_non_null(fgets(found, sizeof found, file));
    fclose(file);
    assert_string_equal(found, content);
    snprintf(name, sizeof name, ".made/%zu", number);
    assert_int_equal(access(files_path(name), F_OK), 0);
}

static void assert_moved(void)
{
    assert_run(2, "one");
    assert_run(1, "two");
    assert_run(30, "three");
    assert_int_not_equal(access(files_path("trials/3"), F_OK), 0);
    assert_int_not_equal(access(files_path(".made/3"), F_OK), 0);
    assert_int_not_equal(access(files_path(".made/4"), F_OK), 0);
    assert_int_not_equal(access(files_path("moving"), F_OK), 0);
    assert_int_not_equal(access(files_path("gathering"), F_OK), 0);
}

static void move_all(void)
{
    assert_true(cr_trial_move_aside(files_directory, moves, count, NULL));
    assert_true(cr_trial_move_back(files_directory, NULL));
}

static void test_move_lets_runs_trade_places(void **state)
{
    (void)state;
    begin();
    move_all();
    assert_moved();
    assert_true(cr_trial_move_back(files_directory, NULL)); /* there is nothing aside */
    assert_moved();
}

static void test_move_goes_on_after_a_kill_while_it_gathers(void **state)
{
    (void)state;
    begin();
    mkdir(files_path("gathering"), 0777);
    assert_int_equal(rename(files_path("trials/1"), files_path("gathering/2")), 0);
    move_all();
    assert_moved();
}

static void test_move_goes_on_after_a_kill_among_the_marks(void **state)
{
    (void)state;
    begin();
    assert_true(cr_trial_move_aside(files_directory, moves, count, NULL));
    assert_int_equal(unlink(files_path(".made/2")), 0);
    files_write_text(".made/3", "");
    move_all();
    assert_moved();
}

static void test_move_goes_on_after_a_kill_on_the_way_back(void **state)
{
    (void)state;
    begin();
    assert_true(cr_trial_move_aside(files_directory, moves, count, NULL));
    assert_int_equal(rename(files_path("moving/2"), files_path("trials/2")), 0);
    assert_true(cr_trial_move_back(files_directory, NULL));
    assert_moved();
}

static void test_move_leaves_what_the_sweep_did_not_make(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    begin();
    assert_int_equal(unlink(files_path(".made/3")), 0);
    move_all();
    assert_run(2, "one");
    assert_int_equal(access(files_path("trials/3/is"), F_OK), 0);
    begin();
    mkdir(files_path("trials/30"), 0777); /* of somebody else, in the way */
    files_write_text("trials/30/own", "");
    assert_true(cr_trial_move_aside(files_directory, moves, count, NULL));
    assert_false(cr_trial_move_back(files_directory, &err));
    assert_non_null(strstr(err.text, "cannot move it to"));
    assert_int_equal(access(files_path("trials/30/own"), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_move_lets_runs_trade_places),
        cmocka_unit_test(test_move_goes_on_after_a_kill_while_it_gathers),
        cmocka_unit_test(test_move_goes_on_after_a_kill_among_the_marks),
        cmocka_unit_test(test_move_goes_on_after_a_kill_on_the_way_back),
        cmocka_unit_test(test_move_leaves_what_the_sweep_did_not_make),
    };
    return cmocka_run_group_tests_name("trial move", tests, files_setup, files_teardown);
}
