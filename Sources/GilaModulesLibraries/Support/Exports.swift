@_exported import GilaModuleSupport
