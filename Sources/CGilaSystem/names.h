// How the tables of constants are written: K(NAME) gives a C constant under its own name, U(NAME) the constant _NAME.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CGilaSystem.h"
#define K(name) {#name, (long long)(name)}
#define U(name) {#name, (long long)(_##name)}
