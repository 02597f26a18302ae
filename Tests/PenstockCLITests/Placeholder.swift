// Takes these tests' place until the first stands.
