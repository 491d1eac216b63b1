import GilaCore
