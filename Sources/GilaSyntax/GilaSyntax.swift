// GilaSyntax: see the target's other files.
