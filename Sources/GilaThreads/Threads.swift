import CGila
