// GilaNumbers: int, bool, float, complex.

/// Fills in the numeric types; once, at start-up, before PyType_Ready.
public func installNumberTypes() {
  IntType.install()
  BoolType.install()
  FloatType.install()
  ComplexType.install()
}
