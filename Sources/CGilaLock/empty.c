// Everything is inline in the header; SwiftPM wants a source file.
#include "CGilaLock.h"
