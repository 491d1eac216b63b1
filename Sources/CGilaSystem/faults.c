// Messages about fatal signals. C for the same reason as signals.c.
#include "names.h"
#include <string.h>
#include <unistd.h>

static const struct {
  int number;
  const char *text;
} faults[] = {
    {SIGBUS, "Bus error"},
    {SIGILL, "Illegal instruction"},
    {SIGFPE, "Floating-point exception"},
    {SIGABRT, "Aborted"},
    {SIGSEGV, "Segmentation fault"},
};
enum { count = sizeof faults / sizeof faults[0] };
static struct sigaction before[count];
static int fd = -1;

static void say(const char *text) {
  ssize_t n = write(fd, text, strlen(text));
  (void)n;
}

static void handle(int number) {
  for (int i = 0; i < count; i++) {
    if (faults[i].number != number) continue;
    sigaction(number, &before[i], NULL);
    say("Fatal Python error: ");
    say(faults[i].text);
    say("\n\n<no Python traceback>\n");
  }
  raise(number);
}

int gila_enable_fault_messages(int file) {
  int was = fd;
  fd = file;
  if (was != -1) return 0;
  for (int i = 0; i < count; i++) {
    struct sigaction action = {0};
    action.sa_handler = handle;
    action.sa_flags = SA_NODEFER | SA_ONSTACK;
    if (sigaction(faults[i].number, &action, &before[i]) < 0) return -1;
  }
  return 0;
}
bool gila_disable_fault_messages(void) {
  if (fd == -1) return false;
  for (int i = 0; i < count; i++) sigaction(faults[i].number, &before[i], NULL);
  fd = -1;
  return true;
}
bool gila_has_fault_messages(void) { return fd != -1; }
