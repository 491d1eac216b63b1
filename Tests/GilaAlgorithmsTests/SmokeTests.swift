import Testing

@testable import GilaAlgorithms
