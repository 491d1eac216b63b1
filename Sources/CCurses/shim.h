// ncurses with wide characters and panels, as Debian's libncurses-dev has it.
#pragma once
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <panel.h>
#include <term.h>
#include <wchar.h>

// The library's variables: it is loaded when a module first needs it (CGilaLibraries), so they are looked up by name.
void *gila_curses_variable(const char *name);
static inline int gila_curses_number(const char *name) {
  const int *p = (const int *)gila_curses_variable(name);
  return p ? *p : 0;
}
static inline WINDOW *gila_curses_window(const char *name) {
  WINDOW *const *p = (WINDOW *const *)gila_curses_variable(name);
  return p ? *p : 0;
}
static inline WINDOW *gila_screen(void) { return gila_curses_window("stdscr"); }
static inline int gila_lines(void) { return gila_curses_number("LINES"); }
static inline int gila_columns(void) { return gila_curses_number("COLS"); }
static inline int gila_colors(void) { return gila_curses_number("COLORS"); }
static inline int gila_color_pairs(void) { return gila_curses_number("COLOR_PAIRS"); }
static inline int gila_escape_delay(void) { return gila_curses_number("ESCDELAY"); }
static inline int gila_tab_size(void) { return gila_curses_number("TABSIZE"); }
static inline chtype gila_acs(int c) {
  const chtype *map = (const chtype *)gila_curses_variable("acs_map");
  return map ? map[(unsigned char)c] : (chtype)c;
}

// What the library has as macros.
static inline int gila_pair_number(attr_t a) { return PAIR_NUMBER(a); }
static inline attr_t gila_color_pair(int n) { return COLOR_PAIR(n); }
static inline int gila_cell(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
  return setcchar(cell, text, attributes, (short)pair, &pair);
}
static inline char *gila_tparm(const char *s, const int *v) {
  return tparm(s, (long)v[0], (long)v[1], (long)v[2], (long)v[3], (long)v[4], (long)v[5], (long)v[6], (long)v[7],
               (long)v[8]);
}
static inline bool gila_is_no_string(const char *s) { return s == 0 || s == (char *)-1; }
/// Where the cursor will be on the virtual screen, -1 if it is left where it is.
static inline void gila_get_cursor(int *y, int *x) {
  WINDOW *screen = gila_curses_window("newscr");
  *y = *x = -1;
  if (!screen || (is_leaveok)(screen)) return;
  *y = (getcury)(screen);
  *x = (getcurx)(screen);
}
static inline void gila_set_cursor(int y, int x) {
  WINDOW *screen = gila_curses_window("newscr");
  if (!screen) return;
  if (y == -1 && x == -1) {
    leaveok(screen, TRUE);
    return;
  }
  leaveok(screen, FALSE);
  (wmove)(screen, y, x);
}

typedef struct {
  const char *name;
  long value;
} gila_curses_constant;
#define GILA_C(n) {#n, (long)(n)}
static inline const gila_curses_constant *gila_curses_constants(void) {
  static const gila_curses_constant all[] = {
      GILA_C(ERR), GILA_C(OK), GILA_C(A_ATTRIBUTES), GILA_C(A_NORMAL), GILA_C(A_STANDOUT), GILA_C(A_UNDERLINE),
      GILA_C(A_REVERSE), GILA_C(A_BLINK), GILA_C(A_DIM), GILA_C(A_BOLD), GILA_C(A_ALTCHARSET), GILA_C(A_INVIS),
      GILA_C(A_PROTECT), GILA_C(A_CHARTEXT), GILA_C(A_COLOR), GILA_C(A_HORIZONTAL), GILA_C(A_LEFT), GILA_C(A_LOW),
      GILA_C(A_RIGHT), GILA_C(A_TOP), GILA_C(A_VERTICAL), GILA_C(A_ITALIC), GILA_C(COLOR_BLACK), GILA_C(COLOR_RED),
      GILA_C(COLOR_GREEN), GILA_C(COLOR_YELLOW), GILA_C(COLOR_BLUE), GILA_C(COLOR_MAGENTA), GILA_C(COLOR_CYAN),
      GILA_C(COLOR_WHITE),
#define GILA_B(n)                                                                                            \
  GILA_C(BUTTON##n##_PRESSED), GILA_C(BUTTON##n##_RELEASED), GILA_C(BUTTON##n##_CLICKED),                       \
      GILA_C(BUTTON##n##_DOUBLE_CLICKED), GILA_C(BUTTON##n##_TRIPLE_CLICKED)
      GILA_B(1), GILA_B(2), GILA_B(3), GILA_B(4), GILA_B(5),
      GILA_C(BUTTON_SHIFT), GILA_C(BUTTON_CTRL), GILA_C(BUTTON_ALT), GILA_C(ALL_MOUSE_EVENTS),
      GILA_C(REPORT_MOUSE_POSITION), {0, 0}};
  return all;
}
/// The line-drawing characters by the letter that stands for each in the alternate character set.
static inline const gila_curses_constant *gila_curses_drawing(void) {
  static const gila_curses_constant all[] = {
      {"ACS_ULCORNER", 'l'}, {"ACS_LLCORNER", 'm'}, {"ACS_URCORNER", 'k'}, {"ACS_LRCORNER", 'j'}, {"ACS_LTEE", 't'},
      {"ACS_RTEE", 'u'},     {"ACS_BTEE", 'v'},     {"ACS_TTEE", 'w'},     {"ACS_HLINE", 'q'},    {"ACS_VLINE", 'x'},
      {"ACS_PLUS", 'n'},     {"ACS_S1", 'o'},       {"ACS_S9", 's'},       {"ACS_DIAMOND", '`'},  {"ACS_CKBOARD", 'a'},
      {"ACS_DEGREE", 'f'},   {"ACS_PLMINUS", 'g'},  {"ACS_BULLET", '~'},   {"ACS_LARROW", ','},   {"ACS_RARROW", '+'},
      {"ACS_DARROW", '.'},   {"ACS_UARROW", '-'},   {"ACS_BOARD", 'h'},    {"ACS_LANTERN", 'i'},  {"ACS_BLOCK", '0'},
      {"ACS_S3", 'p'},       {"ACS_S7", 'r'},       {"ACS_LEQUAL", 'y'},   {"ACS_GEQUAL", 'z'},   {"ACS_PI", '{'},
      {"ACS_NEQUAL", '|'},   {"ACS_STERLING", '}'}, {"ACS_BSSB", 'l'},     {"ACS_SSBB", 'm'},     {"ACS_BBSS", 'k'},
      {"ACS_SBBS", 'j'},     {"ACS_SBSS", 'u'},     {"ACS_SSSB", 't'},     {"ACS_SSBS", 'v'},     {"ACS_BSSS", 'w'},
      {"ACS_BSBS", 'q'},     {"ACS_SBSB", 'x'},     {"ACS_SSSS", 'n'},     {0, 0}};
  return all;
}
