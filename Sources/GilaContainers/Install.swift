// GilaContainers: tuple, list, set, frozenset, range, slice, and the iterators built on them.

/// Fills in the container types; once, at start-up, before PyType_Ready.
public func installContainerTypes() {
  TupleType.install()
  ListType.install()
  SequenceIterators.install()
  SetType.install()
  SetIterator.install()
  SliceType.install()
  RangeType.install()
  RangeIterator.install()
  LongRangeIterator.install()
  EnumerateType.install()
  ReversedType.install()
  ZipType.install()
  MapType.install()
  FilterType.install()
  CallIterator.install()
}
