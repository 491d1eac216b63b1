// ncurses with wide characters, and panels: the functions that Gila calls.
#include "binding.h"

#include <dlfcn.h>

#define FUNCTIONS(F) \
  F(baudrate) F(beep) F(can_change_color) F(cbreak) F(clearok) F(copywin) F(curs_set) F(def_prog_mode) \
  F(def_shell_mode) F(delay_output) F(delwin) F(derwin) F(doupdate) F(echo) F(endwin) F(erasechar) \
  F(extended_color_content) F(extended_pair_content) F(filter) F(flash) F(flushinp) F(getbegx) F(getbegy) \
  F(getbkgd) F(getcurx) F(getcury) F(getmaxx) F(getmaxy) F(getmouse) F(getparx) F(getpary) F(getwin) \
  F(halfdelay) F(has_colors) F(has_ic) F(has_il) F(has_key) F(idcok) F(idlok) F(immedok) F(init_extended_color) \
  F(init_extended_pair) F(initscr) F(intrflush) F(is_leaveok) F(is_linetouched) F(is_pad) F(is_term_resized) \
  F(is_wintouched) F(isendwin) F(keyname) F(keypad) F(killchar) F(leaveok) F(longname) F(meta) F(mouseinterval) \
  F(mousemask) F(mvderwin) F(mvwin) F(napms) F(newpad) F(newwin) F(nl) F(nocbreak) F(nodelay) F(noecho) F(nonl) \
  F(noqiflush) F(noraw) F(notimeout) F(overlay) F(overwrite) F(pechochar) F(pnoutrefresh) F(prefresh) F(putp) \
  F(putwin) F(qiflush) F(raw) F(redrawwin) F(reset_prog_mode) F(reset_shell_mode) F(resetty) F(resize_term) \
  F(resizeterm) F(savetty) F(scrollok) F(set_escdelay) F(set_tabsize) F(setcchar) F(setupterm) F(start_color) \
  F(subpad) F(subwin) F(syncok) F(termattrs) F(termname) F(tigetflag) F(tigetnum) F(tigetstr) F(touchline) \
  F(tparm) F(typeahead) F(unctrl) F(unget_wch) F(ungetch) F(ungetmouse) F(use_default_colors) F(use_env) \
  F(wadd_wch) F(waddch) F(waddnstr) F(waddnwstr) F(wattr_get) F(wattr_set) F(wattroff) F(wattron) F(wattrset) \
  F(wbkgd) F(wbkgdset) F(wborder) F(wchgat) F(wclear) F(wclrtobot) F(wclrtoeol) F(wcursyncup) F(wdelch) \
  F(wechochar) F(wenclose) F(werase) F(wget_wch) F(wgetch) F(wgetnstr) F(whline) F(winch) F(winnstr) \
  F(wins_nwstr) F(winsch) F(winsdelln) F(winsnstr) F(wmove) F(wnoutrefresh) F(wredrawln) F(wrefresh) F(wresize) \
  F(wscrl) F(wsetscrreg) F(wstandend) F(wstandout) F(wsyncdown) F(wsyncup) F(wtimeout) F(wtouchln) F(wvline)

LIBRARY(gila_curses, FUNCTIONS, "libncursesw.so.6")

#define PANEL_FUNCTIONS(F) \
  F(bottom_panel) F(del_panel) F(hide_panel) F(move_panel) F(new_panel) F(panel_above) F(panel_below) \
  F(panel_hidden) F(replace_panel) F(show_panel) F(top_panel) F(update_panels)

LIBRARY(gila_panel, PANEL_FUNCTIONS, "libpanelw.so.6")

// The library's variables are looked up by name: a cell is for functions.
void *gila_curses_variable(const char *name) {
  static void *handle;
  if (!handle) handle = dlopen("libncursesw.so.6", RTLD_LAZY | RTLD_LOCAL);
  return handle ? dlsym(handle, name) : 0;
}
