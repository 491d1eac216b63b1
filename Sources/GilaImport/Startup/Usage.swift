/// What the command says about itself.
public enum Usage {
  public static let version = "Python 3.13.0 (Gila)"
  public static func short(_ program: String) -> String {
    """
    usage: \(program) [option] ... [-c cmd | -m mod | file | -] [arg] ...
    Try `python -h' for more information.

    """
  }
  public static func long(_ program: String) -> String {
    """
    usage: \(program) [option] ... [-c cmd | -m mod | file | -] [arg] ...
    Options:
    -b      warn when str and bytes are mixed up (-bb: an error)
    -B      write no .pyc files
    -c cmd  run the text that follows; what comes behind it is the program's
    -E      ignore the PYTHON* variables
    -h      show this text (also --help)
    -i      go on with a prompt when the program has ended
    -I      isolated from the user's environment: implies -E, -P and -s
    -m mod  run a module as the program
    -O      leave out assert and `if __debug__` (-OO: docstrings too)
    -P      put no directory in front of sys.path
    -q      no version at the prompt
    -s      leave the user's site-packages out of sys.path
    -S      do not import site
    -u      write stdout and stderr at once
    -v      tell about every import
    -V      show the version (also --version)
    -W arg  a warning filter, action:message:category:module:lineno
    -x      skip the first line of the file
    -X opt  an option of the implementation
    --check-hash-based-pycs always|default|never
    file    run a file, a directory or a zip file
    -       run standard input

    """
  }
  public static let environment = """
    GILA_STDLIB  the directory of the standard library (lib/python3.13 of a CPython 3.13)
    PYTHONPATH, PYTHONSAFEPATH, PYTHONNOUSERSITE, PYTHONWARNINGS, PYTHONUNBUFFERED, PYTHONOPTIMIZE, PYTHONVERBOSE,
    PYTHONINSPECT, PYTHONDONTWRITEBYTECODE, PYTHONPYCACHEPREFIX, PYTHONHASHSEED, PYTHONIOENCODING, PYTHONUTF8,
    PYTHONDEVMODE, PYTHONWARNDEFAULTENCODING, PYTHONINTMAXSTRDIGITS, PYTHON_CPU_COUNT, PYTHONBREAKPOINT: as in CPython

    """
  public static let options = """
    -X dev, utf8, warn_default_encoding, int_max_str_digits=N, pycache_prefix=DIR, cpu_count=N: as in CPython

    """
}
