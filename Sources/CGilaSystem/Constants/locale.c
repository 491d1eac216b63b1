// Locale categories and the items of nl_langinfo.
#include "../names.h"
#include <langinfo.h>
#include <limits.h>
#include <locale.h>

const gila_named_int gila_locale_names[] = {
    K(ABDAY_1), K(ABDAY_2), K(ABDAY_3), K(ABDAY_4), K(ABDAY_5), K(ABDAY_6), K(ABDAY_7), K(ABMON_1), K(ABMON_10),
    K(ABMON_11), K(ABMON_12), K(ABMON_2), K(ABMON_3), K(ABMON_4), K(ABMON_5), K(ABMON_6), K(ABMON_7), K(ABMON_8),
    K(ABMON_9), K(ALT_DIGITS), K(AM_STR), K(CHAR_MAX), K(CODESET), K(CRNCYSTR), K(DAY_1), K(DAY_2), K(DAY_3),
    K(DAY_4), K(DAY_5), K(DAY_6), K(DAY_7), K(D_FMT), K(D_T_FMT), K(ERA), K(ERA_D_FMT), K(ERA_D_T_FMT), K(ERA_T_FMT),
    K(LC_ALL), K(LC_COLLATE), K(LC_CTYPE), K(LC_MESSAGES), K(LC_MONETARY), K(LC_NUMERIC), K(LC_TIME), K(MON_1),
    K(MON_10), K(MON_11), K(MON_12), K(MON_2), K(MON_3), K(MON_4), K(MON_5), K(MON_6), K(MON_7), K(MON_8), K(MON_9),
    K(NOEXPR), K(PM_STR), K(RADIXCHAR), K(THOUSEP), K(T_FMT), K(T_FMT_AMPM), K(YESEXPR), K(_DATE_FMT),
    {0, 0},
};
