/* The table of oddities: a new one is one function and one row here. Of a column, the
 * first that fits is said, and beside one of its writing the first of its meaning. */
#include "base/memory.h"
#include "data/oddity.h"

const cr_oddity_kind cr_oddity_kinds[] = {
    {"empty", CR_ODDITY_ROWS, CR_CURE_IGNORE, false, cr_oddity_rows_none},
    {"row numbers", CR_ODDITY_ORDER, CR_CURE_IGNORE, false, cr_oddity_rows_numbers},
    {"mixed dates", CR_ODDITY_WRITING, CR_CURE_TYPES, false, cr_oddity_dates_mixed},
    {"dates", CR_ODDITY_WRITING, CR_CURE_TYPES, false, cr_oddity_dates_any},
    {"two scales", CR_ODDITY_WRITING, CR_CURE_IGNORE, false, cr_oddity_numbers_scales},
    {"several units", CR_ODDITY_WRITING, CR_CURE_IGNORE, false, cr_oddity_numbers_units},
    {"numbers with signs", CR_ODDITY_WRITING, CR_CURE_TYPES, true,
     cr_oddity_numbers_signs},
    {"thousands", CR_ODDITY_WRITING, CR_CURE_TYPES, true, cr_oddity_numbers_thousands},
    {"ids", CR_ODDITY_ROWS, CR_CURE_IGNORE, false, cr_oddity_rows_ids},
    {"many codes", CR_ODDITY_WRITING, CR_CURE_IGNORE, false,
     cr_oddity_numbers_many_codes},
    {"codes", CR_ODDITY_WRITING, CR_CURE_CATEGORICAL, false, cr_oddity_numbers_codes},
    {"words among numbers", CR_ODDITY_WRITING, CR_CURE_MISSING_VALUES, true,
     cr_oddity_gaps_words},
    {"spelt in several ways", CR_ODDITY_WRITING, CR_CURE_FILE, true,
     cr_oddity_words_spelt},
    {"gives the target away", CR_ODDITY_MEANING, CR_CURE_IGNORE, false,
     cr_oddity_leak_of_class},
    {"gives the target away", CR_ODDITY_MEANING, CR_CURE_IGNORE, false,
     cr_oddity_leak_of_number},
    {"many words", CR_ODDITY_MEANING, CR_CURE_IGNORE, false, cr_oddity_rows_words},
    {"stands for a gap", CR_ODDITY_MEANING, CR_CURE_MISSING_VALUES, true,
     cr_oddity_gaps_numbers},
};

const size_t cr_oddity_kind_count = CR_COUNT(cr_oddity_kinds);
