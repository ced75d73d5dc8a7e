#include "sweep/store_moves.h"

#include "base/memory.h"
#include "sweep/trial_move.h"

/* Writes a row of `moves`, or of `settings`, with the plan's parameters of its setting. */
static bool add_with_parameters(cr_store_database *database, const cr_sweep_plan *plan,
                                int table, cr_store_move row, cr_error *err)
{
    char *parameters = cr_sweep_plan_parameters(plan, row.setting);
    row.parameters = parameters;
    const cr_store_setting setting = {row.setting, parameters};
    bool is_move = table == CR_STORE_MOVES;
    bool good = parameters
                    ? cr_store_database_add(
                          database, &cr_store_tables[table],
                          is_move ? (const void *)&row : (const void *)&setting, err)
                    : cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_free(parameters);
    return good;
}

bool cr_store_moves_add_setting(cr_store_database *database, const cr_sweep_plan *plan,
                                size_t setting, cr_error *err)
{
    return add_with_parameters(database, plan, CR_STORE_SETTINGS,
                               (cr_store_move){.setting = setting}, err);
}

/* Numbers are negative on the way, so that none meets another one. */
static const char renumber[] =
    "UPDATE trials SET trial = -1 - m.becomes, setting = m.setting, parameters = "
    "m.parameters FROM moves AS m WHERE trials.trial = m.trial;"
    "UPDATE trials SET trial = -1 - trial WHERE trial < 0;"
    "UPDATE metrics SET trial = -1 - m.becomes FROM moves AS m WHERE metrics.trial = "
    "m.trial;"
    "UPDATE metrics SET trial = -1 - trial WHERE trial < 0;"
    "UPDATE rungs SET trial = -1 - m.becomes FROM moves AS m WHERE rungs.trial = "
    "m.trial;"
    "UPDATE rungs SET trial = -1 - trial WHERE trial < 0;"
    "UPDATE history SET trial = m.becomes FROM moves AS m WHERE history.trial = m.trial;"
    "DELETE FROM moves WHERE trial = becomes;"
    "DELETE FROM settings;";

bool cr_store_moves_begin(cr_store_database *database, const cr_sweep_plan *plan,
                          const cr_store_move *moves, size_t count, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = add_with_parameters(database, plan, CR_STORE_MOVES, moves[i], err);
    good = good && cr_store_database_execute(database, renumber, err);
    for (size_t i = 0; good && i < plan->section.given; i++)
        good = cr_store_moves_add_setting(database, plan, i, err);
    return good;
}

/* What cr_store_moves_end reads the table into. */
typedef struct move_list {
    cr_trial_move *moves; /* [count] */
    size_t count, capacity;
    cr_error *err;
} move_list;

static bool take_move(void *user, const void *record)
{
    move_list *list = user;
    const cr_store_move *row = record;
    if (!cr_reserve(&list->moves, &list->capacity, list->count + 1, sizeof *list->moves,
                    list->err))
        return false;
    list->moves[list->count++] = (cr_trial_move){row->trial, row->becomes};
    return true;
}

bool cr_store_moves_end(cr_store_database *database, const char *directory, cr_error *err)
{
    move_list list = {.err = err};
    bool good = cr_store_database_visit(database, &cr_store_tables[CR_STORE_MOVES], "",
                                        take_move, &list, err);
    if (good && list.count > 0)
        good = cr_trial_move_aside(directory, list.moves, list.count, err) &&
               cr_store_database_execute(database, "DELETE FROM moves", err);
    cr_free(list.moves);
    return good && cr_trial_move_back(directory, err);
}

/* What take_setting needs besides the row. */
typedef struct given_settings {
    const cr_sweep_section *section;
    double *points; /* [count × parameters] */
    size_t count, capacity;
    bool fits; /* the section has all of their values */
    cr_error *err;
} given_settings;

static bool take_setting(void *user, const void *record)
{
    given_settings *g = user;
    const cr_store_setting *row = record;
    const cr_sweep_section *section = g->section;
    size_t numbers = section->parameter_count, at = g->count * numbers;
    g->fits =
        row->setting == g->count && g->count < section->settings &&
        cr_reserve(&g->points, &g->capacity, at + numbers, sizeof(double), g->err) &&
        cr_sweep_section_find(section, row->parameters, g->points + at);
    g->count++;
    return g->fits;
}

bool cr_store_moves_give_settings(cr_store_database *database, cr_sweep_plan *plan,
                                  cr_error *err)
{
    given_settings g = {.section = &plan->section, .err = err};
    bool good = cr_store_database_visit(database, &cr_store_tables[CR_STORE_SETTINGS], "",
                                        take_setting, &g, err);
    if (good && g.fits)
        good = cr_sweep_plan_give(plan, g.points, g.count, err);
    cr_free(g.points);
    return good;
}
