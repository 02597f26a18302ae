// Takes this floor's place until its first file stands.
