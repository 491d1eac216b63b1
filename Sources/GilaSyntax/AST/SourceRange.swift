/// Where a node stands in the source, as Python reports it: lines count from 1, columns are UTF-8 byte offsets.
public struct SourceRange: Equatable, Sendable, BitwiseCopyable {
  public var line: Int32
  public var column: Int32
  public var endLine: Int32
  public var endColumn: Int32

  @inlinable
  public init(line: Int32, column: Int32, endLine: Int32, endColumn: Int32) {
    self.line = line
    self.column = column
    self.endLine = endLine
    self.endColumn = endColumn
  }

  /// The range from the start of `first` to the end of `last`.
  @inlinable
  public init(from first: SourceRange, to last: SourceRange) {
    self.init(line: first.line, column: first.column, endLine: last.endLine, endColumn: last.endColumn)
  }

  /// What code generation uses for instructions that belong to no source line.
  public static let none = SourceRange(line: -1, column: -1, endLine: -1, endColumn: -1)
}
