-- What is noted of the replicated pair that this store is one of: how it stands (1), and which of the two this is (2).
CREATE TABLE IF NOT EXISTS "{prefix}pair" (
    id INTEGER NOT NULL PRIMARY KEY,
    standing VARCHAR(80) NOT NULL
);
