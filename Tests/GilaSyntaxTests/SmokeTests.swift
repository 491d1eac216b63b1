import Testing
@testable import GilaSyntax
