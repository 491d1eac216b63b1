// ncurses with panels: the functions and variables that Gila uses. The library of the panels brings the others along.
#include "binding.h"

#define FUNCTIONS(F) \
  F(baudrate) F(beep) F(bottom_panel) F(can_change_color) F(cbreak) F(clearok) F(copywin) F(curs_set) \
  F(def_prog_mode) F(def_shell_mode) F(del_panel) F(delay_output) F(delwin) F(derwin) F(doupdate) F(echo) \
  F(endwin) F(erasechar) F(extended_color_content) F(extended_pair_content) F(filter) F(flash) F(flushinp) \
  F(getbegx) F(getbegy) F(getbkgd) F(getcurx) F(getcury) F(getmaxx) F(getmaxy) F(getmouse) F(getparx) F(getpary) \
  F(getwin) F(halfdelay) F(has_colors) F(has_ic) F(has_il) F(has_key) F(hide_panel) F(idcok) F(idlok) F(immedok) \
  F(init_extended_color) F(init_extended_pair) F(initscr) F(intrflush) F(is_linetouched) F(is_pad) \
  F(is_term_resized) F(is_wintouched) F(isendwin) F(keyname) F(keypad) F(killchar) F(leaveok) F(longname) \
  F(meta) F(mouseinterval) F(mousemask) F(move_panel) F(mvderwin) F(mvwin) F(napms) F(new_panel) F(newpad) \
  F(newwin) F(nl) F(nocbreak) F(nodelay) F(noecho) F(nonl) F(noqiflush) F(noraw) F(notimeout) F(overlay) \
  F(overwrite) F(panel_above) F(panel_below) F(panel_hidden) F(pechochar) F(pnoutrefresh) F(prefresh) F(putp) \
  F(putwin) F(qiflush) F(raw) F(redrawwin) F(replace_panel) F(reset_prog_mode) F(reset_shell_mode) F(resetty) \
  F(resize_term) F(resizeterm) F(savetty) F(scrollok) F(set_escdelay) F(set_tabsize) F(setcchar) F(setupterm) \
  F(show_panel) F(start_color) F(subpad) F(subwin) F(syncok) F(termattrs) F(termname) F(tigetflag) F(tigetnum) \
  F(tigetstr) F(top_panel) F(touchline) F(tparm) F(typeahead) F(unctrl) F(unget_wch) F(ungetch) F(ungetmouse) \
  F(update_panels) F(use_default_colors) F(use_env) F(wadd_wch) F(waddch) F(waddnstr) F(waddnwstr) F(wattr_get) \
  F(wattr_set) F(wattroff) F(wattron) F(wattrset) F(wbkgd) F(wbkgdset) F(wborder) F(wchgat) F(wclear) \
  F(wclrtobot) F(wclrtoeol) F(wcursyncup) F(wdelch) F(wechochar) F(wenclose) F(werase) F(wget_wch) F(wgetch) \
  F(wgetnstr) F(whline) F(winch) F(winnstr) F(wins_nwstr) F(winsch) F(winsdelln) F(winsnstr) F(wmove) \
  F(wnoutrefresh) F(wredrawln) F(wrefresh) F(wresize) F(wscrl) F(wsetscrreg) F(wstandend) F(wstandout) \
  F(wsyncdown) F(wsyncup) F(wtimeout) F(wtouchln) F(wvline)
#define VARIABLES(F) \
  F(COLORS) F(COLOR_PAIRS) F(COLS) F(ESCDELAY) F(LINES) F(TABSIZE) F(acs_map) F(newscr) F(stdscr)

LIBRARY_WITH_VARIABLES(gila_curses, FUNCTIONS, VARIABLES, "libpanelw.so.6")

#define NCURSES_WIDECHAR 1
#include <curses.h>

#undef COLORS
#undef COLOR_PAIRS
#undef COLS
#undef ESCDELAY
#undef LINES
#undef TABSIZE
#undef acs_map
#undef newscr
#undef stdscr
extern int *cell_COLORS, *cell_COLOR_PAIRS, *cell_COLS, *cell_ESCDELAY, *cell_LINES, *cell_TABSIZE;
extern chtype *cell_acs_map;
extern WINDOW **cell_newscr, **cell_stdscr;
#define newscr (*cell_newscr)

int gila_colors(void) { return *cell_COLORS; }
int gila_color_pairs(void) { return *cell_COLOR_PAIRS; }
int gila_columns(void) { return *cell_COLS; }
int gila_escape_delay(void) { return *cell_ESCDELAY; }
int gila_lines(void) { return *cell_LINES; }
int gila_tab_size(void) { return *cell_TABSIZE; }
chtype gila_acs(int c) { return cell_acs_map[(unsigned char)c]; }
WINDOW *gila_screen(void) { return *cell_stdscr; }
void gila_get_cursor(int *y, int *x) { getsyx(*y, *x); }
void gila_set_cursor(int y, int x) { setsyx(y, x); }
