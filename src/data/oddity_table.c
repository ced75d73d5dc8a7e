/* The table of oddities: a new one is one function and one row here. The first that fits a
 * column is the one that is said of it. */
#include "base/memory.h"
#include "data/oddity.h"

const cr_oddity_kind cr_oddity_kinds[] = {
    {"empty", CR_CURE_IGNORE, false, cr_oddity_rows_none},
    {"row numbers", CR_CURE_IGNORE, false, cr_oddity_rows_numbers},
    {"mixed dates", CR_CURE_TYPES, false, cr_oddity_dates_mixed},
    {"dates", CR_CURE_TYPES, false, cr_oddity_dates_any},
    {"numbers with signs", CR_CURE_TYPES, true, cr_oddity_numbers_signs},
    {"thousands", CR_CURE_TYPES, true, cr_oddity_numbers_thousands},
    {"ids", CR_CURE_IGNORE, false, cr_oddity_rows_ids},
    {"gives the target away", CR_CURE_IGNORE, false, cr_oddity_leak_of_class},
    {"gives the target away", CR_CURE_IGNORE, false, cr_oddity_leak_of_number},
    {"codes", CR_CURE_CATEGORICAL, false, cr_oddity_numbers_codes},
    {"words among numbers", CR_CURE_MISSING_VALUES, true, cr_oddity_numbers_words},
    {"many words", CR_CURE_IGNORE, false, cr_oddity_rows_words},
    {"stands for a gap", CR_CURE_MISSING_VALUES, true, cr_oddity_numbers_gaps},
};

const size_t cr_oddity_kind_count = CR_COUNT(cr_oddity_kinds);
