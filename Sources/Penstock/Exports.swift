// What `import Penstock` brings: all that a flow's author writes with.

@_exported public import PenstockEngine
@_exported public import PenstockJSON
@_exported public import PenstockModel
@_exported public import PenstockQueue
