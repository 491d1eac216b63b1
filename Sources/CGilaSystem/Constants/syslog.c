// Priorities, facilities and options of the system log.
#include "../names.h"
#include <syslog.h>

const gila_named_int gila_syslog_names[] = {
    K(LOG_ALERT), K(LOG_AUTH), K(LOG_AUTHPRIV), K(LOG_CONS), K(LOG_CRIT), K(LOG_CRON), K(LOG_DAEMON), K(LOG_DEBUG),
    K(LOG_EMERG), K(LOG_ERR), K(LOG_FTP), K(LOG_INFO), K(LOG_KERN), K(LOG_LOCAL0), K(LOG_LOCAL1), K(LOG_LOCAL2),
    K(LOG_LOCAL3), K(LOG_LOCAL4), K(LOG_LOCAL5), K(LOG_LOCAL6), K(LOG_LOCAL7), K(LOG_LPR), K(LOG_MAIL), K(LOG_NDELAY),
    K(LOG_NEWS), K(LOG_NOTICE), K(LOG_NOWAIT), K(LOG_ODELAY), K(LOG_PERROR), K(LOG_PID), K(LOG_SYSLOG), K(LOG_USER),
    K(LOG_UUCP), K(LOG_WARNING),
    {0, 0},
};
