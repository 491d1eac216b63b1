// GilaCompiler: see the target's other files.
