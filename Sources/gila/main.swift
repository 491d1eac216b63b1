print("gila")
