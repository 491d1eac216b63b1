// GilaAlgorithms: see the target's other files.
