// What the XML modules keep for an interpreter.

import CGila
import GilaCore
import GilaModuleSupport

enum XMLObject: Int {
  case expatError
  case parseError, deepCopy, commentFactory, instructionFactory
  case count
}
enum XMLState {
  static let objects = ObjectTable<XMLObject>(slot: 242, count: XMLObject.count.rawValue)
}
