/// Fills in dict, its views and iterators, and mappingproxy.
public func installMappingTypes() {
  DictType.install()
  DictIterator.install()
  DictView.install()
  OrderedDictType.install()
  MappingProxy.install()
}
