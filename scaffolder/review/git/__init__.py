"""The git side of a hostile repository: control files, a clean git folder, objects, commits."""
