/// Fills in dict and OrderedDict, their views and iterators, and mappingproxy.
public func installMappingTypes() {
  DictType.install()
  DictIterator.install()
  DictView.install()
  MappingProxy.install()
  OrderedDictType.install()
  OrderedDictIterator.install()
}
