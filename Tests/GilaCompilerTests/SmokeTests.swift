import Testing
@testable import GilaCompiler
