// The C floor of Gila: layouts, storage and primitives. No logic lives here.
#pragma once
#include "gila/base.h"
#include "gila/layouts.h"
#include "gila/state.h"
#include "gila/types.h"
#include "gila/api.h"
#include "gila/inline.h"
#include "gila/internal.h"
#include "gila/text.h"
